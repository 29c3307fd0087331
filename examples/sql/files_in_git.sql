-- Migration files: plain SQL that is kept in git and fed by anything that can run SQL.
\getenv examples PG_ABS_SRCDIR
\cd :examples
\setenv PGDATABASE :DBNAME
CREATE EXTENSION pg_migrate;

-- All at once, in any order; here the last one first.
\! cat $(ls -r migrations/*.sql) | psql -X -q -A -t

SELECT revision, down_revision, message FROM migrate_history();

SELECT revision, message FROM migrate_upgrade('head');

-- Again: nothing is changed, nothing is run.
\! cat migrations/*.sql | psql -X -q -A -t
SELECT revision, message FROM migrate_upgrade('head');

-- From a directory on the server.
\set migrations :examples '/migrations'
SELECT * FROM migrate_load_directory(:'migrations');

-- And back into files: what is exported is what was read.
SELECT file, content = pg_read_file(:'migrations' || '/' || file) AS same FROM migrate_export();

-- One file, as it is written.
SELECT content FROM migrate_export('27c6:27c6') \g (format=unaligned tuples_only=on)

-- The file of a revision has been deleted: the revision stays, and is a second head beside the one that replaces it.
SELECT migrate_revision('add reviewed_at', 'ALTER TABLE extractions ADD COLUMN reviewed_at date', 'ALTER TABLE extractions DROP COLUMN reviewed_at',
                        revision => '8e0ac3d15f77', down_revision => '27c6a30d7c24');
SELECT * FROM migrate_upgrade('head');

-- What no file has.
SELECT revision, message, is_applied FROM migrate_history()
WHERE revision NOT IN (SELECT revision FROM migrate_load_directory(:'migrations'));

-- The same from a machine whose files the server does not see: registering them prints their ids.
\set files `cat migrations/*.sql | psql -X -q -A -t`
SELECT revision, message, is_applied FROM migrate_history()
WHERE revision <> ALL (string_to_array(:'files', E'\n'));

SELECT migrate_remove('8e0ac3d15f77');
SELECT revision FROM migrate_heads();

SELECT revision FROM migrate_downgrade('base');
DROP EXTENSION pg_migrate;

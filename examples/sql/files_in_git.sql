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

SELECT revision FROM migrate_downgrade('base');
DROP EXTENSION pg_migrate;

-- The schema of an existing database as the first revision, so that a new database gets it too.
\getenv examples PG_ABS_SRCDIR
\cd :examples
CREATE EXTENSION pg_migrate;

\set schema `cat schema.sql`
SELECT migrate_revision(
    revision => '1975ea83b712', down_revision => 'base',
    message  => 'initial schema',
    up   => :'schema',
    down => 'DROP TABLE public.extractions, public.contracts');

SELECT revision, message, statements FROM migrate_upgrade('head');

\d extractions

-- What the script set, search_path among it, ended with the script.
SHOW search_path;

-- The database that the schema was dumped from has it all: there the revision is stamped, as if this one were it.
SELECT * FROM migrate_stamp('base');
SELECT * FROM migrate_stamp('head');

DROP TABLE extractions, contracts;
DROP EXTENSION pg_migrate;

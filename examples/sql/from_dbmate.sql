-- Coming from dbmate: its project is loaded, and a database that it has migrated goes on here.
\getenv examples PG_ABS_SRCDIR
\set migrations :examples '/projects/dbmate'
\setenv PGDATABASE :DBNAME
CREATE EXTENSION pg_migrate;

-- As dbmate has left the database, two of three migrations run; its own table is wrong for now.
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
CREATE INDEX users_by_email ON users (email);
CREATE TABLE schema_migrations (version varchar PRIMARY KEY);
INSERT INTO schema_migrations VALUES ('20240302090000');

SELECT * FROM migrate_load_directory(:'migrations');

DO $$
DECLARE
    applied text[] := ARRAY(SELECT version FROM schema_migrations);
    here text := (SELECT revision FROM migrate_history() WHERE revision = ANY (applied) LIMIT 1);
    missing text;
BEGIN
    IF NOT EXISTS (SELECT FROM migrate_history()) THEN
        RAISE EXCEPTION 'no revision is registered' USING HINT = 'Load the directory first.';
    END IF;
    PERFORM migrate_stamp(coalesce(here, 'base'));
    SELECT string_agg(revision, ', ') INTO missing FROM migrate_history() WHERE is_applied AND revision <> ALL (applied);
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'dbmate has not run %', missing USING HINT = 'Run it by dbmate first.';
    END IF;
END $$;

-- Put right, and the same call again.
\! psql -X -q -c "INSERT INTO schema_migrations VALUES ('20240301101500')"
\g
SELECT revision, message, is_head FROM migrate_current();

SELECT migrate_revision(
    revision => 'users_have_a_locale', down_revision => '20240305160000',
    message  => 'users have a locale',
    up   => 'ALTER TABLE users ADD COLUMN locale text',
    down => 'ALTER TABLE users DROP COLUMN locale');
SELECT revision, message FROM migrate_upgrade('head');

DROP TABLE users, schema_migrations;
DROP EXTENSION pg_migrate;

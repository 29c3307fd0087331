-- Coming from diesel: its project is loaded, and a database that it has migrated goes on here.
\getenv examples PG_ABS_SRCDIR
\set migrations :examples '/projects/diesel'
\setenv PGDATABASE :DBNAME
CREATE EXTENSION pg_migrate;

-- As diesel has left the database, two of three migrations run; its own table is wrong for now.
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
CREATE INDEX users_by_email ON users (email);
CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp NOT NULL DEFAULT current_timestamp);
INSERT INTO __diesel_schema_migrations VALUES ('20240302090000');

SELECT * FROM migrate_load_directory(:'migrations');

DO $$
DECLARE
    applied text[] := ARRAY(SELECT version FROM __diesel_schema_migrations);
    here text;
    unknown text;
    missing text;
BEGIN
    SELECT string_agg(version, ', ') INTO unknown FROM unnest(applied) version WHERE version NOT IN (SELECT revision FROM migrate_history());
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'there is no revision of what diesel has run: %', unknown USING HINT = 'Load the directory first, with the files of these versions.';
    END IF;
    SELECT revision INTO here FROM migrate_history() WHERE revision = ANY (applied) LIMIT 1;
    IF here IS NULL THEN
        RETURN; -- it has run nothing
    END IF;
    IF EXISTS (SELECT FROM migrate_history() WHERE revision = here AND is_applied) THEN
        RETURN; -- it is here already
    END IF;
    PERFORM migrate_stamp(here);
    SELECT string_agg(revision, ', ') INTO missing FROM migrate_history(':' || here) WHERE revision <> ALL (applied);
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'diesel has not run %', missing USING HINT = 'Run it by diesel first.';
    END IF;
END $$;

-- A version of which there is no file here.
\! psql -X -q -c "INSERT INTO __diesel_schema_migrations VALUES ('20240306000000')"
\g
\! psql -X -q -c "DELETE FROM __diesel_schema_migrations WHERE version = '20240306000000'"
-- Put right, and the same call again.
\! psql -X -q -c "INSERT INTO __diesel_schema_migrations VALUES ('20240301101500')"
\g
SELECT revision, message, is_head FROM migrate_current();

SELECT migrate_revision(
    revision => 'users_have_a_locale', down_revision => '20240305160000',
    message  => 'users have a locale',
    up   => 'ALTER TABLE users ADD COLUMN locale text',
    down => 'ALTER TABLE users DROP COLUMN locale');
SELECT revision, message FROM migrate_upgrade('head');

DROP TABLE users, __diesel_schema_migrations;
DROP EXTENSION pg_migrate;

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
    here text;
    unknown text;
    missing text;
BEGIN
    SELECT string_agg(version, ', ') INTO unknown FROM unnest(applied) version WHERE version NOT IN (SELECT revision FROM migrate_history());
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'there is no revision of what dbmate has run: %', unknown USING HINT = 'Load the directory first, with the files of these versions.';
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
        RAISE EXCEPTION 'dbmate has not run %', missing USING HINT = 'Run it by dbmate first.';
    END IF;
END $$;

-- It has run nothing, or something: another line of the same database is not touched.
\! psql -X -q -c "DELETE FROM schema_migrations" -c "SELECT FROM migrate_revision(revision => 'other', down_revision => 'base', message => 'another line')"
\! psql -X -q -At -c "SELECT revision FROM migrate_upgrade('other')"
\g
\! psql -X -q -At -c "SELECT revision FROM migrate_current()" -c "INSERT INTO schema_migrations VALUES ('20240301101500')"
\g
\! psql -X -q -At -c "SELECT revision FROM migrate_current()" -c "SELECT FROM migrate_downgrade('other@base')" -c "SELECT FROM migrate_remove('other')"
\! psql -X -q -c "UPDATE schema_migrations SET version = '20240302090000'"
-- A version of which there is no file here.
\! psql -X -q -c "INSERT INTO schema_migrations VALUES ('20240306000000'), ('2024030')"
\g
\! psql -X -q -c "DELETE FROM schema_migrations WHERE version IN ('20240306000000', '2024030')"
-- Put right, and the same call again.
\! psql -X -q -c "INSERT INTO schema_migrations VALUES ('20240301101500')"
\g
-- Once more: it is here already.
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

-- Coming from golang-migrate: its project is loaded, and a database that it has migrated goes on here.
\getenv examples PG_ABS_SRCDIR
\set migrations :examples '/projects/golang_migrate'
\setenv PGDATABASE :DBNAME
CREATE EXTENSION pg_migrate;

-- As golang-migrate has left the database, two of three migrations run; its own table is wrong for now.
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
CREATE INDEX users_by_email ON users (email);
CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL);
INSERT INTO schema_migrations VALUES (2, true);

SELECT * FROM migrate_load_directory(:'migrations');

DO $$
DECLARE
    here record;
BEGIN
    SELECT version::text, dirty INTO here FROM schema_migrations;
    IF here.dirty THEN
        RAISE EXCEPTION 'version % of golang-migrate is dirty', here.version
            USING HINT = 'Finish or undo by hand what its script has begun, and say so by "migrate force".';
    END IF;
    IF here.version IS NULL THEN
        RETURN; -- it has run nothing
    END IF;
    IF NOT EXISTS (SELECT FROM migrate_history() WHERE revision = here.version) THEN
        RAISE EXCEPTION 'there is no revision of version % of golang-migrate', here.version
            USING HINT = 'Load the directory first, with the file of this version.';
    END IF;
    IF EXISTS (SELECT FROM migrate_history() WHERE revision = here.version AND is_applied) THEN
        RETURN; -- it is here already
    END IF;
    PERFORM migrate_stamp(here.version);
END $$;

-- Put right, and the same call again.
\! psql -X -q -c "UPDATE schema_migrations SET dirty = false"
\g
-- A version of which there is no file here, though it begins like another one; and none.
\! psql -X -q -c "SELECT FROM migrate_revision(revision => '44', down_revision => '3', message => 'more')" -c "UPDATE schema_migrations SET version = 4"
\g
\! psql -X -q -c "SELECT FROM migrate_remove('44')" -c "DELETE FROM schema_migrations"
\g
SELECT revision, message, is_head FROM migrate_current();

SELECT migrate_revision(
    revision => 'users_have_a_locale', down_revision => '3',
    message  => 'users have a locale',
    up   => 'ALTER TABLE users ADD COLUMN locale text',
    down => 'ALTER TABLE users DROP COLUMN locale');
SELECT revision, message FROM migrate_upgrade('head');

DROP TABLE users, schema_migrations;
DROP EXTENSION pg_migrate;

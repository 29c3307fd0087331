-- Coming from sqlx: its project is loaded, and a database that it has migrated goes on here.
\getenv examples PG_ABS_SRCDIR
\set migrations :examples '/projects/sqlx'
\setenv PGDATABASE :DBNAME
CREATE EXTENSION pg_migrate;

-- As sqlx has left the database, two of three migrations run; its own table is wrong for now.
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
CREATE INDEX users_by_email ON users (email);
CREATE TABLE _sqlx_migrations (
    version bigint PRIMARY KEY, description text NOT NULL, installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL,
    checksum bytea NOT NULL, execution_time bigint NOT NULL);
INSERT INTO _sqlx_migrations VALUES
    (20240301101500, 'create users', now(), true, '', 1), (20240302090000, 'find users by email', now(), false, '', -1);

SELECT * FROM migrate_load_directory(:'migrations');

DO $$
DECLARE
    applied text[] := ARRAY(SELECT version::text FROM _sqlx_migrations);
    here text;
    unknown text;
    missing text;
BEGIN
    IF EXISTS (SELECT FROM _sqlx_migrations WHERE NOT success) THEN
        RAISE EXCEPTION 'a migration of sqlx has failed' USING HINT = 'Finish or undo by hand what its script has begun, and set success or delete its row.';
    END IF;
    SELECT string_agg(version, ', ') INTO unknown FROM unnest(applied) version WHERE version NOT IN (SELECT revision FROM migrate_history());
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'there is no revision of what sqlx has run: %', unknown USING HINT = 'Load the directory first, with the files of these versions.';
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
        RAISE EXCEPTION 'sqlx has not run %', missing USING HINT = 'Run it by sqlx first.';
    END IF;
END $$;

-- Put right; and a version of which there is no file here.
\! psql -X -q -c "UPDATE _sqlx_migrations SET success = true" -c "INSERT INTO _sqlx_migrations VALUES (20240306000000, 'more', now(), true, '', 1)"
\g
\! psql -X -q -c "DELETE FROM _sqlx_migrations WHERE version = 20240306000000"
\g
SELECT revision, message, is_head FROM migrate_current();

SELECT migrate_revision(
    revision => 'users_have_a_locale', down_revision => '20240305160000',
    message  => 'users have a locale',
    up   => 'ALTER TABLE users ADD COLUMN locale text',
    down => 'ALTER TABLE users DROP COLUMN locale');
SELECT revision, message FROM migrate_upgrade('head');

DROP TABLE users, _sqlx_migrations;
DROP EXTENSION pg_migrate;

-- Coming from node-pg-migrate: its project is loaded, and a database that it has migrated goes on here.
\getenv examples PG_ABS_SRCDIR
\set migrations :examples '/projects/node_pg_migrate'
\setenv PGDATABASE :DBNAME
CREATE EXTENSION pg_migrate;

-- As node-pg-migrate has left the database, two of three migrations run; its own table is wrong for now.
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
ALTER TABLE users ADD COLUMN name text;
CREATE TABLE pgmigrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL);
INSERT INTO pgmigrations (name, run_on) VALUES ('1709370000000_users-have-a-name', now());

SELECT * FROM migrate_load_directory(:'migrations');

DO $$
DECLARE
    applied text[] := ARRAY(SELECT coalesce(substring(name FROM '^([0-9]+)_'), name) FROM pgmigrations);
    here text;
    unknown text;
    missing text;
BEGIN
    SELECT string_agg(version, ', ') INTO unknown FROM unnest(applied) version WHERE version NOT IN (SELECT revision FROM migrate_history());
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'there is no revision of what node-pg-migrate has run: %', unknown USING HINT = 'Load the directory first, with the files of these versions.';
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
        RAISE EXCEPTION 'node-pg-migrate has not run %', missing USING HINT = 'Run it by node-pg-migrate first.';
    END IF;
END $$;

-- A version of which there is no file here.
\! psql -X -q -c "INSERT INTO pgmigrations (name, run_on) VALUES ('1709700000000_more', now()), ('init', now())"
\g
\! psql -X -q -c "DELETE FROM pgmigrations WHERE name IN ('1709700000000_more', 'init')"
-- Put right, and the same call again.
\! psql -X -q -c "INSERT INTO pgmigrations (name, run_on) VALUES ('1709288100000_create-users', now())"
\g
SELECT revision, message, is_head FROM migrate_current();

SELECT migrate_revision(
    revision => 'users_have_a_locale', down_revision => '1709654400000',
    message  => 'users have a locale',
    up   => 'ALTER TABLE users ADD COLUMN locale text',
    down => 'ALTER TABLE users DROP COLUMN locale');
SELECT revision, message FROM migrate_upgrade('head');

DROP TABLE users, pgmigrations;
DROP EXTENSION pg_migrate;

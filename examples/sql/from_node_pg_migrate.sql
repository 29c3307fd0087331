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
    applied text[] := ARRAY(SELECT substring(name FROM '^[0-9]+') FROM pgmigrations);
    here text := (SELECT revision FROM migrate_history() WHERE revision = ANY (applied) LIMIT 1);
    missing text;
BEGIN
    IF NOT EXISTS (SELECT FROM migrate_history()) THEN
        RAISE EXCEPTION 'no revision is registered' USING HINT = 'Load the directory first.';
    END IF;
    PERFORM migrate_stamp(coalesce(here, 'base'));
    SELECT string_agg(revision, ', ') INTO missing FROM migrate_history() WHERE is_applied AND revision <> ALL (applied);
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'node-pg-migrate has not run %', missing USING HINT = 'Run it by node-pg-migrate first.';
    END IF;
END $$;

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

-- Coming from flyway: its project is loaded, and a database that it has migrated goes on here.
\getenv examples PG_ABS_SRCDIR
\set migrations :examples '/projects/flyway'
\setenv PGDATABASE :DBNAME
CREATE EXTENSION pg_migrate;

-- As flyway has left the database, two of three migrations run; its own table is wrong for now.
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
CREATE INDEX users_by_email ON users (email);
CREATE TABLE flyway_schema_history (
    installed_rank integer PRIMARY KEY, version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT NULL,
    script varchar(1000) NOT NULL, checksum integer, installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL DEFAULT now(),
    execution_time integer NOT NULL, success boolean NOT NULL);
INSERT INTO flyway_schema_history VALUES
    (1, '1', 'Create users', 'SQL', 'V1__Create_users.sql', 1, 'app', now(), 5, true),
    (2, '1.1', 'Find users by email', 'SQL', 'V1_1__Find_users_by_email.sql', 1, 'app', now(), 5, false);

SELECT * FROM migrate_load_directory(:'migrations');

DO $$
DECLARE
    applied text[] := ARRAY(
        SELECT h.revision
        FROM migrate_history() h
        WHERE (SELECT f.type !~ '^(UNDO|DELETE)' FROM flyway_schema_history f WHERE f.version = h.revision ORDER BY f.installed_rank DESC LIMIT 1)
            OR CASE WHEN h.revision ~ '^[0-9]+([.][0-9]+)*$' THEN EXISTS (
                SELECT FROM flyway_schema_history f
                WHERE f.type ~ 'BASELINE$' AND string_to_array(h.revision, '.')::numeric[] <= string_to_array(f.version, '.')::numeric[]) END);
    here text := (SELECT revision FROM migrate_history() WHERE revision = ANY (applied) LIMIT 1);
    missing text;
BEGIN
    IF EXISTS (SELECT FROM flyway_schema_history WHERE NOT success) THEN
        RAISE EXCEPTION 'a migration of flyway has failed'
            USING HINT = 'Finish or undo by hand what its script has begun, and run "flyway repair".';
    END IF;
    IF NOT EXISTS (SELECT FROM migrate_history()) THEN
        RAISE EXCEPTION 'no revision is registered' USING HINT = 'Load the directory first.';
    END IF;
    PERFORM migrate_stamp(coalesce(here, 'base'));
    SELECT string_agg(revision, ', ') INTO missing FROM migrate_history() WHERE is_applied AND revision <> ALL (applied);
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'flyway has not run %', missing USING HINT = 'Run it by flyway first.';
    END IF;
END $$;

-- Put right, and the same call again.
\! psql -X -q -c "UPDATE flyway_schema_history SET success = true"
\g
SELECT revision, message, is_head FROM migrate_current();

SELECT migrate_revision(
    revision => 'users_have_a_locale', down_revision => '2',
    message  => 'users have a locale',
    up   => 'ALTER TABLE users ADD COLUMN locale text',
    down => 'ALTER TABLE users DROP COLUMN locale');
SELECT revision, message FROM migrate_upgrade('head');

-- Repeatable migrations: what has changed becomes a revision on top of the head.
\set repeatable :examples '/projects/flyway_repeatable'
SELECT r.file
FROM (SELECT file, pg_read_file(:'repeatable' || '/' || file) AS script
      FROM pg_ls_dir(:'repeatable') file WHERE file LIKE 'R\_\_%.sql' ORDER BY file) r,
    LATERAL migrate_revision(message => r.file, up => r.script)
WHERE r.script IS DISTINCT FROM (SELECT s.up FROM migrate_history() h, migrate_show(h.revision) s WHERE h.message = r.file LIMIT 1);
-- Again: nothing has changed.
\g
SELECT statement, sql FROM migrate_plan('head');

DROP TABLE users, flyway_schema_history;
DROP EXTENSION pg_migrate;

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
    applied text[];
    here text;
    unknown text;
    missing text;
BEGIN
    IF EXISTS (SELECT FROM flyway_schema_history WHERE NOT success) THEN
        RAISE EXCEPTION 'a migration of flyway has failed'
            USING HINT = 'Finish or undo by hand what its script has begun, and run "flyway repair".';
    END IF;
    -- Versions are compared as Flyway does it, number by number: 1, 01 and 1.0 are the same.
    WITH last AS (
        SELECT DISTINCT ON (number) version, type, number
        FROM flyway_schema_history, string_to_array(regexp_replace(version, '([.]0+)+$', ''), '.') parts, CAST(parts AS numeric[]) number
        WHERE version IS NOT NULL
        ORDER BY number, installed_rank DESC),
    registered AS (
        SELECT revision, CAST(string_to_array(regexp_replace(substring(revision FROM '^[0-9]+(?:[.][0-9]+)*$'), '([.]0+)+$', ''), '.') AS numeric[]) AS number
        FROM migrate_history())
    SELECT
        ARRAY(SELECT revision FROM registered r WHERE EXISTS (
            SELECT FROM last WHERE last.number = r.number AND type !~ '^(UNDO|DELETE)' OR last.number >= r.number AND type ~ 'BASELINE$')),
        (SELECT string_agg(version, ', ' ORDER BY number) FROM last
         WHERE type !~ '^(UNDO|DELETE)|BASELINE$' AND number NOT IN (SELECT number FROM registered WHERE number IS NOT NULL))
    INTO applied, unknown;
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'there is no revision of what flyway has run: %', unknown USING HINT = 'Load the directory first, with the files of these versions.';
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
        RAISE EXCEPTION 'flyway has not run %', missing USING HINT = 'Run it by flyway first.';
    END IF;
END $$;

-- Put right, but for a version of which there is no file here; one that was undone, a repeatable migration and a schema have none either.
\! psql -X -q -c "UPDATE flyway_schema_history SET success = true"
\! psql -X -q -c "INSERT INTO flyway_schema_history SELECT n, v, '', t, '', 1, 'app', now(), 5, true FROM (VALUES (0, NULL, 'SCHEMA'), (3, '4', 'SQL'), (4, '4', 'UNDO_SQL'), (5, NULL, 'SQL'), (6, '3', 'SQL')) r(n, v, t)"
\g
-- As flyway has it, these are 1 and 1.1.
\! psql -X -q -c "UPDATE flyway_schema_history SET version = '01.01.0' WHERE version = '1.1'" -c "UPDATE flyway_schema_history SET version = '1.0' WHERE version = '1'"
\! psql -X -q -c "UPDATE flyway_schema_history SET type = 'DELETE' WHERE version = '3'"
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

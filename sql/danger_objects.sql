-- Scripts that lay hands on pg_migrate's own objects, run by a superuser, whom no missing right stops: refused, or the
-- run fails with everything rolled back.
CREATE EXTENSION pg_migrate;
CREATE ROLE pgm_owner;
SELECT migrate_revision(revision => 'a', down_revision => 'base', message => 'first', up => 'CREATE TABLE first (i int)',
                        down => 'DROP TABLE first');
SELECT revision, statements FROM migrate_upgrade('a');
CREATE TABLE attempt (number int GENERATED ALWAYS AS IDENTITY, script text, outcome text);
-- Registers and runs a script; what it did is undone in any case.
CREATE FUNCTION attempt(script text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text;
BEGIN
    PERFORM public.migrate_revision(revision => 'b', down_revision => 'a', message => 'hostile',
                                    up => 'CREATE TABLE second (i int);' || script, down => script);
    PERFORM public.migrate_upgrade('b');
    RAISE EXCEPTION USING ERRCODE = 'ZZZZZ', MESSAGE = 'ran', DETAIL = coalesce('and the version is ' ||
        (SELECT string_agg(revision, ', ') FROM migrate.version), '');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    -- Every attempt that has failed has a number.
    RETURN concat_ws(' ', nullif(state, 'ZZZZZ'), regexp_replace(message, 'run ''\d+''', 'the run'), CASE state WHEN 'ZZZZZ' THEN detail END);
END $$;
CREATE FUNCTION suppress() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
INSERT INTO attempt (script) VALUES
    -- dropping
    ('DROP TABLE migrate.revision'),
    ('DROP TABLE migrate.log CASCADE'),
    ('DROP SEQUENCE migrate.run_id'),
    ('DROP SCHEMA migrate CASCADE'),
    ('DROP FUNCTION migrate_current(name)'),
    ('DROP EXTENSION pg_migrate'),
    ('DROP EXTENSION IF EXISTS plpgsql, pg_migrate CASCADE'),
    ('DO $d$ BEGIN DROP EXTENSION pg_migrate; END $d$'),
    ('DO $d$ BEGIN EXECUTE ''drop extension pg_migrate cascade''; END $d$'),
    ('CREATE FUNCTION f() RETURNS void LANGUAGE sql AS ''DROP EXTENSION pg_migrate CASCADE''; SELECT f()'),
    ('ALTER TABLE migrate.log DROP COLUMN note'),
    ('ALTER TABLE migrate.log DROP CONSTRAINT log_error'),
    -- emptying
    ('TRUNCATE migrate.log'),
    ('TRUNCATE migrate.version, migrate.run'),
    ('DO $d$ BEGIN TRUNCATE migrate.version; END $d$'),
    ('DELETE FROM migrate.version'),
    ('DELETE FROM migrate.run'),
    ('UPDATE migrate.version SET revision = ''b'''),
    ('INSERT INTO migrate.version VALUES (NULL, ''b'', now(), ''x'', 1)'),
    -- taking out of the extension
    ('ALTER EXTENSION pg_migrate DROP TABLE migrate.log'),
    ('DO $d$ BEGIN ALTER EXTENSION pg_migrate DROP TABLE migrate.log; END $d$'),
    ('DO $d$ BEGIN ALTER EXTENSION pg_migrate DROP TABLE migrate.log; DROP TABLE migrate.log; END $d$'),
    ('DO $d$ BEGIN ALTER EXTENSION pg_migrate DROP SEQUENCE migrate.run_id; DROP SEQUENCE migrate.run_id; END $d$'),
    ('DO $d$ BEGIN ALTER EXTENSION pg_migrate DROP SCHEMA migrate; DROP SCHEMA migrate CASCADE; END $d$'),
    ('ALTER EXTENSION pg_migrate SET SCHEMA migrate'),
    ('ALTER EXTENSION pg_migrate UPDATE'),
    ('ALTER EXTENSION pg_migrate ADD TABLE first'),
    -- moving
    ('ALTER SCHEMA migrate RENAME TO elsewhere'),
    ('ALTER SCHEMA migrate RENAME TO elsewhere; CREATE SCHEMA migrate'),
    ('ALTER TABLE migrate.version RENAME TO elsewhere'),
    ('ALTER TABLE migrate.version RENAME TO elsewhere; CREATE TABLE migrate.version (LIKE migrate.elsewhere)'),
    ('ALTER TABLE migrate.log RENAME TO l; CREATE VIEW migrate.log AS SELECT * FROM migrate.l'),
    ('ALTER TABLE migrate.version SET SCHEMA public'),
    ('ALTER TABLE migrate.revision RENAME COLUMN up TO upward'),
    ('ALTER TABLE migrate.log RENAME COLUMN note TO n; ALTER TABLE migrate.log RENAME COLUMN tag TO note; ALTER TABLE migrate.log RENAME COLUMN n TO tag'),
    ('ALTER TABLE migrate.run RENAME COLUMN target TO t; ALTER TABLE migrate.run RENAME COLUMN tag TO target; ALTER TABLE migrate.run RENAME COLUMN t TO tag'),
    ('ALTER TABLE migrate.run RENAME COLUMN application TO a'),
    ('ALTER SEQUENCE migrate.run_id RENAME TO other; CREATE SEQUENCE migrate.run_id'),
    ('ALTER TABLE migrate.log RENAME TO swap; ALTER TABLE migrate.run RENAME TO log; ALTER TABLE migrate.swap RENAME TO run'),
    -- changing
    ('ALTER TABLE migrate.log ADD COLUMN extra int'),
    ('ALTER TABLE migrate.version ALTER COLUMN revision TYPE varchar'),
    ('ALTER TABLE migrate.log SET UNLOGGED'),
    ('ALTER TABLE migrate.log OWNER TO pgm_owner'),
    ('ALTER SEQUENCE migrate.run_id OWNER TO pgm_owner'),
    ('ALTER TABLE migrate.log ENABLE ROW LEVEL SECURITY'),
    ('ALTER TABLE migrate.log INHERIT first'),
    ('CREATE RULE r AS ON INSERT TO migrate.log DO INSTEAD NOTHING'),
    ('CREATE TRIGGER t BEFORE INSERT ON migrate.version FOR EACH ROW EXECUTE FUNCTION public.suppress()'),
    ('CREATE CONSTRAINT TRIGGER t AFTER INSERT ON migrate.log DEFERRABLE FOR EACH ROW EXECUTE FUNCTION public.suppress()'),
    ('CREATE INDEX ON migrate.log (tag)'),
    ('CLUSTER migrate.run USING run_pkey'),
    -- what the bookkeeping does not mind
    ('DROP INDEX migrate.log_revision_idx'),
    ('LOCK TABLE migrate.version IN ACCESS EXCLUSIVE MODE'),
    ('COMMENT ON TABLE migrate.log IS ''seen'''),
    ('ANALYZE migrate.log'),
    ('CREATE TABLE child () INHERITS (migrate.version); INSERT INTO child VALUES (NULL, ''b'', now(), ''x'', 1)');
SET client_min_messages = warning;
UPDATE attempt AS a SET outcome = w.outcome
    FROM (SELECT number, attempt(script) AS outcome FROM (SELECT * FROM attempt ORDER BY number) AS o) AS w
    WHERE w.number = a.number;
RESET client_min_messages;
\pset format unaligned
\pset fieldsep '\n    '
SELECT script, outcome FROM attempt ORDER BY number;
\pset format aligned
\pset fieldsep '|'
-- Nothing is left of any of it.
SELECT * FROM migrate_current() AS c (revision, message, is_head, at, by) WHERE at IS NULL OR by <> CURRENT_USER;
SELECT revision FROM migrate.version;
SELECT revision, direction, outcome, count(*) > 1 AS several FROM migrate.log GROUP BY 1, 2, 3 ORDER BY 1, 3;
SELECT to_regclass('second');

-- DROP OWNED reaches the extension that the role owns.
SET client_min_messages = error; -- the roles that initdb made differ
DROP EXTENSION pg_migrate;
RESET client_min_messages;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO pgm_owner', current_database()); END $$;
GRANT CREATE ON SCHEMA public TO pgm_owner;
SET ROLE pgm_owner;
CREATE EXTENSION pg_migrate;
SELECT migrate_revision(revision => 'a', down_revision => 'base', message => 'drop what I own', up => $$
    CREATE TABLE mine (i int);
    DROP OWNED BY CURRENT_USER CASCADE;
$$);
SELECT migrate_upgrade();
\echo :SQLSTATE
SELECT migrate_edit('a', up => 'DO $d$ BEGIN REASSIGN OWNED BY pgm_owner TO CURRENT_ROLE; DROP OWNED BY pgm_owner; END $d$');
SELECT migrate_upgrade();
SELECT count(*) FROM migrate_current();
SELECT count(*) FROM migrate.log WHERE outcome = 'done';
-- What a DO block catches is undone, and the run goes on.
SELECT migrate_edit('a', up => $$
    CREATE TABLE caught (message text);
    DO 'BEGIN DROP OWNED BY CURRENT_USER; EXCEPTION WHEN OTHERS THEN INSERT INTO caught VALUES (SQLERRM); END';
$$);
SELECT revision FROM migrate_upgrade();
SELECT message FROM caught;
RESET ROLE;
-- A superuser gives it all to somebody else in the middle of a run.
SELECT migrate_revision(revision => 'b', message => 'reassign', up => 'REASSIGN OWNED BY pgm_owner TO CURRENT_USER');
SELECT migrate_upgrade();
\echo :SQLSTATE
SELECT revision FROM migrate_current();
-- All tables are published: what pg_migrate changes has an identity.
SET client_min_messages = error;
CREATE PUBLICATION everything FOR ALL TABLES;
SELECT migrate_edit('b', up => 'SELECT 1', down => 'SELECT 2');
SELECT revision FROM migrate_upgrade();
SELECT revision FROM migrate_downgrade('-1');
DROP PUBLICATION everything;
RESET client_min_messages;

DROP TABLE caught;
DROP EXTENSION pg_migrate;
DROP TABLE attempt, first;
DROP FUNCTION attempt;
DROP FUNCTION suppress;
DROP OWNED BY pgm_owner;
DROP ROLE pgm_owner;

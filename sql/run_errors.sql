-- What happens when a script fails, or cannot run: the server's own error with its place, and nothing left behind.
CREATE EXTENSION pg_migrate;
CREATE FUNCTION failure(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text; context text; constr text; tab text; col text;
BEGIN
    EXECUTE command;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT,
        constr = CONSTRAINT_NAME, tab = TABLE_NAME, col = COLUMN_NAME;
    RETURN concat_ws(E'\n', state || ' ' || message, '  DETAIL ' || nullif(detail, ''), '  HINT ' || nullif(hint, ''), '  OBJECTS ' || nullif(concat_ws(', ', nullif(tab, ''), nullif(col, ''), nullif(constr, '')), ''),
                     '  CONTEXT ' || nullif(regexp_replace(context, E'\n?SQL statement "SELECT migrate_.*', ''), ''));
END $$;
CREATE SCHEMA regress_errors;
CREATE FUNCTION state() RETURNS text LANGUAGE sql AS $$
    SELECT format('version %s, %s done and %s failed in the log, %s runs, tables %s', (SELECT string_agg(revision, ',') FROM migrate.version), (SELECT count(*) FROM migrate.log WHERE outcome = 'done'),
                  (SELECT count(*) FROM migrate.log WHERE outcome = 'failed'), (SELECT count(*) FROM migrate.run),
                  (SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relnamespace = 'regress_errors'::regnamespace AND relkind = 'r'))
$$;
SET search_path = regress_errors, public;
\pset format unaligned
\pset tuples_only on

SELECT migrate_revision('fine', 'CREATE TABLE t (a int PRIMARY KEY)', 'DROP TABLE t', 'aaaa1111', 'base');
SELECT migrate_revision('fine too', 'CREATE TABLE u (a int); INSERT INTO t VALUES (1)', 'DELETE FROM t; DROP TABLE u', 'bbbb1111', 'aaaa1111');
SELECT migrate_revision('fails', E'CREATE TABLE v (a int);\n\nINSERT INTO t\n    VALUES (2),\n           (1);\nCREATE TABLE w (a int)', 'DROP TABLE v', 'cccc1111', 'bbbb1111');
SELECT revision FROM migrate_upgrade('aaaa1111');
SELECT state();

-- In the middle of a call: the error is the server's, with SQLSTATE, detail, names of objects, the number and the line of the statement. All of the call is undone.
SELECT failure($$SELECT migrate_upgrade('head')$$);
SELECT state();
-- As psql shows it.
SELECT * FROM migrate_upgrade('head');
\echo :LAST_ERROR_SQLSTATE
SELECT state();
-- Whatever fails: at analysis, with the position in the statement; in a function, with its context; raised by the script itself.
CREATE FUNCTION fails() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'raised' USING ERRCODE = 'ZZ123', DETAIL = 'its detail', HINT = 'its hint', COLUMN = 'c', TABLE = 't', CONSTRAINT = 'k'; END $$;
SELECT migrate_edit('cccc1111', E'SELECT 1;\nSELECT a,\n       nothing\nFROM t');
SELECT * FROM migrate_upgrade('head');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_edit('cccc1111', E'CREATE TABLE v (a int);\n-- a comment\nSELECT fails()');
SELECT * FROM migrate_upgrade('head');
\echo :LAST_ERROR_SQLSTATE
SELECT failure($$SELECT migrate_upgrade('head')$$);
SELECT migrate_edit('cccc1111', E'CREATE TABLE v (a int);\nDO $d$ BEGIN RAISE division_by_zero; END $d$');
SELECT failure($$SELECT migrate_upgrade('head')$$);
SELECT migrate_edit('cccc1111', E'DROP TABLE missing_one');
SELECT failure($$SELECT migrate_upgrade('head')$$);
SELECT migrate_edit('cccc1111', E'SELECT ''漢字'', größe FROM t');
SELECT * FROM migrate_upgrade('head');
SELECT state();
-- On the way down as well.
SELECT migrate_edit('cccc1111', 'CREATE TABLE v (a int)', 'DROP TABLE v; DROP TABLE v');
SET client_min_messages = warning;
SELECT count(*) FROM migrate_upgrade('head');
SELECT state();
SELECT failure($$SELECT migrate_downgrade('base')$$);
SELECT state();
SELECT migrate_edit('cccc1111', down => 'DROP TABLE v');
SELECT count(*) FROM migrate_downgrade('aaaa1111');
SELECT state();

-- A deferred constraint is the transaction's: it fails at its end, and all is undone.
SELECT migrate_edit('cccc1111', $$CREATE TABLE v (a int REFERENCES t DEFERRABLE INITIALLY DEFERRED); INSERT INTO v VALUES (99)$$);
BEGIN;
SELECT count(*) FROM migrate_upgrade('head');
COMMIT;
SELECT state();

-- A statement that cannot run in a transaction block: nothing of the plan runs, and the error names revision and statement.
SELECT migrate_edit('cccc1111', E'CREATE TABLE v (a int);\n\nCREATE INDEX CONCURRENTLY v_a\n    ON v (a);\nSELECT 1', 'DROP INDEX CONCURRENTLY v_a');
SELECT failure($$SELECT migrate_upgrade('head')$$);
SELECT state();
-- Up to the revision before it works.
SELECT revision FROM migrate_upgrade('+1');
SELECT state();
SELECT action, revision FROM migrate_stamp('cccc1111');
SELECT failure($$SELECT migrate_downgrade('bbbb1111')$$);
SELECT action, revision FROM migrate_stamp('bbbb1111');
SELECT migrate_revision('vacuum', 'VACUUM t', NULL, 'dddd1111', 'bbbb1111', 'vacuum_branch');
SELECT failure($$SELECT migrate_upgrade('dddd1111')$$);
-- A long one is cut between two characters, whatever their size.
SELECT migrate_edit('dddd1111', format('CREATE INDEX CONCURRENTLY i ON t ((%L || a))', repeat('漢', 300)));
SELECT failure($$SELECT migrate_upgrade('dddd1111')$$);
SELECT migrate_edit('dddd1111', E'-- pg_migrate: no-transaction\nCALL whatever()');
SELECT failure($$SELECT migrate_upgrade('dddd1111')$$);
SELECT migrate_remove('dddd1111');

-- A statement that the run cannot allow: the tables of the extension and the extension itself are not a script's to change.
SELECT failure(format('SELECT migrate_revision(%L, %L, NULL, %L, %L)', 'm', 'DROP EXTENSION pg_migrate', 'dddd1111', 'bbbb1111'));
SELECT migrate_revision('drops tables', 'DROP SCHEMA migrate CASCADE', NULL, 'dddd1111', 'bbbb1111', 'bad');
SELECT left(failure($$SELECT migrate_upgrade('dddd1111')$$), 5);
SELECT migrate_edit('dddd1111', 'DO $$ BEGIN EXECUTE ''DROP EXTENSION pg_migrate CASCADE''; END $$');
SELECT left(failure($$SELECT migrate_upgrade('dddd1111')$$), 5);
SELECT state();
SELECT migrate_remove('dddd1111');

-- An enum's new value is of no use in the transaction that adds it: the error says what to do.
CREATE TYPE mood AS ENUM ('sad');
SELECT migrate_revision('add a value', $$ALTER TYPE mood ADD VALUE 'happy'$$, NULL, 'eeee1111', 'bbbb1111', 'enum');
SELECT migrate_revision('use it', $$CREATE TABLE m (v mood DEFAULT 'happy'); INSERT INTO m VALUES (DEFAULT)$$, 'DROP TABLE m', 'eeee2222', 'eeee1111');
SELECT failure($$SELECT migrate_upgrade('eeee2222')$$);
SELECT enum_range(NULL::mood);
SELECT count(*) FROM migrate_upgrade('eeee1111');
SELECT count(*) FROM migrate_upgrade('eeee2222');
SELECT * FROM m;

-- A timeout of the session holds for a script's statements.
SELECT migrate_revision('slow', 'CREATE TABLE slow (a int); SELECT pg_sleep(60)', '', 'ffff1111', 'eeee2222');
SET statement_timeout = '1s';
SELECT failure($$SELECT migrate_upgrade('ffff1111')$$);
RESET statement_timeout;
SELECT to_regclass('slow') IS NULL;
-- After any failure the session goes on as before.
SELECT migrate_edit('ffff1111', 'CREATE TABLE slow (a int)');
SELECT revision, statements FROM migrate_upgrade('ffff1111');

-- With a transaction for each revision it cannot run in a subtransaction.
SET pg_migrate.transaction_mode = 'per_revision';
SELECT migrate_revision('one more', '', '', 'gggg1111', 'ffff1111');
SELECT failure($$SELECT migrate_upgrade('gggg1111')$$);
SELECT state();
SET pg_migrate.transaction_mode = 'nonsense';
SELECT revision FROM migrate_upgrade('gggg1111');
RESET pg_migrate.transaction_mode;

\pset tuples_only off
\pset format aligned
RESET client_min_messages;
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA regress_errors CASCADE;
DROP FUNCTION failure(text);
DROP FUNCTION state();
DROP EXTENSION pg_migrate;

-- Background workers: they run with the identity and the settings of their caller, what they say arrives whole and in
-- order, and none is left when the call has ended.
CREATE EXTENSION pgm_test;

CREATE FUNCTION provoke(statement text) RETURNS TABLE (field text, value text) LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text; context text; schema_is text; table_is text; column_is text;
    constraint_is text; type_is text;
BEGIN
    EXECUTE statement;
    RETURN QUERY VALUES ('outcome', 'no error');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
        hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT, schema_is = SCHEMA_NAME, table_is = TABLE_NAME,
        column_is = COLUMN_NAME, constraint_is = CONSTRAINT_NAME, type_is = PG_DATATYPE_NAME;
    RETURN QUERY SELECT * FROM (VALUES ('sqlstate', state), ('message', message), ('detail', detail), ('hint', hint),
        ('context', split_part(context, E'\nSQL statement "SELECT pgm_test_worker', 1)), ('schema', schema_is),
        ('table', table_is), ('column', column_is), ('constraint', constraint_is), ('type', type_is)) AS f (field, value)
        WHERE f.value <> '';
END $$;

-- In a transaction of its own, that is committed whatever becomes of the caller's.
CREATE TABLE worker_rows (id integer PRIMARY KEY, CONSTRAINT small CHECK (id < 1000));
BEGIN;
SELECT pgm_test_worker('INSERT INTO worker_rows VALUES (1)');
SELECT * FROM worker_rows;
ROLLBACK;
SELECT * FROM worker_rows;

-- Messages, in order and with all they have.
\set SHOW_CONTEXT always
SELECT pgm_test_worker($q$DO $$
BEGIN
    RAISE NOTICE 'first' USING DETAIL = 'a detail', HINT = 'a hint';
    RAISE WARNING 'second';
    RAISE NOTICE 'third';
    RAISE INFO 'fourth';
    RAISE DEBUG 'never seen';
END $$ $q$);
\set SHOW_CONTEXT errors
-- The levels are the session's.
SET client_min_messages = warning;
SELECT pgm_test_worker($q$DO $$ BEGIN RAISE NOTICE 'not seen'; RAISE WARNING 'seen'; END $$ $q$);
RESET client_min_messages;
-- A large one.
SELECT field, length(value) FROM provoke($p$SELECT pgm_test_worker($q$DO $$ BEGIN RAISE 'a%', repeat('x', 3000000) USING DETAIL = repeat('y', 300000); END $$ $q$)$p$)
    WHERE field IN ('message', 'detail');

-- Errors, with all they have.
SELECT * FROM provoke($p$SELECT pgm_test_worker($q$DO $$ BEGIN
    RAISE EXCEPTION USING ERRCODE = 'ZZ123', MESSAGE = 'm', DETAIL = 'd', HINT = 'h', SCHEMA = 's', TABLE = 't', COLUMN = 'c', CONSTRAINT = 'k', DATATYPE = 'y';
END $$ $q$)$p$);
SELECT * FROM provoke('SELECT pgm_test_worker(''INSERT INTO worker_rows VALUES (1)'')');
SELECT * FROM provoke('SELECT pgm_test_worker(''INSERT INTO worker_rows VALUES (5000)'')');
-- With the position.
SELECT pgm_test_worker('SELECT no_such_column FROM worker_rows');
SELECT pgm_test_worker('SELECT 1 +');

-- Whose worker it is: all settings, save those that differ from process to process. (Those of TCP are read off the client's socket; a worker has none.)
CREATE ROLE worker_alice;
CREATE ROLE worker_bob;
GRANT worker_bob TO worker_alice;
CREATE SCHEMA worker_own;
GRANT ALL ON SCHEMA worker_own TO worker_alice, worker_bob;
GRANT pg_read_all_settings TO worker_alice, worker_bob;
CREATE VIEW worker_own.identity AS SELECT current_user::text AS who, session_user::text AS session, current_setting('role') AS role,
    current_setting('is_superuser') AS super, current_setting('search_path') AS path;
CREATE TABLE worker_own.seen AS SELECT * FROM worker_own.identity;
CREATE TABLE worker_own.settings AS SELECT name, setting, 'worker' AS process FROM pg_settings;
GRANT ALL ON worker_own.identity, worker_own.seen, worker_own.settings TO worker_alice, worker_bob;
CREATE FUNCTION worker_own.compare() RETURNS TABLE (name text, here text, worker text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.pgm_test_worker('DELETE FROM worker_own.settings');
    PERFORM public.pgm_test_worker('INSERT INTO worker_own.settings SELECT name, setting FROM pg_settings');
    RETURN QUERY SELECT p.name, p.setting, s.setting FROM pg_settings p LEFT JOIN worker_own.settings s USING (name)
        WHERE p.setting IS DISTINCT FROM s.setting AND p.name NOT LIKE 'tcp\_%';
END $$;
CREATE FUNCTION worker_own.look() RETURNS SETOF worker_own.seen LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.pgm_test_worker('DELETE FROM worker_own.seen');
    PERFORM public.pgm_test_worker('INSERT INTO worker_own.seen SELECT * FROM worker_own.identity');
    RETURN QUERY SELECT * FROM worker_own.seen;
END $$;
-- With the rights of another.
CREATE FUNCTION worker_own.look_as_owner() RETURNS SETOF worker_own.seen LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM worker_own.look()';
ALTER FUNCTION worker_own.look_as_owner() OWNER TO worker_bob;

SELECT session = who AS mine, role, super FROM worker_own.look();
SELECT * FROM worker_own.compare();
SET search_path = worker_own, public, "odd, name";
SET my.custom = 'a ''quoted'' value';
SET statement_timeout = '1h';
SET work_mem = '12345kB';
SET DateStyle = 'German';
SET default_transaction_deferrable = on;
SET session_replication_role = 'replica';
SELECT * FROM worker_own.compare();
SELECT pgm_test_worker($q$DO $$ BEGIN RAISE NOTICE '% % % %', current_setting('my.custom'), current_setting('work_mem'), current_setting('search_path'), DATE '2020-12-31'; END $$ $q$);
-- Of this transaction alone.
BEGIN;
SET LOCAL my.custom = 'local';
SELECT pgm_test_worker($q$DO $$ BEGIN RAISE NOTICE '%', current_setting('my.custom'); END $$ $q$);
COMMIT;
RESET ALL;

SET ROLE worker_alice;
SELECT who, role, super, session = session_user AS session FROM worker_own.look();
SELECT who, role, super, session = session_user AS session FROM worker_own.look_as_owner();
SELECT * FROM worker_own.compare();
SELECT pgm_test_worker('CREATE TABLE public.forbidden ()');
RESET ROLE;
-- A role that cannot log in.
SET SESSION AUTHORIZATION worker_alice;
SELECT who, role, super, session FROM worker_own.look();
SELECT who, role, super, session FROM worker_own.look_as_owner();
SELECT * FROM worker_own.compare();
SET ROLE worker_bob;
SELECT who, role, super, session FROM worker_own.look();
SELECT * FROM worker_own.compare();
SELECT pgm_test_worker('SELECT rolpassword FROM pg_authid');
RESET ROLE;
RESET SESSION AUTHORIZATION;

-- Texts that the client's encoding does not have: a caller's client is not the worker's.
SET client_encoding = 'LATIN1';
SELECT name, worker FROM worker_own.compare();
SELECT field, value = U&'\20AC \4E2D \00FC' AS whole FROM provoke($p$SELECT pgm_test_worker($q$DO $$ BEGIN RAISE USING ERRCODE = 'ZZ123', MESSAGE = U&'\20AC \4E2D \00FC', DETAIL = U&'\20AC \4E2D \00FC'; END $$ $q$)$p$)
    WHERE field IN ('message', 'detail');
RESET client_encoding;
-- What a script does to the encoding changes nothing.
SELECT pgm_test_worker($q$DO $$ BEGIN SET client_encoding = 'LATIN1'; RAISE NOTICE '%', U&'gr\00FC\00DFe'; RESET client_encoding; RAISE NOTICE '%', U&'\20AC'; END $$ $q$);
SELECT pgm_test_worker($q$DO $$ BEGIN SET client_encoding = 'LATIN1'; RAISE '%', U&'gr\00FC\00DFe'; END $$ $q$);

-- However the call ends, no worker is left.
SET statement_timeout = '200ms';
SELECT pgm_test_worker('SELECT pg_sleep(60)');
RESET statement_timeout;
SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'pg_migrate';
SELECT pgm_test_worker(format('SELECT pg_cancel_backend(%s), pg_sleep(60)', pg_backend_pid()));
SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'pg_migrate';
SELECT pgm_test_worker('SELECT 1/0');
SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'pg_migrate';
-- Cancelled and terminated itself; what is FATAL there is an ERROR here.
SELECT pgm_test_worker('SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(60)');
SELECT pgm_test_worker('SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(60)');
-- Without a word: not connected, not even there, not finished.
SELECT pgm_test_worker('SELECT 1', 'pgm_test_worker_not_attaching');
SELECT pgm_test_worker('SELECT 1', 'no_such_function');
SELECT pgm_test_worker('SELECT 1', 'pgm_test_worker_unfinished');
SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'pg_migrate';

-- A lock that is held for the session, released at the end: also when nothing has failed.
SELECT pgm_test_worker('SELECT 1', 'pgm_test_worker_with_lock');
SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND objsubid = 4711;
SELECT pgm_test_worker('SELECT 1/0', 'pgm_test_worker_with_lock');
SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND objsubid = 4711;

-- While the caller waits it is told so.
SELECT pgm_test_worker('SELECT pg_sleep(2)') >= 2 AS idle;
-- A payload that is empty, and one that is large.
SELECT pgm_test_worker('');
SELECT pgm_test_worker('SELECT 1 /* ' || repeat('x', 5000000) || '*/');

-- One that goes on by itself.
SELECT pgm_test_independent_worker('INSERT INTO worker_rows VALUES (2)') > 0 AS started;
DO $$
BEGIN
    FOR i IN 1 .. 3000 LOOP
        EXIT WHEN EXISTS (SELECT FROM worker_rows WHERE id = 2);
        PERFORM pg_sleep(0.01);
    END LOOP;
END $$;
SELECT * FROM worker_rows ORDER BY id;

-- Many, one after the other: nothing piles up.
SELECT count(pgm_test_worker('SELECT ' || i)) FROM generate_series(1, 50) AS i;

DROP SCHEMA worker_own CASCADE;
DROP TABLE worker_rows;
DROP FUNCTION provoke(text);
DROP ROLE worker_alice, worker_bob;
DROP EXTENSION pgm_test;

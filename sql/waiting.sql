-- Who must not wait for a migration that runs statements outside transactions, and why.
CREATE EXTENSION pgm_test;
\set SHOW_CONTEXT never
\set VERBOSITY default
CREATE TABLE waiting_table (i int);
CREATE TABLE "waiting Table" (i int);

-- Nothing is in the way of a statement by itself, be it called from a function.
SELECT pgm_test_obstacle_to_waiting();
CREATE FUNCTION waiting_wrapped() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pgm_test_obstacle_to_waiting();
    RETURN 'may wait';
END $$;
SELECT waiting_wrapped();
-- The lock of a query is not.
SELECT count(*), (SELECT waiting_wrapped()) FROM waiting_table;

-- A transaction block.
BEGIN;
SELECT pgm_test_obstacle_to_waiting();
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT pgm_test_obstacle_to_waiting();
ROLLBACK;
-- Several statements in one message make one, too.
SELECT 1 AS one\; SELECT pgm_test_obstacle_to_waiting();
-- One that is begun among them is an ordinary one.
BEGIN\; SELECT pgm_test_obstacle_to_waiting();
ROLLBACK;

-- A subtransaction.
DO $$
DECLARE
    said text;
    hinted text;
BEGIN
    BEGIN
        PERFORM pgm_test_obstacle_to_waiting();
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS said = PG_EXCEPTION_DETAIL, hinted = PG_EXCEPTION_HINT;
        RAISE NOTICE '% % / % / %', SQLSTATE, SQLERRM, said, hinted;
    END;
END $$;
BEGIN;
SAVEPOINT s;
SELECT pgm_test_obstacle_to_waiting();
ROLLBACK;

-- Isolation.
SET default_transaction_isolation = 'repeatable read';
SELECT pgm_test_obstacle_to_waiting();
SET default_transaction_isolation = 'serializable';
SELECT pgm_test_obstacle_to_waiting();
RESET default_transaction_isolation;

-- A statement that has written.
WITH written AS (INSERT INTO waiting_table VALUES (1) RETURNING i) SELECT i, pgm_test_obstacle_to_waiting() FROM written;
SELECT count(*) FROM waiting_table;
SELECT pg_current_xact_id() IS NOT NULL AS has_an_id, pgm_test_obstacle_to_waiting();

-- A lock on a relation that a query does not take. FOR UPDATE takes no more than RowShareLock on the table.
CREATE FUNCTION waiting_with_lock(command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE command;
    RETURN waiting_wrapped();
END $$;
SELECT waiting_with_lock('LOCK TABLE "waiting Table" IN ROW SHARE MODE');
SELECT waiting_with_lock('LOCK TABLE "waiting Table" IN ROW EXCLUSIVE MODE');
SELECT waiting_with_lock('LOCK TABLE waiting_table IN SHARE MODE');
SELECT waiting_with_lock('LOCK TABLE pg_database IN EXCLUSIVE MODE');
-- The locks of others are not ours.
SELECT waiting_with_lock('SELECT');

-- The wait leaves nothing behind; a build goes on in the same session.
SELECT pgm_test_wait(4711);
CREATE INDEX CONCURRENTLY waiting_index ON waiting_table (i);
-- An index that has been there all along, and what has never been built concurrently, do not end a wait with an error.
SELECT pgm_test_wait(4711);

-- Who waits for nobody does not wait for this session.
SELECT pgm_test_waits_for_this_backend(pg_backend_pid());
SELECT pgm_test_refuse_self_block(pg_backend_pid());
SELECT pgm_test_waits_for_this_backend(0);

DROP TABLE waiting_table, "waiting Table";
DROP FUNCTION waiting_wrapped(), waiting_with_lock(text);
DROP EXTENSION pgm_test;

-- Sessions that cannot wait for a worker are told so at once, each with the reason, and nothing is done.
CREATE EXTENSION pg_migrate;
CREATE SCHEMA worker_refused;
SET search_path = worker_refused, public;
CREATE TABLE t (a int PRIMARY KEY);
INSERT INTO t VALUES (1);
CREATE TABLE other (a int REFERENCES t);
SELECT migrate_revision(revision => 'a1', down_revision => 'base', message => 'transactional', up => 'CREATE TABLE u (a int)', down => 'DROP TABLE u');
SELECT migrate_revision(revision => 'a2', down_revision => 'a1', message => 'an index', up => E'SELECT 1;\n\nCREATE INDEX CONCURRENTLY t_a\n    ON t (a)', down => 'DROP INDEX CONCURRENTLY t_a');
CREATE VIEW state AS SELECT (SELECT string_agg(revision, ',') FROM migrate.version) AS version, (SELECT count(*) FROM migrate.log) AS log,
    (SELECT count(*) FROM migrate.run) AS run, (SELECT count(*) FROM migrate.journal) AS begun, to_regclass('u') AS u;

-- A transaction block.
BEGIN;
SELECT migrate_upgrade('head');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT * FROM state;
-- A subtransaction, and a block with an EXCEPTION clause.
BEGIN;
SAVEPOINT s;
SELECT migrate_upgrade('head');
ROLLBACK;
DO $$
DECLARE
    detail text;
BEGIN
    PERFORM migrate_upgrade('head');
EXCEPTION WHEN active_sql_transaction THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RAISE INFO '% %', SQLERRM, detail;
END $$;
SELECT * FROM state;
-- Several statements sent as one text.
SELECT 1 \; SELECT migrate_upgrade('head') \; SELECT 2;
SELECT * FROM state;
-- Snapshots that last for the transaction, also as the default of the session.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT migrate_upgrade('head');
ROLLBACK;
SET default_transaction_isolation = 'repeatable read';
SELECT migrate_upgrade('head');
SET default_transaction_isolation = 'serializable';
SELECT migrate_upgrade('head');
RESET default_transaction_isolation;
SELECT * FROM state;
-- A transaction id: something has been written in this statement.
CREATE FUNCTION after(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN QUERY SELECT revision FROM migrate_upgrade('head');
END $$;
SELECT after('SELECT pg_current_xact_id()');
\echo :LAST_ERROR_SQLSTATE
SELECT after('INSERT INTO other VALUES (1)');
-- Locks on rows (a transaction id again), and on tables.
SELECT after('SELECT FROM t FOR UPDATE');
SELECT after('LOCK TABLE other IN SHARE ROW EXCLUSIVE MODE');
\echo :LAST_ERROR_SQLSTATE
SELECT after('LOCK TABLE t IN ROW EXCLUSIVE MODE');
SELECT * FROM state;

-- A plan that is transactional runs in all of these.
BEGIN ISOLATION LEVEL SERIALIZABLE;
LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO other VALUES (1);
SELECT revision FROM migrate_upgrade('a1');
ROLLBACK;
SELECT * FROM state;
-- With a transaction for each revision it cannot.
SET pg_migrate.transaction_mode = per_revision;
BEGIN;
SELECT revision FROM migrate_upgrade('a1');
ROLLBACK;
RESET pg_migrate.transaction_mode;
-- Weak locks, as reading takes them, are no obstacle.
SELECT after('LOCK TABLE t IN ROW SHARE MODE');
SELECT * FROM state;
-- With nothing to do nothing is refused.
SELECT revision FROM migrate_upgrade('a1');
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT revision FROM migrate_upgrade('a1');
SELECT revision FROM migrate_downgrade('a1');
COMMIT;
-- The way down likewise.
SELECT revision FROM migrate_upgrade('a2');
BEGIN;
SELECT migrate_downgrade('base');
ROLLBACK;
SELECT * FROM state;
-- What the hint says: in the background, once the transaction has committed.
BEGIN;
INSERT INTO other VALUES (1);
SELECT migrate_start('base', direction => 'downgrade') AS run \gset
COMMIT;
SELECT migrate_wait(:run);
SELECT * FROM state;

-- The wait for a run: not with a transaction that the run would wait for.
SET pg_migrate.fault_point = 'wait:revision_begun';
SELECT migrate_start('head') AS run \gset
RESET pg_migrate.fault_point;
DO $$
BEGIN
    WHILE NOT EXISTS (SELECT FROM migrate.progress WHERE revision = 'a1') LOOP
        PERFORM pg_sleep(0.01);
    END LOOP;
END $$;
BEGIN;
\set VERBOSITY terse
SELECT migrate_wait(:run, timeout => '1 minute');
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT migrate_wait(:run, timeout => '100 milliseconds');
SELECT migrate_cancel(:run);
SELECT migrate_wait(:run);
\echo :LAST_ERROR_SQLSTATE
-- Once it has ended anybody may ask.
BEGIN ISOLATION LEVEL SERIALIZABLE;
INSERT INTO other VALUES (1);
SELECT migrate_wait(:run);
ROLLBACK;

SET client_min_messages = warning;
DROP SCHEMA worker_refused CASCADE;
RESET search_path;
DROP EXTENSION pg_migrate;

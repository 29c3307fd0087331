-- Runs in the background: queued by a transaction, begun when it commits, waited for, cancelled.
CREATE EXTENSION pg_migrate;
CREATE SCHEMA worker_start;
SET search_path = worker_start, public;
CREATE TABLE t (a int);
SELECT migrate_revision(revision => 'a1', down_revision => 'base', message => 'one', up => 'CREATE TABLE one (pid int, own text); INSERT INTO one VALUES (pg_backend_pid(), current_setting(''worker.own''))', down => 'DROP TABLE one');
SELECT migrate_revision(revision => 'a2', down_revision => 'a1', message => 'two', up => 'CREATE INDEX CONCURRENTLY t_a ON t (a)', down => 'DROP INDEX CONCURRENTLY t_a');

-- By itself.
SET worker.own = 'the caller''s';
SELECT migrate_start('a1', tag => 'release 1') AS run \gset
SELECT migrate_wait(:run);
SELECT pid = pg_backend_pid() AS here, own FROM one;
SELECT operation, target, tag, state, outcome, finished_at >= started_at AS in_order, requested_by = current_user AS mine,
       pid = (SELECT pid FROM one) AS in_worker, sqlstate, error FROM migrate.run WHERE run = :run;
SELECT run = :run AS of_this_run, revision, tag, outcome FROM migrate.log;
-- It can be waited for again, and there is nothing left to cancel.
SELECT migrate_wait(:run), migrate_cancel(:run);

-- In a transaction block: nothing is done before the commit.
BEGIN;
SELECT migrate_start('head') AS run \gset
SELECT state, outcome, pid <> pg_backend_pid() AS in_worker FROM migrate.run WHERE run = :run;
SELECT to_regclass('t_a');
-- The run waits for this very transaction, which must not wait for it.
\set VERBOSITY terse
SELECT migrate_wait(:run, timeout => '1 minute');
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
SELECT migrate_start('head') AS run \gset
COMMIT;
SELECT migrate_wait(:run);
SELECT to_regclass('t_a');

-- A run that is under way has begun a revision, too, and goes on by itself: nothing is said of that.
SELECT migrate_revision(revision => 'b1', down_revision => 'base', message => 'waits', branch_label => 'waits', up => $$
    -- pg_migrate: commit
    CREATE TABLE begun ();
    -- pg_migrate: commit
    SELECT pg_advisory_xact_lock(42);
$$, down => 'DROP TABLE begun');
SELECT pg_advisory_lock(42);
SELECT migrate_start('waits') AS run \gset
DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM migrate.journal) LOOP PERFORM pg_sleep(0.01); END LOOP; END $$;
SELECT revision, direction FROM migrate.journal;
SELECT migrate_downgrade('a2');
SELECT pg_advisory_unlock(42);
SELECT migrate_wait(:run);
SELECT revision FROM migrate_downgrade('waits@base');
SELECT migrate_remove('b1');

-- In a transaction that can write, where the session's default is that they cannot.
SET default_transaction_read_only = on;
BEGIN READ WRITE;
SELECT migrate_start('a1', direction => 'downgrade') AS run \gset
COMMIT;
SELECT migrate_wait(:run);
BEGIN READ WRITE;
SELECT migrate_start('head') AS run \gset
COMMIT;
SELECT migrate_wait(:run);
RESET default_transaction_read_only;
SELECT to_regclass('t_a');

-- Rolled back: there is no run, and nothing has run.
BEGIN;
SELECT migrate_start('base', direction => 'downgrade') AS run \gset
ROLLBACK;
SELECT migrate_wait(:run);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM migrate.run WHERE run = :run;
SELECT to_regclass('t_a');
-- Up to a savepoint likewise; what was queued before it runs.
BEGIN;
SELECT migrate_start('a1', direction => 'downgrade') AS kept \gset
SAVEPOINT s;
SELECT migrate_start('base', direction => 'downgrade') AS dropped \gset
ROLLBACK TO s;
COMMIT;
SELECT migrate_wait(:kept);
SELECT migrate_wait(:dropped);
SELECT to_regclass('one') AS one, to_regclass('t_a') AS t_a;
-- An error in the transaction that has queued it.
BEGIN;
SELECT migrate_start() AS run \gset
SELECT 1 / 0;
COMMIT;
SELECT migrate_wait(:run);
-- Several runs of one transaction take their turns.
BEGIN;
SELECT migrate_start('a2') AS first \gset
SELECT migrate_start('a2') AS second \gset
COMMIT;
SELECT migrate_wait(:first) AS first, migrate_wait(:second) AS second;
SELECT count(*) = 2 AS two, bool_and(outcome = 'done') AS done FROM migrate.run WHERE run IN (:first, :second);
SELECT count(*) AS done_once FROM migrate.log WHERE run IN (:first, :second);
SELECT revision FROM migrate_downgrade('base');
SELECT to_regclass('one') AS one, to_regclass('t_a') AS t_a;

-- A transaction that has queued a run cannot be prepared.
BEGIN;
SELECT migrate_start('a1') AS run \gset
PREPARE TRANSACTION 'worker_start';
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_wait(:run);
-- Nothing to do is done at once.
SELECT migrate_start('base', direction => 'downgrade') AS run \gset
SELECT migrate_wait(:run);
SELECT state, outcome FROM migrate.run WHERE run = :run;

-- Failures: of the target at once, of a script by migrate_wait, with all that the error had.
SELECT migrate_start('nothing');
SELECT migrate_start('a1', direction => 'sideways');
SELECT migrate_start(NULL);
SELECT migrate_start('a1', schema => 'no_such_schema');
CREATE FUNCTION raises() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE 'raised' USING ERRCODE = 'ZZ003', DETAIL = 'its detail', HINT = 'its hint'; END $$;
SELECT migrate_revision(revision => 'f1', down_revision => 'base', message => 'fails', branch_label => 'fails', up => 'CREATE TABLE not_kept (); SELECT raises()');
SELECT migrate_start('fails') AS run \gset
SELECT migrate_wait(:run);
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_wait(:run);
SELECT state, outcome, sqlstate, error, detail, hint, context FROM migrate.run WHERE run = :run;
SELECT run = :run AS of_this_run, outcome, statement, sqlstate, error FROM migrate.log WHERE revision = 'f1';
SELECT to_regclass('not_kept');
SELECT migrate_start('fails@base', direction => 'downgrade') AS run \gset
SELECT migrate_wait(:run);

-- A timeout: the state so far. Cancelled, also while it waits.
SELECT migrate_revision(revision => 'w1', down_revision => 'base', message => 'waits', branch_label => 'waits', up => 'CREATE TABLE not_kept (); SELECT pg_sleep(600)', down => '');
SELECT migrate_start('waits') AS run \gset
-- Until it has begun.
DO $$
BEGIN
    WHILE NOT EXISTS (SELECT FROM migrate.progress WHERE revision = 'w1' AND statement = 2) LOOP
        PERFORM pg_sleep(0.01);
    END LOOP;
END $$;
SELECT migrate_wait(:run, timeout => '10 milliseconds');
SELECT migrate_wait(:run, timeout => '0');
SELECT state, outcome FROM migrate.run WHERE run = :run;
-- Behind it another one waits for its turn, and is cancelled there.
SELECT migrate_start('a1') AS behind \gset
SELECT migrate_wait(:behind, timeout => '10 milliseconds');
SELECT migrate_cancel(:behind);
\set SHOW_CONTEXT never
SELECT migrate_wait(:behind);
\set SHOW_CONTEXT errors
\echo :LAST_ERROR_SQLSTATE
SELECT state, outcome, sqlstate FROM migrate.run WHERE run = :behind;
SELECT migrate_cancel(:run);
SELECT migrate_wait(:run);
\echo :LAST_ERROR_SQLSTATE
SELECT state, outcome, sqlstate, error FROM migrate.run WHERE run = :run;
SELECT outcome, statement, sqlstate FROM migrate.log WHERE revision = 'w1';
SELECT to_regclass('not_kept');
SELECT migrate_cancel(:run);

-- Cancelled by the transaction that has queued it: it never begins, unless that is undone.
BEGIN;
SELECT migrate_start('waits') AS own \gset
SELECT migrate_cancel(:own), migrate_cancel(:own) AS again;
COMMIT;
SELECT state, outcome, sqlstate, error FROM migrate.run WHERE run = :own;
SELECT migrate_wait(:own);
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_revision(revision => 'w2', down_revision => 'base', message => 'short', branch_label => 'short', up => 'CREATE TABLE short ()', down => 'DROP TABLE short');
BEGIN;
SELECT migrate_start('short') AS own \gset
SAVEPOINT s;
SELECT migrate_cancel(:own);
ROLLBACK TO s;
COMMIT;
SELECT migrate_wait(:own);
SELECT to_regclass('short');

-- Odd parameters.
SELECT migrate_wait(0);
SELECT migrate_wait(9223372036854775807);
SELECT migrate_wait(NULL);
SELECT migrate_wait(:run, timeout => '-1 second');
SELECT migrate_cancel(0);
SELECT migrate_cancel(NULL);

-- Who may: operators, with their own rights, in the worker too.
CREATE ROLE worker_start_operator;
CREATE ROLE worker_start_viewer;
GRANT USAGE, CREATE ON SCHEMA worker_start TO worker_start_operator;
SELECT migrate_grant('worker_start_operator', 'operator');
SELECT migrate_grant('worker_start_viewer', 'viewer');
SELECT migrate_revision(revision => 'g1', down_revision => 'base', message => 'whose', branch_label => 'whose', up => 'CREATE TABLE whose AS SELECT current_user AS who; ANALYZE whose', down => 'DROP TABLE whose');
SET ROLE worker_start_operator;
SELECT migrate_start('whose') AS run \gset
SELECT migrate_wait(:run);
SELECT migrate_start('a2') AS run \gset
SELECT migrate_wait(:run);
\echo :LAST_ERROR_SQLSTATE
SET ROLE worker_start_viewer;
SELECT migrate_start('whose@base', direction => 'downgrade');
SELECT migrate_wait(:run);
SELECT migrate_cancel(:run);
SELECT migrate_resolve('a1', 'run');
RESET ROLE;
SELECT * FROM whose;
SELECT relowner::regrole FROM pg_class WHERE relname = 'whose';
SELECT requested_by, session_role = session_user AS session_is_mine, outcome, sqlstate FROM migrate.run ORDER BY run DESC LIMIT 2;

-- Not in a read-only transaction, not from within a script.
BEGIN READ ONLY;
SELECT migrate_start('a1');
ROLLBACK;
SELECT migrate_revision(revision => 'h1', down_revision => 'base', message => 'from a script', branch_label => 'nested', up => 'SELECT migrate_start(''a1'')');
SELECT migrate_upgrade('nested');
\echo :LAST_ERROR_SQLSTATE

SET client_min_messages = warning;
DROP SCHEMA worker_start CASCADE;
RESET search_path;
DROP EXTENSION pg_migrate;
DROP OWNED BY worker_start_operator, worker_start_viewer;
DROP ROLE worker_start_operator, worker_start_viewer;

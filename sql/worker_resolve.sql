-- The journal: each of its states as a run leaves it, and what the next call makes of it.
CREATE EXTENSION pg_migrate;
CREATE SCHEMA worker_resolve;
SET search_path = worker_resolve, public;
CREATE TABLE t (a int);
INSERT INTO t SELECT n FROM generate_series(1, 100) AS n;
CREATE TABLE done (what text);
CREATE PROCEDURE fill(what text) LANGUAGE plpgsql AS 'BEGIN INSERT INTO done VALUES (what); COMMIT; END';
CREATE VIEW journal AS SELECT revision, direction, done, running, cardinality(fingerprints) AS fingerprints FROM migrate.journal;
CREATE VIEW indexes AS SELECT indexrelid::regclass AS index, indisvalid AS valid FROM pg_index WHERE indrelid = 't'::regclass ORDER BY 1;
-- Runs with a fault and shows what is left.
SELECT migrate_revision(revision => 'a1', down_revision => 'base', message => 'index', up => $$
    INSERT INTO done VALUES ('before');
    CREATE INDEX CONCURRENTLY t_a ON t (a);
    INSERT INTO done VALUES ('behind');
$$, down => $$
    DROP INDEX CONCURRENTLY t_a;
    DELETE FROM done;
$$);

-- INTENDED, nothing done: it is run.
SET pg_migrate.fault_point = 'error:statement_intended';
SELECT revision FROM migrate_upgrade();
RESET pg_migrate.fault_point;
SELECT * FROM journal;
SELECT * FROM indexes;
SELECT statement, transactional FROM migrate_plan();
SELECT revision, statements FROM migrate_upgrade();
SELECT * FROM done;
SELECT * FROM indexes;
SELECT revision FROM migrate_downgrade('base');
-- Done, but not confirmed: it is adopted.
SET pg_migrate.fault_point = 'error:statement_run';
SELECT revision FROM migrate_upgrade();
RESET pg_migrate.fault_point;
SELECT * FROM journal;
SELECT * FROM indexes;
SELECT revision, statements FROM migrate_upgrade();
SELECT * FROM done;
-- CONFIRMED: it goes on behind it; on the way down.
SET pg_migrate.fault_point = 'error:statement_confirmed';
SELECT revision FROM migrate_downgrade('base');
RESET pg_migrate.fault_point;
SELECT * FROM journal;
SELECT * FROM indexes;
SELECT statement, sql FROM migrate_plan('base', 'downgrade');
-- The other direction, and other revisions, have to wait.
SELECT migrate_revision(revision => 'a2', down_revision => 'a1', message => 'above', up => '', down => '');
SELECT migrate_upgrade();
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_plan();
SELECT migrate_upgrade_sql();
SELECT migrate_downgrade_sql('base');
SELECT migrate_record('a2', 'upgrade');
\echo :LAST_ERROR_SQLSTATE
-- What has nothing to do says so.
SELECT migrate_upgrade('a1');
-- A script between two given revisions is none of the journal's business.
SELECT migrate_upgrade_sql('a1:a2') LIKE '%a2%' AS printed;
SELECT revision, direction, statements FROM migrate_downgrade('base');
SELECT * FROM journal;
SELECT migrate_remove('a2');

-- A segment that is committed, and one that is not.
SET pg_migrate.fault_point = 'error:segment_run';
SELECT revision FROM migrate_upgrade();
SELECT * FROM journal;
SELECT * FROM done;
SET pg_migrate.fault_point = 'error:segment_committed';
SELECT revision FROM migrate_upgrade();
RESET pg_migrate.fault_point;
SELECT * FROM journal;
SELECT * FROM done;
-- Nothing is there to go back from, but for what has been begun.
SELECT migrate_downgrade('base');
SET default_transaction_read_only = on;
SELECT migrate_downgrade('base');
RESET default_transaction_read_only;
-- A revision that has been begun is not removed; what of it has been run is not changed, the rest may be.
SELECT migrate_remove('a1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_edit('a1', up => $$
    INSERT INTO done VALUES ('another');
    CREATE INDEX CONCURRENTLY t_a ON t (a);
$$);
SELECT migrate_upgrade();
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_plan();
SELECT migrate_edit('a1', up => '');
SELECT migrate_upgrade();
SELECT migrate_edit('a1', up => $$
    INSERT INTO done VALUES ('before');   -- comments and blanks make no difference
    CREATE INDEX CONCURRENTLY t_b ON t (a);
    INSERT INTO done VALUES ('edited');
    INSERT INTO done VALUES ('added');
$$);
SELECT statement, sql FROM migrate_plan();
SELECT revision, statements FROM migrate_upgrade();
SELECT * FROM done;
SELECT * FROM indexes;
SELECT * FROM journal;
-- Given up by a stamp.
SELECT migrate_stamp('base');
TRUNCATE done;
SET pg_migrate.fault_point = 'error:segment_committed';
SELECT revision FROM migrate_upgrade();
RESET pg_migrate.fault_point;
SELECT * FROM journal;
SELECT * FROM migrate_stamp('head');
SELECT * FROM journal;
SELECT * FROM migrate_stamp('base');
-- Also where the version stays as it is.
DROP INDEX t_b;
SET pg_migrate.fault_point = 'error:segment_committed';
SELECT revision FROM migrate_upgrade();
RESET pg_migrate.fault_point;
SELECT * FROM journal;
SELECT * FROM migrate_stamp('base');
SELECT * FROM journal;
SELECT operation, target, outcome FROM migrate.run ORDER BY run DESC LIMIT 1;
-- ... or by migrate_resolve.
SET pg_migrate.fault_point = 'error:statement_run';
SELECT revision FROM migrate_upgrade();
RESET pg_migrate.fault_point;
SELECT migrate_resolve('a1', 'discard');
SELECT * FROM journal;
SELECT statement FROM migrate_plan();
SELECT revision FROM migrate.version;
DROP INDEX t_b;

-- What nobody can tell is asked for: the call stops, and says which two calls decide.
SELECT migrate_revision(revision => 'b1', down_revision => 'base', message => 'a procedure', branch_label => 'proc', up => $$
    INSERT INTO done VALUES ('first');
    -- pg_migrate: no-transaction
    CALL worker_resolve.fill('called');
    INSERT INTO done VALUES ('last');
$$, down => 'DELETE FROM done');
TRUNCATE done;
SET pg_migrate.fault_point = 'error:statement_run';
SELECT revision FROM migrate_upgrade('proc');
RESET pg_migrate.fault_point;
SELECT * FROM journal;
SELECT revision FROM migrate_upgrade('proc');
\echo :LAST_ERROR_SQLSTATE
-- As often as it is asked.
SELECT revision FROM migrate_upgrade('proc');
SELECT outcome, statement, sqlstate, error FROM migrate.log WHERE revision = 'b1' ORDER BY started_at, finished_at;
SELECT * FROM done;
SELECT migrate_resolve('b1', 'done');
SELECT * FROM journal;
SELECT statement, sql FROM migrate_plan('proc');
-- It is not in doubt any more.
SELECT migrate_resolve('b1', 'done');
\echo :LAST_ERROR_SQLSTATE
SELECT revision, statements FROM migrate_upgrade('proc');
SELECT * FROM done;
SELECT revision FROM migrate_downgrade('proc@base');
SET pg_migrate.fault_point = 'error:statement_run';
SELECT revision FROM migrate_upgrade('proc');
RESET pg_migrate.fault_point;
SELECT migrate_resolve('b1', 'run');
SELECT * FROM journal;
SELECT revision, statements FROM migrate_upgrade('proc');
SELECT what, count(*) FROM done GROUP BY 1 ORDER BY 1;
SELECT revision FROM migrate_downgrade('proc@base');
-- The first statement of a script: run again leaves nothing in the journal.
SELECT migrate_revision(revision => 'b2', down_revision => 'base', message => 'a procedure first', branch_label => 'first', up => $$
    -- pg_migrate: no-transaction
    CALL worker_resolve.fill('called');
$$, down => '');
SET pg_migrate.fault_point = 'error:statement_run';
SELECT revision FROM migrate_upgrade('first');
RESET pg_migrate.fault_point;
SELECT * FROM journal;
SELECT migrate_resolve('b2', 'run');
SELECT * FROM journal;
SET pg_migrate.fault_point = 'error:statement_run';
SELECT revision FROM migrate_upgrade('first');
RESET pg_migrate.fault_point;
SELECT migrate_resolve('b2', 'done');
SELECT statement, sql FROM migrate_plan('first');
-- Nothing but the record is left to do.
BEGIN;
SELECT revision, statements FROM migrate_upgrade('first');
COMMIT;
SELECT * FROM journal;
SELECT revision FROM migrate.version;
SELECT what, count(*) FROM done GROUP BY 1 ORDER BY 1;
SELECT revision FROM migrate_downgrade('first@base');

-- A failure that is known leaves nothing in doubt, and no invalid index.
INSERT INTO t VALUES (1);
SELECT migrate_revision(revision => 'c1', down_revision => 'base', message => 'unique', branch_label => 'uniq', up => 'CREATE UNIQUE INDEX CONCURRENTLY t_u ON t (a)', down => '');
SELECT revision FROM migrate_upgrade('uniq');
SELECT * FROM journal;
SELECT * FROM indexes;
SELECT revision FROM migrate_upgrade('uniq');
DELETE FROM t WHERE ctid = (SELECT max(ctid) FROM t WHERE a = 1);
SELECT revision FROM migrate_upgrade('uniq');
SELECT * FROM indexes;

-- Lines of schemas have journals of their own; hints name them.
CREATE SCHEMA worker_tenant;
CREATE TABLE worker_tenant.t (a int);
SELECT migrate_revision(revision => 'd1', down_revision => 'base', message => 'of a tenant', branch_label => 'tenant', up => E'-- pg_migrate: no-transaction\nCALL worker_resolve.fill(''tenant'')', down => '');
SET pg_migrate.fault_point = 'error:statement_run';
SELECT revision FROM migrate_upgrade('tenant', schema => 'worker_tenant');
SELECT revision FROM migrate_upgrade('tenant');
RESET pg_migrate.fault_point;
SELECT schema_name, revision, done, running FROM migrate.journal ORDER BY schema_name NULLS FIRST;
SELECT revision FROM migrate_upgrade('tenant', schema => 'worker_tenant');
SELECT revision FROM migrate_upgrade('a1', schema => 'worker_tenant');
SELECT migrate_resolve('d1', 'done', schema => 'worker_tenant');
SELECT schema_name, revision, done, running FROM migrate.journal ORDER BY schema_name NULLS FIRST;
SELECT migrate_resolve('d1', 'discard');
SELECT revision, statements FROM migrate_upgrade('tenant', schema => 'worker_tenant');
SELECT count(*) FROM migrate.journal;
-- What is not begun, and odd parameters.
SELECT migrate_resolve('d1', 'run');
SELECT migrate_resolve('nothing', 'discard');
SELECT migrate_resolve('d1', 'forget');
SELECT migrate_resolve('d1', NULL);
SELECT migrate_resolve(NULL, 'run');
SELECT migrate_resolve('d1', 'run', schema => 'no_such_schema');
BEGIN READ ONLY;
SELECT migrate_resolve('d1', 'discard');
ROLLBACK;

SET client_min_messages = warning;
DROP SCHEMA worker_resolve, worker_tenant CASCADE;
RESET search_path;
DROP EXTENSION pg_migrate;

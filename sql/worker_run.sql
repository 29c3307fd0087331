-- Plans that no transaction can hold, run by a worker while the caller waits: what runs in which transaction, what the
-- caller gets, what is written, and what goes on where it stopped.
CREATE EXTENSION pg_migrate;
CREATE SCHEMA worker_run;
SET search_path = worker_run, public;
CREATE TABLE t (a int, b text);
INSERT INTO t SELECT n, 'b' || n FROM generate_series(1, 1000) AS n;
-- Where and in which transaction a statement has run.
CREATE TABLE trace (what text, transaction xid8 DEFAULT pg_current_xact_id(), pid int DEFAULT pg_backend_pid(),
                    role name DEFAULT current_user, path text DEFAULT current_setting('search_path'),
                    own text DEFAULT current_setting('worker.own', true), at timestamptz DEFAULT clock_timestamp());
CREATE VIEW segments AS SELECT dense_rank() OVER (ORDER BY transaction) AS segment, what, pid <> pg_backend_pid() AS in_worker, role, path, own
    FROM trace ORDER BY at;

-- [tx][alone][tx][alone]: each segment is a transaction.
SELECT migrate_revision(revision => 'a1', down_revision => 'base', message => 'first', up => $$
    INSERT INTO trace VALUES ('before the first index');
    CREATE INDEX CONCURRENTLY t_a ON t (a);
    INSERT INTO trace VALUES ('between');
    INSERT INTO trace VALUES ('between as well');
    CREATE INDEX CONCURRENTLY t_b ON t (b);
$$, down => $$
    DROP INDEX CONCURRENTLY t_b;
    INSERT INTO trace VALUES ('between, on the way down');
    DROP INDEX CONCURRENTLY t_a;
$$);
SELECT migrate_revision(revision => 'a2', down_revision => 'a1', message => 'second', up => 'INSERT INTO trace VALUES (''the next revision'')',
                        down => 'INSERT INTO trace VALUES (''the next revision, on the way down'')');
SELECT revision, statement, transactional FROM migrate_plan();
SELECT revision, direction, message, statements, duration > '0' AS took_time FROM migrate_upgrade('head', tag => 'release 1');
SELECT segment, what, in_worker FROM segments;
SELECT indexrelid::regclass AS index, indisvalid AND indisready AS valid FROM pg_index WHERE indrelid = 't'::regclass ORDER BY 1;
SELECT l.run, l.revision, l.direction, l.tag, l.outcome, l.statement, l.checksum = r.checksum AS same, l.applied_by = current_user AS mine,
       l.session_role = session_user AS my_session, l.application, l.started_at >= u.started_at AND l.finished_at BETWEEN l.started_at AND u.finished_at AS in_order
    FROM migrate.log AS l JOIN migrate.revision AS r USING (revision) JOIN migrate.run AS u USING (run) ORDER BY l.finished_at;
SELECT run, operation, target, tag, state, outcome, pid <> pg_backend_pid() AS in_worker, requested_by = current_user AS mine, sqlstate, error FROM migrate.run;
SELECT revision, run FROM migrate.version;
SELECT count(*) AS begun FROM migrate.journal;
-- Nothing is left to do: no worker is asked for.
SELECT * FROM migrate_upgrade('head');
SELECT count(*) FROM migrate.run;
TRUNCATE trace;
SELECT revision, direction, message, statements, duration < '1 hour' AS took_time FROM migrate_downgrade('base');
SELECT l.revision, l.direction, l.started_at >= u.started_at AS in_order FROM migrate.log AS l JOIN migrate.run AS u USING (run) WHERE u.operation = 'downgrade' ORDER BY l.finished_at;
SELECT segment, what, in_worker FROM segments;
SELECT indexrelid::regclass AS index FROM pg_index WHERE indrelid = 't'::regclass;
SELECT revision FROM migrate.version;

-- A LIMIT does not cut the work short.
SELECT revision FROM migrate_upgrade('head') LIMIT 1;
SELECT revision FROM migrate_downgrade('base') LIMIT 1;
SELECT revision FROM migrate.version;

-- What a script sets holds for what follows in it, also in other transactions, and ends with it.
CREATE ROLE worker_run_role;
GRANT CREATE, USAGE ON SCHEMA worker_run TO worker_run_role;
GRANT INSERT, SELECT ON trace TO worker_run_role;
CREATE TABLE vacuumed (a int);
ALTER TABLE vacuumed OWNER TO worker_run_role;
SET worker.own = 'the caller''s';
SELECT migrate_revision(revision => 'b1', down_revision => 'base', message => 'settings', branch_label => 'settings', up => $$
    SET worker.own = 'the script''s';
    SET search_path = worker_run, pg_catalog;
    SET application_name = 'the script''s';
    SET ROLE worker_run_role;
    INSERT INTO trace VALUES ('before');
    VACUUM vacuumed;
    INSERT INTO trace VALUES ('behind');
    SET LOCAL worker.own = 'of one transaction';
    INSERT INTO trace VALUES ('behind SET LOCAL');
    CREATE TABLE of_role (a int);
    CREATE INDEX CONCURRENTLY of_role_a ON of_role (a);
    INSERT INTO trace VALUES ('behind the index');
$$, down => 'DROP TABLE worker_run.of_role');
SELECT migrate_revision(revision => 'b2', down_revision => 'b1', message => 'after it', up => 'INSERT INTO trace VALUES (''the next revision'')', down => '');
SELECT migrate_revision(revision => 'b3', down_revision => 'b2', message => 'after that', up => 'VACUUM t; INSERT INTO trace VALUES (''the one behind it'')', down => '');
TRUNCATE trace;
SET client_min_messages = warning;
SELECT revision FROM migrate_upgrade('settings');
RESET client_min_messages;
SELECT segment, what, nullif(role, current_user) AS role, path, own FROM segments;
SELECT relname, relowner::regrole FROM pg_class WHERE relname ~ '^of_role' ORDER BY 1;
SELECT current_setting('worker.own') AS own, current_setting('search_path') AS path, current_user = session_user AS role_unchanged;
SELECT revision FROM migrate_downgrade('settings@base');

-- Interrupted behind a statement and gone on with: what the statements that are done have set is set again, they themselves
-- are not run again.
SET pg_migrate.fault_point = 'error:segment_committed';
SET client_min_messages = warning;
SELECT revision FROM migrate_upgrade('b1');
RESET client_min_messages;
RESET pg_migrate.fault_point;
SELECT revision, direction, done, running, cardinality(fingerprints) AS fingerprints, objects_before FROM migrate.journal;
SELECT revision, statement, transactional FROM migrate_plan('b1');
TRUNCATE trace;
SELECT revision, statements FROM migrate_upgrade('b1');
SELECT segment, what, nullif(role, current_user) AS role, path, own FROM segments;
SELECT count(*) AS begun FROM migrate.journal;
-- In the log is what the caller's session is called, not what the script has set.
SELECT outcome, statement, sqlstate, error, application FROM migrate.log WHERE revision = 'b1' ORDER BY started_at DESC LIMIT 2;
-- A rest that is transactional runs in the transaction of the caller.
SELECT revision FROM migrate_downgrade('settings@base');
SET pg_migrate.fault_point = 'error:statement_confirmed';
SELECT revision FROM migrate_upgrade('settings');
RESET pg_migrate.fault_point;
SELECT revision, direction, done, running FROM migrate.journal;
SET client_min_messages = warning;
SELECT revision FROM migrate_upgrade('b2');
RESET client_min_messages;
SET pg_migrate.fault_point = 'error:statement_confirmed';
SELECT revision FROM migrate_upgrade('b3');
RESET pg_migrate.fault_point;
TRUNCATE trace;
BEGIN;
SELECT revision, statements FROM migrate_upgrade('b3');
SELECT what, pid = pg_backend_pid() AS here FROM trace;
SELECT count(*) AS begun FROM migrate.journal;
ROLLBACK;
SELECT revision, done FROM migrate.journal;
SELECT revision, statements FROM migrate_upgrade('b3');
SELECT count(*) AS begun FROM migrate.journal;
SET client_min_messages = warning;
SELECT count(*) FROM migrate_stamp('base', purge => true);
DROP TABLE of_role;
RESET client_min_messages;
RESET worker.own;

-- A version line of a schema: its schema comes first in the search_path of every segment.
CREATE SCHEMA "worker Tenant";
CREATE TABLE "worker Tenant".t (a int);
SELECT migrate_revision(revision => 'c1', down_revision => 'base', message => 'tenant', branch_label => 'tenant', up => $$
    INSERT INTO trace VALUES ('before');
    CREATE INDEX CONCURRENTLY t_a ON t (a);
    INSERT INTO trace VALUES ('behind');
$$, down => 'DROP INDEX CONCURRENTLY t_a');
TRUNCATE trace;
SELECT revision FROM migrate_upgrade('c1', schema => 'worker Tenant');
SELECT segment, what, path FROM segments;
SELECT schemaname, tablename, indexname FROM pg_indexes WHERE indexname = 't_a';
SELECT schema_name, revision FROM migrate.version;
SELECT schema_name, revision FROM migrate.log ORDER BY finished_at DESC LIMIT 1;
SET pg_migrate.fault_point = 'error:statement_run';
SELECT revision FROM migrate_downgrade('tenant@base', schema => 'worker Tenant');
RESET pg_migrate.fault_point;
SELECT schema_name, revision, direction, done, running FROM migrate.journal;
-- Another line knows nothing of it.
SELECT revision FROM migrate_upgrade('c1');
SELECT revision FROM migrate_downgrade('tenant@base');
SELECT revision FROM migrate_downgrade('tenant@base', schema => 'worker Tenant');
SELECT schemaname, tablename, indexname FROM pg_indexes WHERE indexname = 't_a';
DROP SCHEMA "worker Tenant" CASCADE;

-- A transaction for each revision, though all statements are transactional.
SELECT migrate_revision(revision => 'd1', down_revision => 'base', message => 'one', branch_label => 'each', up => 'INSERT INTO trace VALUES (''one'')', down => 'INSERT INTO trace VALUES (''one, down'')');
SELECT migrate_revision(revision => 'd2', down_revision => 'd1', message => 'two', up => 'INSERT INTO trace VALUES (''two''); INSERT INTO trace VALUES (''two'')', down => 'INSERT INTO trace VALUES (''two, down'')');
SELECT migrate_revision(revision => 'd3', down_revision => 'd2', message => 'empty', up => '', down => '');
SELECT migrate_revision(revision => 'd4', down_revision => 'd3', message => 'four', up => 'INSERT INTO trace VALUES (''four''); SELECT 1 / 0', down => '');
TRUNCATE trace;
SET pg_migrate.transaction_mode = 'per_revision';
SELECT revision, statements FROM migrate_upgrade('each@head');
SELECT segment, what, in_worker FROM segments;
SELECT revision FROM migrate.version;
SELECT count(*) AS begun FROM migrate.journal;
SELECT migrate_edit('d4', up => '');
SELECT revision, statements FROM migrate_upgrade('each@head');
TRUNCATE trace;
SELECT revision FROM migrate_downgrade('each@base');
SELECT segment, what, in_worker FROM segments;
RESET pg_migrate.transaction_mode;

-- A new value of an enumeration can be used once its transaction has committed.
CREATE TYPE mood AS ENUM ('sad');
SELECT migrate_revision(revision => 'e1', down_revision => 'base', message => 'happy', branch_label => 'enum', up => $$
    INSERT INTO trace VALUES ('before');
    ALTER TYPE mood ADD VALUE 'happy';
    ALTER TYPE mood ADD VALUE 'glad' AFTER 'happy';
    CREATE TABLE moods (mood mood DEFAULT 'happy');
    INSERT INTO moods DEFAULT VALUES;
    INSERT INTO trace VALUES ('behind');
$$, down => '');
SELECT statement, transactional FROM migrate_plan('e1');
TRUNCATE trace;
SELECT revision, statements FROM migrate_upgrade('e1');
SELECT segment, what, in_worker FROM segments;
SELECT * FROM moods;
-- Alone, or at the end, it needs no worker.
SELECT migrate_revision(revision => 'e2', down_revision => 'e1', message => 'alone', up => 'INSERT INTO trace VALUES (''before''); ALTER TYPE mood ADD VALUE ''wild''', down => '');
TRUNCATE trace;
BEGIN;
SELECT revision, statements FROM migrate_upgrade('e2');
SELECT what, pid = pg_backend_pid() AS here FROM trace;
COMMIT;
-- In a transaction block it is tried: whether the value is used shows then.
SELECT migrate_revision(revision => 'e3', down_revision => 'e2', message => 'not used', up => 'ALTER TYPE mood ADD VALUE ''calm''; INSERT INTO trace VALUES (''behind'')', down => '');
SELECT migrate_revision(revision => 'e4', down_revision => 'e3', message => 'used', up => 'ALTER TYPE mood ADD VALUE ''cool''; INSERT INTO moods VALUES (''cool'')', down => '');
BEGIN;
SELECT revision, statements FROM migrate_upgrade('e3');
COMMIT;
BEGIN;
SELECT revision, statements FROM migrate_upgrade('e4');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT revision, statements FROM migrate_upgrade('e4');
SELECT enum_range(NULL::mood);
-- With a statement that runs alone behind it, the block is refused for that one.
SELECT migrate_revision(revision => 'e5', down_revision => 'e4', message => 'both', up => 'ALTER TYPE mood ADD VALUE ''dull''; INSERT INTO moods VALUES (''dull''); VACUUM moods', down => '');
BEGIN;
SELECT revision, statements FROM migrate_upgrade('e5');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT revision, statements FROM migrate_upgrade('e5');
SELECT * FROM moods;

DROP SCHEMA worker_run CASCADE;
RESET search_path;
DROP EXTENSION pg_migrate;
DROP ROLE worker_run_role;

-- Upgrading: results, notices, rows, targets, what is not run, what nothing to do leaves untouched.
CREATE EXTENSION pg_migrate;
CREATE FUNCTION failure(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text;
BEGIN
    EXECUTE command;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(E'\n', state || ' ' || message, '  DETAIL ' || nullif(detail, ''), '  HINT ' || nullif(hint, ''));
END $$;
CREATE VIEW log AS
    SELECT revision, direction, schema_name, tag, outcome, sqlstate, error, statement, note,
           checksum = (SELECT checksum FROM migrate.revision r WHERE r.revision = l.revision) AS same_checksum,
           applied_by = current_user AS by_me, session_role = session_user AS in_my_session, application IS NOT DISTINCT FROM current_setting('application_name') AS by_my_application,
           started_at <= finished_at AS in_order
    FROM migrate.log l ORDER BY run, ctid;

SELECT migrate_revision('make t', 'CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); COMMENT ON TABLE t IS ''made''', 'DROP TABLE t', 'aaaa1111', 'base');
SELECT migrate_revision('add b', 'ALTER TABLE t ADD b text DEFAULT ''b''', 'ALTER TABLE t DROP b', 'bbbb1111', 'aaaa1111', 'trunk');
SELECT migrate_revision('nothing yet', NULL, NULL, 'cccc1111', 'bbbb1111');
SELECT migrate_revision('add d', 'ALTER TABLE t ADD d int; UPDATE t SET d = a', 'ALTER TABLE t DROP d', 'dddd1111', 'cccc1111');
SELECT migrate_revision('elsewhere', 'CREATE TABLE other (x int)', 'DROP TABLE other', 'bbbb2222', 'aaaa1111', 'side');

-- One step: the row of the result, the notice, the version row, the log, the run.
SELECT revision, direction, message, statements, duration >= interval '0' AS has_duration FROM migrate_upgrade('+1', tag => 'first release');
SELECT * FROM t;
SELECT schema_name, revision, applied_by = current_user AS by_me, applied_at = now() OR applied_at < now() AS at, run = (SELECT max(run) FROM migrate.run) AS of_this_run FROM migrate.version;
SELECT * FROM log;
SELECT operation, target, schema_name, tag, state, outcome, requested_by = current_user AS by_me, session_role = session_user AS in_my_session,
       pid = pg_backend_pid() AS in_this_backend, started_at <= finished_at AS in_order, application = current_setting('application_name') AS by_my_application
FROM migrate.run;
-- Several steps are one run; the tag is the call's.
SELECT revision, direction, message, statements FROM migrate_upgrade('trunk@head', 'second');
SELECT * FROM t;
SELECT revision FROM migrate.version;
SELECT revision, direction, tag, statement, outcome FROM log;
SELECT operation, target, tag, outcome FROM migrate.run ORDER BY run;

-- The default target is head; with two heads it is ambiguous, and heads takes the other branch as well.
SELECT failure('SELECT migrate_upgrade()');
SELECT revision, message FROM migrate_upgrade('heads');
SELECT revision FROM migrate.version ORDER BY revision;

-- Nothing to do: no rows, no notice, no transaction id, no lock, no row of any kind.
BEGIN;
SELECT * FROM migrate_upgrade('heads', tag => 'nothing');
SELECT * FROM migrate_upgrade('aaaa');
SELECT * FROM migrate_upgrade('base');
SELECT * FROM migrate_stamp('heads');
SELECT * FROM migrate_downgrade('dddd1111');
SELECT pg_current_xact_id_if_assigned() IS NULL AS no_transaction_id;
SELECT locktype, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype NOT IN ('relation', 'virtualxid');
SELECT relation::regclass, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND mode NOT IN ('AccessShareLock');
COMMIT;
SELECT count(*) AS logged FROM migrate.log;
SELECT count(*) AS runs FROM migrate.run;
-- So it works where nothing can be written.
BEGIN READ ONLY;
SELECT * FROM migrate_upgrade('heads');
COMMIT;
-- With something to do there is a lock of the runner, to the end of the transaction, and it is no advisory one.
SET client_min_messages = warning;
SELECT count(*) FROM migrate_downgrade('side@-1');
BEGIN;
SELECT count(*) FROM migrate_upgrade('heads');
SELECT locktype, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype NOT IN ('relation', 'virtualxid', 'transactionid') AND classid = 'pg_extension'::regclass ORDER BY objsubid, mode;
SELECT pg_advisory_unlock_all();
SELECT count(*) > 0 AS still_locked FROM pg_locks WHERE pid = pg_backend_pid() AND classid = 'pg_extension'::regclass;
-- Undone with the transaction, as any DDL: table, version, log and run.
SELECT to_regclass('other') IS NOT NULL AS made;
ROLLBACK;
SELECT to_regclass('other') IS NOT NULL AS made;
SELECT revision FROM migrate.version ORDER BY revision;
SELECT count(*) FROM migrate.log WHERE revision = 'bbbb2222' AND direction = 'upgrade';
RESET client_min_messages;
BEGIN READ ONLY;
SELECT * FROM migrate_upgrade('heads');
ROLLBACK;

-- Targets: prefixes, labels, relative forms from the current row and from a name; branches are left alone.
SET client_min_messages = warning;
SELECT count(*) FROM migrate_downgrade('base');
SELECT string_agg(revision, ' ') FROM migrate_upgrade('bbbb1');
SELECT string_agg(revision, ' ') FROM migrate_upgrade('side');
SELECT string_agg(revision, ' ') FROM migrate_upgrade('trunk@+1');
SELECT failure($$SELECT migrate_upgrade('+1')$$);
SELECT string_agg(revision, ' ') FROM migrate_upgrade('cccc+1');
SELECT revision FROM migrate.version ORDER BY revision;
SELECT failure($$SELECT migrate_upgrade('bbbb')$$);
SELECT failure($$SELECT migrate_upgrade('zzzz')$$);
SELECT failure($$SELECT migrate_upgrade('')$$);
SELECT failure($$SELECT migrate_upgrade(NULL)$$);
SELECT failure($$SELECT migrate_upgrade('aaaa1111:dddd1111')$$);
SELECT failure($$SELECT migrate_upgrade('dddd1111+1')$$);
SELECT failure($$SELECT migrate_upgrade('trunk@+1')$$);
RESET client_min_messages;

-- A merge and a dependency run what they need, once.
SELECT migrate_merge('dddd1111,bbbb2222', 'join', revision => 'eeee1111');
SELECT migrate_revision('library', 'CREATE TABLE library (x int)', 'DROP TABLE library', 'ffff1111', 'base', 'library');
SELECT migrate_revision('uses the library', 'ALTER TABLE t ADD l int', 'ALTER TABLE t DROP l', 'eeee2222', 'eeee1111', NULL, 'library');
SELECT revision, statements FROM migrate_upgrade('eeee2222');
-- The row of what is depended on is implied, and there is one row.
SELECT revision FROM migrate.version;
SELECT revision, is_applied, is_current FROM migrate_history() ORDER BY revision;

-- A head that something depends on is a head all the same, so that head is ambiguous, as in Alembic.
SELECT failure($$SELECT migrate_upgrade('head')$$);

-- Version rows can be read by the scripts themselves, as they stand between the steps; the functions that change cannot be called in there.
SELECT migrate_revision('asks', 'CREATE TABLE seen AS SELECT revision FROM migrate.version; CREATE TABLE heads AS SELECT revision FROM migrate_heads()', 'DROP TABLE seen, heads', 'gggg1111', 'eeee2222');
SELECT migrate_revision('calls itself', 'SELECT migrate_upgrade(''heads'')', '', 'hhhh1111', 'gggg1111');
SELECT revision FROM migrate_upgrade('gggg1111');
SELECT * FROM seen;
SELECT * FROM heads;
SELECT failure($$SELECT migrate_upgrade('hhhh1111')$$);
SELECT migrate_edit('hhhh1111', 'SELECT migrate_revision(''from within'')');
SELECT failure($$SELECT migrate_upgrade('hhhh1111')$$);
SELECT migrate_remove('hhhh1111');

-- A result value that is kept by psql: a call in a select list, with \gset.
SELECT migrate_revision('tagged', 'CREATE TABLE tagged (x int)', 'DROP TABLE tagged', 'iiii1111', 'gggg1111');
SELECT revision AS last_revision, direction AS last_direction FROM migrate_upgrade('trunk@head', tag => 'release ''1.0''') \gset
\echo :last_revision :last_direction
SELECT tag FROM migrate.log WHERE revision = :'last_revision';

-- What a script sets ends with it: the caller's settings are as they were.
SELECT migrate_revision('settings', 'SET search_path = pg_catalog; SET LOCAL work_mem = ''1MB''; SET DateStyle = ''German''', '', 'jjjj1111', 'iiii1111');
SELECT migrate_revision('after settings', 'CREATE TABLE in_my_path (x text DEFAULT current_setting(''DateStyle''))', 'DROP TABLE in_my_path', 'kkkk1111', 'jjjj1111');
SHOW search_path;
SELECT revision FROM migrate_upgrade('kkkk1111');
SHOW search_path;
SELECT current_setting('work_mem') <> '1MB' AS work_mem_is_back, current_setting('DateStyle') !~ 'German' AS datestyle_is_back;
SELECT 'public.in_my_path'::regclass;

-- As of a transaction of the user's own: nothing of it is disturbed, also not by a failure that he catches.
BEGIN;
SAVEPOINT here;
SELECT migrate_revision('fails', 'CREATE TABLE half (x int); SELECT 1 / 0', '', 'llll1111', 'kkkk1111');
SAVEPOINT before_run;
SELECT revision FROM migrate_upgrade('heads');
ROLLBACK TO before_run;
SELECT to_regclass('half') AS half, (SELECT string_agg(revision, ',') FROM migrate.version) AS version;
ROLLBACK TO here;
COMMIT;
SELECT count(*) FROM migrate.revision WHERE revision = 'llll1111';

SET client_min_messages = warning;
SELECT count(*) FROM migrate_downgrade('base');
SELECT name FROM unnest(ARRAY['t', 'other', 'library', 'seen', 'heads', 'tagged', 'in_my_path']) name WHERE to_regclass(name) IS NOT NULL;
DROP VIEW log;
DROP FUNCTION failure(text);
DROP EXTENSION pg_migrate;

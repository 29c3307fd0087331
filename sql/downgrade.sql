-- Downgrading: results, notices, rows, targets, and the refusal of a step that has no way back.
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

SELECT migrate_revision('make t', 'CREATE TABLE t (a int)', 'DROP TABLE t', 'aaaa1111', 'base');
SELECT migrate_revision('left', 'ALTER TABLE t ADD l int', 'ALTER TABLE t DROP l; COMMENT ON TABLE t IS ''no l''', 'bbbb1111', 'aaaa1111', 'left_branch');
SELECT migrate_revision('right', 'ALTER TABLE t ADD r int', 'ALTER TABLE t DROP r', 'bbbb2222', 'aaaa1111', 'right_branch');
SELECT migrate_merge('bbbb1111,bbbb2222', 'join', revision => 'cccc1111');
SELECT migrate_revision('library', 'CREATE TABLE library (x int)', 'DROP TABLE library', 'llll1111', 'base', 'library');
SELECT migrate_revision('dependent', 'CREATE TABLE dependent (x int)', 'DROP TABLE dependent', 'dddd1111', 'cccc1111', NULL, 'library');
SET client_min_messages = warning;
SELECT count(*) FROM migrate_upgrade('heads');
RESET client_min_messages;

-- One step: result, notice, version rows, log, run. The dependency gets its row back.
SELECT revision, direction, message, statements, duration >= interval '0' AS has_duration FROM migrate_downgrade('-1', tag => 'back');
SELECT to_regclass('dependent') IS NULL AS gone;
SELECT revision FROM migrate.version ORDER BY revision;
SELECT revision, direction, tag, outcome, statement FROM migrate.log WHERE direction = 'downgrade';
SELECT operation, target, tag, state, outcome FROM migrate.run WHERE operation = 'downgrade';
-- Out of a merge: two rows; and which parent is meant must be said.
SELECT failure($$SELECT migrate_downgrade('cccc1111-1')$$);
SELECT revision, statements FROM migrate_downgrade('bbbb1111');
SELECT revision FROM migrate.version ORDER BY revision;
-- From several rows -1 is ambiguous: it takes the first in the order of the bytes, with Alembic's warning.
SELECT revision, statements FROM migrate_downgrade('-1');
SELECT revision FROM migrate.version ORDER BY revision;
-- A branch by its label; the base of one line leaves the other.
SELECT revision FROM migrate_downgrade('right_branch@-1');
SELECT revision FROM migrate_upgrade('cccc1111');
SELECT revision FROM migrate_downgrade('library@base');
SELECT revision FROM migrate.version;
SELECT revision FROM migrate_downgrade('aaaa');
SELECT revision FROM migrate.version;
-- What depends on a revision goes with it.
SELECT count(*) FROM migrate_upgrade('heads');
SELECT revision FROM migrate_downgrade('library@base');
SELECT revision FROM migrate.version ORDER BY revision;
SELECT revision FROM migrate_downgrade('base', tag => NULL);
SELECT count(*) AS rows_left FROM migrate.version;
SELECT to_regclass('t') AS t, to_regclass('library') AS library, to_regclass('dependent') AS dependent;

-- Nothing to do.
BEGIN;
SELECT * FROM migrate_downgrade('base');
SELECT pg_current_xact_id_if_assigned() IS NULL AS no_transaction_id;
SELECT locktype, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype NOT IN ('relation', 'virtualxid');
COMMIT;

-- Errors: the target is needed, must be there, below what is applied, and no range.
SELECT failure($$SELECT migrate_downgrade(NULL)$$);
SELECT failure($$SELECT migrate_downgrade('')$$);
SELECT failure($$SELECT migrate_downgrade('zzzz')$$);
SELECT failure($$SELECT migrate_downgrade('-1')$$);
SELECT failure($$SELECT migrate_downgrade('bbbb1111')$$);
SELECT failure($$SELECT migrate_downgrade('cccc1111:base')$$);
SELECT failure($$SELECT migrate_downgrade('aaaa1111-5')$$);
SELECT failure($$SELECT migrate_downgrade('+1')$$);
SELECT failure($$SELECT migrate_downgrade('heads')$$);
SELECT left(failure($$SELECT * FROM migrate_downgrade()$$), 49);

-- down NULL: no way back yet. It is refused before anything runs, also where steps above it could go back.
SELECT migrate_revision('one way', 'CREATE TABLE one_way (x int)', NULL, 'mmmm1111', 'aaaa1111', 'one_way');
SELECT migrate_revision('above', 'CREATE TABLE above (x int)', 'DROP TABLE above', 'nnnn1111', 'mmmm1111');
SET client_min_messages = warning;
SELECT count(*) FROM migrate_upgrade('nnnn1111');
RESET client_min_messages;
SELECT failure($$SELECT migrate_downgrade('base')$$);
SELECT failure($$SELECT migrate_downgrade_sql('base')$$);
SELECT to_regclass('above') IS NOT NULL AS still_there, (SELECT string_agg(revision, ',') FROM migrate.version) AS version;
SELECT step, revision, statement, sql FROM migrate_plan('base', 'downgrade');
SELECT revision FROM migrate_downgrade('mmmm1111');
-- '' is a way back with nothing to do.
SELECT migrate_edit('mmmm1111', down => '');
SELECT revision, statements FROM migrate_downgrade('aaaa1111');
SELECT to_regclass('one_way') IS NOT NULL AS still_there;
DROP TABLE one_way;
-- Where up is NULL or empty, or has no statement, there is nothing to take back: a NULL down runs.
SELECT migrate_revision('nothing up', NULL, NULL, 'oooo1111', 'aaaa1111', 'empty_branch');
SELECT migrate_revision('empty up', '', NULL, 'oooo2222', 'oooo1111');
SELECT migrate_revision('only a comment', '-- nothing', NULL, 'oooo3333', 'oooo2222');
SET client_min_messages = warning;
SELECT count(*) FROM migrate_upgrade('oooo3333');
RESET client_min_messages;
SELECT revision, statements FROM migrate_downgrade('aaaa1111');
SELECT revision FROM migrate.version;

-- A revision that is applied without a script of its own being run: stamped, then taken back.
SELECT * FROM migrate_stamp('bbbb1111');
SELECT failure($$SELECT migrate_downgrade('-1')$$);
ALTER TABLE t ADD l int;
SELECT revision FROM migrate_downgrade('-1');

SET client_min_messages = warning;
SELECT count(*) FROM migrate_downgrade('base');
DROP FUNCTION failure(text);
DROP EXTENSION pg_migrate;

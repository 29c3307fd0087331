-- Looking: current, history and its ranges, heads, branches, show, check_heads; in read-only transactions, and with rows that nobody knows.
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
-- The ids of a range, newest first, or the error.
CREATE FUNCTION range(range text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN coalesce((SELECT string_agg(revision, ' ' ORDER BY n) FROM migrate_history(range)
                     WITH ORDINALITY AS x(revision, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, n)), 'none');
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SET client_min_messages = warning;

-- An empty history.
SELECT count(*) FROM migrate_history();
SELECT count(*) FROM migrate_heads();
SELECT count(*) FROM migrate_branches();
SELECT count(*) FROM migrate_current();
SELECT migrate_check_heads();
SELECT count(*) FROM migrate_history('base:heads');
SELECT count(*) FROM migrate_show('current');
SELECT count(*) FROM migrate_show('heads');
SELECT count(*) FROM migrate_upgrade('heads');
SELECT failure($$SELECT migrate_upgrade()$$);

SELECT count(migrate_revision(message, up, NULL, id, parent, label, depends_on)) AS revisions
FROM (VALUES ('root', 'SELECT 1', 'aaaa1111', 'base', NULL, NULL), ('fork', NULL, 'bbbb1111', 'aaaa1111', NULL, NULL), ('left', NULL, 'cccc1111', 'bbbb1111', 'left_branch', NULL),
             ('right', NULL, 'cccc2222', 'bbbb1111', 'right_branch', NULL), ('left end', NULL, 'dddd1111', 'cccc1111', NULL, NULL), ('joined', NULL, 'eeee1111', 'dddd1111,cccc2222', 'joined_label', NULL),
             ('library', NULL, 'llll1111', 'base', 'library', NULL), ('more of it', NULL, 'llll2222', 'llll1111', NULL, NULL), ('uses it', NULL, 'ffff1111', 'eeee1111', NULL, 'llll2222'),
             ('alone', NULL, 'zzzz1111', 'base', 'alone,lonely', NULL)) r(message, up, id, parent, label, depends_on);
SELECT count(*) FROM migrate_upgrade('dddd1111');
SELECT count(*) FROM migrate_upgrade('cccc2222');

-- All columns.
SELECT revision, down_revision, depends_on, branch_labels, message, is_head AS h, is_branch_point AS b, is_merge_point AS m, is_current AS c, is_applied AS a,
       created_at <= now() AS made, created_by = current_user AS by_me FROM migrate_history();
SELECT revision, branch_labels, is_head, is_current FROM migrate_heads();
SELECT revision, branch_labels, is_head, is_current FROM migrate_heads(true);
SELECT revision FROM migrate_heads(resolve_dependencies => NULL);
SELECT revision, is_branch_point, is_applied FROM migrate_branches();
SELECT revision, message, is_head, applied_at <= clock_timestamp() AS applied, applied_by = current_user AS by_me FROM migrate_current();

-- Ranges of the history. The lower end belongs to it; from the root and to the heads where nothing is said.
SELECT range, range(range)
FROM unnest(ARRAY[NULL, '', ' ', ':', 'base:heads', 'cccc1111:', ':cccc1111', 'bbbb:eeee', 'bbbb1111:cccc2222', 'cccc1111:cccc1111', ':left_branch', ':left_branch@head', 'left_branch:',
    ':heads', ':library@head', 'llll1111:', 'library@base:library@head', 'base:base', ':base',
    'current:', ':current', 'current:current', 'current:heads', 'current:eeee1111', '-1:', '-2:', '-2:heads', '-1:current', '-2:current', '-3:current', '-9:current', ':-1', 'eeee1111-2:eeee1111', 'aaaa1111:+1', 'aaaa1111:+2', 'zzzz:', 'bbbb1111:+1', 'bbbb1111:left_branch@+2', ':eeee1111-1', ':aaaa1111+1']) range;
-- What is no range.
SELECT range, range(range)
FROM unnest(ARRAY['aaaa1111', 'a:b:c', '::', 'bbbb1111:aaaa1111', 'cccc1111:cccc2222', 'cccc2222:dddd1111', 'xyz:', ':xyz', ':head', 'cccc:', 'zzzz1111:eeee1111']) range;
SELECT failure($$SELECT migrate_history('aaaa1111')$$);
SELECT failure($$SELECT migrate_history('cccc1111:cccc2222')$$);

-- show: one revision or several, by any name; current is what is applied.
SELECT revision, message, up, down, length(checksum) AS checksum FROM migrate_show('aaaa1111');
SELECT target, (SELECT string_agg(revision, ' ') FROM migrate_show(target)) AS shown
FROM unnest(ARRAY['aaaa', 'left_branch', 'left_branch@head', 'heads', 'library@heads', 'current', 'bbbb1111,zzzz1111', 'current,aaaa1111', ' aaaa1111 , bbbb1111 ', 'base', 'lonely']) target;
SELECT failure(format('SELECT migrate_show(%L)', target)) FROM unnest(ARRAY['head', 'xyz', 'cccc', '', 'aaaa1111,', 'aaaa1111:bbbb1111']) target;
SELECT failure('SELECT migrate_show(NULL)');

-- check_heads: on all heads or an error; a head that something depends on needs no row of its own.
SELECT failure('SELECT migrate_check_heads()');
SELECT count(*) FROM migrate_upgrade('heads');
SELECT revision FROM migrate.version ORDER BY revision;
SELECT migrate_check_heads();
SELECT count(*) FROM migrate_stamp('zzzz1111', purge => true);
SELECT failure('SELECT migrate_check_heads()');
SELECT count(*) FROM migrate_stamp('base', purge => true);
SELECT failure('SELECT migrate_check_heads()');

-- current shows the tips that rows imply by dependencies; they have no time and no author of their own.
SELECT count(*) FROM migrate_stamp('ffff1111');
SELECT revision, message, is_head, applied_at IS NOT NULL AS has_row, applied_by IS NOT NULL AS has_author FROM migrate_current() ORDER BY revision;
SELECT revision, is_current, is_applied FROM migrate_history() WHERE is_current <> is_applied OR NOT is_applied ORDER BY revision;

-- Rows that name what is not known here are shown, and block no reading.
INSERT INTO migrate.version (schema_name, revision, applied_at, applied_by, run) VALUES (NULL, 'foreign', '2024-02-03 04:05:06+00', 'somebody', 77);
SELECT revision, message, is_head, applied_by = current_user AS by_me FROM migrate_current() WHERE revision IN ('foreign', 'ffff1111') ORDER BY revision;
SELECT applied_by FROM migrate_current() WHERE revision = 'foreign';
SET timezone = 'UTC';
SELECT applied_at = '2024-02-03 04:05:06+00' AS as_written FROM migrate_current() WHERE revision = 'foreign';
SELECT count(*), count(*) FILTER (WHERE is_applied) AS applied FROM migrate_history();
SELECT count(*) FROM migrate_heads();
SELECT count(*) FROM migrate_show('aaaa1111');
SELECT failure('SELECT migrate_check_heads()');
SELECT count(*) > 0 AS drawn FROM migrate_graph();
SELECT count(*) > 0 AS exported FROM migrate_export();
SELECT failure($$SELECT migrate_history('current:')$$);
SELECT failure($$SELECT migrate_show('current')$$);
RESET timezone;
DELETE FROM migrate.version WHERE revision = 'foreign';

-- A parent that is missing blocks no reading either.
SELECT migrate_revision('orphan', revision => 'oooo1111', down_revision => 'nowhere1,zzzz1111', depends_on => 'nothing1');
SELECT revision, down_revision, depends_on, is_merge_point, is_head FROM migrate_history() WHERE revision IN ('oooo1111', 'zzzz1111');
SELECT revision, down_revision FROM migrate_heads() WHERE revision = 'oooo1111';
SELECT revision FROM migrate_show('oooo1111');
SELECT count(*) FROM migrate_graph() line WHERE line ~ 'oooo1111';
SELECT file FROM migrate_export() WHERE file ~ 'oooo';
SELECT failure($$SELECT migrate_history(':oooo1111')$$);
SELECT migrate_remove('oooo1111');

-- Of the line of a schema.
CREATE SCHEMA regress_tenant;
SELECT count(*) FROM migrate_upgrade('cccc2222', schema => 'regress_tenant');
SELECT revision, message FROM migrate_current('regress_tenant');
SELECT revision FROM migrate_history(schema => 'regress_tenant') WHERE is_applied;
SELECT revision FROM migrate_history('current:heads', schema => 'regress_tenant');
SELECT failure($$SELECT migrate_check_heads('regress_tenant')$$);
SELECT failure(command) FROM unnest(ARRAY[$$SELECT migrate_current('regress_nowhere')$$, $$SELECT migrate_history(NULL, 'regress_nowhere')$$, $$SELECT migrate_check_heads('regress_nowhere')$$]) command;
DROP SCHEMA regress_tenant;

-- All of it in a transaction that only reads; no transaction id is used.
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY;
SELECT (SELECT count(*) FROM migrate_current()) > 0 AS current, (SELECT count(*) FROM migrate_history('base:current')) > 0 AS history, (SELECT count(*) FROM migrate_heads(true)) AS heads,
       (SELECT count(*) FROM migrate_branches()) AS branches, (SELECT count(*) FROM migrate_show('current')) AS show, (SELECT count(*) FROM migrate_graph()) > 0 AS graph,
       (SELECT count(*) FROM migrate_export()) AS export, (SELECT count(*) FROM migrate_plan('heads')) AS plan, length(migrate_upgrade_sql('heads')) > 0 AS script;
SELECT pg_current_xact_id_if_assigned() IS NULL AS no_transaction_id;
SELECT locktype, mode FROM pg_locks WHERE pid = pg_backend_pid() AND (mode NOT IN ('AccessShareLock', 'SIReadLock') OR locktype = 'object') AND locktype <> 'virtualxid';
COMMIT;

RESET client_min_messages;
DROP FUNCTION failure(text);
DROP FUNCTION range(text);
DROP EXTENSION pg_migrate;

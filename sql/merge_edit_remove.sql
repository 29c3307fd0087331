-- Merging branches, editing and removing revisions.
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
\pset format unaligned
\pset tuples_only on

SELECT migrate_revision('root', 'CREATE TABLE t (a int)', 'DROP TABLE t', 'aaaa1111', 'base');
SELECT migrate_revision('left', 'ALTER TABLE t ADD l int', 'ALTER TABLE t DROP l', 'bbbb1111', 'aaaa1111', 'left_branch');
SELECT migrate_revision('right', 'ALTER TABLE t ADD r int', 'ALTER TABLE t DROP r', 'bbbb2222', 'aaaa1111', 'right_branch');

-- All heads into one: an empty revision with the heads as parents.
SELECT migrate_merge(revision => 'cccc1111');
-- Again, with the default that would by now mean itself, it changes nothing.
SELECT migrate_merge(revision => 'cccc1111');
SELECT down_revision, message, is_merge_point, is_head, up IS NULL, down IS NULL FROM migrate_show('cccc1111');
SELECT migrate_remove('cccc1111');
-- Named revisions, a message and labels; heads by their labels too. Without an id, a new one.
SELECT migrate_merge('bbbb2222,bbbb1111', 'join', 'joined_a,joined_b', 'cccc1111');
SELECT down_revision, branch_labels, message FROM migrate_show('cccc1111');
-- The same merge again does nothing.
SELECT migrate_merge('bbbb2222,bbbb1111', 'join', 'joined_a,joined_b', 'cccc1111');
SELECT migrate_remove('cccc1111');
SELECT migrate_merge('left_branch@head, right') AS new_id \gset
SELECT :'new_id' ~ '^[0-9a-f]{12}$';
SELECT down_revision, message FROM migrate_show(:'new_id');
-- A merge runs both ways.
SET client_min_messages = warning;
SELECT count(*) FROM migrate_upgrade('head');
SELECT count(*) FROM migrate.version;
SELECT count(*) FROM migrate_downgrade('base');
RESET client_min_messages;
SELECT migrate_remove(:'new_id') = :'new_id';
-- What Alembic refuses: a revision that is no head, one twice, unknown ones; splice allows the first.
SELECT failure($$SELECT migrate_merge('aaaa1111,bbbb1111')$$);
SELECT migrate_merge('aaaa1111,bbbb1111', splice => true) AS new_id \gset
SELECT down_revision FROM migrate_show(:'new_id');
SELECT migrate_remove(:'new_id') = :'new_id';
SELECT failure($$SELECT migrate_merge('bbbb1111,left_branch')$$);
SELECT failure($$SELECT migrate_merge('bbbb1111,zzzz')$$);
SELECT failure($$SELECT migrate_merge('bbbb1111,,bbbb2222')$$);
SELECT failure($$SELECT migrate_merge('head')$$);
SELECT failure($$SELECT migrate_merge('bbbb1111,bbbb2222', 'm', 'left_branch', 'cccc1111')$$);
SELECT failure($$SELECT migrate_merge('bbbb1111,bbbb2222', 'm', revision => 'aaaa1111')$$);

-- Edit: NULL leaves a part as it is, '' empties it.
SELECT migrate_edit('bbbb1111', message => 'left, edited');
SELECT message, up, down FROM migrate_show('bbbb1111');
SELECT migrate_edit('bbbb1111', up => 'ALTER TABLE t ADD l bigint', down => NULL);
SELECT message, up, down FROM migrate_show('bbbb1111');
SELECT migrate_edit('bbbb1111', down => '');
SELECT message, up, down = '' AS down_is_empty FROM migrate_show('bbbb1111');
SELECT migrate_edit('bbbb1111', up => '', message => '');
SELECT message = '' AS no_message, up = '' AS up_is_empty FROM migrate_show('bbbb1111');
SELECT migrate_edit('bbbb1111', 'ALTER TABLE t ADD l int', 'ALTER TABLE t DROP l', 'left');
-- The checksum follows the content: here it is again that of a registration.
SELECT checksum AS edited FROM migrate.revision WHERE revision = 'bbbb1111' \gset
SELECT migrate_revision('left', 'ALTER TABLE t ADD l int', 'ALTER TABLE t DROP l', 'bbbb1111', 'aaaa1111', 'left_branch');
SELECT checksum = :'edited' FROM migrate.revision WHERE revision = 'bbbb1111';
-- Any name of one revision does: a prefix, a label, a relative form; the id comes back.
SELECT migrate_edit('left_branch', message => 'by label'), migrate_edit('aaaa', message => 'by prefix'), migrate_edit('right_branch@head', message => 'by branch');
SELECT revision, message FROM migrate.revision ORDER BY revision;
SELECT failure($$SELECT migrate_edit('bbbb', message => 'x')$$);
SELECT failure($$SELECT migrate_edit('zzzz', message => 'x')$$);
SELECT failure($$SELECT migrate_edit('heads', message => 'x')$$);
SELECT failure($$SELECT migrate_edit('base', message => 'x')$$);
SELECT failure($$SELECT migrate_edit('', message => 'x')$$);
SELECT failure($$SELECT migrate_edit('aaaa1111', up => 'COMMIT')$$);
-- Parents, labels and dependencies stay with an edit.
SELECT down_revision, branch_labels FROM migrate_show('bbbb1111');

-- Of an applied revision the up script stays: what has run has run. Its other parts may change, and the same script again is no change.
SELECT count(*) FROM migrate_upgrade('bbbb1111');
SELECT failure($$SELECT migrate_edit('bbbb1111', up => 'ALTER TABLE t ADD l text')$$);
SELECT failure($$SELECT migrate_edit('aaaa1111', up => '')$$) ~ '^MG007';
SELECT migrate_edit('bbbb1111', up => 'ALTER TABLE t  ADD l int -- the same', message => 'a better message');
SELECT migrate_edit('bbbb1111', down => 'ALTER TABLE t DROP COLUMN IF EXISTS l');
SELECT message, down FROM migrate_show('bbbb1111');
-- What is not applied may change as before.
SELECT migrate_edit('bbbb2222', up => 'ALTER TABLE t ADD r bigint');
-- The new down script is the one that runs.
SELECT revision, statements FROM migrate_downgrade('left_branch-1');

-- Remove: neither what others refer to, by parent or by dependency or by label, nor what is applied, nor what is unknown.
SELECT migrate_revision('dependent', revision => 'dddd1111', down_revision => 'base', depends_on => 'left_branch');
SELECT failure($$SELECT migrate_remove('bbbb1111')$$);
SELECT failure($$SELECT migrate_remove('aaaa1111')$$);
SELECT migrate_remove('dddd1111');
SELECT failure($$SELECT migrate_remove('zzzz')$$);
SELECT failure($$SELECT migrate_remove('heads')$$);
SELECT failure($$SELECT migrate_remove('base')$$);
SELECT count(*) FROM migrate_upgrade('heads');
SELECT failure($$SELECT migrate_remove('bbbb2222')$$);
SELECT count(*) FROM migrate_downgrade('aaaa1111');
SELECT migrate_remove('right_branch');
SELECT migrate_remove('bbbb1');
SELECT failure($$SELECT migrate_remove('aaaa1111')$$);
SELECT revision FROM migrate.revision;
SELECT count(*) AS labels_left FROM migrate.branch_label;
-- Applied in the version line of one schema is applied.
SELECT count(*) FROM migrate_downgrade('base');
CREATE SCHEMA regress_tenant;
SELECT count(*) FROM migrate_upgrade('head', schema => 'regress_tenant');
SELECT failure($$SELECT migrate_remove('aaaa1111')$$);
SELECT failure($$SELECT migrate_edit('aaaa1111', up => 'SELECT 1')$$) ~ '^MG007';
SELECT failure($$SELECT migrate_revision('root', 'SELECT 1', NULL, 'aaaa1111', 'base')$$) ~ '^MG007';
SELECT count(*) FROM migrate_downgrade('base', schema => 'regress_tenant');
SELECT migrate_remove('aaaa1111');
-- A removed id is free again.
SELECT migrate_revision('another', 'SELECT 1', NULL, 'aaaa1111', 'base', 'right_branch');
SELECT message FROM migrate_show('right_branch');

DROP SCHEMA regress_tenant;
\pset tuples_only off
\pset format aligned
DROP FUNCTION failure(text);
DROP EXTENSION pg_migrate;

-- What is said while it happens: every NOTICE and WARNING, its text and its state, and how to do without.
CREATE EXTENSION pg_migrate;
\pset format unaligned
\pset tuples_only on

-- Registering: nothing for what is new or unchanged, a NOTICE for what is replaced or unwrapped.
SELECT migrate_revision('first', 'CREATE TABLE t (a int)', 'DROP TABLE t', 'aaaa1111', 'base', 'trunk');
SELECT migrate_revision('first', 'CREATE TABLE t (a int)', 'DROP TABLE t', 'aaaa1111', 'base', 'trunk');
SELECT migrate_revision('first', 'CREATE TABLE t (a bigint)', 'DROP TABLE t', 'aaaa1111', 'base', 'trunk');
SELECT migrate_revision('second', 'BEGIN; ALTER TABLE t ADD b int; COMMIT', 'BEGIN; ALTER TABLE t DROP b; END', 'bbbb1111', 'trunk');
SELECT migrate_revision('without an id', E'BEGIN;\nSELECT 1;\nCOMMIT;') AS new_id \gset
SELECT migrate_remove(:'new_id') = :'new_id';
SELECT migrate_edit('bbbb1111', up => 'BEGIN; ALTER TABLE t ADD b int; COMMIT');
-- A message is a message: no format, no line of its own for each of its lines.
SELECT migrate_revision('100% %s %d %n \ ''quoted'' "twice" {0}', revision => 'cccc1111', down_revision => 'bbbb1111');
SELECT migrate_revision(E'first line\nsecond line', revision => 'dddd1111', down_revision => 'cccc1111');
SELECT migrate_revision(E'windows line\r\nsecond line', revision => 'eeee1111', down_revision => 'dddd1111');
SELECT migrate_revision('', revision => 'ffff1111', down_revision => 'eeee1111');
SELECT migrate_revision('größer 漢字 🐘', revision => 'gggg1111', down_revision => 'ffff1111');
SELECT migrate_revision('side', revision => 'bbbb2222', down_revision => 'aaaa1111');
SELECT migrate_revision('depends', revision => 'hhhh1111', down_revision => 'gggg1111', depends_on => 'bbbb2222');
SELECT migrate_merge('hhhh1111,bbbb2222', 'merges', revision => 'iiii1111');

-- Running: each step as it starts, with its parents by id even where they are named by a label, and without what it depends on.
SELECT count(*) FROM migrate_upgrade('head');
SELECT count(*) FROM migrate_downgrade('aaaa1111');
-- The messages of the script itself come in between.
SELECT migrate_edit('bbbb1111', $$DO $d$ BEGIN RAISE NOTICE 'from the script'; RAISE WARNING 'a warning'; RAISE INFO 'some information'; END $d$; DROP TABLE IF EXISTS nowhere; ALTER TABLE t ADD b int$$);
SELECT count(*) FROM migrate_upgrade('bbbb1111');
-- Rows that a script selects are nobody's.
SELECT migrate_edit('cccc1111', 'SELECT 1 AS one; VALUES (1), (2); TABLE t; SHOW work_mem; EXPLAIN SELECT 1', 'VALUES (1)');
SELECT revision, statements FROM migrate_upgrade('cccc1111');
-- Several rows and a relative target: Alembic's warning, then the step.
SELECT count(*) FROM migrate_upgrade('bbbb2222');
SELECT count(*) FROM migrate_downgrade('-1');
-- A branch is meant: no warning.
SELECT count(*) FROM migrate_downgrade('bbbb1111@-1');
-- A plan is no run: it says nothing of that kind.
SELECT count(*) FROM migrate_plan('head');
SELECT length(migrate_upgrade_sql('head')) > 0;

-- Stamping.
SELECT count(*) FROM migrate_stamp('base');
SELECT count(*) FROM migrate_stamp('bbbb2222');
SELECT count(*) FROM migrate_stamp('head');
SELECT count(*) FROM migrate_stamp('bbbb1111,bbbb2222', purge => true);
SELECT count(*) FROM migrate_stamp('base');

-- Their state is that of a success or a warning.
DROP TABLE t;
\set VERBOSITY sqlstate
SELECT count(*) FROM migrate_upgrade('aaaa1111');
ALTER TABLE t ADD b int;
SELECT count(*) FROM migrate_stamp('bbbb1111,bbbb2222');
SELECT count(*) FROM migrate_downgrade('-1');
SELECT count(*) FROM migrate_stamp('aaaa1111');
SELECT migrate_revision('replaced', 'SELECT 2', NULL, 'iiii1111', 'hhhh1111');
SELECT migrate_edit('bbbb1111', 'ALTER TABLE t ADD b int', 'ALTER TABLE t DROP b');
\set VERBOSITY default
-- Who does not want to hear it, does not.
SET client_min_messages = warning;
SELECT count(*) FROM migrate_upgrade('bbbb1111');
SET client_min_messages = error;
SELECT count(*) FROM migrate_upgrade('bbbb2222');
SELECT count(*) FROM migrate_downgrade('-1');
RESET client_min_messages;
SELECT count(*) FROM migrate_downgrade('base');

\pset tuples_only off
\pset format aligned
DROP EXTENSION pg_migrate;

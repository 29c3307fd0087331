-- Loading a directory: what is read of it, and what is not.
CREATE EXTENSION pg_migrate;
COPY (SELECT) TO PROGRAM 'cat >/dev/null; rm -rf pg_migrate_load && mkdir -p pg_migrate_load/within pg_migrate_load/.git';
COPY (SELECT $$SELECT migrate_revision('one', revision => 'aaaa1111', down_revision => 'base');$$)
    TO PROGRAM 'cat >pg_migrate_load/one.sql';
COPY (SELECT $$SELECT migrate_revision('two', revision => 'bbbb2222', down_revision => 'aaaa1111');$$)
    TO PROGRAM 'cat >pg_migrate_load/within/two.sql';
-- Not text, and no business of ours.
COPY (SELECT) TO PROGRAM 'cat >/dev/null; head -c 10 /dev/zero >pg_migrate_load/picture.png';
COPY (SELECT) TO PROGRAM 'cat >/dev/null; head -c 10 /dev/zero >pg_migrate_load/.git/hidden.sql';

SELECT * FROM migrate_load_directory('pg_migrate_load');
SELECT * FROM migrate_load_directory('pg_migrate_load', 'pg_migrate');

COPY (SELECT $$SELECT migrate_revision('two, changed', revision => 'bbbb2222', down_revision => 'aaaa1111', up => 'SELECT 1');$$)
    TO PROGRAM 'cat >pg_migrate_load/within/two.sql';
SELECT * FROM migrate_load_directory('pg_migrate_load');
SELECT revision, message, up FROM migrate_show('bbbb2222');

\set VERBOSITY terse
\set ON_ERROR_STOP off
-- What a file may not hold; an error in one file undoes the call.
COPY (SELECT $$SELECT migrate_revision('zero', revision => 'aaaa0000', down_revision => 'base');$$)
    TO PROGRAM 'cat >pg_migrate_load/a_zero.sql';
COPY (SELECT $$DROP TABLE t;$$) TO PROGRAM 'cat >pg_migrate_load/three.sql';
SELECT * FROM migrate_load_directory('pg_migrate_load');
COPY (SELECT $$SELECT migrate_revision('three');$$) TO PROGRAM 'cat >pg_migrate_load/three.sql';
SELECT * FROM migrate_load_directory('pg_migrate_load');
COPY (SELECT $$SELECT migrate_revision('three', revision => 'cc' || md5('x'));$$) TO PROGRAM 'cat >pg_migrate_load/three.sql';
SELECT * FROM migrate_load_directory('pg_migrate_load');
COPY (SELECT $$SELECT migrate_revision('one again', revision => 'aaaa1111');$$) TO PROGRAM 'cat >pg_migrate_load/three.sql';
SELECT * FROM migrate_load_directory('pg_migrate_load');
COPY (SELECT $$SELECT migrate_revision('three', revision => 'cccc3333', down_revision => 'bbbb2222', up => 'nonsense');$$)
    TO PROGRAM 'cat >pg_migrate_load/three.sql';
SELECT * FROM migrate_load_directory('pg_migrate_load');
\set VERBOSITY default
COPY (SELECT $$SELECT migrate_revision(NULL, revision => 'cccc3333', down_revision => 'bbbb2222');$$) TO PROGRAM 'cat >pg_migrate_load/three.sql';
SELECT * FROM migrate_load_directory('pg_migrate_load');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT count(*) FROM migrate_history() WHERE revision = 'aaaa0000';

-- Which format.
SELECT * FROM migrate_load_directory('pg_migrate_load', 'nosuch');
COPY (SELECT) TO PROGRAM 'cat >/dev/null; rm -r pg_migrate_load/*.sql pg_migrate_load/within';
\set VERBOSITY default
SELECT * FROM migrate_load_directory('pg_migrate_load');
SELECT * FROM migrate_load_directory('pg_migrate_load', 'diesel');
\set VERBOSITY terse
COPY (SELECT) TO PROGRAM 'cat >/dev/null; rm -r pg_migrate_load';

-- diesel: what CALL and DO need only the author knows, and this is where he says it.
COPY (SELECT) TO PROGRAM 'cat >/dev/null; mkdir -p pg_migrate_load/2024-01-01-000000_call_it';
COPY (SELECT 'CALL rebuild(); SELECT 1;') TO PROGRAM 'cat >pg_migrate_load/2024-01-01-000000_call_it/up.sql';
COPY (SELECT 'run_in_transaction = false') TO PROGRAM 'cat >pg_migrate_load/2024-01-01-000000_call_it/metadata.toml';
SELECT * FROM migrate_load_directory('pg_migrate_load');
SELECT * FROM migrate_load_directory('pg_migrate_load');
SELECT statement, transactional, sql FROM migrate_plan('20240101000000');
COPY (SELECT) TO PROGRAM 'cat >/dev/null; rm -r pg_migrate_load';

DROP EXTENSION pg_migrate;

-- Statements that are marked as non-transactional, and what a worker says: notices and errors, whole.
CREATE EXTENSION pg_migrate;
CREATE SCHEMA worker_marked;
SET search_path = worker_marked, public;
CREATE TABLE batches (n int, transaction xid8 DEFAULT pg_current_xact_id());
CREATE PROCEDURE fill(batches int) LANGUAGE plpgsql AS $$
BEGIN
    FOR n IN 1..batches LOOP
        INSERT INTO batches VALUES (n);
        RAISE NOTICE 'batch %', n;
        COMMIT;
    END LOOP;
END $$;
SELECT migrate_revision(revision => 'm1', down_revision => 'base', message => 'in batches', up => $$
    CREATE TABLE before_it (i int);
    -- pg_migrate: no-transaction
    CALL fill(3);
    CREATE TABLE behind_it (i int);
$$, down => 'DROP TABLE before_it, behind_it');
SELECT statement, transactional, sql FROM migrate_plan();
SELECT revision, statements FROM migrate_upgrade('m1');
SELECT n, dense_rank() OVER (ORDER BY transaction) AS transaction FROM batches ORDER BY n;

-- It fails in the middle: what it has committed stays, and the next call runs it again.
CREATE PROCEDURE fails() LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO batches VALUES (10);
    COMMIT;
    INSERT INTO batches VALUES (11);
    RAISE EXCEPTION 'out of batches' USING ERRCODE = 'ZZ001', DETAIL = 'a detail', HINT = 'a hint';
END $$;
SELECT migrate_revision(revision => 'm2', down_revision => 'm1', message => 'fails', up => E'-- pg_migrate: no-transaction\nCALL fails()', down => '');
SELECT revision FROM migrate_upgrade('m2');
\echo :LAST_ERROR_SQLSTATE
SELECT n FROM batches WHERE n >= 10;
SELECT revision, done, running FROM migrate.journal;
SELECT state, outcome, sqlstate, error, detail, hint, context FROM migrate.run ORDER BY run DESC LIMIT 1;
SELECT outcome, statement, sqlstate, error FROM migrate.log WHERE revision = 'm2';
CREATE OR REPLACE PROCEDURE fails() LANGUAGE plpgsql AS 'BEGIN INSERT INTO batches VALUES (12); COMMIT; END';
SELECT revision FROM migrate_upgrade('m2');
SELECT n FROM batches WHERE n >= 10;
SELECT count(*) FROM migrate_stamp('base', purge => true);

-- What stands above a statement is to be committed before it.
CREATE TABLE divisor AS SELECT 0 AS d;
SELECT migrate_revision(revision => 'c1', down_revision => 'base', message => 'commits', up => $$
    CREATE TABLE halves (n int, transaction xid8 DEFAULT pg_current_xact_id());
    INSERT INTO halves VALUES (1);
    -- pg_migrate: Commit
    INSERT INTO halves VALUES (2);
    INSERT INTO halves SELECT 3 / d FROM divisor;
$$, down => 'DROP TABLE halves');
SELECT statement, transactional, sql FROM migrate_plan('c1');
SELECT migrate_upgrade_sql('c1');
SELECT revision FROM migrate_upgrade('c1');
\echo :LAST_ERROR_SQLSTATE
SELECT n FROM halves;
SELECT revision, done, running FROM migrate.journal;
UPDATE divisor SET d = 1;
SELECT revision, statements FROM migrate_upgrade('c1');
SELECT n, dense_rank() OVER (ORDER BY transaction) AS transaction FROM halves ORDER BY n;
SELECT count(*) FROM migrate_downgrade('base');
-- In a transaction of the caller it is tried in that one.
BEGIN;
SELECT revision, statements FROM migrate_upgrade('c1');
SELECT count(DISTINCT transaction) FROM halves;
ROLLBACK;
SELECT migrate_remove('c1');
SELECT migrate_revision(revision => 'c2', down_revision => 'base', message => 'nothing follows', up => E'SELECT 1;\n-- pg_migrate: commit\n', down => '');
SELECT migrate_revision(revision => 'c2', down_revision => 'base', message => 'unknown', up => E'-- pg_migrate: rollback\nSELECT 1', down => '');
SELECT migrate_revision(revision => 'c2', down_revision => 'base', message => 'within', up => E'SELECT\n-- pg_migrate: commit\n1', down => '');

-- What statements of scripts say comes to the caller with all it has, in order, from segments and from statements alone.
CREATE FUNCTION speaks(what text) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RAISE NOTICE 'notice %', what USING DETAIL = 'its detail', HINT = 'its hint';
    RAISE WARNING 'warning %', what;
    RAISE INFO 'info %', what;
    RETURN 1;
END $$;
CREATE TABLE t (a int);
INSERT INTO t VALUES (1);
SELECT migrate_revision(revision => 's1', down_revision => 'base', message => 'speaks', up => $$
    SELECT speaks('in a segment');
    CREATE INDEX CONCURRENTLY t_speaks ON t ((worker_marked.speaks('in a concurrent build')));
    DROP TABLE IF EXISTS not_there;
$$, down => '');
SELECT migrate_upgrade('s1') IS NOT NULL AS done;
SET client_min_messages = error;
SELECT count(*) FROM migrate_stamp('base', purge => true);
DROP INDEX t_speaks;
SELECT migrate_upgrade('s1') IS NOT NULL AS done;
RESET client_min_messages;

-- Errors: that of the server with its position, that of a function with its context.
-- (17 builds indexes under a safe search_path: a function outside of ours has its schema in the context everywhere.)
CREATE SCHEMA worker_marked_apart;
CREATE FUNCTION worker_marked_apart.raises() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RAISE 'raised' USING ERRCODE = 'ZZ002', DETAIL = 'its detail', HINT = 'its hint', COLUMN = 'c', TABLE = 't', CONSTRAINT = 'k', SCHEMA = 's', DATATYPE = 'd';
END $$;
SELECT migrate_revision(revision => 's2', down_revision => 's1', message => 'fails', up => E'VACUUM t;\nCREATE INDEX CONCURRENTLY ON t ((worker_marked_apart.raises()));', down => '');
\set SHOW_CONTEXT always
SELECT migrate_upgrade('s2');
\set SHOW_CONTEXT errors
SELECT migrate_edit('s2', up => E'VACUUM t;\nCREATE INDEX CONCURRENTLY ON nothing (a);\nSELECT 1');
SELECT migrate_upgrade('s2');
SELECT migrate_edit('s2', up => E'VACUUM t;\n\nSELECT a,\n    nothing FROM t');
SELECT migrate_upgrade('s2');
SELECT migrate_edit('s2', up => E'VACUUM t;\n-- pg_migrate: no-transaction\nDO $d$ BEGIN PERFORM nothing; END $d$');
SELECT migrate_upgrade('s2');
SELECT migrate_edit('s2', up => 'VACUUM t; SELECT migrate_upgrade(''m1'')');
SELECT migrate_upgrade('s2');
SELECT migrate_edit('s2', up => E'VACUUM t;\n-- pg_migrate: no-transaction\nSELECT migrate_upgrade(''m1'')');
SELECT migrate_upgrade('s2');
\echo :LAST_ERROR_SQLSTATE
SELECT revision, done, running FROM migrate.journal;

-- A statement that is marked cannot get at the rights that the session has beside those of its current role: not for the
-- caller of a function with its owner's rights, and not for one that has taken on a role.
CREATE ROLE worker_marked_boss SUPERUSER;
CREATE ROLE worker_marked_low;
GRANT USAGE, CREATE ON SCHEMA worker_marked TO worker_marked_low;
CREATE TABLE proof (what text, who name DEFAULT current_user, at timestamptz DEFAULT clock_timestamp());
GRANT INSERT ON proof TO PUBLIC;
SELECT count(*) FROM migrate_stamp('base', purge => true);
SELECT migrate_grant('worker_marked_low', 'operator');
SELECT migrate_grant('worker_marked_low', 'author');
SET ROLE worker_marked_low;
SELECT migrate_revision(revision => 'r1', down_revision => 'base', message => 'break out', branch_label => 'rights', up => $u$
    INSERT INTO proof VALUES ('plain');
    -- pg_migrate: no-transaction
    DO $d$ BEGIN
        BEGIN RESET ROLE; EXCEPTION WHEN OTHERS THEN INSERT INTO proof VALUES ('RESET ROLE: ' || SQLSTATE || ' ' || SQLERRM); END;
        BEGIN SET ROLE NONE; EXCEPTION WHEN OTHERS THEN INSERT INTO proof VALUES ('SET ROLE NONE: ' || SQLSTATE); END;
        BEGIN SET ROLE worker_marked_boss; EXCEPTION WHEN OTHERS THEN INSERT INTO proof VALUES ('SET ROLE: ' || SQLSTATE); END;
        BEGIN SET SESSION AUTHORIZATION worker_marked_boss; EXCEPTION WHEN OTHERS THEN INSERT INTO proof VALUES ('SET SESSION AUTHORIZATION: ' || SQLSTATE); END;
        BEGIN RESET SESSION AUTHORIZATION; EXCEPTION WHEN OTHERS THEN INSERT INTO proof VALUES ('RESET SESSION AUTHORIZATION: ' || SQLSTATE); END;
        BEGIN PERFORM set_config('role', 'none', false); EXCEPTION WHEN OTHERS THEN INSERT INTO proof VALUES ('set_config: ' || SQLSTATE); END;
        BEGIN RESET ALL; EXCEPTION WHEN OTHERS THEN INSERT INTO proof VALUES ('RESET ALL: ' || SQLSTATE); END;
        INSERT INTO worker_marked.proof VALUES ('at the end');
    END $d$;
    -- pg_migrate: no-transaction
    DO $d$ BEGIN
        COMMIT;
        BEGIN RESET ROLE; EXCEPTION WHEN OTHERS THEN NULL; END;
        INSERT INTO worker_marked.proof VALUES ('after a COMMIT');
    END $d$;
    DISCARD ALL;
    INSERT INTO worker_marked.proof VALUES ('after DISCARD ALL');
    -- pg_migrate: no-transaction
    DO $d$ BEGIN
        BEGIN RESET ROLE; EXCEPTION WHEN OTHERS THEN NULL; END;
        INSERT INTO worker_marked.proof VALUES ('marked, after DISCARD ALL');
    END $d$;
$u$, down => '');
SET client_min_messages = warning;
SELECT revision FROM migrate_upgrade('rights');
RESET client_min_messages;
SELECT current_user;
RESET ROLE;
SELECT what, who FROM proof ORDER BY at;
SELECT applied_by, session_role = session_user AS session_is_mine FROM migrate.log WHERE revision = 'r1';
-- The same through the function of somebody who has more than the session, and through that of somebody who has less.
CREATE FUNCTION deploy(target text) RETURNS SETOF text LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT
    AS 'SELECT revision FROM migrate_upgrade(target)';
ALTER FUNCTION deploy(text) OWNER TO worker_marked_low;
TRUNCATE proof;
SET client_min_messages = warning;
SELECT count(*) FROM migrate_stamp('base', purge => true);
SELECT deploy('rights');
SELECT what, who FROM proof ORDER BY at;
ALTER FUNCTION deploy(text) OWNER TO worker_marked_boss;
TRUNCATE proof;
SELECT count(*) FROM migrate_stamp('base', purge => true);
SET SESSION AUTHORIZATION worker_marked_low;
SELECT deploy('rights');
SELECT current_user, session_user;
RESET SESSION AUTHORIZATION;
RESET client_min_messages;
SELECT what, who FROM proof ORDER BY at;
SELECT applied_by, session_role FROM migrate.log WHERE revision = 'r1' ORDER BY finished_at DESC LIMIT 1;
-- A role as a statement of the script, for what is marked behind it: if the caller may take it on.
GRANT worker_marked_low TO worker_marked_boss;
SELECT migrate_revision(revision => 'r2', down_revision => 'base', message => 'a role', branch_label => 'role', up => $u$
    SET ROLE worker_marked_low;
    -- pg_migrate: no-transaction
    DO $d$ BEGIN INSERT INTO proof VALUES ('marked, behind SET ROLE'); END $d$;
    INSERT INTO proof VALUES ('behind it');
    RESET ROLE;
    VACUUM proof;
    INSERT INTO proof SELECT 'behind RESET ROLE', nullif(current_user, session_user);
$u$, down => '');
TRUNCATE proof;
SELECT revision FROM migrate_upgrade('role');
SELECT what, who FROM proof ORDER BY at;
SET ROLE worker_marked_low;
SELECT migrate_revision(revision => 'r3', down_revision => 'base', message => 'a role too many', branch_label => 'boss', up => 'VACUUM t; SET ROLE worker_marked_boss; VACUUM t', down => '');
SET client_min_messages = error;
SELECT revision FROM migrate_upgrade('boss');
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
RESET client_min_messages;
-- Later transactions are read-only by default: those in which the run is written down are not.
SELECT migrate_resolve('r3', 'discard');
SELECT migrate_revision(revision => 'r4', down_revision => 'base', message => 'read only', branch_label => 'read_only', up => $u$
    -- pg_migrate: no-transaction
    SET default_transaction_read_only = on;
$u$, down => '');
SELECT revision FROM migrate_upgrade('read_only');
SELECT count(*) FROM migrate.journal;

SET client_min_messages = warning;
DROP SCHEMA worker_marked, worker_marked_apart CASCADE;
RESET search_path;
DROP EXTENSION pg_migrate;
DROP OWNED BY worker_marked_low, worker_marked_boss;
DROP ROLE worker_marked_low, worker_marked_boss;

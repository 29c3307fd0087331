-- Runs in all the transactions there are, and scripts that call pg_migrate back.
CREATE EXTENSION pg_migrate;
CREATE FUNCTION outcome(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
    RETURN state || ' ' || message;
END $$;
CREATE VIEW state AS
    SELECT (SELECT string_agg(revision, ' ' ORDER BY revision) FROM migrate.version) AS version,
           (SELECT count(*) FROM migrate.log WHERE outcome = 'done') AS log, (SELECT count(*) FROM migrate.log WHERE outcome = 'failed') AS failed, (SELECT count(*) FROM migrate.run) AS run,
           (SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relname ~ '^dt[0-9]' AND relkind = 'r') AS tables;
SELECT migrate_revision(revision => 't1', down_revision => 'base', message => 'one', up => 'CREATE TABLE dt1 (i int)', down => 'DROP TABLE dt1');
SELECT migrate_revision(revision => 't2', down_revision => 't1', message => 'two', up => 'CREATE TABLE dt2 (i int)', down => 'DROP TABLE dt2');

-- A rollback leaves nothing.
BEGIN;
SELECT revision FROM migrate_upgrade();
SELECT * FROM state;
ROLLBACK;
SELECT * FROM state;
-- A savepoint neither; what came before stays.
BEGIN;
SELECT revision FROM migrate_upgrade('t1');
SAVEPOINT s;
SELECT revision FROM migrate_upgrade('t2');
ROLLBACK TO s;
SELECT * FROM state;
SELECT revision FROM migrate_upgrade('+1');
RELEASE s;
COMMIT;
SELECT * FROM state;
SELECT revision FROM migrate_downgrade('base');
SELECT * FROM state;

-- The levels above READ COMMITTED.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT revision FROM migrate_upgrade('t1');
SELECT revision FROM migrate_upgrade('t2');
SELECT revision FROM migrate_current();
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT revision FROM migrate_downgrade('-1');
SELECT revision FROM migrate_downgrade('base');
SELECT migrate_revision(revision => 't3', down_revision => 't2', message => 'three', up => 'CREATE TABLE dt3 (i int)', down => 'DROP TABLE dt3');
SELECT revision FROM migrate_upgrade();
COMMIT;
SELECT * FROM state;
SELECT count(*) FROM migrate_downgrade('base');

-- An exception handler: all of the failed call is undone, and a retry in the same transaction works.
SELECT migrate_revision(revision => 't4', down_revision => 't3', message => 'needs a table', up => 'INSERT INTO needed VALUES (1)');
BEGIN;
DO $$
BEGIN
    FOR attempt IN 1 .. 3 LOOP
        BEGIN
            PERFORM migrate_upgrade();
            RAISE NOTICE 'attempt % did it', attempt;
            EXIT;
        EXCEPTION WHEN undefined_table THEN
            RAISE NOTICE 'attempt %: %', attempt, SQLERRM;
            RAISE NOTICE '%', (SELECT s FROM state AS s);
            IF attempt = 2 THEN
                CREATE TABLE needed (i int);
            END IF;
        END;
    END LOOP;
END $$;
SELECT * FROM state;
COMMIT;
SELECT * FROM state;

-- Read-only: what has nothing to do works, everything else says why not.
BEGIN READ ONLY;
SELECT count(*) FROM migrate_upgrade();
SELECT revision FROM migrate_current();
SELECT count(*) FROM migrate_plan('base', 'downgrade');
SELECT migrate_check_heads();
SELECT migrate_revision(revision => 't4', down_revision => 't3', message => 'needs a table', up => 'INSERT INTO needed VALUES (1)');
SELECT outcome($$SELECT migrate_downgrade('-1')$$);
SELECT outcome($$SELECT migrate_stamp('t3')$$);
SELECT outcome($$SELECT migrate_revision('new', revision => 't5')$$);
SELECT outcome($$SELECT migrate_revision('new')$$);
SELECT outcome($$SELECT migrate_merge('t3,t4')$$);
SELECT outcome($$SELECT migrate_edit('t4', message => 'other')$$);
SELECT outcome($$SELECT migrate_remove('t4')$$);
SELECT outcome($$SELECT migrate_record('t4', 'downgrade')$$);
SELECT outcome($$SELECT migrate_grant('nobody', 'viewer')$$);
COMMIT;
-- Nothing to do takes no transaction id.
BEGIN;
SELECT count(*) FROM migrate_upgrade();
SELECT count(*) FROM migrate_stamp('t4');
SELECT pg_current_xact_id_if_assigned() IS NULL AS without_xid, count(*) AS locks
    FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'object';
COMMIT;

-- Scripts that call what runs and writes; what looks is allowed.
CREATE TABLE said (number int GENERATED ALWAYS AS IDENTITY, what text);
CREATE FUNCTION by_function() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN PERFORM migrate_downgrade(''base''); END';
CREATE FUNCTION by_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM migrate_stamp(''base''); RETURN NEW; END';
CREATE TABLE with_trigger (i int);
CREATE TRIGGER t BEFORE INSERT ON with_trigger FOR EACH ROW EXECUTE FUNCTION by_trigger();
CREATE VIEW by_view AS SELECT * FROM migrate_upgrade();
SELECT migrate_revision(revision => 'c1', down_revision => 't4', message => 'calls back', down => '', up => $$
    INSERT INTO said (what)
        SELECT outcome(call) FROM (VALUES
            (1, 'SELECT migrate_upgrade()'), (2, 'SELECT migrate_upgrade(''t4'')'), (3, 'SELECT migrate_upgrade(''c1'')'),
            (4, 'SELECT migrate_downgrade(''base'')'), (5, 'SELECT migrate_stamp(''base'')'),
            (6, 'SELECT migrate_revision(''new'')'), (7, 'SELECT migrate_revision(''new'', revision => ''n1'')'),
            (8, 'SELECT migrate_edit(''c1'', up => '''')'), (9, 'SELECT migrate_remove(''c2'')'),
            (10, 'SELECT migrate_record(''c1'', ''upgrade'')'), (11, 'SELECT migrate_merge()'),
            (12, 'SELECT migrate_grant(''pg_monitor'', ''viewer'')'), (13, 'SELECT migrate_revoke(''pg_monitor'', ''viewer'')'),
            (14, 'SELECT by_function()'), (15, 'INSERT INTO with_trigger VALUES (1)'), (16, 'SELECT * FROM by_view'),
            (17, 'DO ''BEGIN PERFORM migrate_upgrade(''''c2''''); END'''),
            (18, 'CREATE TABLE of_query AS SELECT * FROM migrate_upgrade(''c2'')'),
            (19, 'SELECT migrate_current()'), (20, 'SELECT migrate_plan(''c2'')'), (21, 'SELECT migrate_show(''c1'')'),
            (22, 'SELECT migrate_history()')
        ) AS calls (number, call) ORDER BY number;
$$);
SELECT migrate_revision(revision => 'c2', down_revision => 'c1', message => 'calls back and fails',
                        up => 'CREATE TABLE dt9 (i int); SELECT by_function(); SELECT 1');
SELECT revision FROM migrate_upgrade('c1');
SELECT * FROM said ORDER BY number;
SELECT migrate_upgrade('c2');
\echo :SQLSTATE
SELECT * FROM state;
-- The mark goes with the failed run: the next call is not taken for one of a script.
SELECT revision FROM migrate_downgrade('t4');
SELECT migrate_remove('c2'), migrate_remove('c1');

-- Deferred constraints fail at commit, and everything goes.
CREATE TABLE parent (i int PRIMARY KEY);
CREATE TABLE child (i int REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
SELECT migrate_revision(revision => 'd1', down_revision => 't4', message => 'orphan', up => 'CREATE TABLE dt5 (i int); INSERT INTO child VALUES (1)');
SELECT revision FROM migrate_upgrade('d1');
\echo :SQLSTATE
SELECT * FROM state;
SELECT migrate_revision(revision => 'd2', down_revision => 'd1', message => 'its parent', up => 'INSERT INTO parent VALUES (1)');
SELECT revision FROM migrate_upgrade('d2');
SELECT migrate_revision(revision => 'd3', down_revision => 'd2', message => 'checked at once',
                        up => 'SET CONSTRAINTS ALL IMMEDIATE; INSERT INTO child VALUES (2)');
SELECT revision FROM migrate_upgrade('d3');
\echo :SQLSTATE
SELECT * FROM state;

-- statement_timeout stops a script.
SELECT migrate_revision(revision => 'e1', down_revision => 'd2', message => 'slow', up => 'CREATE TABLE dt6 (i int); SELECT pg_sleep(60)');
SET statement_timeout = '1s';
SELECT migrate_upgrade('e1');
\echo :SQLSTATE
RESET statement_timeout;
SELECT * FROM state;

-- What lives longer than a statement: prepared statements, cursors, temporary tables, notifications, sequences.
SELECT migrate_revision(revision => 'f1', down_revision => 'd2', message => 'session state', up => $$
    PREPARE p AS SELECT 1;
    EXECUTE p;
    DECLARE c CURSOR FOR SELECT generate_series(1, 10);
    FETCH 3 FROM c;
    MOVE 2 IN c;
    CLOSE c;
    DEALLOCATE p;
    CREATE TEMPORARY TABLE scratch (i int) ON COMMIT DROP;
    INSERT INTO scratch SELECT generate_series(1, 10);
    CREATE TEMPORARY TABLE kept AS SELECT count(*) FROM scratch;
    LISTEN danger;
    NOTIFY danger, 'from a script';
    UNLISTEN danger; -- else the pid of this session would be shown
    SELECT setval('dt_sequence', 41), nextval('dt_sequence');
    EXPLAIN (COSTS OFF) SELECT 1;
    SHOW work_mem;
    VALUES (1), (2);
    TABLE scratch;
    LOAD 'plpgsql';
$$);
CREATE SEQUENCE dt_sequence;
SELECT revision, statements FROM migrate_upgrade('f1');
SELECT * FROM kept;
SELECT to_regclass('pg_temp.scratch'), currval('dt_sequence');
SELECT count(*) FROM pg_prepared_statements;
-- A later revision of the same run sees the temporary table of an earlier one, as it would in any transaction.
SELECT migrate_revision(revision => 'f2', down_revision => 'f1', message => 'a cursor left open', up => $$
    PREPARE left_over AS SELECT 2;
    DECLARE c CURSOR FOR SELECT generate_series(1, 10);
    DECLARE held CURSOR WITH HOLD FOR SELECT generate_series(1, 10);
    CREATE TEMPORARY TABLE of_f2 (i int);
$$);
SELECT migrate_revision(revision => 'f3', down_revision => 'f2', message => 'uses what the other left', up => $$
    EXECUTE left_over;
    FETCH 1 FROM c;
    INSERT INTO of_f2 VALUES (1);
$$);
SELECT revision FROM migrate_upgrade('f3');
FETCH 2 FROM held;
CLOSE held;
SELECT name FROM pg_prepared_statements;

-- COPY with files and programs of the server, for who may.
SELECT migrate_revision(revision => 'g1', down_revision => 'f3', message => 'copy', up => $$
    CREATE TABLE dt7 (line text);
    COPY dt7 FROM PROGRAM 'echo one; echo two';
    COPY dt7 TO PROGRAM 'cat > /dev/null';
    COPY (SELECT 1) TO '/dev/null';
$$);
SELECT revision, statements FROM migrate_upgrade('g1');
SELECT * FROM dt7;
SELECT outcome($$SELECT migrate_revision('stdin', revision => 'g2', up => 'COPY dt7 FROM STDIN')$$);

-- A procedure that commits.
CREATE PROCEDURE commits() LANGUAGE plpgsql AS 'BEGIN INSERT INTO dt7 VALUES (''three''); COMMIT; END';
CREATE PROCEDURE commits_not() LANGUAGE plpgsql AS 'BEGIN INSERT INTO dt7 VALUES (''three''); END';
SELECT migrate_revision(revision => 'h1', down_revision => 'g1', message => 'procedure', up => 'CALL commits_not(); CALL commits()');
SELECT migrate_upgrade('h1');
\echo :SQLSTATE
SELECT * FROM state;
SELECT migrate_edit('h1', up => 'CALL commits_not()');
SELECT revision FROM migrate_upgrade('h1');

-- A value added to an enumeration can be used after the commit only; one of a new type at once.
CREATE TYPE mood AS ENUM ('sad');
SELECT migrate_revision(revision => 'i1', down_revision => 'h1', message => 'happy', up => 'ALTER TYPE mood ADD VALUE ''happy''');
SELECT migrate_revision(revision => 'i2', down_revision => 'i1', message => 'use it', up => 'CREATE TABLE dt8 AS SELECT ''happy''::mood AS mood');
BEGIN;
SELECT migrate_upgrade('i2');
\echo :SQLSTATE
ROLLBACK;
SELECT * FROM state;
-- Outside of a transaction block a transaction ends behind ALTER TYPE.
SELECT revision, statements FROM migrate_upgrade('i2');
SELECT * FROM state;
SELECT * FROM dt8;

-- Calls in odd places of a query: once, whatever the query takes of the result.
SELECT count(*) FROM migrate_stamp('base', purge => true);
SELECT migrate_revision(revision => 'j1', down_revision => 'base', message => 'j', up => 'CREATE TABLE dj1 (i int)', down => 'DROP TABLE dj1');
SELECT migrate_revision(revision => 'j2', down_revision => 'j1', message => 'j', up => 'CREATE TABLE dj2 (i int)', down => 'DROP TABLE dj2');
SELECT revision FROM migrate_upgrade('j2') LIMIT 1;
SELECT revision FROM migrate.version ORDER BY 1;
SELECT 1 WHERE EXISTS (SELECT FROM migrate_downgrade('j1@base'));
SELECT outcome('SELECT migrate_upgrade(''j2'') UNION ALL SELECT migrate_downgrade(''j1'')');

SELECT count(*) FROM migrate_downgrade('base') WHERE false;
SELECT * FROM state;
SELECT count(*) FROM migrate_downgrade('base');
SELECT version FROM state;

DROP VIEW state, by_view;
DROP EXTENSION pg_migrate;
DROP TABLE dt1, dt2, dt3, dt5, dt7, dt8, needed, said, with_trigger, child, parent, kept, of_f2;
DROP TYPE mood;
DROP SEQUENCE dt_sequence;
DROP PROCEDURE commits, commits_not;
DROP FUNCTION outcome, by_function, by_trigger;
DEALLOCATE ALL;

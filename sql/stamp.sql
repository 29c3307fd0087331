-- Stamping: the rows written for every constellation, purge, several targets, errors, version lines of schemas.
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
-- The rows before, what stamp says it has done, and the rows after.
CREATE FUNCTION stamped(rows_before text, target text, purge boolean DEFAULT false, OUT changes text, OUT rows_after text)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migrate_stamp(nullif(rows_before, ''), purge => true);
    SELECT coalesce(string_agg(action || ' ' || revision, ', ' ORDER BY n), 'nothing') INTO changes
    FROM migrate_stamp(nullif(target, ''), purge) WITH ORDINALITY AS x(revision, action, n);
    SELECT coalesce(string_agg(revision, ',' ORDER BY revision), 'none') INTO rows_after FROM migrate.version;
EXCEPTION WHEN OTHERS THEN
    rows_after := SQLSTATE || ' ' || SQLERRM;
END $$;
-- Every script fails, and would say so: stamping runs nothing.
SELECT count(migrate_revision(id, 'SELECT 1/0', 'SELECT 1/0', id, parent, label, depends_on)) AS revisions
FROM (VALUES ('aaaa', 'base', NULL, NULL), ('bbb1', 'aaaa', 'one', NULL), ('bbb2', 'aaaa', 'two', NULL), ('ccc1', 'bbb1', NULL, NULL), ('ccc2', 'bbb2', NULL, NULL),
             ('mmmm', 'ccc1,ccc2', 'merged', NULL), ('nnnn', 'mmmm', NULL, NULL),
             ('xxx1', 'base', 'ext', NULL), ('xxx2', 'xxx1', NULL, NULL), ('yyy1', 'base', 'uses', 'xxx2')) g(id, parent, label, depends_on);

-- One row, and what is done to it.
SELECT target, action, revision FROM (SELECT 'bbb1' AS target) t, migrate_stamp('bbb1');
SELECT schema_name, revision, applied_by = current_user AS by_me FROM migrate.version;
SELECT revision, direction, outcome, statement, note FROM migrate.log;
SELECT operation, target, schema_name, state, outcome FROM migrate.run;
SELECT action, revision FROM migrate_stamp('ccc1');
SELECT action, revision FROM migrate_stamp('ccc1');
SELECT action, revision FROM migrate_stamp('aaaa');
SELECT action, revision FROM migrate_stamp('base');
SELECT revision, direction, outcome, note FROM migrate.log ORDER BY run;
SELECT operation, target, outcome FROM migrate.run ORDER BY run;

SET client_min_messages = warning;
-- Up, down, onto another branch, out of a merge and into it, to base, on one branch only.
SELECT rows_before, target, s.*
FROM (VALUES ('', 'aaaa'), ('aaaa', 'ccc1'), ('ccc1', 'aaaa'), ('bbb1', 'bbb2'), ('ccc1,ccc2', 'mmmm'), ('ccc1,ccc2', 'nnnn'), ('mmmm', 'ccc1'), ('mmmm', 'bbb1'),
             ('nnnn', 'aaaa'), ('bbb1,ccc2', 'aaaa'), ('bbb1,ccc2', 'bbb2'), ('bbb1,ccc2', 'ccc1'), ('ccc1,ccc2', 'base'), ('ccc1,ccc2', 'one@base'),
             ('ccc1,ccc2,xxx1', 'base'), ('ccc1,xxx1', 'ext@base'), ('ccc1,xxx1', 'aaaa@base'), ('xxx2', 'yyy1'), ('yyy1', 'xxx2'), ('yyy1', 'xxx1'), ('ccc1,xxx2', 'yyy1'),
             ('yyy1,ccc1', 'uses@base'), ('ccc1', 'xxx1')) c(rows_before, target), stamped(rows_before, target) s;
-- Symbols: heads, a branch's head, labels, prefixes; head where there are several; relative forms only while there is no row.
SELECT rows_before, target, s.*
FROM (VALUES ('', 'heads'), ('aaaa', 'heads'), ('nnnn', 'heads'), ('', 'one@head'), ('bbb2', 'one@head'), ('', 'one'), ('', 'mm'), ('', 'head'), ('', ''), ('ccc1', ''), ('ccc1', ' '),
             ('', 'zzzz'), ('', 'bbb'), ('', 'aaaa:bbb1'), ('', '+1'), ('', 'uses@-1'), ('yyy1', 'uses@-1')) c(rows_before, target), stamped(rows_before, target) s;
-- Several targets: independent ones, in the order given, one twice, out of a merge; one above the other is refused.
SELECT rows_before, target, s.*
FROM (VALUES ('', 'bbb1,bbb2'), ('', 'bbb2 , bbb1'), ('aaaa', 'bbb1,bbb2'), ('bbb1', 'ccc1,ccc2'), ('mmmm', 'ccc1,ccc2'), ('nnnn', 'bbb1,ccc2'), ('bbb1,bbb2', 'bbb1,bbb2'),
             ('bbb1,bbb2', 'ccc1,bbb2'), ('bbb1,xxx1', 'ccc1,xxx2'), ('', 'bbb1,bbb1'), ('', 'bbb1,one'), ('', 'bbb1,aaaa'), ('', 'xxx2,yyy1'), ('', 'bbb1,,bbb2'), ('', 'bbb1,'),
             ('ccc1,ccc2', 'one@base,two@base')) c(rows_before, target), stamped(rows_before, target) s;
-- With purge all rows of the line go first.
SELECT rows_before, target, s.*
FROM (VALUES ('', 'bbb1'), ('aaaa', 'ccc1'), ('ccc1,xxx1', 'bbb2'), ('ccc1,xxx1', 'base'), ('bbb1', 'bbb1'), ('ccc1,ccc2', 'bbb1,xxx2'), ('', 'base'), ('ccc1', 'zzzz')) c(rows_before, target),
     stamped(rows_before, target, true) s;

-- A row that names a revision unknown here: only purge gets rid of it, and the error says who put it there and when.
SELECT count(*) FROM migrate_stamp('bbb1', purge => true);
INSERT INTO migrate.version (schema_name, revision, applied_at, applied_by, run) VALUES (NULL, 'unknown', '2024-02-03 04:05:06+00', 'somebody', 77);
SET timezone = 'UTC';
SELECT failure($$SELECT migrate_stamp('ccc1')$$);
SELECT failure($$SELECT migrate_upgrade('ccc1')$$);
SELECT failure($$SELECT migrate_downgrade('base')$$);
SELECT failure($$SELECT migrate_plan('ccc1')$$);
RESET timezone;
SELECT failure($$SELECT migrate_stamp('base')$$) ~ '^MG001' AS refused;
SELECT action, revision FROM migrate_stamp('ccc1', purge => true);
SELECT revision FROM migrate.version;
SELECT revision, note FROM migrate.log WHERE run = (SELECT max(run) FROM migrate.log) ORDER BY ctid;

-- What a deployment has left empty is not base.
SELECT failure($$SELECT migrate_stamp('')$$), failure($$SELECT migrate_stamp(' ', purge => true)$$);
SELECT count(*) FROM migrate.version;
-- NULLs: the target is base then, as Alembic has it; purge is off.
SELECT failure($$SELECT migrate_stamp(NULL, NULL, NULL)$$);
SELECT count(*) FROM migrate.version;

-- A line of its own for each schema.
CREATE SCHEMA regress_a;
CREATE SCHEMA "Regress B";
SELECT action, revision FROM migrate_stamp('aaaa');
SELECT action, revision FROM migrate_stamp('bbb1', schema => 'regress_a');
SELECT action, revision FROM migrate_stamp('heads', schema => 'Regress B');
SELECT schema_name, revision FROM migrate.version ORDER BY schema_name NULLS FIRST, revision;
SELECT action, revision FROM migrate_stamp('ccc1', purge => true, schema => 'regress_a');
SELECT action, revision FROM migrate_stamp('base', schema => 'Regress B');
SELECT schema_name, revision FROM migrate.version ORDER BY schema_name NULLS FIRST, revision;
SELECT schema_name, revision, note FROM migrate.log WHERE schema_name IS NOT NULL ORDER BY run, ctid;
SELECT failure($$SELECT migrate_stamp('aaaa', schema => 'regress_nowhere')$$);
SELECT failure($$SELECT migrate_stamp('base', purge => true, schema => 'regress_nowhere')$$);

-- A stamp is undone with its transaction; a read-only one allows none.
BEGIN;
SELECT action, revision FROM migrate_stamp('ccc2', purge => true);
ROLLBACK;
SELECT revision FROM migrate.version WHERE schema_name IS NULL;
BEGIN READ ONLY;
SELECT * FROM migrate_stamp('aaaa');
SELECT * FROM migrate_stamp('bbb1');
ROLLBACK;
RESET client_min_messages;
-- It is announced like a run.
SELECT action, revision FROM migrate_stamp('bbb1,bbb2');
SELECT action, revision FROM migrate_stamp('mmmm');

SET client_min_messages = warning;
DROP SCHEMA regress_a, "Regress B";
DROP FUNCTION failure(text);
DROP FUNCTION stamped(text, text, boolean);
DROP EXTENSION pg_migrate;

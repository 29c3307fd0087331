-- The plan: a row for each statement of each step.
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
SELECT count(migrate_revision(message, up, down, id, parent)) AS revisions
FROM (VALUES
    ('three statements', $$CREATE TABLE t (a int); -- the table
        INSERT INTO t VALUES (1); /* a row */
        COMMENT ON TABLE t IS 'a;b -- c';$$, 'DROP TABLE t', 'aaaa', 'base'),
    ('no up', NULL, NULL, 'bbbb', 'aaaa'),
    ('empty', '', '', 'cccc', 'bbbb'),
    ('a comment', '-- only', '/* only */', 'dddd', 'cccc'),
    ('mixed', 'ALTER TABLE t ADD b int; CREATE INDEX CONCURRENTLY t_b ON t (b); ANALYZE t', 'DROP INDEX CONCURRENTLY t_b; ALTER TABLE t DROP b', 'eeee', 'dddd'),
    (E'no way back:\ntwo lines', 'CREATE TABLE u (a int)', NULL, 'ffff', 'eeee'),
    ('directive', E'-- pg_migrate: no-transaction\nCALL p();\nSELECT 1', 'SELECT 2 -- not a ; in sight', 'gggg', 'ffff'),
    ('bodies', $$CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT 1; SELECT ''x;y''';
        CREATE FUNCTION g() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;
        CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)$$, 'DROP RULE r ON t; DROP FUNCTION f, g', 'hhhh', 'gggg')) r(message, up, down, id, parent);
SELECT * FROM migrate_plan();
SELECT * FROM migrate_plan('bbbb');
-- No text ends in a semicolon or within a comment that a semicolon behind it would fall into.
SELECT count(*) FILTER (WHERE sql ~ ';\s*$') AS with_semicolon, count(*) FILTER (WHERE sql ~ '--[^\n]*$' AND revision <> 'aaaa') AS with_comment FROM migrate_plan();

-- Downwards: what is missing is shown, and that is all; nothing is refused here.
SELECT count(*) FROM migrate_stamp('head');
SELECT * FROM migrate_plan('base', 'downgrade');
SELECT * FROM migrate_plan(target => 'gggg', direction => 'downgrade');
SELECT step, revision, statement FROM migrate_plan('-2', 'downgrade');
-- What is applied is not planned; nothing to do is no row.
SELECT * FROM migrate_plan();
SELECT * FROM migrate_plan('heads');
SELECT * FROM migrate_plan('head', 'downgrade');
-- A line of a schema.
CREATE SCHEMA regress_tenant;
SELECT count(DISTINCT revision), count(*) FROM migrate_plan(schema => 'regress_tenant');
SELECT * FROM migrate_plan('base', 'downgrade', 'regress_tenant');
SELECT count(*) FROM migrate_stamp('cccc', schema => 'regress_tenant');
SELECT DISTINCT step, revision FROM migrate_plan('eeee', schema => 'regress_tenant') ORDER BY step;

-- Errors.
SELECT failure($$SELECT migrate_plan(NULL)$$);
SELECT failure($$SELECT migrate_plan('head', NULL)$$);
SELECT failure($$SELECT migrate_plan('head', 'sideways')$$);
SELECT failure($$SELECT migrate_plan('head', 'UPGRADE')$$);
SELECT failure($$SELECT migrate_plan('head', schema => 'regress_nowhere')$$);
SELECT failure($$SELECT migrate_plan('zzzz')$$);
SELECT failure($$SELECT migrate_plan('aaaa:bbbb')$$);
SELECT failure($$SELECT migrate_plan('-9', 'downgrade')$$);

-- A plan writes nothing and locks nothing, and can be made where nothing can be written.
BEGIN READ ONLY;
SELECT count(*) FROM migrate_plan('base', 'downgrade');
SELECT pg_current_xact_id_if_assigned() IS NULL AS no_transaction_id;
SELECT locktype, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype NOT IN ('relation', 'virtualxid');
COMMIT;
-- It is cut off by a LIMIT without harm, and joins like a table.
SELECT step, revision FROM migrate_plan('base', 'downgrade') LIMIT 1;
SELECT p.revision, r.message FROM migrate_plan('base', 'downgrade') p JOIN migrate.revision r USING (revision) WHERE NOT p.transactional;

DROP SCHEMA regress_tenant;
DROP FUNCTION failure(text);
DROP EXTENSION pg_migrate;

-- schema => ...: a version line of its own per schema, which is first in the search_path while the scripts run.
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
CREATE SCHEMA regress_shared;
CREATE TABLE regress_shared.lookup (x int);
CREATE SCHEMA regress_one;
CREATE SCHEMA "Weird Schema";
CREATE SCHEMA "quo""ted, 'schema'\";
SET search_path = regress_shared, public;
CREATE VIEW public.line AS SELECT schema_name, string_agg(revision, ',' ORDER BY revision) AS version FROM migrate.version GROUP BY schema_name ORDER BY schema_name COLLATE "C" NULLS FIRST;
CREATE VIEW public.made AS SELECT table_schema::text COLLATE "C" AS schema, string_agg(table_name || '.' || column_name, ' ' ORDER BY table_name, ordinal_position) AS columns
    FROM information_schema.columns WHERE table_schema IN ('regress_shared', 'regress_one', 'Weird Schema', 'quo"ted, ''schema''\') GROUP BY table_schema ORDER BY 1;

SELECT migrate_revision('make t', 'CREATE TABLE t (a int); CREATE TABLE seen AS SELECT current_schema() AS schema, current_setting(''search_path'') AS path', 'DROP TABLE seen; DROP TABLE t', 'aaaa1111', 'base');
SELECT migrate_revision('use t and what is shared', 'ALTER TABLE t ADD b int; INSERT INTO t SELECT x, x FROM lookup', 'ALTER TABLE t DROP b', 'bbbb1111', 'aaaa1111');
SELECT migrate_revision('set a path', 'SET search_path = regress_shared; CREATE TABLE IF NOT EXISTS lookup (x int)', '', 'cccc1111', 'bbbb1111');
SELECT migrate_revision('after the path', 'CREATE TABLE after_path (a int)', 'DROP TABLE after_path', 'dddd1111', 'cccc1111');

-- One schema: its objects are in it, its line alone moves.
SELECT revision, direction, message, statements FROM migrate_upgrade('bbbb1111', schema => 'regress_one');
TABLE line;
TABLE made;
SELECT schema, path FROM regress_one.seen;
SELECT revision, schema_name, direction, outcome FROM migrate.log ORDER BY run, revision;
SELECT operation, target, schema_name, outcome FROM migrate.run;
-- The caller's search_path is as it was.
SHOW search_path;
-- A name that needs quotes, and one that needs more of them.
SELECT revision FROM migrate_upgrade('aaaa1111', schema => 'Weird Schema');
SELECT schema, path FROM "Weird Schema".seen;
SELECT revision FROM migrate_upgrade('head', 'a tag', 'quo"ted, ''schema''\');
SELECT schema, path FROM "quo""ted, 'schema'\".seen;
TABLE line;
TABLE made;
SHOW search_path;
-- What a script sets is not there for the next one: it has the schema first again.
SELECT table_schema FROM information_schema.tables WHERE table_name = 'after_path';
-- The default line is not touched by any of it, nor they by it.
SELECT revision FROM migrate_current();
SELECT revision FROM migrate_upgrade('aaaa1111');
TABLE line;
SELECT revision FROM migrate_downgrade('base');
TABLE line;
-- Each line moves on by itself, relative targets included.
SELECT revision FROM migrate_upgrade('+1', schema => 'Weird Schema');
SELECT revision FROM migrate_downgrade('-1', schema => 'regress_one');
SELECT revision FROM migrate_upgrade('+1', schema => 'Weird Schema');
TABLE line;
SELECT step, revision, sql FROM migrate_plan('head', schema => 'regress_one');
SELECT revision, message FROM migrate_current('regress_one');
SELECT revision, is_current, is_applied FROM migrate_history(schema => 'regress_one');
-- Nothing to do: nothing is done.
BEGIN;
SELECT * FROM migrate_upgrade('aaaa1111', schema => 'regress_one');
SELECT pg_current_xact_id_if_assigned() IS NULL AS no_transaction_id;
SELECT locktype, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype NOT IN ('relation', 'virtualxid');
COMMIT;

-- A failure leaves the path as it was, and the schema too.
SELECT migrate_revision('fails', 'CREATE TABLE half (a int); SELECT nothing', '', 'eeee1111', 'dddd1111');
SELECT failure($$SELECT migrate_upgrade('eeee1111', schema => 'regress_one')$$);
SHOW search_path;
TABLE line;
SELECT migrate_remove('eeee1111');
-- With an empty path the schema is the only one, and with a local one that is put back too.
BEGIN;
SET LOCAL search_path = '';
SELECT revision FROM public.migrate_downgrade('-1', schema => 'Weird Schema');
SHOW search_path;
ROLLBACK;
SHOW search_path;

-- A schema that is not there; '' is the name of none, and NULL the default line.
SELECT failure(command) FROM unnest(ARRAY[$$SELECT migrate_upgrade('head', schema => 'regress_nowhere')$$, $$SELECT migrate_downgrade('base', schema => 'regress_nowhere')$$,
    $$SELECT migrate_stamp('head', schema => 'REGRESS_ONE')$$, $$SELECT migrate_plan('head', schema => '')$$, $$SELECT migrate_upgrade_sql('head', 'regress_nowhere')$$]) command;
SELECT count(*) FROM migrate_upgrade('head', schema => NULL);
SELECT schema_name, count(*) FROM migrate.log WHERE run = (SELECT max(run) FROM migrate.log) GROUP BY 1;
SELECT count(*) FROM migrate_downgrade('base', schema => NULL);
-- A name longer than names can be is cut like everywhere in PostgreSQL.
SELECT failure(format('SELECT migrate_upgrade(%L, schema => %L)', 'head', repeat('x', 70)));
-- A schema that is gone leaves its line, which can only be looked at once it is there again.
CREATE SCHEMA regress_gone;
SELECT count(*) FROM migrate_stamp('aaaa1111', schema => 'regress_gone');
DROP SCHEMA regress_gone;
SELECT failure($$SELECT migrate_current('regress_gone')$$);
SELECT version FROM line WHERE schema_name = 'regress_gone';
CREATE SCHEMA regress_gone;
SELECT revision FROM migrate_stamp('base', schema => 'regress_gone');
DROP SCHEMA regress_gone;

-- The printed script does the same, in the line and the schema that it was printed for.
\getenv abs_builddir PG_ABS_BUILDDIR
\set script :abs_builddir '/results/tenant_schema_made.sql'
SELECT count(*) FROM migrate_downgrade('base', schema => 'quo"ted, ''schema''\');
TABLE made;
\pset format unaligned
\pset tuples_only on
SELECT migrate_upgrade_sql('bbbb1111', 'quo"ted, ''schema''\');
\o :script
SELECT migrate_upgrade_sql('head', 'quo"ted, ''schema''\');
\o
SET client_min_messages = warning;
\set ECHO none
\i :script
\set ECHO all
\set ON_ERROR_STOP off
RESET client_min_messages;
\pset tuples_only off
\pset format aligned
TABLE line;
TABLE made;
SELECT schema, path FROM "quo""ted, 'schema'\".seen;
SHOW search_path;
SELECT DISTINCT schema_name, direction, note FROM migrate.log WHERE note IS NOT NULL AND direction = 'upgrade';

SET client_min_messages = warning;
SELECT count(*) FROM migrate_downgrade('base', schema => 'regress_one');
SELECT count(*) FROM migrate_downgrade('base', schema => 'Weird Schema');
SELECT count(*) FROM migrate_downgrade('base', schema => 'quo"ted, ''schema''\');
TABLE made;
TABLE line;
RESET search_path;
DROP VIEW made, line;
DROP SCHEMA regress_one, "Weird Schema", "quo""ted, 'schema'\", regress_shared CASCADE;
DROP FUNCTION failure(text);
DROP EXTENSION pg_migrate;

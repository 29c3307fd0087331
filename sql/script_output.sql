-- The scripts that migrate_upgrade_sql and migrate_downgrade_sql print: their text, and that running them with psql does what the live call does.
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
\getenv abs_builddir PG_ABS_BUILDDIR
\set script :abs_builddir '/results/script_output_made.sql'
CREATE ROLE regress_script;
CREATE SCHEMA regress_out;
GRANT ALL ON SCHEMA regress_out TO regress_script;
SET search_path = regress_out, public;
-- All that the scripts below leave behind.
CREATE VIEW public.left_behind AS
    SELECT format('table %s, owner %s, comment %s', c.relname, CASE pg_get_userbyid(c.relowner) WHEN session_user THEN 'I' ELSE pg_get_userbyid(c.relowner) END, obj_description(c.oid, 'pg_class')) AS line
    FROM pg_class c WHERE relnamespace = 'regress_out'::regnamespace AND relkind = 'r'
    UNION ALL
    SELECT format('column %s.%s %s default %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE relnamespace = 'regress_out'::regnamespace AND relkind = 'r'
    UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'regress_out'
    UNION ALL SELECT 'version ' || revision FROM migrate.version WHERE schema_name IS NULL;

SELECT count(migrate_revision(message, up, down, id, parent, label, depends_on)) AS revisions
FROM (VALUES
    ('first', $$CREATE TABLE one (a int); -- with a comment
        COMMENT ON TABLE one IS 'it''s one; really'$$, 'DROP TABLE one', 'aaaa1111', 'base', NULL, NULL),
    -- What psql would do something with: a backslash, a colon with a name, quotation marks, a line break in the message.
    (E'a message\nof two lines; with '' and " and \\ and :x and \r', $up$CREATE TABLE two (b text DEFAULT 'back\slash '' :x', c text DEFAULT $d$dollar ':x' $d$, d text DEFAULT E'\'\n')$up$, 'DROP TABLE two -- the end', 'bbbb1111', 'aaaa1111', 'trunk', NULL),
    ('settings', $$SET search_path = public, regress_out; SET ROLE regress_script; CREATE TABLE regress_out.three (c int); RESET ROLE; SET LOCAL datestyle = 'German';
        CREATE TABLE regress_out.four AS SELECT '31.12.2024'::date AS d$$, 'SET SESSION ROLE regress_script; DROP TABLE regress_out.three; SET ROLE NONE; DROP TABLE regress_out.four', 'cccc1111', 'bbbb1111', NULL, NULL),
    ('no script', NULL, NULL, 'dddd1111', 'cccc1111', NULL, NULL),
    ('side line', 'CREATE TABLE side (x int)', 'DROP TABLE side', 'ssss1111', 'base', 'side', NULL),
    ('needs both', 'ALTER TABLE one ADD x int; ALTER TABLE side ADD y int', 'ALTER TABLE side DROP y; ALTER TABLE one DROP x', 'eeee1111', 'dddd1111', NULL, 'side')
) r(message, up, down, id, parent, label, depends_on);
-- What the live call leaves.
SET client_min_messages = warning;
SELECT count(*) FROM migrate_upgrade('heads');
CREATE TEMP TABLE live AS SELECT * FROM public.left_behind;
SELECT * FROM live ORDER BY line COLLATE "C";
SELECT count(*) FROM migrate_downgrade('base');
CREATE TEMP TABLE live_base AS SELECT * FROM public.left_behind;
RESET client_min_messages;

-- The text.
\pset format unaligned
\pset tuples_only on
SELECT migrate_upgrade_sql('heads');
-- Run by psql: the same schema, the same version rows.
\o :script
SELECT migrate_upgrade_sql('heads');
\o
\set ECHO none
\i :script
\set ECHO all
\set ON_ERROR_STOP off
SELECT count(*) FROM (SELECT line FROM live EXCEPT SELECT line FROM public.left_behind) x;
SELECT count(*) FROM (SELECT line FROM public.left_behind EXCEPT SELECT line FROM live) x;
-- The session is as it was.
SELECT current_user = session_user, current_setting('search_path'), current_setting('datestyle') !~ 'German';
-- The log says what ran, and how.
SELECT revision, direction, outcome, note, applied_by = session_user, checksum = (SELECT checksum FROM migrate.revision r WHERE r.revision = l.revision)
FROM migrate.log l WHERE run > (SELECT max(run) FROM migrate.run WHERE operation <> 'script') ORDER BY run;
SELECT operation, target, state, outcome FROM migrate.run WHERE operation = 'script' ORDER BY run;
-- There is nothing more to do, so there is no script.
SELECT migrate_upgrade_sql('heads') = '';

-- Once more the same script fails at its first step and changes nothing.
SELECT count(*) FROM public.left_behind;
\set ECHO none
BEGIN;
CREATE TABLE one_again (a int);
SELECT migrate_record('aaaa1111', 'upgrade');
ROLLBACK;
\set ECHO all
SELECT count(*) FROM public.left_behind;

-- The way back, printed and run.
SELECT migrate_downgrade_sql('base');
\o :script
SELECT migrate_downgrade_sql('base');
\o
\set ECHO none
\i :script
\set ECHO all
\set ON_ERROR_STOP off
SELECT count(*) FROM (SELECT line FROM live_base EXCEPT SELECT line FROM public.left_behind) x;
SELECT count(*) FROM (SELECT line FROM public.left_behind EXCEPT SELECT line FROM live_base) x;
SELECT current_user = session_user, current_setting('search_path');

-- from:to, whatever is applied here.
SELECT migrate_upgrade_sql('aaaa1111:bbbb');
SELECT migrate_upgrade_sql('base:aaaa1111');
SELECT migrate_downgrade_sql('dddd1111:cccc1111');
SELECT regexp_matches(migrate_upgrade_sql('base:heads'), '-- Running [^\n]*', 'g');
SELECT regexp_matches(migrate_downgrade_sql('eeee1111:base'), '-- Running [^\n]*', 'g');
SELECT regexp_matches(migrate_upgrade_sql('cccc1111:eeee1111'), '-- Running [^\n]*', 'g');
SELECT regexp_matches(migrate_upgrade_sql('aaaa1111:+2'), '-- Running [^\n]*', 'g');
SELECT migrate_upgrade_sql('bbbb1111:aaaa1111') = '', migrate_upgrade_sql('aaaa1111:aaaa1111') = '', migrate_downgrade_sql('aaaa1111:aaaa1111') = '';
-- A script in two parts.
\o :script
SELECT migrate_upgrade_sql('base:bbbb1111');
SELECT migrate_upgrade_sql('bbbb1111:cccc1111');
\o
\set ECHO none
\i :script
\set ECHO all
\set ON_ERROR_STOP off
SELECT revision FROM migrate.version;
-- Only what is next can be recorded.
SELECT failure($$SELECT migrate_record('bbbb1111', 'downgrade')$$);
SELECT failure($$SELECT migrate_record('eeee1111', 'upgrade')$$);
SELECT failure($$SELECT migrate_record('aaaa1111', 'upgrade')$$);
SELECT failure($$SELECT migrate_record('zzzz', 'upgrade')$$);
SELECT failure($$SELECT migrate_record('dddd1111', 'sideways')$$);
SELECT failure($$SELECT migrate_record(NULL, 'upgrade')$$);
SELECT failure($$SELECT migrate_record('dddd1111', NULL)$$);
SELECT failure($$SELECT migrate_record('dddd1111', 'upgrade', 'regress_nowhere')$$);
-- With what it was printed from, and only so; a check writes nothing.
SELECT failure($$SELECT migrate_record('dddd1111', 'upgrade', checksum => '0123456789abcdef')$$);
SELECT failure($$SELECT migrate_record('dddd1111', 'upgrade', checksum => '0123456789abcdef', check_only => true)$$);
SELECT migrate_record('dddd1111', 'upgrade', checksum => (SELECT checksum FROM migrate_show('dddd1111')), check_only => true);
SELECT failure($$SELECT migrate_record('eeee1111', 'upgrade', check_only => true)$$);
SELECT revision FROM migrate.version;

-- A script that fails leaves no settings for whoever has the session next.
SET work_mem = '7MB';
BEGIN;
SELECT migrate_record('dddd1111', 'upgrade', check_only => true);
SELECT 1 / 0;
ROLLBACK;
SET work_mem = '8MB';
BEGIN;
SELECT migrate_record('dddd1111', 'upgrade');
SHOW work_mem;
ROLLBACK;
-- Nor does one that has been given up, for another step.
SELECT migrate_record('dddd1111', 'upgrade', check_only => true);
SET work_mem = '9MB';
BEGIN;
SELECT migrate_record('cccc1111', 'downgrade');
SHOW work_mem;
SELECT migrate_record('cccc1111', 'upgrade');
SHOW work_mem;
ROLLBACK;
RESET work_mem;

-- Errors of the ranges and targets.
SELECT failure($$SELECT migrate_upgrade_sql(NULL)$$);
SELECT failure($$SELECT migrate_downgrade_sql(NULL)$$);
SELECT failure($$SELECT migrate_upgrade_sql('zzzz:heads')$$);
SELECT failure($$SELECT migrate_upgrade_sql('base:zzzz')$$);
SELECT failure($$SELECT migrate_upgrade_sql('base:head', schema => 'regress_nowhere')$$);
SELECT failure($$SELECT migrate_downgrade_sql('aaaa1111:eeee1111')$$);
SELECT failure($$SELECT migrate_downgrade_sql('ssss1111:aaaa1111')$$);
-- Printing changes nothing.
BEGIN READ ONLY;
SELECT length(migrate_upgrade_sql('heads')) > 0, length(migrate_downgrade_sql('base')) > 0;
SELECT pg_current_xact_id_if_assigned() IS NULL;
SELECT locktype, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype NOT IN ('relation', 'virtualxid');
COMMIT;

-- A statement that cannot run in a transaction block stands outside of BEGIN and COMMIT; the version row is written after it.
SELECT migrate_revision('index', 'ALTER TABLE one ADD i int; CREATE INDEX CONCURRENTLY one_i ON one (i); COMMENT ON INDEX one_i IS ''concurrently''', 'COMMENT ON INDEX one_i IS NULL; DROP INDEX CONCURRENTLY one_i; ALTER TABLE one DROP i', 'ffff1111', 'cccc1111', 'indexed');
SELECT migrate_revision('vacuum', 'VACUUM one', '', 'ffff2222', 'ffff1111');
SELECT migrate_revision('after', 'ALTER TABLE one ADD j int', 'ALTER TABLE one DROP j', 'ffff3333', 'ffff2222');
SELECT migrate_upgrade_sql('indexed@head');
\o :script
SELECT migrate_upgrade_sql('indexed@head');
\o
\set ECHO none
\i :script
\set ECHO all
\set ON_ERROR_STOP off
SELECT line FROM public.left_behind WHERE line ~ '^(column one|index|version)' ORDER BY line COLLATE "C";
SELECT migrate_downgrade_sql('cccc1111');
\o :script
SELECT migrate_downgrade_sql('cccc1111');
\o
\set ECHO none
\i :script
\set ECHO all
\set ON_ERROR_STOP off
SELECT line FROM public.left_behind WHERE line ~ '^(column one|index|version)' ORDER BY line COLLATE "C";

-- The settings of the session that prints do not change the script; those of the session that runs it do not change its meaning.
SELECT md5(migrate_upgrade_sql('eeee1111')) AS standard \gset
DO $$ BEGIN PERFORM set_config('standard_conforming_strings', 'off', false); PERFORM set_config('escape_string_warning', 'off', false); EXCEPTION WHEN OTHERS THEN NULL; END $$; -- 19 has no other setting than on
SELECT md5(migrate_upgrade_sql('eeee1111')) = :'standard';
DO $$ BEGIN RESET standard_conforming_strings; RESET escape_string_warning; EXCEPTION WHEN OTHERS THEN NULL; END $$;
SET client_min_messages = warning;
SELECT count(*) FROM migrate_downgrade('base');
\o :script
SELECT migrate_upgrade_sql('eeee1111');
\o
DO $$ BEGIN PERFORM set_config('standard_conforming_strings', 'off', false); PERFORM set_config('escape_string_warning', 'off', false); EXCEPTION WHEN OTHERS THEN NULL; END $$; -- 19 has no other setting than on
\set x 'interpolated'
\set ECHO none
\i :script
\set ECHO all
\set ON_ERROR_STOP off
SELECT current_setting('standard_conforming_strings') = 'off' OR current_setting('server_version_num')::int >= 190000 AS unchanged;
DO $$ BEGIN RESET standard_conforming_strings; RESET escape_string_warning; EXCEPTION WHEN OTHERS THEN NULL; END $$;
SELECT count(*) FROM (SELECT line FROM live EXCEPT SELECT line FROM public.left_behind) x;
SELECT count(*) FROM (SELECT line FROM public.left_behind EXCEPT SELECT line FROM live) x;

-- A value that ALTER TYPE adds is committed before what follows.
SELECT migrate_revision('a type', 'CREATE TYPE regress_out.mood AS ENUM (''calm'')', 'DROP TYPE regress_out.mood', revision => 'ffff1111', down_revision => 'eeee1111');
SELECT migrate_revision('a value', 'ALTER TYPE regress_out.mood ADD VALUE ''wild''; CREATE TABLE regress_out.of_mood AS SELECT ''wild''::regress_out.mood', NULL, revision => 'gggg1111', down_revision => 'ffff1111');
SELECT count(*) FROM migrate_upgrade('ffff1111');
\o :script
SELECT migrate_upgrade_sql('gggg1111');
\o
\set ECHO none
\i :script
\set ECHO all
\set ON_ERROR_STOP off
TABLE regress_out.of_mood;
SELECT revision FROM migrate_current();

\pset tuples_only off
\pset format aligned
RESET search_path;
DROP VIEW left_behind;
DROP SCHEMA regress_out CASCADE;
DROP TABLE live, live_base;
DROP ROLE regress_script;
DROP FUNCTION failure(text);
DROP EXTENSION pg_migrate;

-- Names that need quoting, that are too long, or that look like something else: roles, schemas, revisions, labels, tags,
-- messages.
CREATE EXTENSION pg_migrate;
CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', state, message, left(nullif(detail, ''), 70), left(nullif(hint, ''), 70));
END $$;

\pset format unaligned
-- Format directives, quotes, backslashes, line ends and comments in every text that is shown or stored.
SELECT migrate_revision(revision => '%s%n%1$s', down_revision => 'base', message => E'%s %n %d %% \\ '' " $$ -- /*',
                        branch_label => '%n''"\', up => $up$ CREATE TABLE "%s %n" ("a ""b" int); $up$, down => 'DROP TABLE "%s %n"');
SELECT revision FROM migrate_upgrade('%s%n%1$s', tag => E'%s%n\\''"\n--');
SELECT revision, branch_labels, message FROM migrate_show('%n''"\');
SELECT revision, tag FROM migrate.log;
SELECT revision FROM migrate_downgrade('%n''"\@base');
SELECT migrate_revision(revision => 'lines', down_revision => 'base', message => E'first line\nsecond line\r\n\\! echo third', up => 'SELECT 1');
SELECT migrate_upgrade_sql('lines');
SELECT revision, message FROM migrate_upgrade('lines');
SELECT try($$SELECT migrate_upgrade('%s%n%s%n%s')$$);
SELECT try($$SELECT migrate_upgrade('%n@%s')$$);
SELECT try($$SELECT migrate_show('%n%n')$$);
SELECT try($$SELECT migrate_history('%s:%n')$$);
SELECT try($$SELECT migrate_graph('%s%n')$$);
SELECT try($$SELECT migrate_plan('heads', '%s%n')$$);
SELECT try($$SELECT migrate_plan('heads', schema => '%s"%n')$$);
SELECT try($$SELECT migrate_grant('%s%n', 'viewer')$$);
SELECT try($$SELECT migrate_grant('pg_monitor', '%s%n')$$);
SELECT try($$SELECT migrate_load_directory('/%s%n')$$);
SELECT try($$SELECT migrate_load_directory('/dev/null')$$);
SELECT try($$SELECT migrate_revision('%n', revision => 'x', up => 'SELEC %s %n')$$);
SELECT try($$SELECT migrate_revision('%n', revision => 'x', up => 'COMMIT -- %s %n')$$);
SELECT migrate_revision('raises', revision => 'raises', down_revision => 'base',
                        up => $up$DO 'BEGIN RAISE EXCEPTION USING MESSAGE = ''%s %n %1$s'', DETAIL = ''%n'', HINT = ''%s'', ERRCODE = ''%n0''; END'$up$);
SELECT try($$SELECT migrate_upgrade('raises')$$);
SELECT migrate_edit('raises', up => $up$DO 'BEGIN RAISE EXCEPTION USING MESSAGE = ''%s %n %1$s'', DETAIL = ''%n'', HINT = ''%s'', ERRCODE = ''ZZ001''; END'$up$);
SELECT try($$SELECT migrate_upgrade('raises')$$);
SELECT migrate_edit('raises', up => $up$DO 'BEGIN RAISE WARNING USING MESSAGE = ''%s %n %1$s''; END'; SELECT '%n' AS "%s"$up$);
SELECT revision FROM migrate_upgrade('raises');

-- What an id or a label may not be.
SELECT id, try(format('SELECT migrate_revision(revision => %L, down_revision => ''base'', message => ''m'')', id)) AS revision
    FROM unnest(ARRAY['', ' ', 'a b', 'a,b', 'a@b', 'a-b', 'a+b', 'a:b', 'head', 'heads', 'base', 'current', E'a\tb', E'a\nb']) AS id;
SELECT id, try(format('SELECT migrate_revision(revision => ''x'', branch_label => %L, down_revision => ''base'', message => ''m'')', id)) AS label
    FROM unnest(ARRAY['a b', 'a@b', 'head', 'current', 'x', '%s%n%1$s']) AS id;
-- What it may be.
SELECT migrate_revision(revision => id, down_revision => 'base', message => 'odd')
    FROM unnest(ARRAY['select', 'HEAD', 'Base', '"quoted"', '''', '\', '$$', ';drop', '(1)', 'NULL', '*']) AS id;
SELECT revision FROM migrate_heads() ORDER BY revision COLLATE "C";
SET client_min_messages = warning;
SELECT count(*) FROM migrate_upgrade('heads');
SELECT revision FROM migrate.version ORDER BY revision COLLATE "C";
SELECT count(*) FROM migrate_stamp('base', purge => true);
RESET client_min_messages;

-- Roles and schemas.
CREATE ROLE "Evil "" role; --";
CREATE ROLE "123456789012345678901234567890123456789012345678901234567890123";
CREATE SCHEMA "My ""Schema"", public";
CREATE SCHEMA "123456789012345678901234567890123456789012345678901234567890123";
SELECT migrate_grant('Evil " role; --', 'operator');
SELECT migrate_grant('123456789012345678901234567890123456789012345678901234567890123', 'viewer');
SELECT grantee, count(*) FROM information_schema.role_routine_grants WHERE routine_name LIKE 'migrate\_%' AND grantee ~ '^(Evil|123)' GROUP BY 1 ORDER BY 1;
SELECT migrate_revision(revision => 'where', down_revision => 'base', message => 'where am I', up => $$
    CREATE TABLE here AS SELECT current_schema()::text AS schema, current_user::text AS "user", current_setting('search_path') AS path;
$$, down => 'DROP TABLE here');
GRANT CREATE, USAGE ON SCHEMA "My ""Schema"", public" TO "Evil "" role; --";
SET ROLE "Evil "" role; --";
SELECT revision FROM migrate_upgrade('where', schema => 'My "Schema", public');
TABLE "My ""Schema"", public".here;
RESET ROLE;
SELECT revision FROM migrate_upgrade('where', schema => '123456789012345678901234567890123456789012345678901234567890123');
SELECT schema, "user" = CURRENT_USER AS mine, path FROM "123456789012345678901234567890123456789012345678901234567890123".here;
-- A name that is longer is cut off where text becomes a name, as everywhere in SQL.
SELECT revision FROM migrate_current('123456789012345678901234567890123456789012345678901234567890123' || 'xyz');
SELECT schema_name, revision, nullif(applied_by, CURRENT_USER) AS other FROM migrate.version ORDER BY 1;
SELECT schema_name, nullif(applied_by, CURRENT_USER) AS other FROM migrate.log WHERE revision = 'where' ORDER BY 1;
SELECT migrate_downgrade_sql('where:base', schema => 'My "Schema", public');
SELECT revision FROM migrate_downgrade('base', schema => 'My "Schema", public');
SELECT revision FROM migrate_downgrade('base', schema => '123456789012345678901234567890123456789012345678901234567890123');
-- Names that are too long in a script: the server's own rule, with its own notice.
SELECT migrate_revision(revision => 'long', down_revision => 'base', message => 'long names',
                        up => format('CREATE TABLE %I (%I int); DROP TABLE %I', repeat('t', 70), repeat('c', 70), repeat('t', 70)));
SELECT revision FROM migrate_upgrade('long');
-- SET ROLE with such a name.
SELECT migrate_revision(revision => 'role', down_revision => 'base', message => 'odd role', up => $$
    SET ROLE "Evil "" role; --";
    CREATE TABLE "My ""Schema"", public".owned (i int);
$$);
SELECT revision FROM migrate_upgrade('role');
SELECT tableowner FROM pg_tables WHERE tablename = 'owned';
SELECT migrate_revision(revision => 'role2', down_revision => 'base', message => 'missing role', up => 'SET ROLE "no such %s role"');
SELECT try($$SELECT migrate_upgrade('role2')$$);

SELECT migrate_revoke('Evil " role; --', 'operator');
SELECT migrate_revoke('123456789012345678901234567890123456789012345678901234567890123', 'viewer');
DROP EXTENSION pg_migrate;
DROP SCHEMA "My ""Schema"", public" CASCADE;
DROP SCHEMA "123456789012345678901234567890123456789012345678901234567890123" CASCADE;
DROP ROLE "Evil "" role; --";
DROP ROLE "123456789012345678901234567890123456789012345678901234567890123";
DROP FUNCTION try;
DROP TABLE public."%s %n";

-- Who may do what: nothing for PUBLIC, the levels viewer, operator and author, the owner. Scripts run with the rights of
-- who runs them.
CREATE EXTENSION pg_migrate;
CREATE ROLE pgm_none;
CREATE ROLE pgm_viewer;
CREATE ROLE pgm_operator;
CREATE ROLE pgm_author;
CREATE ROLE pgm_both;
CREATE ROLE "pgm ""Quoted""";
CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', state, message, nullif(hint, ''));
END $$;
-- Every function of the extension and who may execute it.
CREATE VIEW matrix AS
    SELECT p.oid::regprocedure::text AS function,
           string_agg(replace(r.rolname, 'pgm_', ''), ' ' ORDER BY r.rolname) FILTER (WHERE has_function_privilege(r.oid, p.oid, 'EXECUTE')) AS may
    FROM pg_proc AS p JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'pg_migrate'
    CROSS JOIN pg_roles AS r WHERE r.rolname ~ '^pgm' GROUP BY 1 ORDER BY 1;

-- PUBLIC has nothing.
SELECT count(*) > 20 AS functions, count(may) AS may FROM matrix;
SELECT has_schema_privilege('pgm_none', 'migrate', 'USAGE') AS usage, has_schema_privilege('pgm_none', 'migrate', 'CREATE') AS create;
SELECT relname, relacl FROM pg_class WHERE relnamespace = 'migrate'::regnamespace AND has_table_privilege('pgm_none', oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') AND relkind IN ('r', 'v');
SELECT prosecdef, provolatile, proparallel, proleakproof FROM pg_proc WHERE proname LIKE 'migrate\_%' GROUP BY 1, 2, 3, 4;

-- The levels.
SELECT migrate_grant('pgm_viewer', 'viewer'), migrate_grant('pgm_operator', 'operator'), migrate_grant('pgm_author', 'author');
SELECT * FROM matrix;
SELECT DISTINCT relname, relkind, privilege_type, grantee::regrole::text FROM pg_class, aclexplode(relacl)
    WHERE relnamespace = 'migrate'::regnamespace AND grantee::regrole::text LIKE 'pgm%' ORDER BY 1, 2, 3, 4;
-- Again makes no difference, another level is added to the first.
SELECT migrate_grant('pgm_viewer', 'viewer');
SELECT migrate_grant('pgm_both', 'operator'), migrate_grant('pgm_both', 'author');
SELECT function FROM matrix WHERE may NOT LIKE '%both%' OR may IS NULL;
SELECT migrate_revoke('pgm_both', 'operator');
SELECT function FROM matrix WHERE (may LIKE '%both%') <> (may LIKE '%author%');
SELECT migrate_revoke('pgm_both', 'viewer');
SELECT function FROM matrix WHERE (may LIKE '%both%') <> (may LIKE '%author%');
SELECT migrate_revoke('pgm_both', 'author');
SELECT function FROM matrix WHERE may LIKE '%both%';
SELECT has_schema_privilege('pgm_both', 'migrate', 'USAGE') AS usage, has_table_privilege('pgm_both', 'migrate.log', 'SELECT') AS select;
SELECT migrate_revoke('pgm_both', 'author');
-- Nothing is left that would keep the role from being dropped.
DROP ROLE pgm_both;
SELECT migrate_grant('pgm "Quoted"', 'viewer');
SELECT count(*) FROM matrix WHERE may LIKE '%Quoted%';
SELECT migrate_revoke('pgm "Quoted"', 'viewer');
DROP ROLE "pgm ""Quoted""";
-- What is no level or no role.
SELECT level, try(format('SELECT migrate_grant(''pgm_none'', %L)', level)), try(format('SELECT migrate_revoke(''pgm_none'', %L)', level))
    FROM unnest(ARRAY['', 'Viewer', 'owner', 'viewer,operator', NULL]) AS level;
SELECT role, try(format('SELECT migrate_grant(%L, ''viewer'')', role)), try(format('SELECT migrate_revoke(%L, ''viewer'')', role))
    FROM unnest(ARRAY['', 'public', 'PUBLIC', 'current_user', 'none', 'nobody', 'pgm_none, pgm_viewer', NULL]) AS role;
SELECT count(*) FROM matrix WHERE may LIKE '%none%';

-- Nobody.
SET SESSION AUTHORIZATION pgm_none;
SELECT try('SELECT migrate_upgrade()'), try('SELECT migrate_current()'), try('SELECT migrate_grant(''pgm_none'', ''operator'')');
SELECT try('SELECT * FROM migrate.revision'), try('SELECT migrate.revision FROM migrate.revision');

-- An author writes, and does not run.
SET SESSION AUTHORIZATION pgm_author;
SELECT migrate_revision(revision => 'a', down_revision => 'base', message => 'a table of the operator', up => 'CREATE TABLE op.a (i int)', down => 'DROP TABLE op.a');
SELECT migrate_revision(revision => 'b', down_revision => 'a', message => 'b');
SELECT migrate_edit('b', up => 'SELECT 2');
SELECT migrate_remove('b');
SELECT revision, created_by FROM migrate_show('a');
SELECT try('SELECT migrate_upgrade()'), try('SELECT migrate_stamp()'), try('SELECT migrate_downgrade(''base'')'), try('SELECT migrate_record(''a'', ''upgrade'')');
SELECT try('SELECT migrate_grant(''pgm_author'', ''operator'')'), try('SELECT migrate_revoke(''pgm_viewer'', ''viewer'')');
SELECT try('GRANT EXECUTE ON FUNCTION migrate_upgrade TO pgm_author');
-- Files of the server are another right.
SELECT try('SELECT migrate_load_directory(''/tmp'')');

-- A viewer looks.
SET SESSION AUTHORIZATION pgm_viewer;
SELECT revision FROM migrate_history();
SELECT count(*) FROM migrate_current();
SELECT sql FROM migrate_plan();
SELECT migrate_upgrade_sql() LIKE '%op.a%';
SELECT * FROM migrate_graph();
SELECT count(*) FROM migrate_export();
SELECT try('SELECT migrate_revision(''m'', revision => ''x'')'), try('SELECT migrate_edit(''a'', up => '''')'), try('SELECT migrate_remove(''a'')');
SELECT try('SELECT migrate_upgrade()'), try('SELECT migrate_stamp()');
SELECT revision, created_by FROM migrate.revision;

-- An operator runs, with his own rights, and does not write.
RESET SESSION AUTHORIZATION;
CREATE SCHEMA op AUTHORIZATION pgm_operator;
SET SESSION AUTHORIZATION pgm_operator;
SELECT try('SELECT migrate_revision(''m'', revision => ''x'')'), try('SELECT migrate_edit(''a'', up => '''')'), try('SELECT migrate_merge()');
SELECT revision FROM migrate_upgrade();
SELECT tableowner FROM pg_tables WHERE schemaname = 'op';
SELECT revision, applied_by, session_role FROM migrate.log;
SELECT applied_by FROM migrate_current();
SELECT revision FROM migrate_downgrade('base');
SELECT * FROM migrate_stamp('a');
SELECT * FROM migrate_stamp('base');

-- The catalogue is closed to all of them; what the server says for each way to write.
RESET SESSION AUTHORIZATION;
CREATE TABLE writes (number int GENERATED ALWAYS AS IDENTITY, statement text);
INSERT INTO writes (statement)
    SELECT format(w, t, c) FROM (VALUES ('revision', 'up'), ('branch_label', 'revision'), ('version', 'revision'), ('run', 'tag'), ('log', 'tag')) AS tables (t, c),
        (VALUES ('INSERT INTO migrate.%1$s DEFAULT VALUES'), ('UPDATE migrate.%1$s SET %2$s = ''x'''), ('DELETE FROM migrate.%1$s'),
                ('TRUNCATE migrate.%1$s'), ('ALTER TABLE migrate.%1$s ADD COLUMN x int'), ('DROP TABLE migrate.%1$s'), ('LOCK TABLE migrate.%1$s IN ACCESS EXCLUSIVE MODE'),
                ('CREATE TRIGGER t BEFORE INSERT ON migrate.%1$s FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()'),
                ('SELECT FROM migrate.%1$s FOR UPDATE'), ('COPY migrate.%1$s FROM PROGRAM ''false'''), ('CREATE TABLE pg_temp.child () INHERITS (migrate.%1$s)'),
                ('MERGE INTO migrate.%1$s USING (VALUES (1)) AS v ON true WHEN MATCHED THEN DELETE')) AS ways (w);
INSERT INTO writes (statement) VALUES
    ('SELECT nextval(''migrate.run_id'')'), ('SELECT setval(''migrate.run_id'', 1)'), ('SELECT currval(''migrate.run_id'')'), ('SELECT last_value FROM migrate.run_id'),
    ('DROP SEQUENCE migrate.run_id'), ('CREATE TABLE migrate.x (i int)'), ('CREATE FUNCTION migrate.f() RETURNS int LANGUAGE sql RETURN 1'),
    ('ALTER SCHEMA migrate RENAME TO x'), ('DROP SCHEMA migrate CASCADE'), ('DROP EXTENSION pg_migrate'), ('ALTER EXTENSION pg_migrate UPDATE'),
    ('ALTER FUNCTION migrate_current SECURITY DEFINER'), ('DROP FUNCTION migrate_current'),
    ('COMMENT ON TABLE migrate.log IS ''x'''), ('CREATE RULE r AS ON INSERT TO migrate.log DO INSTEAD NOTHING');
GRANT SELECT ON writes TO PUBLIC;
GRANT EXECUTE ON FUNCTION try TO PUBLIC;
SET SESSION AUTHORIZATION pgm_operator;
SELECT substr(try(statement), 1, 5) AS sqlstate, count(*) FROM writes GROUP BY 1 ORDER BY 1;
SET SESSION AUTHORIZATION pgm_author;
SELECT substr(try(statement), 1, 5) AS sqlstate, count(*) FROM writes GROUP BY 1 ORDER BY 1;
SET SESSION AUTHORIZATION pgm_viewer;
SELECT substr(try(statement), 1, 5) AS sqlstate, count(*) FROM writes GROUP BY 1 ORDER BY 1;
-- Nor from a script, where pg_migrate itself has just written.
SET SESSION AUTHORIZATION pgm_author;
SELECT migrate_revision(revision => 'forge', down_revision => 'a', message => 'forge', up => $$
    CREATE TABLE op.attempts AS SELECT statement, substr(public.try(statement), 1, 5) AS sqlstate FROM public.writes;
    DO 'BEGIN UPDATE migrate.log SET applied_by = ''somebody else''; EXCEPTION WHEN insufficient_privilege THEN NULL; END';
    DO 'BEGIN UPDATE migrate.revision SET checksum = repeat(''0'', 64); EXCEPTION WHEN insufficient_privilege THEN NULL; END';
$$);
SET SESSION AUTHORIZATION pgm_operator;
SELECT count(*) FROM migrate_upgrade();
SELECT sqlstate, count(*) FROM op.attempts GROUP BY 1 ORDER BY 1;
SELECT DISTINCT applied_by FROM migrate.log;
SELECT count(*) FROM migrate.revision WHERE checksum = repeat('0', 64);

-- What a script may not do, because its caller may not: directly, in a block, in a function.
RESET SESSION AUTHORIZATION;
CREATE TABLE of_superuser (i int);
SET SESSION AUTHORIZATION pgm_author;
SELECT migrate_revision(revision => 's1', down_revision => 'forge', message => 'directly', up => 'INSERT INTO public.of_superuser VALUES (1)');
SELECT migrate_revision(revision => 's2', down_revision => 'forge', message => 'block', up => 'DO ''BEGIN INSERT INTO public.of_superuser VALUES (1); END''');
SELECT migrate_revision(revision => 's3', down_revision => 'forge', message => 'function', up => $$
    CREATE FUNCTION op.f() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO public.of_superuser VALUES (1)';
    SELECT op.f();
$$);
SELECT migrate_revision(revision => 's4', down_revision => 'forge', message => 'role', up => 'CREATE ROLE pgm_made SUPERUSER');
SELECT migrate_revision(revision => 's5', down_revision => 'forge', message => 'member', up => 'ALTER ROLE CURRENT_USER SUPERUSER');
SELECT migrate_revision(revision => 's6', down_revision => 'forge', message => 'setting', up => 'SET session_replication_role = replica');
SELECT migrate_revision(revision => 's7', down_revision => 'forge', message => 'program', up => 'COPY op.attempts TO PROGRAM ''cat''');
SELECT migrate_revision(revision => 's8', down_revision => 'forge', message => 'grant', up => 'GRANT EXECUTE ON FUNCTION public.migrate_revision TO CURRENT_USER');
SET SESSION AUTHORIZATION pgm_operator;
SET client_min_messages = warning;
SELECT revision, message, substr(try(format('SELECT migrate_upgrade(%L)', revision)), 1, 5) AS sqlstate
    FROM migrate_history() WHERE revision ~ '^s' ORDER BY revision;
RESET client_min_messages;
SELECT has_function_privilege('migrate_revision(text, text, text, text, text, text, text, boolean)', 'EXECUTE');
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM of_superuser;

-- A level comes through membership too, and a level goes with its grants.
GRANT pgm_viewer TO pgm_none;
SET SESSION AUTHORIZATION pgm_none;
SELECT count(*) FROM migrate_history();
RESET SESSION AUTHORIZATION;
SELECT migrate_revoke('pgm_viewer', 'viewer'), migrate_revoke('pgm_operator', 'operator'), migrate_revoke('pgm_author', 'author');
SELECT count(may) FROM matrix;
SELECT count(*) FROM pg_class, aclexplode(relacl) WHERE relnamespace = 'migrate'::regnamespace AND grantee::regrole::text LIKE 'pgm%';

DROP VIEW matrix;
DROP EXTENSION pg_migrate;
DROP SCHEMA op CASCADE;
DROP TABLE writes, of_superuser;
DROP FUNCTION try;
DROP ROLE pgm_none, pgm_viewer, pgm_operator, pgm_author;

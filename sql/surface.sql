-- The SQL surface: what is there, who owns it, who may use it. A change here is a change for every caller.
CREATE EXTENSION pg_migrate;

-- Every function, with its parameters, their defaults, and the columns of its result.
\pset format unaligned
\pset tuples_only on
CREATE VIEW extension_function AS
    SELECT p.*, e.extowner
    FROM pg_extension e
    JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
    JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
    WHERE e.extname = 'pg_migrate';
SELECT format(E'%s(%s)\n    %s', proname, pg_get_function_arguments(oid), pg_get_function_result(oid))
FROM extension_function ORDER BY proname COLLATE "C";
\pset tuples_only off
\pset format aligned

-- All of them are volatile, unsafe in parallel, not strict, no security definers, and say what they are for.
SELECT proname, provolatile, proparallel, proisstrict, prosecdef, proowner = extowner AS is_owners,
       obj_description(oid, 'pg_proc') IS NOT NULL AS has_comment
FROM extension_function
WHERE (provolatile, proparallel, proisstrict, prosecdef, proowner) IS DISTINCT FROM ('v', 'u', false, false, extowner)
   OR obj_description(oid, 'pg_proc') IS NULL OR obj_description(oid, 'pg_proc') = '';
SELECT count(*) > 20 AS all_were_looked_at FROM extension_function;

-- They are in the extension's schema, the catalogue is in migrate.
SELECT DISTINCT pronamespace::regnamespace FROM extension_function;
SELECT extname, extnamespace::regnamespace, extrelocatable FROM pg_extension WHERE extname = 'pg_migrate';

-- What belongs to the extension besides its functions.
-- (17 lists the row types of tables and their arrays too, commit e5bc9454e527: what is there only as a part of another object is left out.)
SELECT pg_describe_object(d.classid, d.objid, d.objsubid) AS object
FROM pg_depend d
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND d.classid <> 'pg_proc'::regclass
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'pg_migrate')
  AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = d.classid AND i.objid = d.objid AND i.deptype = 'i')
ORDER BY pg_describe_object(d.classid, d.objid, d.objsubid) COLLATE "C";

-- Nothing is in the schema migrate that does not belong to the extension.
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'migrate'::regnamespace AND c.relkind NOT IN ('i', 't')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e');

-- The tables.
SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'migrate'::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0
ORDER BY c.relname COLLATE "C", a.attnum;
SELECT conrelid::regclass AS table, conname, pg_get_constraintdef(oid) AS definition
FROM pg_constraint WHERE connamespace = 'migrate'::regnamespace AND contype <> 'n' -- a server of version 18 lists NOT NULL too
ORDER BY conrelid::regclass::text COLLATE "C", conname COLLATE "C";
SELECT relname, obj_description(oid, 'pg_class') IS NOT NULL AS has_comment
FROM pg_class WHERE relnamespace = 'migrate'::regnamespace AND relkind IN ('r', 'v', 'S') ORDER BY relname COLLATE "C";
SELECT obj_description('migrate'::regnamespace, 'pg_namespace') IS NOT NULL AS schema_has_comment;

-- The log and the version rows refer to no other row, and no column is named like a function without parentheses.
SELECT conname FROM pg_constraint
WHERE contype = 'f' AND conrelid IN ('migrate.version'::regclass, 'migrate.log'::regclass, 'migrate.run'::regclass);
SELECT attrelid::regclass, attname FROM pg_attribute
WHERE attrelid IN ('migrate.version'::regclass, 'migrate.log'::regclass, 'migrate.run'::regclass, 'migrate.revision'::regclass)
  AND attname IN ('user', 'session_user', 'current_user');

-- What pg_dump takes along.
SELECT c.oid::regclass AS configuration, e.condition = '' AS all_rows
FROM pg_extension x, unnest(x.extconfig, x.extcondition) AS e(oid, condition) JOIN pg_class c ON c.oid = e.oid
WHERE x.extname = 'pg_migrate' ORDER BY c.relname COLLATE "C";

-- PUBLIC has no right on anything: functions, schema, tables, columns, sequence.
SELECT 'function' AS kind, proname::text AS object, x.privilege_type
FROM extension_function, aclexplode(coalesce(proacl, acldefault('f', proowner))) x WHERE x.grantee = 0
UNION ALL
SELECT 'schema', nspname, x.privilege_type
FROM pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) x WHERE nspname = 'migrate' AND x.grantee = 0
UNION ALL
SELECT 'relation', relname, x.privilege_type
FROM pg_class, aclexplode(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))) x
WHERE relnamespace = 'migrate'::regnamespace AND relkind IN ('r', 'v', 'S') AND x.grantee = 0
UNION ALL
SELECT 'column', attrelid::regclass || '.' || attname, x.privilege_type
FROM pg_attribute JOIN pg_class c ON c.oid = attrelid, aclexplode(attacl) x
WHERE c.relnamespace = 'migrate'::regnamespace AND x.grantee = 0;
-- Nor has anybody but the owner.
SELECT p.proname, x.grantee::regrole
FROM extension_function p, aclexplode(coalesce(proacl, acldefault('f', proowner))) x WHERE x.grantee <> p.proowner;
SELECT c.relname, x.grantee::regrole
FROM pg_class c, aclexplode(c.relacl) x WHERE c.relnamespace = 'migrate'::regnamespace AND x.grantee <> c.relowner;
-- All of it has one owner.
SELECT DISTINCT c.relowner = e.extowner AS is_owners FROM pg_class c, pg_extension e
WHERE c.relnamespace = 'migrate'::regnamespace AND e.extname = 'pg_migrate';
SELECT n.nspowner = e.extowner AS is_owners FROM pg_namespace n, pg_extension e
WHERE n.nspname = 'migrate' AND e.extname = 'pg_migrate';

-- As somebody without any rights finds it.
CREATE ROLE regress_nobody;
SET ROLE regress_nobody;
SELECT * FROM migrate_upgrade('head');
SELECT * FROM migrate_history();
SELECT migrate_revision('mine');
SELECT * FROM migrate.revision;
SELECT * FROM migrate.version;
SELECT nextval('migrate.run_id');
RESET ROLE;
DROP ROLE regress_nobody;

-- A result is complete whatever the caller reads of it.
SELECT migrate_revision('one', 'CREATE TABLE first_table (a int)', 'DROP TABLE first_table', '1', 'base');
SELECT migrate_revision('two', 'CREATE TABLE second_table (a int)', 'DROP TABLE second_table', '2', '1');
SELECT revision FROM migrate_upgrade('head') LIMIT 1;
SELECT to_regclass('first_table') AS first, to_regclass('second_table') AS second;
SELECT revision FROM migrate_downgrade('base') LIMIT 1;
SELECT to_regclass('first_table') AS first, to_regclass('second_table') AS second;

-- Named notation, positional notation, calls in a select list.
SELECT (migrate_upgrade(target => '1', schema => NULL, tag => NULL)).revision;
SELECT (migrate_plan('2', 'upgrade', NULL)).*;
SELECT migrate_downgrade('base') IS NOT NULL AS downgraded;

-- The extension goes with all it has; created in a schema of its own, it says so.
DROP VIEW extension_function;
DROP EXTENSION pg_migrate;
SELECT to_regnamespace('migrate') IS NULL AS migrate_is_gone;

-- The extension is trusted: whoever creates it owns all of it, and can use it.
CREATE ROLE regress_owner;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_owner', current_database()) \gexec
CREATE SCHEMA regress_owned AUTHORIZATION regress_owner;
SET ROLE regress_owner;
CREATE EXTENSION pg_migrate SCHEMA regress_owned;
SELECT count(*) FILTER (WHERE p.proowner = 'regress_owner'::regrole) = count(*) AS owns_functions
FROM pg_proc p WHERE pronamespace = 'regress_owned'::regnamespace;
SELECT count(*) FILTER (WHERE relowner = 'regress_owner'::regrole) = count(*) AS owns_relations
FROM pg_class WHERE relnamespace = 'migrate'::regnamespace;
SELECT nspowner::regrole AS owns_schema FROM pg_namespace WHERE nspname = 'migrate';
SELECT regress_owned.migrate_revision('one', 'CREATE TABLE regress_owned.t (a int)', 'DROP TABLE regress_owned.t', '1', 'base');
SELECT revision FROM regress_owned.migrate_upgrade();
SELECT revision, applied_by FROM regress_owned.migrate_current();
DROP EXTENSION pg_migrate;
RESET ROLE;
SET client_min_messages = warning;
DROP SCHEMA regress_owned CASCADE;
RESET client_min_messages;
SELECT format('REVOKE CREATE ON DATABASE %I FROM regress_owner', current_database()) \gexec
DROP ROLE regress_owner;

CREATE SCHEMA "Tools Of Mine";
CREATE EXTENSION pg_migrate SCHEMA "Tools Of Mine";
SELECT count(*) > 20 AS functions_are_there FROM pg_proc WHERE pronamespace = '"Tools Of Mine"'::regnamespace;
SELECT "Tools Of Mine".migrate_revision('one', 'SELECT 1', '', '1', 'base');
SELECT revision FROM "Tools Of Mine".migrate_upgrade();
\pset format unaligned
\pset tuples_only on
SELECT "Tools Of Mine".migrate_downgrade_sql('base');
\pset tuples_only off
\pset format aligned
DROP SCHEMA "Tools Of Mine" CASCADE;
SELECT to_regnamespace('migrate') IS NULL AS migrate_is_gone;

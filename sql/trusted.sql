-- A role that is no superuser creates the extension: all of it is his, and he can do with it what an owner can.
CREATE ROLE pgm_owner;
CREATE ROLE pgm_reader;
CREATE ROLE pgm_heir;
CREATE ROLE pgm_without;
GRANT CREATE ON SCHEMA public TO pgm_owner, pgm_without;
-- CREATE on the database is what it takes.
SET SESSION AUTHORIZATION pgm_without;
CREATE EXTENSION pg_migrate;
RESET SESSION AUTHORIZATION;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO pgm_owner', current_database()); END $$;
SET SESSION AUTHORIZATION pgm_owner;
CREATE EXTENSION pg_migrate;
SELECT extname, extowner::regrole, extnamespace::regnamespace FROM pg_extension WHERE extname = 'pg_migrate';
-- Every member, with its owner.
-- (17 lists the row types of tables and their arrays too, commit e5bc9454e527: what is there only as a part of another object is left out.)
CREATE VIEW member AS
    SELECT d.classid::regclass::text AS catalogue, pg_describe_object(d.classid, d.objid, 0) AS object,
           coalesce((SELECT proowner FROM pg_proc WHERE d.classid = 'pg_proc'::regclass AND oid = d.objid),
                    (SELECT relowner FROM pg_class WHERE d.classid = 'pg_class'::regclass AND oid = d.objid),
                    (SELECT nspowner FROM pg_namespace WHERE d.classid = 'pg_namespace'::regclass AND oid = d.objid),
                    (SELECT typowner FROM pg_type WHERE d.classid = 'pg_type'::regclass AND oid = d.objid))::regrole AS owner
    FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
    WHERE e.extname = 'pg_migrate' AND d.deptype = 'e'
      AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = d.classid AND i.objid = d.objid AND i.deptype = 'i');
SELECT catalogue, owner, count(*) > 0 AS some FROM member GROUP BY 1, 2 ORDER BY 1, 2;
SELECT object FROM member WHERE catalogue IN ('pg_class', 'pg_namespace') ORDER BY 1;
-- What hangs on the tables is his too: indexes, TOAST tables.
SELECT DISTINCT relowner::regrole FROM pg_class WHERE relnamespace = 'migrate'::regnamespace;
-- Nothing is left that PUBLIC may use.
SELECT count(*) FROM member AS m JOIN pg_proc AS p ON m.object LIKE 'function ' || p.proname || '(%' CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a WHERE a.grantee = 0;

-- He runs, and he grants.
SELECT migrate_revision(revision => 'a', down_revision => 'base', message => 'a', up => 'CREATE TABLE trusted_a (i int)', down => 'DROP TABLE trusted_a');
SELECT revision FROM migrate_upgrade();
SELECT migrate_grant('pgm_reader', 'viewer');
SET SESSION AUTHORIZATION pgm_reader;
SELECT revision FROM migrate_current();
SELECT count(*) FROM migrate.log;
SELECT migrate_upgrade();
-- A superuser has every right here, but what he makes run in the catalogue runs as the owner.
RESET SESSION AUTHORIZATION;
SELECT revision FROM migrate_downgrade('base');
SELECT migrate_grant('pgm_reader', 'operator');
SELECT proacl::text LIKE '%pgm_reader=X/pgm_owner%' AS granted_by_owner FROM pg_proc WHERE proname = 'migrate_upgrade';
SELECT migrate_revoke('pgm_reader', 'operator');
-- With a search_path that names nothing.
SET SESSION AUTHORIZATION pgm_owner;
SET search_path = '';
SELECT revision FROM public.migrate_history();
SELECT revision FROM public.migrate_stamp('a');
RESET search_path;

-- It goes to somebody else as a whole.
RESET SESSION AUTHORIZATION;
REASSIGN OWNED BY pgm_owner TO pgm_heir;
SELECT extowner::regrole FROM pg_extension WHERE extname = 'pg_migrate';
SELECT catalogue, owner FROM member GROUP BY 1, 2 ORDER BY 1;
SET SESSION AUTHORIZATION pgm_heir;
SELECT revision FROM migrate_current();
SELECT revision FROM migrate_stamp('base');
-- Part of it, and it is refused.
RESET SESSION AUTHORIZATION;
ALTER TABLE migrate.log OWNER TO pgm_owner;
SELECT migrate_current();
\echo :SQLSTATE
ALTER TABLE migrate.log OWNER TO pgm_heir;
SELECT count(*) FROM migrate_current();

-- The owner drops it, and with it goes everything.
SET SESSION AUTHORIZATION pgm_heir;
DROP VIEW member;
DROP EXTENSION pg_migrate;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM pg_namespace WHERE nspname = 'migrate';
SELECT count(*) FROM pg_proc WHERE proname LIKE 'migrate\_%';

-- Into a schema of its own.
SET SESSION AUTHORIZATION pgm_owner;
CREATE SCHEMA "Odd schema";
CREATE EXTENSION pg_migrate SCHEMA "Odd schema";
SELECT "Odd schema".migrate_revision(revision => 'a', down_revision => 'base', message => 'a', up => 'SELECT 1');
SELECT revision FROM "Odd schema".migrate_upgrade();
SELECT "Odd schema".migrate_grant('pgm_reader', 'viewer');
SET SESSION AUTHORIZATION pgm_reader;
SELECT revision FROM "Odd schema".migrate_current();
SET SESSION AUTHORIZATION pgm_owner;
ALTER EXTENSION pg_migrate SET SCHEMA public;
DROP EXTENSION pg_migrate;
DROP SCHEMA "Odd schema";
-- Names that the server itself refuses to put into an install script.
CREATE SCHEMA "odd ""schema";
CREATE EXTENSION pg_migrate SCHEMA "odd ""schema";
DROP SCHEMA "odd ""schema";
RESET SESSION AUTHORIZATION;
CREATE ROLE "odd ""owner";
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO "odd ""owner"', current_database()); END $$;
GRANT CREATE ON SCHEMA public TO "odd ""owner";
SET SESSION AUTHORIZATION "odd ""owner";
CREATE EXTENSION pg_migrate;
RESET SESSION AUTHORIZATION;
DROP OWNED BY "odd ""owner";
DROP ROLE "odd ""owner";

DROP OWNED BY pgm_owner, pgm_without, pgm_heir, pgm_reader;
DROP ROLE pgm_owner, pgm_reader, pgm_heir, pgm_without;

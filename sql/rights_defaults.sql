-- Default privileges of the installing role do not reach pg_migrate: who may do what is for migrate_grant to say.
CREATE ROLE regress_app;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO regress_app;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO regress_app, PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO regress_app;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO regress_app;
CREATE EXTENSION pg_migrate;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM regress_app;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SEQUENCES FROM regress_app, PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM regress_app;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SCHEMAS FROM regress_app;

SELECT c.relname, a.grantee::regrole FROM pg_class AS c, aclexplode(c.relacl) AS a
    WHERE c.relnamespace = 'migrate'::regnamespace AND a.grantee <> c.relowner;
SELECT p.proname, a.grantee FROM pg_proc AS p, aclexplode(p.proacl) AS a
    WHERE p.proname LIKE 'migrate\_%' AND a.grantee <> p.proowner;
SELECT a.grantee FROM pg_namespace AS n, aclexplode(n.nspacl) AS a WHERE n.nspname = 'migrate' AND a.grantee <> n.nspowner;

SELECT migrate_grant('regress_app', 'viewer');
SELECT migrate_revision(revision => 'aaaa', down_revision => 'base', message => 'a');
SET ROLE regress_app;
SELECT revision FROM migrate_history();
UPDATE migrate.revision SET up = 'SELECT 2';
DELETE FROM migrate.log;
SELECT nextval('migrate.run_id');
SELECT migrate_upgrade();
RESET ROLE;
DROP EXTENSION pg_migrate;
DROP OWNED BY regress_app;
DROP ROLE regress_app;

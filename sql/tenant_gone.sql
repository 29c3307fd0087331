-- The version line of a schema that is gone, and schemas that can have none.
CREATE EXTENSION pg_migrate;
SELECT migrate_revision(revision => 'aaaa', down_revision => 'base', message => 'a', up => 'CREATE TABLE t (i int)', down => 'DROP TABLE t');
CREATE SCHEMA regress_tenant;
SELECT revision FROM migrate_upgrade(schema => 'regress_tenant');
DROP SCHEMA regress_tenant CASCADE;

-- Nothing can be run or looked at, but the line can be cleared; then the revision can be edited again.
SELECT revision FROM migrate_upgrade(schema => 'regress_tenant');
SELECT revision FROM migrate_current(schema => 'regress_tenant');
SELECT migrate_remove('aaaa');
SELECT * FROM migrate_stamp('base', schema => 'regress_tenant');
SELECT * FROM migrate_stamp('base', schema => 'regress_tenant');
SELECT * FROM migrate_stamp('head', schema => 'regress_never');
SELECT schema_name, revision FROM migrate.version;

-- In search_path these would mean something else, or belong to the server.
CREATE SCHEMA "$user";
SELECT revision FROM migrate_upgrade(schema => '$user');
SELECT revision FROM migrate_upgrade(schema => 'pg_catalog');
SELECT revision FROM migrate_upgrade(schema => 'information_schema');
SELECT * FROM migrate_stamp(schema => 'pg_temp');
DROP SCHEMA "$user";
SELECT migrate_remove('aaaa');
DROP EXTENSION pg_migrate;

-- Properties that few objects have: there and back.
CREATE EXTENSION pg_migrate;
SET client_min_messages = warning;
CREATE SCHEMA rest_tools;
CREATE EXTENSION pgm_test SCHEMA rest_tools;
-- What is dropped with an extension. It does not go with it where it is to stay.
SELECT $model$
CREATE SCHEMA rest_tools;
CREATE EXTENSION pgm_test SCHEMA rest_tools;
CREATE SCHEMA rest;
CREATE TABLE rest.t (a int);
CREATE INDEX t_a ON rest.t (a);
CREATE FUNCTION rest.f(int) RETURNS int LANGUAGE sql AS 'SELECT $1';
CREATE PROCEDURE rest.p() LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION rest.tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER tr BEFORE INSERT ON rest.t FOR EACH ROW EXECUTE FUNCTION rest.tf();
CREATE MATERIALIZED VIEW rest.mv AS SELECT 1 AS one;
$model$ AS plain, $depends$
ALTER FUNCTION rest.f(int) DEPENDS ON EXTENSION pgm_test;
ALTER PROCEDURE rest.p() DEPENDS ON EXTENSION pgm_test;
ALTER INDEX rest.t_a DEPENDS ON EXTENSION pgm_test;
ALTER TRIGGER tr ON rest.t DEPENDS ON EXTENSION pgm_test;
ALTER MATERIALIZED VIEW rest.mv DEPENDS ON EXTENSION pgm_test;
$depends$ AS depends \gset
SELECT migrate_autogenerate('depends', model => :'plain' || :'depends', revision => 'r1');
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'plain' || :'depends');
SELECT kind, object, change, sql FROM migrate_check(model => :'plain');
SELECT migrate_autogenerate('no extension', model => replace(:'plain', 'CREATE EXTENSION pgm_test SCHEMA rest_tools;', ''), revision => 'r2');
SELECT up, down FROM migrate_show('r2') \gx
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM migrate_check(model => replace(:'plain', 'CREATE EXTENSION pgm_test SCHEMA rest_tools;', ''));
SELECT count(*) FROM migrate_downgrade('-1');
SELECT * FROM migrate_check(model => :'plain' || :'depends');
DROP SCHEMA rest CASCADE;
SELECT count(*) FROM migrate_stamp('base');
SELECT migrate_remove('r2'), migrate_remove('r1');
DROP EXTENSION pgm_test;
DROP SCHEMA rest_tools;
-- Foreign keys that nothing checks.
CREATE SCHEMA rest;
SELECT migrate_revision('tables', 'CREATE TABLE rest.a (id int PRIMARY KEY); CREATE TABLE rest.b (a_id int REFERENCES rest.a, c int UNIQUE DEFERRABLE);',
                        'DROP TABLE rest.b; DROP TABLE rest.a', revision => 'f1', down_revision => 'base');
SELECT count(*) FROM migrate_upgrade();
ALTER TABLE rest.b DISABLE TRIGGER ALL;
INSERT INTO rest.b VALUES (1);
SELECT kind, object, change, sql FROM migrate_drift();
ALTER TABLE rest.b ENABLE TRIGGER ALL;
SELECT kind, object, change, sql FROM migrate_drift();
SELECT migrate_revision('off', 'ALTER TABLE rest.b DISABLE TRIGGER ALL', 'ALTER TABLE rest.b ENABLE TRIGGER ALL', revision => 'f2', down_revision => 'f1');
SELECT * FROM migrate_verify('f2');
SELECT migrate_edit('f2', down => 'SELECT 1');
SELECT * FROM migrate_verify('f2');
SELECT count(*) FROM migrate_downgrade('base');
DROP SCHEMA rest;
DROP EXTENSION pg_migrate;

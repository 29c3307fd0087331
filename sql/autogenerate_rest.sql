-- Properties that few objects have: there and back.
CREATE EXTENSION pg_migrate;
SET client_min_messages = warning;
-- From 16 on a view does not name its only relation with each column, and from 18 on NOT NULL has a name: not what is looked at here.
CREATE FUNCTION pg_temp.on_all_servers(script text) RETURNS text LANGUAGE sql AS $$
SELECT regexp_replace(regexp_replace(regexp_replace(script, ' CONSTRAINT \w+_not_null NOT NULL', ' NOT NULL', 'g'),
                                     'ALTER TABLE \S+ RENAME CONSTRAINT \w+_not_null TO \w+_not_null;\n\n|-- constraint \w+_not_null ON [^\n]*\n\n?', '', 'g'),
                      '^( SELECT |    )(\(?)\w+\.(\w+)\M(?!\()', '\1\2\3', 'gn')
$$;
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
-- Owners that stay have what the model's have granted.
CREATE ROLE rest_owner;
CREATE ROLE rest_reader;
SELECT 'CREATE SCHEMA rest; CREATE TABLE rest.t (a int); GRANT SELECT ON rest.t TO rest_reader; CREATE TABLE rest.u (a int, b int); GRANT SELECT (a) ON rest.u TO rest_reader;
CREATE FUNCTION rest.f() RETURNS int LANGUAGE sql AS ''SELECT 1''; REVOKE EXECUTE ON FUNCTION rest.f() FROM PUBLIC;' AS granting \gset
:granting
ALTER TABLE rest.t OWNER TO rest_owner;
ALTER TABLE rest.u OWNER TO rest_owner;
ALTER FUNCTION rest.f() OWNER TO rest_owner;
SELECT kind, object, change, sql FROM migrate_check(model => :'granting', schemas => 'rest');
SELECT kind, object, change, sql FROM migrate_check(model => :'granting' || 'GRANT INSERT ON rest.t TO rest_reader; REVOKE SELECT (a) ON rest.u FROM rest_reader; GRANT UPDATE (b) ON rest.u TO rest_reader;', schemas => 'rest');
DROP SCHEMA rest CASCADE;
DROP ROLE rest_owner, rest_reader;
-- Names for columns by their position count them in the order of the model, which the database may not have.
CREATE SCHEMA rest;
CREATE TABLE rest.t (a int, b int);
CREATE VIEW rest.v AS SELECT x.p, x.q FROM rest.t x(p, q);
SELECT migrate_autogenerate('middle', model => 'CREATE SCHEMA rest; CREATE TABLE rest.t (a int, new int, b int); CREATE VIEW rest.v AS SELECT x.p, x.q FROM rest.t x(p, n, q);
CREATE FUNCTION rest.rows() RETURNS SETOF rest.t LANGUAGE sql AS ''SELECT * FROM rest.t''; CREATE VIEW rest.of_rows AS SELECT * FROM rest.rows();
CREATE VIEW rest.plain AS SELECT a, new FROM rest.t;', schemas => 'rest', revision => 'p1');
SELECT pg_temp.on_all_servers(up) AS up FROM migrate_show('p1') \gx
SELECT migrate_remove('p1');
DROP SCHEMA rest CASCADE;
-- Both sides of a foreign key get types that are not comparable with what they had.
SELECT $model$
CREATE SCHEMA rest;
CREATE TYPE rest.e AS ENUM ('x', 'y', 'z');
CREATE TABLE rest.a (id int PRIMARY KEY, k rest.e UNIQUE, big int UNIQUE);
CREATE TABLE rest.b (a_id int CONSTRAINT fk_id REFERENCES rest.a ON DELETE CASCADE, k rest.e CONSTRAINT fk_k REFERENCES rest.a (k), big int CONSTRAINT fk_big REFERENCES rest.a (big), up int);
CREATE TABLE rest.p (id int PRIMARY KEY, a_id int CONSTRAINT fk_p REFERENCES rest.a) PARTITION BY RANGE (id);
CREATE TABLE rest.p1 PARTITION OF rest.p DEFAULT;
COMMENT ON CONSTRAINT fk_id ON rest.b IS 'kept';
$model$ AS before, $model$
CREATE SCHEMA rest;
CREATE TYPE rest.e AS ENUM ('z', 'x', 'y');
CREATE TABLE rest.a (id text PRIMARY KEY, k rest.e UNIQUE, big bigint UNIQUE);
CREATE TABLE rest.b (a_id text CONSTRAINT fk_id REFERENCES rest.a ON DELETE CASCADE, k rest.e CONSTRAINT fk_k REFERENCES rest.a (k), big bigint CONSTRAINT fk_big REFERENCES rest.a (big), up int);
CREATE TABLE rest.p (id int PRIMARY KEY, a_id text CONSTRAINT fk_p REFERENCES rest.a) PARTITION BY RANGE (id);
CREATE TABLE rest.p1 PARTITION OF rest.p DEFAULT;
COMMENT ON CONSTRAINT fk_id ON rest.b IS 'kept';
$model$ AS after \gset
SELECT migrate_autogenerate('keys', model => :'before', schemas => 'rest', revision => 'k1');
SELECT count(*) FROM migrate_upgrade();
INSERT INTO rest.a VALUES (1, 'x', 1);
INSERT INTO rest.b VALUES (1, 'x', 1);
INSERT INTO rest.p VALUES (1, 1);
SELECT migrate_autogenerate('keys', model => :'after', schemas => 'rest', revision => 'k2');
SELECT pg_temp.on_all_servers(up) AS up FROM migrate_show('k2') \gx
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'after', schemas => 'rest');
SELECT * FROM rest.b, rest.p;
SELECT count(*) FROM migrate_downgrade('-1');
SELECT * FROM migrate_check(model => :'before', schemas => 'rest');
SELECT * FROM rest.b, rest.p;
DROP SCHEMA rest CASCADE;
SELECT count(*) FROM migrate_stamp('base');
SELECT migrate_remove('k2'), migrate_remove('k1');
-- A call that fits to a function which goes and to another one of its name.
SELECT $model$
CREATE SCHEMA rest;
CREATE FUNCTION rest.f(a int, b text DEFAULT 'x') RETURNS TABLE (x int) LANGUAGE sql AS 'SELECT 1';
CREATE VIEW rest.v AS SELECT x FROM rest.f(1);
CREATE FUNCTION rest.g(a int, b text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION rest.g(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW rest.w AS SELECT rest.g(1) AS x;
CREATE FUNCTION rest.h(a int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE TABLE rest.t (a int DEFAULT rest.h(1), CHECK (rest.h(a) = 1));
CREATE INDEX t_h ON rest.t (rest.h(a));
$model$ AS before, $model$
CREATE SCHEMA rest;
CREATE FUNCTION rest.f(a int, b text DEFAULT 'x', c int DEFAULT 3) RETURNS TABLE (x int, z int) LANGUAGE sql AS 'SELECT 1, 2';
CREATE VIEW rest.v AS SELECT x FROM rest.f(1);
CREATE FUNCTION rest.g(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW rest.w AS SELECT rest.g(1) AS x;
CREATE FUNCTION rest.h(a int, b int DEFAULT 1) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE TABLE rest.t (a int DEFAULT rest.h(1), CHECK (rest.h(a) = 1));
CREATE INDEX t_h ON rest.t (rest.h(a));
$model$ AS after \gset
SELECT migrate_autogenerate('functions', model => :'before', schemas => 'rest', revision => 'o1');
SELECT migrate_autogenerate('functions', model => :'after', schemas => 'rest', revision => 'o2') FROM migrate_upgrade();
SELECT pg_temp.on_all_servers(up) AS up FROM migrate_show('o2') \gx
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'after', schemas => 'rest');
SELECT count(*) FROM migrate_downgrade('-1');
SELECT * FROM migrate_check(model => :'before', schemas => 'rest');
DROP SCHEMA rest CASCADE;
SELECT count(*) FROM migrate_stamp('base');
SELECT migrate_remove('o2'), migrate_remove('o1');
-- A sequence that gets another owner, as the old one goes.
SELECT $model$
CREATE SCHEMA rest;
CREATE SEQUENCE rest.s;
CREATE TABLE rest.a (x int DEFAULT nextval('rest.s'));
CREATE TABLE rest.b (x int DEFAULT nextval('rest.s'), y int);
$model$ AS common, 'ALTER SEQUENCE rest.s OWNED BY rest.a.x;' AS before, 'ALTER SEQUENCE rest.s OWNED BY rest.b.x; DROP TABLE rest.a;' AS after \gset
SELECT migrate_autogenerate('owner', model => :'common' || :'before', schemas => 'rest', revision => 'w1');
SELECT migrate_autogenerate('owner', model => :'common' || :'after', schemas => 'rest', revision => 'w2') FROM migrate_upgrade();
SELECT pg_temp.on_all_servers(up) AS up, pg_temp.on_all_servers(down) AS down FROM migrate_show('w2') \gx
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'common' || :'after', schemas => 'rest');
SELECT count(*) FROM migrate_downgrade('-1');
SELECT * FROM migrate_check(model => :'common' || :'before', schemas => 'rest');
DROP SCHEMA rest CASCADE;
SELECT count(*) FROM migrate_stamp('base');
SELECT migrate_remove('w2'), migrate_remove('w1');
-- What pg_dump writes for psql has a random key, which can begin with a digit.
SELECT * FROM migrate_check(model => E'\\restrict 7abc\nCREATE SCHEMA rest; CREATE TABLE rest.t (a int);\n\\unrestrict 7abc\n', schemas => 'rest');
SELECT * FROM migrate_check(model => E'\\restrict 7abc\nCREATE SCHEMA rest; CREATE TABLE rest.t (a int);\n\\unrestrict 7abc\nSELECT 12x34;', schemas => 'rest');
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
-- The default of a domain lets go of a function that is made again, under columns of the domain.
CREATE SCHEMA rest;
CREATE FUNCTION rest.f(a int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT a';
CREATE DOMAIN rest.d AS int DEFAULT rest.f(1) CHECK (rest.f(VALUE) > 0);
CREATE TABLE rest.t (a rest.d, b int);
INSERT INTO rest.t (b) VALUES (1);
SELECT migrate_remove('f2'), migrate_remove('f1');
SELECT $model$
CREATE SCHEMA rest;
CREATE FUNCTION rest.f(b int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT b';
CREATE DOMAIN rest.d AS int DEFAULT rest.f(1) CHECK (rest.f(VALUE) > 0);
CREATE TABLE rest.t (a rest.d, b int);
$model$ AS model \gset
SELECT migrate_autogenerate('argument', model => :'model', schemas => 'rest', revision => 'g1');
SELECT up, down FROM migrate.revision WHERE revision = 'g1' \gx
SELECT * FROM migrate_verify('g1');
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'model', schemas => 'rest');
SELECT kind, object, change, sql FROM migrate_check(model => replace(replace(:'model', 'DEFAULT rest.f(1) ', ''), 'b int);', 'b int); CREATE DOMAIN rest.e AS rest.d DEFAULT 2;'), schemas => 'rest');
SELECT * FROM rest.t;
DROP SCHEMA rest CASCADE;
-- The password of a user mapping is in no script: one that makes the mapping says so.
CREATE FOREIGN DATA WRAPPER rest_wrapper;
CREATE SERVER rest_server FOREIGN DATA WRAPPER rest_wrapper;
CREATE USER MAPPING FOR PUBLIC SERVER rest_server OPTIONS (user 'u', password 'p', api_token 't');
SELECT count(*) FROM migrate_stamp('head');
SELECT migrate_autogenerate('no mapping', model => 'CREATE FOREIGN DATA WRAPPER rest_wrapper; CREATE SERVER rest_server FOREIGN DATA WRAPPER rest_wrapper', revision => 'm1');
SELECT up, down FROM migrate_show('m1') \gx
DROP SERVER rest_server CASCADE;
DROP FOREIGN DATA WRAPPER rest_wrapper;
SELECT migrate_remove('m1');
CREATE SCHEMA rest;
CREATE TABLE rest.a (z int);
CREATE TABLE rest.b (y int, x int, n text);
-- What no statement brings about is said, and is no difference for ever.
ALTER TABLE rest.a ADD x int, ADD y int, ADD n text;
ALTER TABLE rest.a INHERIT rest.b;
SELECT 'CREATE SCHEMA rest; CREATE TABLE rest.b (y int, x int, n text); CREATE TABLE rest.a (z int) INHERITS (rest.b)' AS model \gset
SELECT migrate_autogenerate('inherited', model => :'model', schemas => 'rest');
SELECT * FROM migrate_check(model => :'model', schemas => 'rest');
DROP SCHEMA rest CASCADE;
DROP EXTENSION pg_migrate;

-- Deparsed text that names columns by their position means the columns that they have in the database.
SET client_min_messages = warning;
CREATE EXTENSION pg_migrate;
-- From 16 on a view does not name its only relation with each column, and from 18 on NOT NULL has a name: not what is looked at here.
CREATE FUNCTION pg_temp.on_all_servers(script text) RETURNS text LANGUAGE sql AS $$
SELECT regexp_replace(regexp_replace(regexp_replace(script, ' CONSTRAINT \w+_not_null NOT NULL', ' NOT NULL', 'g'),
                                     'ALTER TABLE \S+ RENAME CONSTRAINT \w+_not_null TO \w+_not_null;\n\n|-- constraint \w+_not_null ON [^\n]*\n\n?', '', 'g'),
                      '^( SELECT |    )(\(?)\w+\.(\w+)\M(?!\()', '\1\2\3', 'gn')
$$;
CREATE TABLE t (a int, c int, b int);
INSERT INTO t (a, b, c) VALUES (1, 2, 3);
CREATE FUNCTION f() RETURNS SETOF t LANGUAGE sql STABLE AS 'SELECT * FROM t';
SELECT $$CREATE TABLE t (a int, b int, n int, c int);
CREATE FUNCTION f() RETURNS SETOF t LANGUAGE sql STABLE AS 'SELECT * FROM t';
CREATE VIEW of_function AS SELECT x.a, x.b, x.c FROM f() x;
CREATE VIEW of_alias AS SELECT x.p, x.q, x.s FROM t x (p, q, r, s);
CREATE VIEW of_row AS SELECT (row(1, 2, 4, 3)::t).b;
CREATE FUNCTION of_body() RETURNS int BEGIN ATOMIC SELECT x.b FROM f() x; END;
CREATE TABLE keeps (r t DEFAULT row(1, 2, 4, 3));
$$ AS model \gset
SELECT migrate_autogenerate('views', model => :'model', revision => 'co1');
SELECT pg_temp.on_all_servers(up) AS up FROM migrate.revision WHERE revision = 'co1';
SELECT * FROM migrate_verify();
SELECT count(*) FROM migrate_upgrade();
-- 1, 2, 3
SELECT a, b, c FROM of_function;
SELECT p, q, s FROM of_alias;
SELECT b FROM of_row;
SELECT of_body();
INSERT INTO keeps DEFAULT VALUES;
SELECT (r).a, (r).b, (r).c, (r).n FROM keeps;
SELECT * FROM migrate_check(model => :'model');
-- One in the middle, and back again.
SELECT migrate_autogenerate('middle', revision => 'co2', model => replace(replace(replace(replace(:'model', 'b int, n', 'm int, b int, n'), '(p, q, r, s)', '(p, m, q, r, s)'), 'row(1, 2', 'row(1, 9, 2'), 'DEFAULT row', 'DEFAULT ROW'));
SELECT pg_temp.on_all_servers(up) AS up, pg_temp.on_all_servers(down) AS down FROM migrate.revision WHERE revision = 'co2';
SELECT * FROM migrate_verify();
DELETE FROM keeps;
SELECT count(*) FROM migrate_upgrade();
SELECT a, b, c FROM of_function;
SELECT p, q, s FROM of_alias;
SELECT b FROM of_row;
SELECT of_body();
SELECT count(*) FROM migrate_downgrade('-1');
SELECT a, b, c FROM of_function;
SELECT p, q, s FROM of_alias;
SELECT b FROM of_row;
SELECT of_body();
SELECT * FROM migrate_check(model => :'model');
-- What a script cannot know is said.
SELECT migrate_remove('co2');
SELECT migrate_autogenerate('join', revision => 'co3', model => :'model' || 'CREATE TABLE u (z int);
CREATE VIEW of_join AS SELECT j.q FROM (t CROSS JOIN u) j (p, q, r, s, z);');
SELECT pg_temp.on_all_servers(up) AS up FROM migrate.revision WHERE revision = 'co3';
SELECT migrate_remove('co3');
-- The way back of a script that has changed the order.
SELECT migrate_revision('again', $$DROP VIEW of_function; ALTER TABLE t DROP COLUMN b CASCADE; ALTER TABLE t ADD COLUMN b int;$$, NULL, revision => 'co4');
SELECT pg_temp.on_all_servers(migrate_derive_down('co4')) AS down;
SELECT pg_temp.on_all_servers(down) AS down FROM migrate.revision WHERE revision = 'co4';
SELECT * FROM migrate_verify();
-- What is not compared, or taken over, counts as the database does.
SELECT migrate_remove('co4');
CREATE SCHEMA other;
CREATE VIEW other.v AS SELECT x.a, x.b, x.c, x.n FROM f() x;
CREATE VIEW other.u AS SELECT x.a, x.b, x.c, x.n FROM unnest(ARRAY(SELECT t FROM t)) x;
CREATE VIEW other.r AS SELECT (row(1, 3, 2, 4)::t).b;
SELECT kind, object, change FROM migrate_check(model => :'model', schemas => 'public');
DROP TABLE keeps;
SELECT migrate_autogenerate('around', revision => 'co5', schemas => 'public',
    model => regexp_replace(replace(replace(replace(:'model', 'b int, n', 'm int, b bigint, n'), '(p, q, r, s)', '(p, m, q, r, s)'), 'row(1, 2', 'row(1, 9, 2'), 'CREATE TABLE keeps[^;]*;', ''));
SELECT pg_temp.on_all_servers(up) AS up FROM migrate.revision WHERE revision = 'co5';
SELECT * FROM migrate_verify();
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM other.v;
SELECT * FROM other.u;
SELECT * FROM other.r;
DROP VIEW other.v, other.u, other.r;
DROP SCHEMA other;
DROP FUNCTION of_body;
DROP VIEW of_function, of_alias, of_row;
DROP FUNCTION f;
DROP TABLE t;
DROP EXTENSION pg_migrate CASCADE;

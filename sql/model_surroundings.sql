-- What stands outside of the schemas that are compared, on something that changes.
SET client_min_messages = warning;
CREATE ROLE model_surroundings_reader;
CREATE EXTENSION pg_migrate;
-- From 16 on a view does not name its only relation with each column, and from 18 on NOT NULL has a name: not what is looked at here.
CREATE FUNCTION pg_temp.on_all_servers(script text) RETURNS text LANGUAGE sql AS $$
SELECT regexp_replace(regexp_replace(regexp_replace(script, ' CONSTRAINT \w+_not_null NOT NULL', ' NOT NULL', 'g'),
                                     'ALTER TABLE \S+ RENAME CONSTRAINT \w+_not_null TO \w+_not_null;\n\n|-- constraint \w+_not_null ON [^\n]*\n\n?', '', 'g'),
                      '^( SELECT |    )(\(?)\w+\.(\w+)\M(?!\()', '\1\2\3', 'gn')
$$;
CREATE TABLE t (a int PRIMARY KEY, b int, c int);
INSERT INTO t VALUES (1, 2, 3);
CREATE VIEW own AS SELECT a, b, c FROM t;
CREATE SCHEMA reports;
CREATE VIEW reports.v AS SELECT a, b FROM t;
GRANT SELECT ON reports.v TO model_surroundings_reader;
COMMENT ON VIEW reports.v IS 'of the reports';
CREATE MATERIALIZED VIEW reports.m AS SELECT b FROM reports.v;
CREATE INDEX m_b ON reports.m (b);
CREATE TABLE reports.referring (x int REFERENCES t);
CREATE STATISTICS reports.s ON b, c FROM t;
CREATE TABLE measured (at int, value int, extra int) PARTITION BY RANGE (at);
CREATE SCHEMA partitions;
CREATE TABLE partitions.m1 PARTITION OF measured FOR VALUES FROM (0) TO (10);
CREATE INDEX ON measured (value);
INSERT INTO measured VALUES (1, 2, 3);
SET client_min_messages = notice;
-- A model in a schema, which has tables only. The views outside are made again with what belongs to them.
BEGIN;
CREATE SCHEMA model;
CREATE TABLE model.t (a bigint PRIMARY KEY, b bigint, c int);
CREATE TABLE model.measured (at int, value bigint, added int) PARTITION BY RANGE (at);
CREATE INDEX ON model.measured (value);
SELECT migrate_autogenerate('wider', model_schema => 'model', revision => 'su1');
SET LOCAL client_min_messages = warning;
DROP SCHEMA model CASCADE;
COMMIT;
SELECT pg_temp.on_all_servers(up) AS up FROM migrate.revision WHERE revision = 'su1';
SELECT * FROM migrate_verify();
SELECT count(*) FROM migrate_upgrade();
SELECT b FROM reports.m;
SELECT has_table_privilege('model_surroundings_reader', 'reports.v', 'SELECT'), obj_description('reports.v'::regclass);
\d partitions.m1
-- What stands on something that the model lacks is named instead, outside and where the model says nothing.
BEGIN;
CREATE SCHEMA model;
CREATE TABLE model.t (a bigint PRIMARY KEY, c int);
SELECT migrate_autogenerate('narrower', model_schema => 'model');
ROLLBACK;
-- The same of a text. To look is not refused.
SELECT migrate_autogenerate('none', model => 'CREATE TABLE z (a int)', schemas => 'public');
SELECT kind, object, change FROM migrate_check(model => 'CREATE TABLE z (a int)', schemas => 'public');
-- Where the schema is named, too, the model has to have it.
SELECT kind, object, change FROM migrate_check(model => 'CREATE TABLE z (a int)', schemas => 'public, reports') WHERE kind NOT IN ('column', 'constraint', 'index');
-- Statistics outside go with their column, and come back with it.
SELECT migrate_autogenerate('less', schemas => 'public', revision => 'su2', model => $$
CREATE TABLE t (a bigint PRIMARY KEY, b bigint);
CREATE TABLE measured (at int, value bigint, added int) PARTITION BY RANGE (at);
CREATE INDEX ON measured (value);
CREATE VIEW own AS SELECT a, b FROM t;$$);
SELECT pg_temp.on_all_servers(up) AS up, pg_temp.on_all_servers(down) AS down FROM migrate.revision WHERE revision = 'su2';
SELECT * FROM migrate_verify();
SELECT count(*) FROM migrate_upgrade();
-- What the model needs outside, and the database has not.
SELECT migrate_autogenerate('other', schemas => 'public', revision => 'su3', model => $$
CREATE SCHEMA absent; CREATE TYPE absent.mood AS ENUM ('sad');
CREATE TABLE t (a bigint PRIMARY KEY, b bigint, d absent.mood);
CREATE TABLE measured (at int, value bigint, added int) PARTITION BY RANGE (at);
CREATE INDEX ON measured (value);
CREATE VIEW own AS SELECT a, b FROM t;$$);
SELECT pg_temp.on_all_servers(up) AS up FROM migrate.revision WHERE revision = 'su3';
-- A column that has the rows of a table as its type keeps those of its columns.
CREATE TABLE reports.copies (row public.measured);
SELECT sql FROM migrate_check(schemas => 'public', model => $$
CREATE TABLE t (a bigint PRIMARY KEY, b bigint);
CREATE TABLE measured (at int, value int, added int) PARTITION BY RANGE (at);
CREATE INDEX ON measured (value);
CREATE VIEW own AS SELECT a, b FROM t;$$);
DROP TABLE reports.copies;
-- What is renamed is in them.
SELECT migrate_remove('su3');
SELECT migrate_autogenerate('renamed', schemas => 'public', model => '', renames => 'reports.referring:reports.refers');
SET client_min_messages = warning;
DROP TABLE t, measured CASCADE;
DROP SCHEMA reports, partitions CASCADE;
DROP EXTENSION pg_migrate CASCADE;
DROP ROLE model_surroundings_reader;

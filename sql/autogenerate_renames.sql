-- What has another name in the model: `renames`.
CREATE EXTENSION pg_migrate;
SET client_min_messages = warning;
-- From 16 on a view does not name its only relation with each column, and from 18 on NOT NULL has a name: not what is looked at here.
CREATE FUNCTION pg_temp.on_all_servers(script text) RETURNS text LANGUAGE sql AS $$
SELECT regexp_replace(regexp_replace(regexp_replace(script, ' CONSTRAINT \w+_not_null NOT NULL', ' NOT NULL', 'g'),
                                     'ALTER TABLE \S+ RENAME CONSTRAINT \w+_not_null TO \w+_not_null;\n\n|-- constraint \w+_not_null ON [^\n]*\n\n?', '', 'g'),
                      '^( SELECT |    )(\(?)\w+\.(\w+)\M(?!\()', '\1\2\3', 'gn')
$$;
-- The sequence of a serial column goes on counting when the table gets another name.
CREATE SCHEMA renames;
SELECT migrate_autogenerate('serial', model => 'CREATE SCHEMA renames; CREATE TABLE renames.a (id serial PRIMARY KEY, b bigserial)', schemas => 'renames', revision => 'q1');
SELECT count(*) FROM migrate_upgrade();
INSERT INTO renames.a DEFAULT VALUES;
SELECT migrate_autogenerate('rename', model => 'CREATE SCHEMA renames; CREATE TABLE renames.bb (id serial PRIMARY KEY, c bigserial)', schemas => 'renames', renames => 'renames.a:bb, renames.a.b:c', revision => 'q2');
SELECT pg_temp.on_all_servers(up) AS up, pg_temp.on_all_servers(down) AS down FROM migrate_show('q2') \gx
SELECT count(*) FROM migrate_upgrade();
INSERT INTO renames.bb DEFAULT VALUES;
SELECT * FROM renames.bb ORDER BY id;
SELECT * FROM migrate_check(model => 'CREATE SCHEMA renames; CREATE TABLE renames.bb (id serial PRIMARY KEY, c bigserial)', schemas => 'renames');
SELECT count(*) FROM migrate_downgrade('-1');
INSERT INTO renames.a DEFAULT VALUES;
SELECT * FROM renames.a ORDER BY id;
SELECT * FROM migrate_check(model => 'CREATE SCHEMA renames; CREATE TABLE renames.a (id serial PRIMARY KEY, b bigserial)', schemas => 'renames');
DROP SCHEMA renames CASCADE;
SELECT count(*) FROM migrate_stamp('base');
SELECT migrate_remove('q2'), migrate_remove('q1');

-- The old name is that of something else in the model: a view for the programs that are not told yet.
CREATE SCHEMA renames;
CREATE TABLE renames.t (id serial PRIMARY KEY, x int, c text);
CREATE TABLE renames.r (t int REFERENCES renames.t);
INSERT INTO renames.t (x) VALUES (10), (20);
INSERT INTO renames.r VALUES (2);
SELECT $$
CREATE SCHEMA renames;
CREATE TABLE renames.t_base (id serial PRIMARY KEY, x int, d text);
CREATE VIEW renames.t AS SELECT id, x, d AS c FROM renames.t_base;
CREATE TABLE renames.r (t int REFERENCES renames.t_base);
$$ AS model \gset
SELECT migrate_autogenerate('under a view', :'model', schemas => 'renames', renames => 'renames.t:t_base, renames.t.c:d', revision => 'n1');
SELECT pg_temp.on_all_servers(up) AS up, pg_temp.on_all_servers(down) AS down FROM migrate_show('n1') \gx
SELECT * FROM migrate_verify();
SELECT count(*) FROM migrate_upgrade();
INSERT INTO renames.t (x) VALUES (30) RETURNING *;
SELECT * FROM migrate_check(:'model', schemas => 'renames');
SELECT count(*) FROM migrate_downgrade('-1');
SELECT * FROM renames.t ORDER BY id;
SELECT migrate_remove('n1');

-- A partitioned table takes the name, and the old table is its first partition. The sequence goes with the name.
SELECT $$
CREATE SCHEMA renames;
CREATE TABLE renames.t (id bigserial, x int, c text, PRIMARY KEY (id, x)) PARTITION BY RANGE (x);
CREATE TABLE renames.t_first PARTITION OF renames.t FOR VALUES FROM (0) TO (100);
CREATE TABLE renames.t_then PARTITION OF renames.t FOR VALUES FROM (100) TO (200);
$$ AS model \gset
DROP TABLE renames.r;
ALTER TABLE renames.t ALTER id TYPE bigint, ALTER x SET NOT NULL;
ALTER SEQUENCE renames.t_id_seq AS bigint;
SELECT migrate_autogenerate('partitioned', :'model', schemas => 'renames', renames => 'renames.t:t_first', revision => 'n2');
SELECT pg_temp.on_all_servers(up) AS up, pg_temp.on_all_servers(down) AS down FROM migrate_show('n2') \gx
SELECT * FROM migrate_verify();
SELECT count(*) FROM migrate_upgrade();
INSERT INTO renames.t (x) VALUES (40), (140) RETURNING tableoid::regclass, *;
SELECT * FROM migrate_check(:'model', schemas => 'renames');
DELETE FROM renames.t_then;
SELECT count(*) FROM migrate_downgrade('-1');
SELECT * FROM renames.t ORDER BY id;
SELECT migrate_remove('n2');

-- The new name is that of a table which goes, and of a column: both step aside. Each table keeps its sequence.
CREATE TABLE renames.u (id serial PRIMARY KEY, x int);
SELECT setval('renames.u_id_seq', 1000);
ALTER TABLE renames.t ALTER x DROP NOT NULL, ADD "X" int;
UPDATE renames.t SET "X" = -x;
SELECT 'CREATE SCHEMA renames; CREATE TABLE renames.u (id bigserial PRIMARY KEY, x int, c text)' AS model \gset
SELECT migrate_autogenerate('taken', :'model', schemas => 'renames', renames => 'renames.t:u, renames.t."X":x', revision => 'n3');
SELECT pg_temp.on_all_servers(up) AS up, pg_temp.on_all_servers(down) AS down FROM migrate_show('n3') \gx
SELECT * FROM migrate_verify();
SELECT count(*) FROM migrate_upgrade();
INSERT INTO renames.u (c) VALUES ('next') RETURNING *;
SELECT * FROM renames.u ORDER BY id;
SELECT * FROM migrate_check(:'model', schemas => 'renames');
SELECT count(*) FROM migrate_downgrade('-1');
SELECT * FROM renames.t ORDER BY id;
SELECT migrate_remove('n3');

-- The comparison leaves no lock and no name behind.
BEGIN;
SELECT migrate_autogenerate('locks', :'model', schemas => 'renames', renames => 'renames.t:u', revision => 'n4');
SELECT relation::regclass, mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation = 'renames.t'::regclass AND mode <> 'AccessShareLock';
SELECT count(*) FROM renames.t;
ROLLBACK;
SELECT relname, t.typname FROM pg_class c LEFT JOIN pg_type t ON t.oid = c.reltype WHERE relnamespace = 'renames'::regnamespace AND relkind IN ('r', 'S') ORDER BY 1;
-- With a schema as the model.
CREATE SCHEMA renames_model;
CREATE TABLE renames_model.v (id bigserial PRIMARY KEY, x int, c text, "X" int);
CREATE VIEW renames_model.t AS SELECT id FROM renames_model.v;
CREATE TABLE renames_model.u (id serial PRIMARY KEY, x int);
SELECT migrate_autogenerate('schema', model_schema => 'renames_model', schemas => 'renames', renames => 't:v', revision => 'n5');
SELECT pg_temp.on_all_servers(up) AS up, pg_temp.on_all_servers(down) AS down FROM migrate_show('n5') \gx
SELECT migrate_remove('n5');
DROP SCHEMA renames_model CASCADE;

-- Two tables exchange their names, and two columns: with the sequences and the keys.
INSERT INTO renames.u (x) VALUES (1);
ALTER TABLE renames.t DROP "X", ADD UNIQUE (c);
SELECT 'CREATE SCHEMA renames; CREATE TABLE renames.t (id serial PRIMARY KEY, x int); CREATE TABLE renames.u (id bigserial PRIMARY KEY, x text UNIQUE, c int)' AS model \gset
SELECT migrate_autogenerate('exchanged', :'model', schemas => 'renames', renames => 'renames.t:u, renames.u:t, renames.t.x:c, renames.t.c:x', revision => 'n6');
SELECT pg_temp.on_all_servers(up) AS up, pg_temp.on_all_servers(down) AS down FROM migrate_show('n6') \gx
SELECT * FROM migrate_verify();
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM migrate_check(:'model', schemas => 'renames');
INSERT INTO renames.t DEFAULT VALUES RETURNING *;
INSERT INTO renames.u DEFAULT VALUES RETURNING *;
SELECT count(*) FROM migrate_downgrade('-1');
SELECT id, x FROM renames.t ORDER BY id;
SELECT id, x FROM renames.u ORDER BY id;
SELECT migrate_remove('n6');

-- What cannot be.
CREATE TYPE renames.type AS ENUM ();
CREATE INDEX index ON renames.u (x);
SELECT 'CREATE SCHEMA renames; CREATE TABLE renames.w (id int, y int); CREATE VIEW renames.view AS SELECT 1 AS a; CREATE TABLE renames.type (); CREATE TABLE renames.index ();' AS model \gset
\set errors 'SELECT migrate_autogenerate(\'refused\', :\'model\', schemas => \'renames\', renames => '
:errors 'renames.t:missing');
:errors 'renames.t:view');
:errors 'renames.t:w, renames.t.x:z');
:errors 'renames.missing:w');
:errors 'renames.t.missing:y');
:errors 'renames.t:type');
:errors 'renames.t:index');
:errors 'renames.t:w, renames.u:w');
:errors 'renames.t:w, renames.t:u');
:errors 'renames.t:public.t');
:errors 'renames.t');
:errors 'renames.t:');
SELECT revision FROM migrate_history();
DROP SCHEMA renames CASCADE;
DROP EXTENSION pg_migrate;

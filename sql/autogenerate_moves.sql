-- Tables that go to another schema: `renames`.
CREATE EXTENSION pg_migrate;
SET client_min_messages = warning;
CREATE SCHEMA moves;
CREATE TYPE moves.mood AS ENUM ('sad', 'glad');
CREATE TABLE moves.t (id serial PRIMARY KEY, m moves.mood DEFAULT 'sad', x int GENERATED ALWAYS AS IDENTITY, y text CHECK (y <> ''), UNIQUE (y));
CREATE INDEX t_x ON moves.t (x);
CREATE TABLE moves.r (t int REFERENCES moves.t, s moves.mood[]);
CREATE VIEW moves.v AS SELECT t.id, t.y, t.m FROM moves.t LEFT JOIN moves.r ON false;
COMMENT ON TABLE moves.t IS 'of t';
INSERT INTO moves.t (y) VALUES ('a'), ('b');
INSERT INTO moves.r VALUES (2, '{glad}');
-- The schema that they go to is new, and that they come from stays.
SELECT $$
CREATE SCHEMA moves;
CREATE SCHEMA moves_to;
CREATE TYPE moves.mood AS ENUM ('sad', 'glad');
CREATE TABLE moves_to.t (id serial PRIMARY KEY, m moves.mood DEFAULT 'sad', x int GENERATED ALWAYS AS IDENTITY, y text CHECK (y <> ''), z int, UNIQUE (y));
CREATE INDEX t_x ON moves_to.t (x);
CREATE TABLE moves.r (t int REFERENCES moves_to.t, s moves.mood[]);
CREATE VIEW moves.v AS SELECT t.id, t.y, t.m FROM moves_to.t LEFT JOIN moves.r ON false;
COMMENT ON TABLE moves_to.t IS 'of t';
$$ AS model \gset
\set make 'SELECT migrate_autogenerate(\'moves\', :\'model\', schemas => \'moves, moves_to\', revision => \'m1\''
-- Without, the data would go: it is said what keeps it.
SET client_min_messages = notice;
BEGIN;
:make);
ROLLBACK;
SET client_min_messages = warning;
:make, renames => 'moves.t:moves_to.t');
SELECT up, down FROM migrate_show('m1') \gx
SELECT * FROM migrate_verify();
SELECT count(*) FROM migrate_upgrade();
INSERT INTO moves_to.t (y) VALUES ('c') RETURNING *;
SELECT * FROM moves.v ORDER BY id;
SELECT * FROM migrate_check(:'model', schemas => 'moves, moves_to');
SELECT count(*) FROM migrate_downgrade('-1');
SELECT * FROM moves.t ORDER BY id;
SELECT nspname FROM pg_namespace WHERE nspname LIKE 'moves%' ORDER BY 1;
SELECT migrate_remove('m1');

-- A schema gets another name: all that it has goes over, and it leaves.
SELECT $$
CREATE SCHEMA moves_to;
CREATE TYPE moves_to.mood AS ENUM ('sad', 'glad');
CREATE TABLE moves_to.t (id serial PRIMARY KEY, m moves_to.mood DEFAULT 'sad', x int GENERATED ALWAYS AS IDENTITY, y text CHECK (y <> ''), UNIQUE (y));
CREATE INDEX t_x ON moves_to.t (x);
CREATE TABLE moves_to.r (t int REFERENCES moves_to.t, s moves_to.mood[]);
CREATE VIEW moves_to.v AS SELECT t.id, t.y, t.m FROM moves_to.t LEFT JOIN moves_to.r ON false;
COMMENT ON TABLE moves_to.t IS 'of t';
$$ AS model \gset
SET client_min_messages = notice;
BEGIN;
:make);
ROLLBACK;
SET client_min_messages = warning;
:make, renames => 't:moves_to.t, r:moves_to.r, v:moves_to.v');
SELECT up, down FROM migrate_show('m1') \gx
SELECT * FROM migrate_verify();
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM moves_to.t ORDER BY id;
SELECT * FROM moves_to.r;
SELECT * FROM migrate_check(:'model', schemas => 'moves_to');
SELECT count(*) FROM migrate_downgrade('-1');
SELECT * FROM moves.t ORDER BY id;
SELECT * FROM moves.r;
SELECT migrate_remove('m1');

-- The other schema has a table of that name, with keys and sequences of the same names, and they exchange their places.
CREATE SCHEMA moves_to;
CREATE TABLE moves_to.t (id serial PRIMARY KEY, a text);
INSERT INTO moves_to.t (a) VALUES ('of moves_to');
SELECT $$
CREATE SCHEMA moves;
CREATE SCHEMA moves_to;
CREATE TYPE moves.mood AS ENUM ('sad', 'glad');
CREATE TABLE moves_to.t (id serial PRIMARY KEY, m moves.mood DEFAULT 'sad', x int GENERATED ALWAYS AS IDENTITY, y2 text CHECK (y2 <> ''), UNIQUE (y2));
CREATE INDEX t_x ON moves_to.t (x);
CREATE TABLE moves.r (t int REFERENCES moves_to.t, s moves.mood[]);
CREATE VIEW moves.v AS SELECT t.id, t.y2 AS y, t.m FROM moves_to.t LEFT JOIN moves.r ON false;
COMMENT ON TABLE moves_to.t IS 'of t';
CREATE TABLE moves.t (id serial PRIMARY KEY, a text);
$$ AS model \gset
:make, renames => 'moves.t:moves_to.t, moves_to.t:moves.t, moves.t.y:t.y2');
SELECT up, down FROM migrate_show('m1') \gx
SELECT * FROM migrate_verify();
SELECT count(*) FROM migrate_upgrade();
INSERT INTO moves.t DEFAULT VALUES RETURNING *;
INSERT INTO moves_to.t DEFAULT VALUES RETURNING *;
SELECT * FROM migrate_check(:'model', schemas => 'moves, moves_to');
SELECT count(*) FROM migrate_downgrade('-1');
SELECT * FROM moves.t ORDER BY id;
SELECT * FROM moves_to.t ORDER BY id;
SELECT migrate_remove('m1');

-- Beside a table of that name, under another one; and relations without rows.
CREATE SEQUENCE moves.s;
SELECT nextval('moves.s');
CREATE MATERIALIZED VIEW moves.m AS SELECT 1 AS one;
CREATE TYPE moves.pair AS (a int, b int);
CREATE TABLE moves.p (a moves.pair);
CREATE TABLE moves.parted (k int, l text) PARTITION BY LIST (k);
CREATE TABLE moves.parted_1 PARTITION OF moves.parted FOR VALUES IN (1);
CREATE INDEX ON moves.parted (l);
INSERT INTO moves.parted VALUES (1, 'one');
SELECT $$
CREATE SCHEMA moves;
CREATE SCHEMA moves_to;
CREATE TYPE moves.mood AS ENUM ('sad', 'glad');
CREATE TABLE moves_to.t (id serial PRIMARY KEY, a text);
CREATE TABLE moves_to.t_old (id serial PRIMARY KEY, m moves.mood DEFAULT 'sad', x int GENERATED ALWAYS AS IDENTITY, y text CHECK (y <> ''), UNIQUE (y));
CREATE INDEX t_x ON moves_to.t_old (x);
CREATE TABLE moves.r (t int REFERENCES moves_to.t_old, s moves.mood[]);
CREATE VIEW moves_to.v AS SELECT t_old.id, t_old.y, t_old.m FROM moves_to.t_old LEFT JOIN moves.r ON false;
COMMENT ON TABLE moves_to.t_old IS 'of t';
CREATE SEQUENCE moves_to.s;
CREATE MATERIALIZED VIEW moves_to.m AS SELECT 1 AS one;
CREATE TYPE moves_to.pair AS (a int, b int);
CREATE TABLE moves.p (a moves_to.pair);
CREATE TABLE moves.parted (k int, l text) PARTITION BY LIST (k);
CREATE TABLE moves_to.parted_1 PARTITION OF moves.parted FOR VALUES IN (1);
CREATE INDEX ON moves.parted (l);
$$ AS model \gset
:make, renames => 'moves.t:moves_to.t_old, moves.v:moves_to.v, s:moves_to.s, m:moves_to.m, pair:moves_to.pair, moves.parted_1:moves_to.parted_1');
-- From 18 on NOT NULL has a name.
SELECT statement FROM migrate_show('m1'), regexp_split_to_table(up || E'\n-- down\n\n' || down, E'\n\n') AS statement WHERE statement !~ 'not_null';
SELECT * FROM migrate_verify();
SELECT count(*) FROM migrate_upgrade();
SELECT nextval('moves_to.s'), (SELECT count(*) FROM moves.parted);
SELECT * FROM migrate_check(:'model', schemas => 'moves, moves_to');
SELECT count(*) FROM migrate_downgrade('-1');
SELECT nextval('moves.s'), (SELECT count(*) FROM moves.parted);
SELECT migrate_remove('m1');

-- The comparison leaves nothing behind, and others go on using the sequences meanwhile.
BEGIN;
:make, renames => 'moves.t:moves_to.t_old, s:moves_to.s');
SELECT relation::regclass, mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation = 'moves.t'::regclass AND mode <> 'AccessShareLock';
ROLLBACK;
SELECT c.relnamespace::regnamespace, c.relname, t.typnamespace::regnamespace FROM pg_class c LEFT JOIN pg_type t ON t.oid = c.reltype WHERE c.relnamespace::regnamespace::text LIKE 'moves%' ORDER BY 1, 2;

-- What cannot be.
CREATE TYPE moves_to.u AS ENUM ();
CREATE TABLE moves.u (a int);
SELECT 'CREATE SCHEMA moves; CREATE SCHEMA moves_to; CREATE TABLE moves_to.u (a int); CREATE TABLE moves_to.t (id int, y2 text); CREATE TABLE moves.w (id int)' AS model \gset
\set make 'SELECT migrate_autogenerate(\'refused\', :\'model\', schemas => \'moves, moves_to\', renames => '
:make 'moves.u:moves_to.u');
:make 'moves.t:moves_to.missing');
:make 'moves.t:elsewhere.t');
:make 'moves.t:a.b.c');
:make 'moves.t.y:a.b.c.d');
:make 'moves.t.y:u.y2');
:make 'moves.t.y:moves_to.t.y2');
:make 'moves.t_id_seq:moves_to.t_id_seq');
:make 'moves.t:moves_to.t, moves.u:moves_to.t');
SELECT migrate_autogenerate('refused', :'model', schemas => 'moves', renames => 'moves.t:moves_to.t');
SELECT migrate_autogenerate('refused', model_schema => 'moves_to', schemas => 'moves', renames => 'moves.t:moves_to.t');
SELECT revision FROM migrate_history();
DROP SCHEMA moves, moves_to CASCADE;
DROP EXTENSION pg_migrate;

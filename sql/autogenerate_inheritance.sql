-- What a table has of its own and what it has from above: there and back, with rows. The differences are what ALTER TABLE can bring about in
-- roundabout ways only.
CREATE EXTENSION pg_migrate;
SET client_min_messages = warning;
-- From 16 on a view does not name its only relation with each column, and from 18 on NOT NULL has a name: not what is looked at here.
CREATE FUNCTION pg_temp.on_all_servers(script text) RETURNS text LANGUAGE sql AS $$
SELECT regexp_replace(regexp_replace(regexp_replace(script, ' CONSTRAINT \w+_not_null NOT NULL', ' NOT NULL', 'g'),
                                     'ALTER TABLE \S+ RENAME CONSTRAINT \w+_not_null TO \w+_not_null;\n\n|-- constraint \w+_not_null ON [^\n]*\n\n?', '', 'g'),
                      '^( SELECT |    )(\(?)\w+\.(\w+)\M(?!\()', '\1\2\3', 'gn')
$$;
SELECT $model$
CREATE SCHEMA kin;
CREATE TABLE kin.p (a int, b text, CONSTRAINT a_positive CHECK (a > 0)); CREATE TABLE kin.q (z int NOT NULL DEFAULT 3, CONSTRAINT z_positive CHECK (z > 0));
CREATE TABLE kin.gets_parent (x int) INHERITS (kin.p);
CREATE TABLE kin.reordered (x int) INHERITS (kin.p, kin.q);
CREATE TABLE kin.grows (x int); CREATE TABLE kin.grows_1 () INHERITS (kin.grows); CREATE TABLE kin.grows_2 () INHERITS (kin.grows_1);
CREATE TABLE kin.checked (a int); CREATE TABLE kin.checked_1 () INHERITS (kin.checked);
CREATE TABLE kin.parted (a int) PARTITION BY RANGE (a); CREATE TABLE kin.parted_1 PARTITION OF kin.parted FOR VALUES FROM (0) TO (10);
CREATE TABLE kin.lax (a int); CREATE TABLE kin.lax_1 () INHERITS (kin.lax); CREATE TABLE kin.lax_2 () INHERITS (kin.lax_1);
ALTER TABLE kin.lax ADD CONSTRAINT lax_check CHECK (a > 0) NOT VALID; ALTER TABLE kin.lax_2 VALIDATE CONSTRAINT lax_check;
CREATE TABLE kin.lacks (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE kin.lacks_1 (a int, b int); CREATE INDEX lacks_1_b ON kin.lacks_1 (b);
CREATE TYPE kin.pair AS (a int, b int); CREATE TABLE kin.pairs OF kin.pair;
CREATE TABLE kin.wide (a int, b int, c int); CREATE FUNCTION kin.wide() RETURNS SETOF kin.wide LANGUAGE sql AS 'SELECT * FROM kin.wide';
CREATE VIEW kin.of_wide AS SELECT t.a, t.b, t.c FROM kin.wide() t(a, b, c);
CREATE FUNCTION kin.noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TABLE kin.noting (a int) PARTITION BY RANGE (a); CREATE TABLE kin.noting_1 PARTITION OF kin.noting FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (a);
CREATE TABLE kin.noting_2 PARTITION OF kin.noting_1 FOR VALUES FROM (0) TO (5); CREATE TRIGGER noted AFTER INSERT ON kin.noting FOR EACH ROW EXECUTE FUNCTION kin.noted();
CREATE TYPE kin.measure AS (r bigint); CREATE DOMAIN kin.measured AS kin.measure;
$model$ AS before \gset
SELECT $model$
CREATE SCHEMA kin;
CREATE TABLE kin.p (a int, b text, CONSTRAINT a_positive CHECK (a > 0)); CREATE TABLE kin.q (z int NOT NULL DEFAULT 3, CONSTRAINT z_positive CHECK (z > 0));
CREATE TABLE kin.gets_parent (x int) INHERITS (kin.p, kin.q);
CREATE TABLE kin.reordered (x int) INHERITS (kin.q, kin.p);
CREATE TABLE kin.grows (x int, y int); CREATE TABLE kin.grows_1 (y int NOT NULL DEFAULT 1) INHERITS (kin.grows); CREATE TABLE kin.grows_2 (y int NOT NULL DEFAULT 2) INHERITS (kin.grows_1);
CREATE TABLE kin.checked (a int); CREATE TABLE kin.checked_1 (CONSTRAINT checked_check CHECK (a > 0)) INHERITS (kin.checked);
ALTER TABLE kin.checked ADD CONSTRAINT checked_check CHECK (a > 0) NOT VALID;
CREATE TABLE kin.parted (a int) PARTITION BY RANGE (a); CREATE TABLE kin.parted_1 PARTITION OF kin.parted FOR VALUES FROM (0) TO (10);
ALTER TABLE kin.parted_1 ADD CONSTRAINT parted_check CHECK (a > 0); ALTER TABLE kin.parted ADD CONSTRAINT parted_check CHECK (a > 0) NOT VALID;
CREATE TABLE kin.lax (a int); CREATE TABLE kin.lax_1 () INHERITS (kin.lax); CREATE TABLE kin.lax_2 () INHERITS (kin.lax_1);
ALTER TABLE kin.lax ADD CONSTRAINT lax_check CHECK (a > 0) NOT VALID;
CREATE TABLE kin.lacks (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE kin.lacks_1 PARTITION OF kin.lacks FOR VALUES FROM (0) TO (10); CREATE INDEX lacks_1_b ON kin.lacks_1 (b);
CREATE INDEX lacks_b ON ONLY kin.lacks (b);
CREATE TYPE kin.pair AS (a bigint, b int); CREATE TABLE kin.pairs OF kin.pair; CREATE TABLE kin.pairs_too OF kin.pair; CREATE TABLE kin.of_pair (one kin.pair);
CREATE TABLE kin.wide (a int, c int); CREATE FUNCTION kin.wide() RETURNS SETOF kin.wide LANGUAGE sql AS 'SELECT * FROM kin.wide';
CREATE VIEW kin.of_wide AS SELECT t.a, t.c FROM kin.wide() t(a, c);
CREATE FUNCTION kin.noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TABLE kin.noting (a int) PARTITION BY RANGE (a); CREATE TABLE kin.noting_1 (a int) PARTITION BY RANGE (a);
CREATE TABLE kin.noting_2 PARTITION OF kin.noting_1 FOR VALUES FROM (1) TO (4); CREATE TRIGGER noted AFTER INSERT ON kin.noting FOR EACH ROW EXECUTE FUNCTION kin.noted();
CREATE TYPE kin.measure AS (r double precision); CREATE DOMAIN kin.measured AS kin.measure; CREATE TABLE kin.measures (one kin.measured);
$model$ AS after \gset
SELECT migrate_autogenerate('before', model => :'before', schemas => 'kin', revision => 'k1');
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'before', schemas => 'kin');
INSERT INTO kin.gets_parent VALUES (1, 'one', 2);
INSERT INTO kin.reordered VALUES (2, 'two', 3, 4);
INSERT INTO kin.grows_2 VALUES (5);
INSERT INTO kin.checked_1 VALUES (6);
INSERT INTO kin.parted VALUES (7);
INSERT INTO kin.lacks_1 VALUES (8, 9);
INSERT INTO kin.pairs VALUES (10, 11);
INSERT INTO kin.wide VALUES (12, 13, 14);
INSERT INTO kin.noting VALUES (2);
SELECT migrate_autogenerate('after', model => :'after', schemas => 'kin', revision => 'k2');
SELECT pg_temp.on_all_servers(up) AS up FROM migrate.revision WHERE revision = 'k2';
SELECT revision, up, down, identical, difference FROM migrate_verify();
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'after', schemas => 'kin');
CREATE TEMPORARY VIEW rows AS
    SELECT tableoid::regclass AS of, a, b FROM kin.p UNION ALL SELECT tableoid::regclass, x, NULL FROM kin.grows UNION ALL SELECT tableoid::regclass, a, NULL FROM kin.checked
    UNION ALL SELECT tableoid::regclass, a, NULL FROM kin.parted UNION ALL SELECT tableoid::regclass, a, b::text FROM kin.lacks_1 UNION ALL SELECT tableoid::regclass, a, c::text FROM kin.wide;
SELECT * FROM rows;
DROP VIEW rows;
SELECT revision FROM migrate_downgrade('-1');
SELECT * FROM migrate_check(model => :'before', schemas => 'kin');
SELECT tableoid::regclass AS of, a, b FROM kin.p UNION ALL SELECT tableoid::regclass, a, b::text FROM kin.lacks_1 UNION ALL SELECT tableoid::regclass, a, b::text FROM kin.pairs;

-- A column becomes a table's own as well, and a constraint on it is inherited anew. There is no way back: it says so.
SELECT revision FROM migrate_upgrade();
SELECT replace(replace(:'after', 'kin.reordered (x int)', 'kin.reordered (x int, a int)'), 'kin.gets_parent (x int)', 'kin.gets_parent (b text, x int)') AS own \gset
SELECT migrate_autogenerate('own', model => :'own', schemas => 'kin', revision => 'k3');
SELECT pg_temp.on_all_servers(up) AS up, pg_temp.on_all_servers(down) AS down FROM migrate.revision WHERE revision = 'k3';
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'own', schemas => 'kin');
SELECT tableoid::regclass AS of, a, b FROM kin.p;
DROP SCHEMA kin CASCADE;
-- A column that comes from two tables can be altered in neither: what comes from another is added after, and dropped before.
CREATE SCHEMA kin;
CREATE TABLE kin.a (x int);
CREATE TABLE kin.b (y int);
CREATE TABLE kin.c () INHERITS (kin.a, kin.b);
SELECT migrate_autogenerate('two', model => 'CREATE SCHEMA kin; CREATE TABLE kin.a (x bigint); CREATE TABLE kin.b (y int, x bigint); CREATE TABLE kin.c () INHERITS (kin.a, kin.b);', schemas => 'kin', revision => 'k4');
SELECT up, down FROM migrate.revision WHERE revision = 'k4' \gx
SELECT revision, up, down, identical, difference FROM migrate_verify('k4');
DROP SCHEMA kin CASCADE;
-- The name and the comment that a foreign key has of its own in a partition; no pg_dump prints them.
SELECT migrate_remove('k4');
CREATE SCHEMA kin;
CREATE TABLE kin.o (a int PRIMARY KEY);
CREATE TABLE kin.t (k int, a int) PARTITION BY LIST (k);
CREATE TABLE kin.t1 PARTITION OF kin.t FOR VALUES IN (1);
SELECT $$CREATE SCHEMA kin; CREATE TABLE kin.o (a int PRIMARY KEY); CREATE TABLE kin.t (k int, a int) PARTITION BY LIST (k); CREATE TABLE kin.t1 PARTITION OF kin.t FOR VALUES IN (1);
    ALTER TABLE kin.t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES kin.o; CREATE TABLE kin.t2 PARTITION OF kin.t DEFAULT PARTITION BY LIST (a); CREATE TABLE kin.t2a PARTITION OF kin.t2 DEFAULT;
    ALTER TABLE kin.t1 RENAME CONSTRAINT f TO h; ALTER TABLE kin.t2 RENAME CONSTRAINT f TO g; COMMENT ON CONSTRAINT f ON kin.t2a IS 'x'$$ AS named \gset
SELECT migrate_autogenerate('named', model => :'named', schemas => 'kin', revision => 'k5');
SELECT up FROM migrate.revision WHERE revision = 'k5' \gx
SELECT revision, up, down, identical, difference FROM migrate_verify('k5');
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'named', schemas => 'kin');
SELECT revision FROM migrate_downgrade('-1');
DROP SCHEMA kin CASCADE;
-- An index is not valid although no partition lacks it: the server has not looked since the last one that did has gone. It can be made valid, and not be made like that.
SELECT migrate_remove('k5');
CREATE SCHEMA kin;
CREATE TABLE kin.t (k int, a int) PARTITION BY LIST (k);
CREATE TABLE kin.t1 PARTITION OF kin.t FOR VALUES IN (1);
CREATE TABLE kin.t2 PARTITION OF kin.t FOR VALUES IN (2);
CREATE INDEX i ON ONLY kin.t (a);
CREATE INDEX t1_a_idx ON kin.t1 (a);
ALTER INDEX kin.i ATTACH PARTITION kin.t1_a_idx;
DROP TABLE kin.t2;
ALTER TABLE kin.t ADD UNIQUE (k);
SELECT $$CREATE SCHEMA kin; CREATE TABLE kin.t (k int UNIQUE, a int) PARTITION BY LIST (k); CREATE TABLE kin.t1 PARTITION OF kin.t FOR VALUES IN (1); CREATE INDEX i ON kin.t (a)$$ AS valid \gset
SELECT * FROM migrate_check(model => :'valid', schemas => 'kin');
SELECT migrate_autogenerate('valid', model => :'valid', schemas => 'kin', revision => 'k6');
SELECT up, down FROM migrate.revision WHERE revision = 'k6' \gx
SELECT revision, up, down, identical, difference FROM migrate_verify('k6');
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'valid', schemas => 'kin');
SELECT indexrelid::regclass, indisvalid FROM pg_index WHERE indrelid = 'kin.t'::regclass ORDER BY 1;
DROP SCHEMA kin CASCADE;
DROP EXTENSION pg_migrate;

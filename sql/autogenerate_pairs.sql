-- Pairs of schemas, there and back: a revision turns the one into the other, and back; the catalogue has then what psql makes, but for the order of columns.
CREATE EXTENSION pg_migrate;
SET client_min_messages = warning;
CREATE FUNCTION state() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', c.relkind, c.relname, c.relispartition, pg_get_expr(c.relpartbound, c.oid), pg_get_partkeydef(c.oid)) FROM pg_class c WHERE c.relnamespace = to_regnamespace('pair')
    UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, conislocal, coninhcount, convalidated, pg_get_constraintdef(oid)) FROM pg_constraint k WHERE connamespace = to_regnamespace('pair')
       -- A foreign key has copies for the partitions that it refers to: the server numbers them as they come.
       AND NOT EXISTS (SELECT FROM pg_constraint p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid)
    UNION ALL SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attislocal, attinhcount, pg_get_expr(adbin, adrelid))
      FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum
     WHERE c.relnamespace = to_regnamespace('pair') AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT concat_ws(' ', d.classid::regclass, coalesce(polname, r.rulename), 'of', coalesce(polrelid, ev_class)::regclass, 'needs', refobjid::regclass, attname)
      FROM pg_depend d LEFT JOIN pg_policy p ON p.oid = objid AND classid = 'pg_policy'::regclass LEFT JOIN pg_rewrite r ON r.oid = objid AND classid = 'pg_rewrite'::regclass
      JOIN pg_class c ON c.oid = coalesce(polrelid, ev_class) JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
     WHERE c.relnamespace = to_regnamespace('pair') AND refclassid = 'pg_class'::regclass AND refobjsubid > 0 $$;
CREATE FUNCTION contents() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    each regclass;
BEGIN
    FOR each IN SELECT oid FROM pg_class WHERE relnamespace = to_regnamespace('pair') AND relkind = 'r' LOOP
        RETURN QUERY EXECUTE format('SELECT %L || to_jsonb(whole)::text FROM ONLY %s whole', each, each);
    END LOOP;
END $$;
CREATE FUNCTION differences(text[], text[]) RETURNS text[] LANGUAGE sql AS $$
    SELECT array(SELECT '-' || x FROM (SELECT unnest($1) EXCEPT SELECT unnest($2)) a(x) UNION ALL SELECT '+' || x FROM (SELECT unnest($2) EXCEPT SELECT unnest($1)) b(x) ORDER BY 1) $$;
-- up, down, identical: what is proved of them. left_up, left_down: what the comparison finds behind the way up and behind the way down. others_up, others_down: what
-- the catalogue has then that psql does not make (+), or has not (-). rest: what drops what is in no schema. rows: what the tables have behind both, and had not (+), or the other way round (-).
CREATE FUNCTION there_and_back(a text, b text, renames text DEFAULT NULL, rest text DEFAULT NULL, OUT up bool, OUT down bool, OUT identical bool, OUT left_up text[], OUT left_down text[],
                               OUT others_up text[], OUT others_down text[], OUT rows text[])
LANGUAGE plpgsql AS $$
DECLARE
    before text[];
    wanted text[];
    had text[];
    model_a text := 'CREATE SCHEMA pair; SET search_path = pair; ' || a;
    model_b text := 'CREATE SCHEMA pair; SET search_path = pair; ' || b;
BEGIN
    SET LOCAL search_path = pair, public;
    CREATE SCHEMA pair;
    EXECUTE b;
    wanted := array(SELECT state());
    DROP SCHEMA pair CASCADE;
    EXECUTE coalesce(rest, '');
    CREATE SCHEMA pair;
    EXECUTE a;
    before := array(SELECT state());
    had := array(SELECT contents());
    PERFORM migrate_autogenerate('pair', model_b, schemas => 'pair', revision => 'pair', renames => renames);
    SELECT v.up, v.down, v.identical FROM migrate_verify('pair') v INTO up, down, identical;
    PERFORM migrate_upgrade('pair');
    left_up := array(SELECT concat_ws(' ', kind, object, change) FROM migrate_check(model_b, schemas => 'pair'));
    others_up := differences(wanted, array(SELECT state()));
    PERFORM migrate_downgrade('base');
    left_down := array(SELECT concat_ws(' ', kind, object, change) FROM migrate_check(model_a, schemas => 'pair'));
    others_down := differences(before, array(SELECT state()));
    rows := differences(had, array(SELECT contents()));
    PERFORM migrate_remove('pair');
    DROP SCHEMA pair CASCADE;
    EXECUTE coalesce(rest, '');
END $$;
-- A partition is set aside with its table, whose indexes it has attached its own to.
SELECT * FROM there_and_back($$
CREATE TABLE t (k timestamp NOT NULL, v int, PRIMARY KEY (k)) PARTITION BY LIST (k);
CREATE TABLE a_rest PARTITION OF t DEFAULT;
CREATE INDEX t_v ON t (v); CREATE INDEX "A v" ON t (v DESC);
INSERT INTO t VALUES ('2020-01-01', 1);$$, $$
CREATE TABLE t (k date NOT NULL, v int, PRIMARY KEY (k)) PARTITION BY LIST (k);
CREATE TABLE a_rest PARTITION OF t DEFAULT;
CREATE INDEX t_v ON t (v); CREATE INDEX "A v" ON t (v DESC);$$);
-- Partitions below partitions that are set aside keep what they have inherited.
SELECT * FROM there_and_back($$
CREATE TABLE t (k int, CONSTRAINT ck CHECK (k > 0)) PARTITION BY RANGE (k);
CREATE TABLE b PARTITION OF t FOR VALUES FROM (1) TO (10) PARTITION BY RANGE (k);
CREATE TABLE c PARTITION OF b DEFAULT;
INSERT INTO t VALUES (1);$$, $$
CREATE TABLE t (k bigint, CONSTRAINT ck CHECK (k > 0)) PARTITION BY RANGE (k);
CREATE TABLE b PARTITION OF t FOR VALUES FROM (1) TO (10) PARTITION BY RANGE (k);
CREATE TABLE c PARTITION OF b DEFAULT;$$);
-- Another partition goes meanwhile.
SELECT * FROM there_and_back($$
CREATE TABLE t (k date NOT NULL, CONSTRAINT ck CHECK (k > '2000-01-01')) PARTITION BY LIST (k);
CREATE TABLE s PARTITION OF t FOR VALUES IN ('2020-01-01') PARTITION BY RANGE (k);
CREATE TABLE s_a PARTITION OF s DEFAULT;
CREATE TABLE z_rest PARTITION OF t DEFAULT;
INSERT INTO t VALUES ('2020-01-01');$$, $$
CREATE TABLE t (k timestamp NOT NULL, CONSTRAINT ck CHECK (k > '2000-01-01')) PARTITION BY LIST (k);
CREATE TABLE s PARTITION OF t FOR VALUES IN ('2020-01-01') PARTITION BY RANGE (k);
CREATE TABLE s_a PARTITION OF s DEFAULT;$$);
-- The partition in between goes.
SELECT * FROM there_and_back($$
CREATE TABLE t (k int, v text CHECK (v <> ''), PRIMARY KEY (k)) PARTITION BY RANGE (k);
CREATE TABLE b PARTITION OF t FOR VALUES FROM (1) TO (10) PARTITION BY RANGE (k);
CREATE TABLE c PARTITION OF b DEFAULT;
CREATE INDEX ON c (v);
INSERT INTO t VALUES (1,'x');$$, $$
CREATE TABLE t (k bigint, v text CHECK (v <> ''), PRIMARY KEY (k)) PARTITION BY RANGE (k);
CREATE TABLE c PARTITION OF t DEFAULT;
CREATE INDEX ON c (v);$$);
-- The key is an enumeration that is made again.
SELECT * FROM there_and_back($$
CREATE TYPE e AS ENUM ('a','b','c');
CREATE TABLE p (k e NOT NULL, i int, CONSTRAINT c1 CHECK (i > 0)) PARTITION BY LIST (k);
CREATE TABLE a1 PARTITION OF p FOR VALUES IN ('a') PARTITION BY LIST (k);
CREATE TABLE aa PARTITION OF a1 DEFAULT;
INSERT INTO p VALUES ('a',1);$$, $$
CREATE TYPE e AS ENUM ('a','b');
CREATE TABLE p (k e NOT NULL, i int, CONSTRAINT c1 CHECK (i > 0)) PARTITION BY LIST (k);
CREATE TABLE a1 PARTITION OF p FOR VALUES IN ('a') PARTITION BY LIST (k);
CREATE TABLE aa PARTITION OF a1 DEFAULT;$$);
-- A foreign key, which gets another name.
SELECT * FROM there_and_back($$
CREATE TABLE r (id int PRIMARY KEY);
CREATE TABLE t (k int, i int CONSTRAINT fk REFERENCES r) PARTITION BY RANGE (k);
CREATE TABLE b PARTITION OF t FOR VALUES FROM (1) TO (10) PARTITION BY RANGE (k);
CREATE TABLE c PARTITION OF b DEFAULT;
INSERT INTO t VALUES (1);$$, $$
CREATE TABLE r (id int PRIMARY KEY);
CREATE TABLE t (k bigint, i int CONSTRAINT fk2 REFERENCES r) PARTITION BY RANGE (k);
CREATE TABLE b PARTITION OF t FOR VALUES FROM (1) TO (10) PARTITION BY RANGE (k);
CREATE TABLE c PARTITION OF b DEFAULT;$$);
-- A CHECK constraint does, and its partitions are not below the table then.
SELECT * FROM there_and_back($$
CREATE TABLE p (k int NOT NULL CONSTRAINT ck CHECK (k > 0)) PARTITION BY LIST (k);
CREATE TABLE a1 PARTITION OF p FOR VALUES IN (1);
INSERT INTO p VALUES (1);$$, $$
CREATE TABLE p (k bigint NOT NULL CONSTRAINT ck2 CHECK (k > 0)) PARTITION BY LIST (k);
CREATE TABLE a1 PARTITION OF p FOR VALUES IN (1);$$);
-- Tables that refer to themselves, or to each other, are partitioned, or otherwise partitioned.
SELECT * FROM there_and_back($$
CREATE TABLE x (id int PRIMARY KEY, y int REFERENCES x);
INSERT INTO x VALUES (1,1);$$, $$
CREATE TABLE x (id int PRIMARY KEY, y int REFERENCES x) PARTITION BY HASH (id);
CREATE TABLE x0 PARTITION OF x FOR VALUES WITH (MODULUS 1, REMAINDER 0);$$);
SELECT * FROM there_and_back($$
CREATE TABLE x (id int PRIMARY KEY, y int REFERENCES x) PARTITION BY RANGE (id);
CREATE TABLE x0 PARTITION OF x DEFAULT;
INSERT INTO x VALUES (1,1);$$, $$
CREATE TABLE x (id int PRIMARY KEY, y int REFERENCES x) PARTITION BY HASH (id);
CREATE TABLE x0 PARTITION OF x FOR VALUES WITH (MODULUS 1, REMAINDER 0);$$);
SELECT * FROM there_and_back($$
CREATE TABLE x (id int PRIMARY KEY);
CREATE TABLE y (id int PRIMARY KEY, x int REFERENCES x);
INSERT INTO x VALUES (1); INSERT INTO y VALUES (1,1);$$, $$
CREATE TABLE x (id int PRIMARY KEY) PARTITION BY HASH (id);
CREATE TABLE x0 PARTITION OF x FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE y (id int PRIMARY KEY, x int REFERENCES x) PARTITION BY RANGE (id);
CREATE TABLE ay PARTITION OF y DEFAULT;$$);
SELECT * FROM there_and_back($$
CREATE TABLE x (id int UNIQUE, k int);
CREATE TABLE y (id int, x int REFERENCES x(id));
INSERT INTO x VALUES (1); INSERT INTO y VALUES (1,1);$$, $$
CREATE TABLE x (id int UNIQUE, k int) PARTITION BY RANGE (id);
CREATE TABLE x0 PARTITION OF x DEFAULT;
CREATE TABLE y (id int, x int REFERENCES x(id)) PARTITION BY RANGE (id);
CREATE TABLE ay PARTITION OF y DEFAULT;$$);
SELECT * FROM there_and_back($$
CREATE TABLE x (id int PRIMARY KEY, y int) PARTITION BY HASH (id);
CREATE TABLE x0 PARTITION OF x FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE y (id int PRIMARY KEY, x int REFERENCES x) PARTITION BY RANGE (id);
CREATE TABLE ay PARTITION OF y DEFAULT;
ALTER TABLE x ADD FOREIGN KEY (y) REFERENCES y (id);
INSERT INTO x VALUES (1); INSERT INTO y VALUES (1,1); UPDATE x SET y = 1;$$, $$
CREATE TABLE x (id bigint PRIMARY KEY, y bigint) PARTITION BY HASH (id);
CREATE TABLE x0 PARTITION OF x FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE y (id bigint PRIMARY KEY, x bigint REFERENCES x) PARTITION BY RANGE (id);
CREATE TABLE by1 PARTITION OF y FOR VALUES FROM (1) TO (1000);
ALTER TABLE x ADD FOREIGN KEY (y) REFERENCES y (id);$$);
-- What refers to such a table goes, with its rows.
SELECT * FROM there_and_back($$
CREATE TABLE a (id int PRIMARY KEY) PARTITION BY HASH (id);
CREATE TABLE z0 PARTITION OF a FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE t (id int, x int REFERENCES a);
INSERT INTO a VALUES (1); INSERT INTO t VALUES (1,1);$$, $$
CREATE TABLE a (id int PRIMARY KEY);$$);
SELECT * FROM there_and_back($$
CREATE TABLE a (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE z0 PARTITION OF a FOR VALUES FROM (1) TO (10);
CREATE TABLE t (id int, x int REFERENCES a);
INSERT INTO a VALUES (1); INSERT INTO t VALUES (1,1);$$, $$
CREATE TABLE a (id int PRIMARY KEY) PARTITION BY LIST (id);
CREATE TABLE z0 PARTITION OF a FOR VALUES IN (1);$$);
-- Lists of aliases count columns: those that come in the middle are at the end, and so are those that are generated anew, and have other values then.
SELECT * FROM there_and_back($$
CREATE TABLE acl (owner_id int, reader int);
CREATE TABLE doc (id int, u int);
CREATE POLICY p ON doc USING (EXISTS (SELECT 1 FROM acl AS a(o, r) WHERE a.r = doc.u));
CREATE RULE ru AS ON INSERT TO doc DO ALSO SELECT a.r FROM acl AS a(o, r);
INSERT INTO acl VALUES (1, 7);$$, $$
CREATE TABLE acl (owner_id int, mid int, reader int);
CREATE TABLE doc (id int, u int);
CREATE POLICY p ON doc USING (EXISTS (SELECT 1 FROM acl AS a(o, m, r) WHERE a.r = doc.u));
CREATE RULE ru AS ON INSERT TO doc DO ALSO SELECT a.r FROM acl AS a(o, m, r);$$);
SELECT * FROM there_and_back($$
CREATE TABLE t (id int PRIMARY KEY, g int GENERATED ALWAYS AS (id*2) STORED, w int);
CREATE FUNCTION rt() RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM t';
CREATE VIEW v2 AS SELECT w, g FROM rt();
INSERT INTO t(id,w) VALUES (1,77);$$, $$
CREATE TABLE t (id int PRIMARY KEY, g int GENERATED ALWAYS AS (id*3) STORED, w int);
CREATE FUNCTION rt() RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM t';
CREATE VIEW v2 AS SELECT w, g FROM rt();$$);
SELECT * FROM there_and_back($$
CREATE TABLE t (id int PRIMARY KEY, a int, b text, g int GENERATED ALWAYS AS (a*2) STORED, w int);
CREATE VIEW v1 AS SELECT * FROM t x(p,q,r,s,u);
CREATE VIEW v2 AS SELECT * FROM t x(p,q,r,s,u) JOIN t y(p, q2, r2, s2, u2) USING (p);
CREATE FUNCTION fn() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT s::bigint FROM t x(p,q,r,s,u) LIMIT 1; END;
INSERT INTO t(id,a,b,w) VALUES (1,1,'z',77);$$, $$
CREATE TABLE t (id int PRIMARY KEY, a int, b text, g int GENERATED ALWAYS AS (a*3) STORED, w int);
CREATE VIEW v1 AS SELECT * FROM t x(p,q,r,s,u);
CREATE VIEW v2 AS SELECT * FROM t x(p,q,r,s,u) JOIN t y(p, q2, r2, s2, u2) USING (p);
CREATE FUNCTION fn() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT s::bigint FROM t x(p,q,r,s,u) LIMIT 1; END;$$);
SELECT * FROM there_and_back($$
CREATE TABLE t (a int, m text, s int);
CREATE VIEW al AS SELECT z, y FROM t AS q(x,y,z);
INSERT INTO t VALUES (1,'2',3);$$, $$
CREATE TABLE t (a int, m text GENERATED ALWAYS AS ((a*3)::text) STORED, s int);
CREATE VIEW al AS SELECT z, y FROM t AS q(x,y,z);$$);
SELECT * FROM there_and_back($$
CREATE TABLE t (a int, g int GENERATED ALWAYS AS (a*2) STORED, s int);
CREATE TABLE u (s int, g int);
CREATE VIEW n AS SELECT * FROM t NATURAL JOIN u;
CREATE VIEW tb AS TABLE t;
CREATE VIEW un AS SELECT * FROM t UNION ALL SELECT 1, 2, 3;
CREATE VIEW cte AS WITH q(x,y,z) AS (SELECT * FROM t) SELECT z FROM q;
CREATE VIEW al AS SELECT z FROM t AS q(x,y,z);
CREATE FUNCTION f(OUT a int) LANGUAGE sql BEGIN ATOMIC INSERT INTO u SELECT s, g FROM t; SELECT y FROM t AS q(x,y,z); END;
CREATE POLICY p ON u USING (EXISTS (SELECT FROM t q(x,y,z) WHERE z = u.s));
CREATE RULE r AS ON INSERT TO u DO ALSO SELECT z FROM t q(x,y,z);
INSERT INTO t VALUES (1,DEFAULT,3); INSERT INTO u VALUES (3,2);$$, $$
CREATE TABLE t (a int, g int GENERATED ALWAYS AS (a*3) STORED, s int);
CREATE TABLE u (s int, g int);
CREATE VIEW n AS SELECT * FROM t NATURAL JOIN u;
CREATE VIEW tb AS TABLE t;
CREATE VIEW un AS SELECT * FROM t UNION ALL SELECT 1, 2, 3;
CREATE VIEW cte AS WITH q(x,y,z) AS (SELECT * FROM t) SELECT z FROM q;
CREATE VIEW al AS SELECT z FROM t AS q(x,y,z);
CREATE FUNCTION f(OUT a int) LANGUAGE sql BEGIN ATOMIC INSERT INTO u SELECT s, g FROM t; SELECT y FROM t AS q(x,y,z); END;
CREATE POLICY p ON u USING (EXISTS (SELECT FROM t q(x,y,z) WHERE z = u.s));
CREATE RULE r AS ON INSERT TO u DO ALSO SELECT z FROM t q(x,y,z);$$);
-- A function that depends on all columns by ON CONFLICT.
SELECT * FROM there_and_back($$
CREATE TABLE t (id int PRIMARY KEY, v int, extra int);
CREATE FUNCTION ins(i int) RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO t (id, v) VALUES (i, 1) ON CONFLICT (id) DO UPDATE SET v = excluded.v; END;
INSERT INTO t VALUES (1,1);$$, $$
CREATE TABLE t (id int PRIMARY KEY, v int);
CREATE FUNCTION ins(i int) RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO t (id, v) VALUES (i, 1) ON CONFLICT (id) DO UPDATE SET v = excluded.v; END;$$);
-- What the server deparses in other words when it is made from that.
SELECT * FROM there_and_back($$
CREATE TABLE z (i int);
$$, $$
CREATE TABLE z (i int);
CREATE FUNCTION c() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT 'x'::varchar; END;
CREATE FUNCTION c2(int) RETURNS int LANGUAGE sql BEGIN ATOMIC INSERT INTO z VALUES ($1), (2) ; UPDATE z SET i = 1 WHERE i = ANY (ARRAY[1,2]) RETURNING i; END;
CREATE FUNCTION c3(a int) RETURNS int LANGUAGE sql RETURN CASE WHEN a > 1 THEN (SELECT max(i) FROM z) ELSE NULL END;
CREATE FUNCTION c4() RETURNS SETOF z LANGUAGE sql BEGIN ATOMIC WITH q AS (SELECT z FROM z) SELECT (q.z).* FROM q; END;
CREATE FUNCTION c5() RETURNS boolean LANGUAGE sql BEGIN ATOMIC SELECT true; END;
CREATE FUNCTION c6() RETURNS numeric LANGUAGE sql BEGIN ATOMIC SELECT 1.0; SELECT NULL::numeric; END;
CREATE FUNCTION c7() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT -1; END;
CREATE FUNCTION c8() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT 'x' UNION SELECT 'y'; END;$$);
-- A sequence of nobody's, and one of an identity column, with the same name.
SELECT * FROM there_and_back($$
CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY);
INSERT INTO t DEFAULT VALUES;$$, $$
CREATE SEQUENCE t_id_seq;
CREATE TABLE t (id int NOT NULL DEFAULT nextval('t_id_seq'));$$);
-- Foreign keys in a circle between tables whose partitions are detached and attached again.
SELECT * FROM there_and_back($$
CREATE TABLE x (id int PRIMARY KEY, y int) PARTITION BY RANGE (id);
CREATE TABLE x0 PARTITION OF x DEFAULT;
CREATE TABLE y (id int PRIMARY KEY, x int REFERENCES x) PARTITION BY RANGE (id);
CREATE TABLE ay PARTITION OF y DEFAULT;
ALTER TABLE x ADD FOREIGN KEY (y) REFERENCES y (id);
INSERT INTO x VALUES (1); INSERT INTO y VALUES (1,1);$$, $$
CREATE TABLE x (id bigint PRIMARY KEY, y bigint) PARTITION BY RANGE (id);
CREATE TABLE x0 PARTITION OF x DEFAULT;
CREATE TABLE y (id bigint PRIMARY KEY, x bigint REFERENCES x) PARTITION BY RANGE (id);
CREATE TABLE ay PARTITION OF y DEFAULT;
ALTER TABLE x ADD FOREIGN KEY (y) REFERENCES y (id);$$);
-- An enumeration in another order, of the key and of an index.
SELECT * FROM there_and_back($$
CREATE TYPE e AS ENUM ('a','b');
CREATE TABLE p (k e NOT NULL, v e DEFAULT 'a', CONSTRAINT c1 CHECK (v <> 'b' OR k = 'b')) PARTITION BY LIST (k);
CREATE TABLE a1 PARTITION OF p FOR VALUES IN ('a') PARTITION BY LIST (v);
CREATE TABLE aa PARTITION OF a1 DEFAULT;
CREATE TABLE z1 PARTITION OF p DEFAULT;
CREATE INDEX ON p (v) WHERE k = 'a';
INSERT INTO p VALUES ('a','a'),('b','b');$$, $$
CREATE TYPE e AS ENUM ('b','a');
CREATE TABLE p (k e NOT NULL, v e DEFAULT 'a', CONSTRAINT c1 CHECK (v <> 'b' OR k = 'b')) PARTITION BY LIST (k);
CREATE TABLE a1 PARTITION OF p FOR VALUES IN ('a') PARTITION BY LIST (v);
CREATE TABLE aa PARTITION OF a1 DEFAULT;
CREATE TABLE b1 PARTITION OF p FOR VALUES IN ('b');
CREATE INDEX ON p (v) WHERE k = 'a';$$);
-- Generated columns of partitions: their bounds change, too, or the key does.
SELECT * FROM there_and_back($$
CREATE TABLE t (k int NOT NULL, g int GENERATED ALWAYS AS (k*2) STORED) PARTITION BY LIST (k);
CREATE TABLE z1 PARTITION OF t FOR VALUES IN (1);
INSERT INTO t(k) VALUES (1);$$, $$
CREATE TABLE t (k int NOT NULL, g bigint GENERATED ALWAYS AS (k*2) STORED) PARTITION BY LIST (k);
CREATE TABLE z1 PARTITION OF t FOR VALUES IN (1,2);$$);
SELECT * FROM there_and_back($$
CREATE TABLE t (k int NOT NULL, g int GENERATED ALWAYS AS (k*2) STORED) PARTITION BY LIST (k);
CREATE TABLE z1 PARTITION OF t FOR VALUES IN (1);
CREATE TABLE p (k int, g int GENERATED ALWAYS AS (k*2) STORED);
CREATE TABLE c (x int) INHERITS (p);
INSERT INTO t VALUES (1); INSERT INTO c VALUES (4);$$, $$
CREATE TABLE t (k int NOT NULL, g bigint GENERATED ALWAYS AS (k*2) STORED) PARTITION BY LIST (k);
CREATE TABLE z1 PARTITION OF t FOR VALUES IN (1);
CREATE TABLE p (k int, g bigint GENERATED ALWAYS AS (k*2) STORED);
CREATE TABLE c (x int) INHERITS (p);$$);
SELECT * FROM there_and_back($$
CREATE TABLE t (k int NOT NULL, g int GENERATED ALWAYS AS (k*2) STORED) PARTITION BY LIST (k);
CREATE TABLE z1 PARTITION OF t FOR VALUES IN (1);
INSERT INTO t(k) VALUES (1);$$, $$
CREATE TABLE t (k bigint NOT NULL, g bigint GENERATED ALWAYS AS (k*2) STORED) PARTITION BY LIST (k);
CREATE TABLE z1 PARTITION OF t FOR VALUES IN (1,2);$$);
-- A view has a column of the type of the table.
SELECT * FROM there_and_back($$
CREATE TABLE t (a int);
CREATE VIEW w2 AS SELECT NULL::t AS r;
INSERT INTO t VALUES (1);$$, $$
CREATE TABLE t (a bigint);
CREATE VIEW w2 AS SELECT NULL::t AS r;$$);
-- CHECK constraints below partitions below, while others go; and such that are the partition's own, too.
SELECT * FROM there_and_back($$
CREATE TABLE t (k int NOT NULL, n int, CONSTRAINT ck CHECK (n > 0)) PARTITION BY RANGE (k);
CREATE TABLE b PARTITION OF t FOR VALUES FROM (1) TO (10) PARTITION BY RANGE (k);
CREATE TABLE c PARTITION OF b FOR VALUES FROM (1) TO (5);
CREATE TABLE a_rest PARTITION OF t DEFAULT;
INSERT INTO t VALUES (1, 1);$$, $$
CREATE TABLE t (k bigint NOT NULL, n int, CONSTRAINT ck CHECK (n > 0)) PARTITION BY RANGE (k);
CREATE TABLE b PARTITION OF t FOR VALUES FROM (1) TO (10) PARTITION BY RANGE (k);
CREATE TABLE c PARTITION OF b FOR VALUES FROM (1) TO (5);$$);
SELECT * FROM there_and_back($$
CREATE TABLE m (k int NOT NULL, n int, CONSTRAINT ck CHECK (n > 0)) PARTITION BY RANGE (k);
CREATE TABLE s PARTITION OF m FOR VALUES FROM (1) TO (10) PARTITION BY RANGE (k);
CREATE TABLE z PARTITION OF s FOR VALUES FROM (1) TO (5);
CREATE TABLE a_rest PARTITION OF m DEFAULT;
INSERT INTO m VALUES (1, 1);$$, $$
CREATE TABLE m (k bigint NOT NULL, n int) PARTITION BY RANGE (k);
CREATE TABLE s (k bigint NOT NULL, n int, CONSTRAINT ck CHECK (n > 0)) PARTITION BY RANGE (k);
ALTER TABLE m ATTACH PARTITION s FOR VALUES FROM (1) TO (10);
CREATE TABLE z PARTITION OF s FOR VALUES FROM (1) TO (5);$$);
SELECT * FROM there_and_back($$
CREATE TABLE t (k text NOT NULL, n int) PARTITION BY LIST (k);
ALTER TABLE t ADD CONSTRAINT ck CHECK (length(k) < 90);
CREATE TABLE p1 (k text NOT NULL, n int, CONSTRAINT ck CHECK (length(k) < 90));
ALTER TABLE t ATTACH PARTITION p1 FOR VALUES IN ('a');
CREATE TABLE pd PARTITION OF t DEFAULT;
INSERT INTO t VALUES ('a', 1);$$, $$
CREATE TABLE t (k varchar(80) NOT NULL, n int) PARTITION BY LIST (k);
CREATE TABLE p1 PARTITION OF t FOR VALUES IN ('a');
ALTER TABLE t ADD CONSTRAINT ck CHECK (length(k) < 90);$$);
-- Partitions below partitions that are all set aside, with names that come before those of their tables: keys, CHECK constraints and foreign keys go with their own tables.
SELECT * FROM there_and_back($$
CREATE TABLE t (n int PRIMARY KEY) PARTITION BY LIST (n);
CREATE TABLE z PARTITION OF t FOR VALUES IN (1) PARTITION BY LIST (n);
CREATE TABLE a PARTITION OF z DEFAULT;
INSERT INTO t VALUES (1);$$, $$
CREATE TABLE t (n bigint PRIMARY KEY) PARTITION BY LIST (n);
CREATE TABLE z PARTITION OF t FOR VALUES IN (1) PARTITION BY LIST (n);
CREATE TABLE a PARTITION OF z FOR VALUES IN (1);$$);
SELECT * FROM there_and_back($$
CREATE TABLE x (id int PRIMARY KEY);
CREATE TABLE t (n int CHECK (n > 0), id int REFERENCES x) PARTITION BY LIST (n);
CREATE TABLE z PARTITION OF t FOR VALUES IN (1) PARTITION BY LIST (n);
CREATE TABLE a PARTITION OF z DEFAULT;
INSERT INTO x VALUES (7); INSERT INTO t VALUES (1, 7);$$, $$
CREATE TABLE x (id int PRIMARY KEY);
CREATE TABLE t (n bigint CHECK (n > 0), id int REFERENCES x) PARTITION BY LIST (n);
CREATE TABLE z PARTITION OF t FOR VALUES IN (1, 2) PARTITION BY LIST (n);
CREATE TABLE a PARTITION OF z DEFAULT;$$);
-- One in between becomes a table, and what is below it moves up.
SELECT * FROM there_and_back($$
CREATE TABLE t (n int PRIMARY KEY, m int) PARTITION BY LIST (n);
CREATE TABLE z PARTITION OF t FOR VALUES IN (1) PARTITION BY LIST (n);
CREATE TABLE a PARTITION OF z DEFAULT;
INSERT INTO t VALUES (1, 1);$$, $$
CREATE TABLE t (n int PRIMARY KEY, m int) PARTITION BY RANGE (n);
CREATE TABLE z (n int PRIMARY KEY, m int);
CREATE TABLE a PARTITION OF t DEFAULT;$$);
-- A leaf is partitioned, while the table refers to itself.
SELECT * FROM there_and_back($$
CREATE TABLE t (n int PRIMARY KEY, s int REFERENCES t) PARTITION BY LIST (n);
CREATE TABLE z PARTITION OF t FOR VALUES IN (1);
INSERT INTO t VALUES (1, 1);$$, $$
CREATE TABLE t (n bigint PRIMARY KEY, s int REFERENCES t) PARTITION BY LIST (n);
CREATE TABLE z PARTITION OF t FOR VALUES IN (1) PARTITION BY LIST (n);
CREATE TABLE a PARTITION OF z DEFAULT;$$);
-- What the key of a partition below is generated from, or generates, changes its type: the column goes above when that one has left.
SELECT * FROM there_and_back($$
CREATE TABLE p (k int, j int, g int GENERATED ALWAYS AS (j * 2) STORED) PARTITION BY RANGE (k);
CREATE TABLE m PARTITION OF p FOR VALUES FROM (0) TO (100) PARTITION BY LIST (j);
CREATE TABLE z PARTITION OF m DEFAULT;
INSERT INTO p VALUES (1, 2);$$, $$
CREATE TABLE p (k int, j bigint, g int GENERATED ALWAYS AS (j * 2) STORED) PARTITION BY RANGE (k);
CREATE TABLE m PARTITION OF p FOR VALUES FROM (0) TO (100) PARTITION BY LIST (j);
CREATE TABLE z PARTITION OF m DEFAULT;$$);
SELECT * FROM there_and_back($$
CREATE TABLE p (k int, j int, g int GENERATED ALWAYS AS (j * 2) STORED, PRIMARY KEY (k, j)) PARTITION BY RANGE (k);
CREATE INDEX gi ON p (g);
CREATE TABLE m PARTITION OF p FOR VALUES FROM (0) TO (100) PARTITION BY LIST (j);
CREATE TABLE a PARTITION OF m FOR VALUES IN (1, 2);
INSERT INTO p VALUES (1, 1);$$, $$
CREATE TABLE p (k bigint, j bigint, g bigint GENERATED ALWAYS AS (j * 3) STORED, PRIMARY KEY (k, j)) PARTITION BY RANGE (k);
CREATE INDEX gi ON p (g);
CREATE TABLE m PARTITION OF p FOR VALUES FROM (0) TO (100) PARTITION BY LIST (j);
CREATE TABLE a PARTITION OF m FOR VALUES IN (1);$$);
-- The key changes while a partition is partitioned otherwise.
SELECT * FROM there_and_back($$
CREATE TABLE t (n int PRIMARY KEY, m int) PARTITION BY LIST (n);
CREATE TABLE z PARTITION OF t FOR VALUES IN (1);
INSERT INTO t VALUES (1, 1);$$, $$
CREATE TABLE t (n int, m int, PRIMARY KEY (n, m)) PARTITION BY LIST (n);
CREATE TABLE z PARTITION OF t FOR VALUES IN (1) PARTITION BY LIST (m);
CREATE TABLE d PARTITION OF z DEFAULT;$$);
-- A foreign key goes, and a partition of what it refers to.
SELECT * FROM there_and_back($$
CREATE TABLE t (id int, n int, UNIQUE (id, n)) PARTITION BY RANGE (id);
CREATE TABLE m PARTITION OF t FOR VALUES FROM (1) TO (2) PARTITION BY LIST (n);
CREATE TABLE mm PARTITION OF m DEFAULT;
CREATE TABLE q (w int, y int, z int, FOREIGN KEY (y, z) REFERENCES t (id, n));$$, $$
CREATE TABLE t (id bigint, n int, UNIQUE (id, n)) PARTITION BY RANGE (id);
CREATE TABLE m PARTITION OF t FOR VALUES FROM (1) TO (2) PARTITION BY LIST (n);
CREATE TABLE q (w int);$$);
-- A table that refers to itself gets partitions.
SELECT * FROM there_and_back($$
CREATE TABLE t (n int PRIMARY KEY) PARTITION BY LIST (n);
CREATE TABLE c PARTITION OF t FOR VALUES IN (3);
INSERT INTO t VALUES (3);$$, $$
CREATE TABLE t (n int PRIMARY KEY, s int REFERENCES t) PARTITION BY LIST (n);
CREATE TABLE b PARTITION OF t DEFAULT;
CREATE TABLE c PARTITION OF t FOR VALUES IN (3);$$);
-- It gives its copies the name that it has when partitions are attached.
SELECT * FROM there_and_back($$
CREATE TABLE t (k int PRIMARY KEY) PARTITION BY LIST (k);
CREATE TABLE a PARTITION OF t DEFAULT;
ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (k) REFERENCES t;$$, $$
CREATE TABLE t (k int PRIMARY KEY) PARTITION BY LIST (k);
CREATE TABLE a (k int NOT NULL);
ALTER TABLE t ADD CONSTRAINT f_n FOREIGN KEY (k) REFERENCES t;$$);
-- Numbers of an identity column, as those of serial, while its table is partitioned: the sequences have the same name.
SELECT * FROM there_and_back($$
CREATE TABLE t (b int GENERATED ALWAYS AS IDENTITY, c int);
INSERT INTO t (c) VALUES (1), (2);$$, $$
CREATE TABLE t (b serial, c int) PARTITION BY LIST (b);
CREATE TABLE a PARTITION OF t DEFAULT;$$);
SELECT * FROM there_and_back($$
CREATE TABLE t (b serial, c int) PARTITION BY LIST (b);
CREATE TABLE a PARTITION OF t DEFAULT;
INSERT INTO t (c) VALUES (1), (2);$$, $$
CREATE TABLE t (b int GENERATED BY DEFAULT AS IDENTITY (MAXVALUE 100), c int) PARTITION BY RANGE (b);
CREATE TABLE a PARTITION OF t DEFAULT;$$);
-- A table leaves the one above it and loses a column that both have; another one goes on inheriting from it.
SELECT * FROM there_and_back($$
CREATE TABLE a (x int);
CREATE TABLE b (x int DEFAULT 2) INHERITS (a);
CREATE TABLE c () INHERITS (b);
INSERT INTO c VALUES (1);$$, $$
CREATE TABLE a (x int);
CREATE TABLE b ();
CREATE TABLE c () INHERITS (b);$$);
-- A generated column comes from above, as one of the table's own goes: that it is computed from is there.
SELECT * FROM there_and_back($$
CREATE TABLE a (x int, g int GENERATED ALWAYS AS (x * 2) STORED);
CREATE TABLE c (g int, x int);
INSERT INTO c (x) VALUES (1);$$, $$
CREATE TABLE a (x bigint, g int GENERATED ALWAYS AS (x * 2) STORED);
CREATE TABLE c (x bigint) INHERITS (a);$$);
-- The difference of a range is computed by another function of the same name.
SELECT * FROM there_and_back($$
CREATE FUNCTION sd(x int, y int) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT (x - y)::float8';
CREATE TYPE r AS RANGE (SUBTYPE = int4, SUBTYPE_DIFF = sd);
CREATE TABLE t (a r);
INSERT INTO t VALUES ('[1,2)');$$, $$
CREATE FUNCTION sd(x bigint, y bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT (x - y)::float8';
CREATE TYPE r AS RANGE (SUBTYPE = int8, SUBTYPE_DIFF = sd);
CREATE TABLE t (a r);$$);
-- Row types change while expressions have values of them.
SELECT * FROM there_and_back($$
CREATE TYPE c AS (r float8, i float8);
CREATE TYPE o AS (cc c[]);
CREATE FUNCTION c_t(c) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT ($1).r';
CREATE FUNCTION f(x c DEFAULT ROW(1, 2)::c) RETURNS float8 LANGUAGE sql AS 'SELECT 1::float8';
CREATE FUNCTION g(x c) RETURNS float8 LANGUAGE sql BEGIN ATOMIC SELECT c_t(x); END;
CREATE FUNCTION h(x o) RETURNS float8 LANGUAGE sql BEGIN ATOMIC SELECT c_t((x).cc[1]); END;
CREATE TABLE t (a int, b text DEFAULT ROW(1, 2)::c::text, s float8 GENERATED ALWAYS AS (c_t(ROW(a, 2)::c)) STORED, CHECK (ROW(a, 2)::c IS NOT NULL));
CREATE INDEX ti ON t ((ROW(a, 2)::c IS NULL));
CREATE STATISTICS ts ON (c_t(ROW(a, 2)::c)) FROM t;
CREATE POLICY p ON t USING (ROW(a, 2)::c IS NULL);
CREATE VIEW v AS SELECT ROW(a, 2)::c AS r FROM t;
CREATE DOMAIN d AS text DEFAULT ROW(1, 2)::c::text;
INSERT INTO t VALUES (1, 'x');$$, $$
CREATE TYPE c AS (r float8, i numeric);
CREATE TYPE o AS (cc c[]);
CREATE FUNCTION c_t(c) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT ($1).r';
CREATE FUNCTION f(x c DEFAULT ROW(1, 2)::c) RETURNS float8 LANGUAGE sql AS 'SELECT 1::float8';
CREATE FUNCTION g(x c) RETURNS float8 LANGUAGE sql BEGIN ATOMIC SELECT c_t(x); END;
CREATE FUNCTION h(x o) RETURNS float8 LANGUAGE sql BEGIN ATOMIC SELECT c_t((x).cc[1]); END;
CREATE TABLE t (a int, b text DEFAULT ROW(1, 2)::c::text, s float8 GENERATED ALWAYS AS (c_t(ROW(a, 2)::c)) STORED, CHECK (ROW(a, 2)::c IS NOT NULL));
CREATE INDEX ti ON t ((ROW(a, 2)::c IS NULL));
CREATE STATISTICS ts ON (c_t(ROW(a, 2)::c)) FROM t;
CREATE POLICY p ON t USING (ROW(a, 2)::c IS NULL);
CREATE VIEW v AS SELECT ROW(a, 2)::c AS r FROM t;
CREATE DOMAIN d AS text DEFAULT ROW(1, 2)::c::text;$$);
SELECT * FROM there_and_back($$
CREATE TABLE t (a int, b text);
CREATE FUNCTION g(t) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(x t DEFAULT ROW(1, 2)::t) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f2(x t[]) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT g(x[1]); END;
CREATE FUNCTION f3() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT g(t) FROM t; END;
CREATE TABLE u (a text DEFAULT ROW(1, 2)::t::text);
INSERT INTO t VALUES (1);$$, $$
CREATE TABLE t (a bigint, b text);
CREATE FUNCTION g(t) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(x t DEFAULT ROW(1, 2)::t) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f2(x t[]) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT g(x[1]); END;
CREATE FUNCTION f3() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT g(t) FROM t; END;
CREATE TABLE u (a text DEFAULT ROW(1, 2)::t::text);$$);
-- A column gets another type, for which the function that constraints and indexes call is new.
SELECT * FROM there_and_back($$
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE TABLE t (a int, CHECK (f(a) > 0));
CREATE INDEX ti ON t (f(a));
INSERT INTO t VALUES (1);$$, $$
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION f(bigint) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2';
CREATE TABLE t (a bigint, CHECK (f(a) > 0));
CREATE INDEX ti ON t (f(a));$$);
-- What inherits from a foreign table stays while that becomes another one, or goes to another server.
SELECT * FROM there_and_back($$
CREATE FOREIGN DATA WRAPPER regress_w; CREATE SERVER regress_s FOREIGN DATA WRAPPER regress_w; CREATE SERVER regress_s2 FOREIGN DATA WRAPPER regress_w;
CREATE FOREIGN TABLE g (a int) SERVER regress_s;
CREATE FOREIGN TABLE h () INHERITS (g) SERVER regress_s;
CREATE TABLE i () INHERITS (g);
CREATE FOREIGN TABLE k (a int) SERVER regress_s;
CREATE FOREIGN TABLE l () INHERITS (k) SERVER regress_s;
CREATE TABLE m () INHERITS (k);
INSERT INTO i VALUES (1); INSERT INTO m VALUES (2);$$, $$
CREATE FOREIGN DATA WRAPPER regress_w; CREATE SERVER regress_s FOREIGN DATA WRAPPER regress_w; CREATE SERVER regress_s2 FOREIGN DATA WRAPPER regress_w;
CREATE TABLE g (a int);
CREATE FOREIGN TABLE h () INHERITS (g) SERVER regress_s;
CREATE TABLE i () INHERITS (g);
CREATE FOREIGN TABLE k (a int) SERVER regress_s2;
CREATE FOREIGN TABLE l () INHERITS (k) SERVER regress_s2;
CREATE TABLE m () INHERITS (k);$$, rest => 'DROP FOREIGN DATA WRAPPER regress_w CASCADE');
DROP FUNCTION there_and_back, differences, contents, state;
DROP EXTENSION pg_migrate;

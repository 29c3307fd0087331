-- Definitions of indexes are composed from the catalogue where they are plain. They have to be what the server would write.
CREATE EXTENSION pg_migrate;
SET client_min_messages = warning;
CREATE SCHEMA idx;
SELECT $ddl$
CREATE SCHEMA idx;
CREATE DOMAIN idx.word AS varchar(20);
CREATE TYPE idx.mood AS ENUM ('sad', 'ok');
CREATE TYPE idx.pair AS (a int, b text);
CREATE TABLE idx.t (i int, b bigint, s text, v varchar(30), c char(4), n name, w idx.word, m idx.mood, p idx.pair, a int[], va varchar[], r int4range, pt point,
    ts tsvector, j jsonb, d date, num numeric, o oid, "select" int, "Odd ""Name" text COLLATE "C", bt text COLLATE "POSIX", f boolean, u uuid, ip inet);
CREATE INDEX t_1 ON idx.t (i);
CREATE INDEX t_2 ON idx.t (i DESC, b ASC NULLS FIRST, s DESC NULLS LAST);
CREATE INDEX t_3 ON idx.t (s text_pattern_ops, v varchar_pattern_ops, c bpchar_pattern_ops);
CREATE INDEX t_4 ON idx.t (v, c, n, w, m);
CREATE INDEX t_5 ON idx.t (p, a, va, r);
CREATE INDEX t_6 ON idx.t (s COLLATE "C", "Odd ""Name", bt COLLATE "C", "Odd ""Name" COLLATE "POSIX" DESC);
CREATE UNIQUE INDEX t_7 ON idx.t (b) INCLUDE (s, "select");
CREATE UNIQUE INDEX t_8 ON idx.t (b, d) NULLS NOT DISTINCT;
CREATE UNIQUE INDEX t_9 ON idx.t (b) INCLUDE (i) NULLS NOT DISTINCT WITH (fillfactor = 70, deduplicate_items = off) WHERE i > 3 AND s <> 'it''s';
CREATE INDEX t_10 ON idx.t USING hash (s);
CREATE INDEX t_11 ON idx.t USING gin (a, ts, j);
CREATE INDEX t_12 ON idx.t USING gin (j jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX t_13 ON idx.t USING gist (r, pt) INCLUDE (i);
CREATE INDEX t_14 ON idx.t USING gist (ip inet_ops);
CREATE INDEX t_15 ON idx.t USING spgist (s);
CREATE INDEX t_16 ON idx.t USING spgist (pt kd_point_ops);
CREATE INDEX t_17 ON idx.t USING brin (d, num) WITH (pages_per_range = 8);
CREATE INDEX t_18 ON idx.t USING brin (i int4_minmax_multi_ops (values_per_range = 16), b int8_bloom_ops);
CREATE INDEX t_19 ON idx.t USING gist (ts tsvector_ops (siglen = 100));
CREATE INDEX t_20 ON idx.t (lower(s), i);
CREATE INDEX t_21 ON idx.t ((i + b) DESC) INCLUDE (s) WHERE "select" IS NOT NULL;
CREATE INDEX "t 22 USING " ON idx.t (u, o) WHERE f;
CREATE INDEX t_23 ON idx.t ("select" DESC NULLS LAST);
CREATE INDEX t_24 ON idx.t (w varchar_pattern_ops, ((p).a));
CREATE TABLE idx.parts (k int, s text) PARTITION BY RANGE (k);
CREATE INDEX parts_1 ON idx.parts (s DESC, k);
CREATE MATERIALIZED VIEW idx.mv AS SELECT i, s FROM idx.t;
CREATE UNIQUE INDEX mv_1 ON idx.mv (i) INCLUDE (s);
$ddl$ AS ddl \gset
CREATE TEMPORARY TABLE composed AS SELECT object, sql FROM migrate_check(model => :'ddl', schemas => 'idx') WHERE kind = 'index';
DROP SCHEMA idx;
\o /dev/null
:ddl
\o
SELECT count(*) FROM composed;
-- But for storage parameters, which are read apart.
SELECT c.object, c.sql, pg_get_indexdef(i.indexrelid) AS server
  FROM composed c
  FULL JOIN (SELECT indexrelid, 'idx.' || quote_ident(relname) AS object FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
              WHERE relnamespace = 'idx'::regnamespace) i USING (object)
 WHERE regexp_replace(c.sql, ' WITH \(.*?\)', '') IS DISTINCT FROM regexp_replace(pg_get_indexdef(i.indexrelid), ' WITH \(.*?\)', '')
 ORDER BY 1;
SELECT * FROM migrate_check(model => :'ddl', schemas => 'idx');
DROP SCHEMA idx CASCADE;
DROP EXTENSION pg_migrate;

-- The key of a partitioned table gets another type: partitions whose rows stay in their places are detached, altered and attached again.
CREATE EXTENSION pg_migrate;
SET client_min_messages = warning;
CREATE SCHEMA parts;
SET search_path = parts, public;
CREATE TYPE level AS ENUM ('low', 'high');
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TABLE target (id int PRIMARY KEY);
-- Below it are such that are partitioned by the same column, and by another one; everything that a partition may have is there.
CREATE TABLE p (id int REFERENCES target, k int NOT NULL CHECK (k > -100), v text, PRIMARY KEY (id, k)) PARTITION BY RANGE (k);
CREATE TABLE p_low PARTITION OF p FOR VALUES FROM (MINVALUE) TO (1);
CREATE TABLE p_mid PARTITION OF p FOR VALUES FROM (1) TO (10) PARTITION BY LIST (k);
CREATE TABLE p_mid_1 PARTITION OF p_mid FOR VALUES IN (1, 2, 3);
CREATE TABLE p_mid_rest PARTITION OF p_mid DEFAULT;
CREATE TABLE p_high PARTITION OF p FOR VALUES FROM (10) TO (100) PARTITION BY HASH (id);
CREATE TABLE p_high_0 PARTITION OF p_high FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE p_high_1 PARTITION OF p_high FOR VALUES WITH (MODULUS 2, REMAINDER 1) WITH (fillfactor=70);
CREATE TABLE p_rest PARTITION OF p DEFAULT;
-- Two that are alike: which of a partition's is attached to which is not left to chance.
CREATE INDEX p_v ON p (v);
CREATE INDEX a_p_v ON p (v) WITH (fillfactor=80);
ALTER INDEX p_low_v_idx RENAME TO own_name;
COMMENT ON INDEX own_name IS 'of p_low';
CREATE INDEX p_low_only ON p_low (k) WHERE v IS NULL;
CREATE TRIGGER noted AFTER INSERT ON p FOR EACH ROW EXECUTE FUNCTION noted();
ALTER TABLE p_high_0 DISABLE TRIGGER noted;
CREATE TABLE refers (id int, k int, FOREIGN KEY (id, k) REFERENCES p);
CREATE VIEW of_all AS SELECT p.k, t.id FROM p, target t;
CREATE VIEW of_one AS SELECT p_mid_1.k, t.id FROM p_mid_1, target t;
GRANT SELECT ON p_low TO PUBLIC;
-- Others: an enumeration that is made again, hashes, days, texts; and what is sorted otherwise as another type, or goes elsewhere.
CREATE TABLE by_level (l level, x int) PARTITION BY LIST (l);
CREATE TABLE by_level_low PARTITION OF by_level FOR VALUES IN ('low');
CREATE TABLE by_level_rest PARTITION OF by_level DEFAULT;
CREATE TABLE by_hash (k int, t varchar(10)) PARTITION BY HASH (k, t);
CREATE TABLE by_hash_0 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_hash_1 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE by_day (d date) PARTITION BY RANGE (d);
CREATE TABLE by_day_20 PARTITION OF by_day FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE by_text (k int) PARTITION BY RANGE (k);
CREATE TABLE by_text_1 PARTITION OF by_text FOR VALUES FROM (1) TO (3);
CREATE TABLE by_text_list (k int) PARTITION BY LIST (k);
CREATE TABLE by_text_list_1 PARTITION OF by_text_list FOR VALUES IN (1, NULL);
CREATE TABLE changes (k int, x int) PARTITION BY RANGE (k);
CREATE TABLE changes_stay PARTITION OF changes FOR VALUES FROM (0) TO (10);
CREATE TABLE changes_bound PARTITION OF changes FOR VALUES FROM (10) TO (20);
CREATE TABLE changes_goes PARTITION OF changes FOR VALUES FROM (20) TO (30);
CREATE TABLE changes_rest PARTITION OF changes DEFAULT;
CREATE TABLE gets_more (k int) PARTITION BY LIST (k);
CREATE TABLE gets_more_rest PARTITION OF gets_more DEFAULT;
INSERT INTO target SELECT generate_series(-5, 200);
INSERT INTO p SELECT i, i, 'x' || i FROM generate_series(-5, 200) i;
INSERT INTO refers SELECT id, k FROM p;
INSERT INTO by_level VALUES ('low', 1), ('high', 2);
INSERT INTO by_hash SELECT i, i FROM generate_series(1, 20) i;
INSERT INTO by_day VALUES ('2020-01-01'), ('2020-12-31');
INSERT INTO by_text VALUES (1), (2);
INSERT INTO by_text_list VALUES (1), (NULL);
INSERT INTO changes SELECT i, i FROM generate_series(0, 39) i;
INSERT INTO gets_more VALUES (1), (2);
RESET search_path;
SELECT $$
CREATE SCHEMA parts;
SET search_path = parts;
CREATE TYPE level AS ENUM ('high', 'low');
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TABLE target (id int PRIMARY KEY);
CREATE TABLE p (id int REFERENCES target, k bigint NOT NULL CHECK (k > -100), v text, PRIMARY KEY (id, k)) PARTITION BY RANGE (k);
CREATE TABLE p_low PARTITION OF p FOR VALUES FROM (MINVALUE) TO (1);
CREATE TABLE p_mid PARTITION OF p FOR VALUES FROM (1) TO (10) PARTITION BY LIST (k);
CREATE TABLE p_mid_1 PARTITION OF p_mid FOR VALUES IN (1, 2, 3);
CREATE TABLE p_mid_rest PARTITION OF p_mid DEFAULT;
CREATE TABLE p_high PARTITION OF p FOR VALUES FROM (10) TO (100) PARTITION BY HASH (id);
CREATE TABLE p_high_0 PARTITION OF p_high FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE p_high_1 PARTITION OF p_high FOR VALUES WITH (MODULUS 2, REMAINDER 1) WITH (fillfactor=70);
CREATE TABLE p_rest PARTITION OF p DEFAULT;
CREATE INDEX p_v ON p (v);
CREATE INDEX a_p_v ON p (v) WITH (fillfactor=80);
ALTER INDEX p_low_v_idx RENAME TO own_name;
COMMENT ON INDEX own_name IS 'of p_low';
CREATE INDEX p_low_only ON p_low (k) WHERE v IS NULL;
CREATE TRIGGER noted AFTER INSERT ON p FOR EACH ROW EXECUTE FUNCTION noted();
ALTER TABLE p_high_0 DISABLE TRIGGER noted;
CREATE TABLE refers (id int, k bigint, FOREIGN KEY (id, k) REFERENCES p);
CREATE VIEW of_all AS SELECT p.k, t.id FROM p, target t;
CREATE VIEW of_one AS SELECT p_mid_1.k, t.id FROM p_mid_1, target t;
GRANT SELECT ON p_low TO PUBLIC;
CREATE TABLE by_level (l level, x int) PARTITION BY LIST (l);
CREATE TABLE by_level_low PARTITION OF by_level FOR VALUES IN ('low');
CREATE TABLE by_level_rest PARTITION OF by_level DEFAULT;
CREATE TABLE by_hash (k bigint, t text) PARTITION BY HASH (k, t);
CREATE TABLE by_hash_0 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_hash_1 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE by_day (d timestamp) PARTITION BY RANGE (d);
CREATE TABLE by_day_20 PARTITION OF by_day FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE by_text (k text) PARTITION BY RANGE (k);
CREATE TABLE by_text_1 PARTITION OF by_text FOR VALUES FROM ('1') TO ('3');
CREATE TABLE by_text_list (k text) PARTITION BY LIST (k);
CREATE TABLE by_text_list_1 PARTITION OF by_text_list FOR VALUES IN ('1', NULL);
CREATE TABLE changes (k bigint, x int) PARTITION BY RANGE (k);
CREATE TABLE changes_stay PARTITION OF changes FOR VALUES FROM (0) TO (10);
CREATE TABLE changes_bound PARTITION OF changes FOR VALUES FROM (10) TO (15);
CREATE TABLE changes_rest PARTITION OF changes DEFAULT;
CREATE TABLE gets_more (k bigint) PARTITION BY LIST (k);
CREATE TABLE gets_more_9 PARTITION OF gets_more FOR VALUES IN (9);
CREATE TABLE gets_more_rest PARTITION OF gets_more DEFAULT;
$$ AS model \gset
CREATE TABLE before AS SELECT oid, relname FROM pg_class WHERE relnamespace = 'parts'::regnamespace AND relkind IN ('r', 'p', 'i', 'I');
CREATE FUNCTION rows_in(OUT part regclass, OUT rows bigint, OUT sum numeric) RETURNS SETOF record LANGUAGE sql AS $$
SELECT tableoid::regclass, count(*), sum(k) FROM parts.p GROUP BY 1 UNION ALL SELECT tableoid::regclass, count(*), sum(k) FROM parts.changes GROUP BY 1 $$;
SELECT migrate_autogenerate('types', :'model', schemas => 'parts', revision => 'pt1');
-- Since 18 the constraints of NOT NULL have names.
SELECT regexp_replace(up, 'CONSTRAINT \w+_not_null (?=NOT NULL)', '', 'g') AS up, regexp_replace(down, 'CONSTRAINT \w+_not_null (?=NOT NULL)', '', 'g') AS down FROM migrate_show('pt1') \gx
SELECT * FROM migrate_verify();
SELECT * FROM rows_in() ORDER BY part::text;
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM rows_in() ORDER BY part::text;
-- Made again: the partitioned tables, their indexes, and partitions whose rows may have to move.
SELECT relname FROM before WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = before.oid AND c.relname = before.relname) ORDER BY 1;
SELECT * FROM migrate_check(:'model', schemas => 'parts');
SELECT c.relname, a.inhparent::regclass FROM pg_inherits a JOIN pg_class c ON c.oid = a.inhrelid WHERE relkind IN ('i', 'I') AND relnamespace = 'parts'::regnamespace AND relname ~ '^(p_low|p_high|own)' ORDER BY 1;
SELECT count(*) FROM migrate_downgrade('base');
SELECT * FROM rows_in() ORDER BY part::text;
SELECT * FROM migrate_remove('pt1');
-- Nothing is built concurrently, and nothing is committed, as long as their rows are out of sight.
SELECT migrate_autogenerate('online', $$
CREATE SCHEMA parts;
CREATE TABLE parts.changes (k bigint, x int NOT NULL CHECK (x >= 0)) PARTITION BY RANGE (k);
CREATE TABLE parts.changes_stay PARTITION OF parts.changes FOR VALUES FROM (0) TO (10);
CREATE TABLE parts.changes_bound PARTITION OF parts.changes FOR VALUES FROM (10) TO (20);
CREATE TABLE parts.changes_goes PARTITION OF parts.changes FOR VALUES FROM (20) TO (30);
CREATE TABLE parts.changes_rest PARTITION OF parts.changes DEFAULT;
CREATE INDEX x_of_stay ON parts.changes_stay (x);
CREATE TABLE parts.target (id int PRIMARY KEY, n int);
CREATE INDEX a_concurrently ON parts.target (n);
$$, schemas => 'parts', online => true, revision => 'pt2');
SELECT line FROM migrate_show('pt2'), string_to_table(up, E'\n') WITH ORDINALITY AS l (line, n) WHERE line ~ 'TACH PARTITION|CONCURRENTLY|commit|VALIDATE|changes.*CHECK' ORDER BY n;
-- A partition in a schema that is not compared goes along, with its rows.
CREATE SCHEMA parts_outside;
CREATE TABLE parts_outside.p PARTITION OF parts.gets_more FOR VALUES IN (20);
INSERT INTO parts.gets_more VALUES (20);
SELECT migrate_remove('pt2');
SELECT migrate_autogenerate('outside', $$
CREATE SCHEMA parts;
CREATE TABLE parts.gets_more (k bigint) PARTITION BY LIST (k);
CREATE TABLE parts.gets_more_rest PARTITION OF parts.gets_more DEFAULT;
$$, schemas => 'parts', revision => 'pt3');
SELECT line AS statement FROM migrate_show('pt3'), string_to_table(up, E'\n') line WHERE line LIKE '%TACH PARTITION%';
SELECT count(*) FROM migrate_upgrade();
SELECT tableoid::regclass, k FROM parts.gets_more ORDER BY k;
DROP SCHEMA parts, parts_outside CASCADE;
DROP TABLE before;
DROP FUNCTION rows_in;
-- What reads the rows of such a table, refers to them, or is in the way, with rows; and rows that come to other places as another type.
DROP EXTENSION pg_migrate; CREATE EXTENSION pg_migrate;
SELECT $$
CREATE SCHEMA sight;
CREATE TABLE sight.p (k int NOT NULL, x int, y int, PRIMARY KEY (k), UNIQUE (k, x)) PARTITION BY RANGE (k);
CREATE TABLE sight.p_1 PARTITION OF sight.p FOR VALUES FROM (0) TO (10);
CREATE TABLE sight.p_2 PARTITION OF sight.p FOR VALUES FROM (10) TO (30) PARTITION BY LIST (k);
CREATE TABLE sight.p_2_rest PARTITION OF sight.p_2 DEFAULT;
ALTER TABLE sight.p_2_rest REPLICA IDENTITY USING INDEX p_2_rest_pkey;
ALTER TABLE sight.p ADD CONSTRAINT self FOREIGN KEY (y) REFERENCES sight.p;
ALTER TABLE sight.p ADD CONSTRAINT unchecked CHECK (x > -2) NOT VALID;
CREATE INDEX sum ON sight.p ((k + x)); ALTER INDEX sight.p_1_expr_idx ALTER COLUMN 1 SET STATISTICS 99;
CREATE TABLE sight.other (k int PRIMARY KEY); ALTER TABLE sight.p ADD CONSTRAINT other FOREIGN KEY (x) REFERENCES sight.other;
CREATE TABLE sight.refers (k int REFERENCES sight.p);
CREATE TABLE sight.refers_too (k int REFERENCES sight.p) PARTITION BY LIST (k); CREATE TABLE sight.refers_too_rest PARTITION OF sight.refers_too DEFAULT;
CREATE VIEW sight.all_rows AS SELECT p.k, o.k AS o FROM sight.p, sight.other o WHERE o.k = p.x;
CREATE MATERIALIZED VIEW sight.stored AS SELECT count(*) AS n FROM sight.all_rows;
CREATE TABLE sight.below (a int, k int) PARTITION BY LIST (a); CREATE TABLE sight.below_1 PARTITION OF sight.below FOR VALUES IN (1) PARTITION BY HASH (k);
CREATE TABLE sight.below_1_all PARTITION OF sight.below_1 FOR VALUES WITH (MODULUS 1, REMAINDER 0); CREATE INDEX below_a ON sight.below (a); ALTER INDEX sight.below_1_all_a_idx RENAME TO own;
CREATE MATERIALIZED VIEW sight.below_stored AS SELECT count(*) AS n FROM sight.below;
CREATE TABLE sight.incomplete (k int) PARTITION BY LIST (k); CREATE TABLE sight.incomplete_1 PARTITION OF sight.incomplete FOR VALUES IN (1); CREATE TABLE sight.incomplete_2 PARTITION OF sight.incomplete FOR VALUES IN (2);
CREATE INDEX incomplete_k ON ONLY sight.incomplete (k); CREATE INDEX incomplete_1_k ON sight.incomplete_1 (k); ALTER INDEX sight.incomplete_k ATTACH PARTITION sight.incomplete_1_k;
CREATE TABLE sight.leading (k text) PARTITION BY LIST (k); CREATE TABLE sight.leading_1 PARTITION OF sight.leading FOR VALUES IN ('1'); CREATE TABLE sight.leading_rest PARTITION OF sight.leading DEFAULT;
CREATE TABLE sight.spaces (k text) PARTITION BY LIST (k); CREATE TABLE sight.spaces_1 PARTITION OF sight.spaces FOR VALUES IN ('a '); CREATE TABLE sight.spaces_rest PARTITION OF sight.spaces DEFAULT;
CREATE TABLE sight.ties (d timestamp, n int) PARTITION BY RANGE (d, n); CREATE TABLE sight.ties_1 PARTITION OF sight.ties FOR VALUES FROM ('2020-01-01', 5) TO ('2020-01-02', 5); CREATE TABLE sight.ties_rest PARTITION OF sight.ties DEFAULT;
CREATE TABLE sight.listed_day (d timestamp) PARTITION BY LIST (d); CREATE TABLE sight.listed_day_1 PARTITION OF sight.listed_day FOR VALUES IN ('2020-01-01'); CREATE TABLE sight.listed_day_rest PARTITION OF sight.listed_day DEFAULT;
CREATE TABLE sight.left (k int) PARTITION BY LIST (k); CREATE TABLE sight.entered (k int) PARTITION BY LIST (k); CREATE TABLE sight.left_1 PARTITION OF sight.left FOR VALUES IN (1);
CREATE TYPE sight.pair AS (k int, x int); CREATE TABLE sight.typed OF sight.pair PARTITION BY RANGE (k); CREATE TABLE sight.typed_1 PARTITION OF sight.typed DEFAULT;
CREATE INDEX goes ON sight.below ((a + 1));
CREATE TABLE sight.exact (n numeric(10,1)) PARTITION BY RANGE (n); CREATE TABLE sight.exact_1 PARTITION OF sight.exact FOR VALUES FROM (1) TO (2.5);
$$ AS sight_before \gset
SELECT replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(:'sight_before', 'sight.p (k int NOT NULL, x int, y int,', 'sight.p (k bigint NOT NULL, x int GENERATED BY DEFAULT AS IDENTITY, y bigint,'),
    '.refers (k int', '.refers (k bigint'), '.refers_too (k int', '.refers_too (k bigint'), 'below (a int, k int', 'below (a int, k bigint'), 'incomplete (k int', 'incomplete (k bigint'),
    'leading (k text', 'leading (k int'), 'pair AS (k int', 'pair AS (k bigint'), 'left (k int', 'left (k bigint'), 'entered (k int', 'entered (k bigint'), 'PARTITION OF sight.left ', 'PARTITION OF sight.entered '), 'CREATE INDEX goes ON sight.below ((a + 1));', ''), 'spaces (k text', 'spaces (k varchar(2)'), '(d timestamp', '(d date'), 'numeric(10,1)', 'numeric(12,2)')
    || 'ALTER TABLE sight.p ALTER CONSTRAINT other DEFERRABLE;' AS sight_after \gset
SELECT migrate_autogenerate('first', :'sight_before', schemas => 'sight', revision => 'st1');
SELECT count(*) FROM migrate_upgrade();
INSERT INTO sight.other SELECT generate_series(1, 29);
INSERT INTO sight.p SELECT i, i, i / 2 + 1 FROM generate_series(1, 29) i;
INSERT INTO sight.refers SELECT k FROM sight.p; INSERT INTO sight.refers_too SELECT k FROM sight.p;
INSERT INTO sight.below SELECT 1, i FROM generate_series(1, 9) i; INSERT INTO sight.incomplete VALUES (1), (2);
INSERT INTO sight.left VALUES (1); INSERT INTO sight.leading VALUES ('1'), ('01'); INSERT INTO sight.spaces VALUES ('a '), ('a   '); INSERT INTO sight.exact VALUES (1), (2.4);
INSERT INTO sight.ties VALUES ('2020-01-01 10:00', 7), ('2020-01-02 10:00', 3); INSERT INTO sight.listed_day VALUES ('2020-01-01'), ('2020-01-01 10:00');
REFRESH MATERIALIZED VIEW sight.stored; REFRESH MATERIALIZED VIEW sight.below_stored;
CREATE TABLE before AS SELECT oid, relname FROM pg_class WHERE relnamespace = 'sight'::regnamespace AND relkind = 'r';
SELECT migrate_autogenerate('second', :'sight_after', schemas => 'sight', revision => 'st2');
SELECT * FROM migrate_verify('st2');
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM migrate_check(:'sight_after', schemas => 'sight');
SELECT (TABLE sight.stored), (TABLE sight.below_stored), (SELECT count(*) FROM sight.p), (SELECT count(*) FROM sight.entered) AS entered, nextval('sight.p_x_seq') > 29 AS goes_on, pg_get_serial_sequence('sight.p', 'x');
SELECT tableoid::regclass, k FROM sight.leading UNION ALL SELECT tableoid::regclass, NULL FROM sight.spaces UNION ALL SELECT tableoid::regclass, NULL FROM sight.ties UNION ALL SELECT tableoid::regclass, NULL FROM sight.listed_day ORDER BY 1;
-- Their rows were moved.
SELECT relname FROM before WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = before.oid AND c.relname = before.relname) ORDER BY 1;
SELECT count(*) FROM migrate_downgrade('-1');
SELECT * FROM migrate_check(:'sight_before', schemas => 'sight');
SELECT (TABLE sight.stored), (TABLE sight.below_stored), (SELECT count(*) FROM sight.p), (SELECT sum(k) FROM sight.refers), (SELECT count(*) FROM sight.left) AS left;
SELECT migrate_remove('st2');
-- Without long locks: what is committed is so before or after.
SELECT migrate_autogenerate('second', :'sight_after', schemas => 'sight', revision => 'st3', online => true);
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM migrate_check(:'sight_after', schemas => 'sight');
SELECT (TABLE sight.stored), (TABLE sight.below_stored), (SELECT count(*) FROM sight.p);
SELECT count(*) FROM migrate_downgrade('-1');
SELECT * FROM migrate_check(:'sight_before', schemas => 'sight');
DROP SCHEMA sight CASCADE;
DROP TABLE before;
-- To the server an index in the other direction is as good; and one that is alike is new, also below partitions that are partitioned themselves.
DROP EXTENSION pg_migrate;
CREATE EXTENSION pg_migrate;
CREATE SCHEMA alike;
CREATE TABLE alike.q (k int, v text) PARTITION BY LIST (k);
CREATE TABLE alike.q_1 PARTITION OF alike.q FOR VALUES IN (1) PARTITION BY LIST (v);
CREATE TABLE alike.q_1_a PARTITION OF alike.q_1 FOR VALUES IN ('a');
CREATE TABLE alike.q_2 PARTITION OF alike.q FOR VALUES IN (2);
CREATE INDEX q_z ON alike.q (v DESC NULLS LAST);
CREATE INDEX q_a ON alike.q (v);
INSERT INTO alike.q VALUES (1, 'a'), (2, 'b');
CREATE TABLE alike.r (k text) PARTITION BY LIST (k);
CREATE TABLE alike.r_rest PARTITION OF alike.r DEFAULT;
CREATE INDEX r_8 ON alike.r (k DESC);
CREATE INDEX r_10 ON alike.r (k);
CREATE VIEW attached AS SELECT c.relname AS index, a.relname AS attached_to, pg_get_indexdef(c.oid) AS definition, x.indisvalid AS valid
FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid LEFT JOIN pg_inherits h ON h.inhrelid = c.oid LEFT JOIN pg_class a ON a.oid = h.inhparent WHERE c.relnamespace = 'alike'::regnamespace;
CREATE TABLE before AS TABLE attached;
SELECT $$CREATE SCHEMA alike;
CREATE TABLE alike.q (k numeric, v text) PARTITION BY LIST (k);
CREATE TABLE alike.q_1 PARTITION OF alike.q FOR VALUES IN (1) PARTITION BY LIST (v);
CREATE TABLE alike.q_1_a PARTITION OF alike.q_1 FOR VALUES IN ('a');
CREATE TABLE alike.q_2 PARTITION OF alike.q FOR VALUES IN (2);
CREATE INDEX q_z ON alike.q (v DESC NULLS LAST);
CREATE INDEX q_a ON alike.q (v);
CREATE INDEX q_new ON alike.q (v) WITH (fillfactor=80);
CREATE TABLE alike.r (k varchar(80)) PARTITION BY LIST (k);
CREATE TABLE alike.r_rest PARTITION OF alike.r DEFAULT;
CREATE INDEX r_8 ON alike.r (k DESC);
CREATE INDEX r_10 ON alike.r (k);$$ AS alike_after \gset
SELECT migrate_autogenerate('alike', :'alike_after', schemas => 'alike', revision => 'al1');
SELECT * FROM migrate_verify('al1');
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM migrate_check(:'alike_after', schemas => 'alike');
SELECT * FROM attached ORDER BY 1;
SELECT count(*) FROM migrate_downgrade('-1');
TABLE attached EXCEPT TABLE before;
SELECT migrate_remove('al1');
SELECT migrate_autogenerate('alike', :'alike_after', schemas => 'alike', revision => 'al2', online => true);
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM migrate_check(:'alike_after', schemas => 'alike');
SELECT count(*) FROM migrate_downgrade('-1');
TABLE attached EXCEPT TABLE before;
DROP VIEW attached;
DROP TABLE before;
DROP SCHEMA alike CASCADE;
-- The default partition goes, so that rows are moved; those that stay take their CHECK constraints along: inherited ones, and such that are their own, too.
DROP EXTENSION pg_migrate;
CREATE EXTENSION pg_migrate;
CREATE SCHEMA checked;
CREATE TABLE checked.t (k text NOT NULL, n int) PARTITION BY LIST (k);
CREATE TABLE checked.t_a PARTITION OF checked.t FOR VALUES IN ('a') PARTITION BY LIST (n);
CREATE TABLE checked.t_a_1 PARTITION OF checked.t_a FOR VALUES IN (1);
ALTER TABLE checked.t ADD CONSTRAINT short CHECK (length(k) < 90), ADD CONSTRAINT positive CHECK (n > 0);
CREATE TABLE checked.t_b (k text CONSTRAINT t_k_not_null NOT NULL, n int, CONSTRAINT short CHECK (length(k) < 90));
ALTER TABLE checked.t_b ADD CONSTRAINT positive CHECK (n > 0);
ALTER TABLE checked.t ATTACH PARTITION checked.t_b FOR VALUES IN ('b');
CREATE TABLE checked.other PARTITION OF checked.t DEFAULT;
INSERT INTO checked.t VALUES ('a', 1), ('b', 2);
SELECT $$CREATE SCHEMA checked;
CREATE TABLE checked.t (k varchar(80) NOT NULL, n int) PARTITION BY LIST (k);
CREATE TABLE checked.t_a PARTITION OF checked.t FOR VALUES IN ('a') PARTITION BY LIST (n);
CREATE TABLE checked.t_a_1 PARTITION OF checked.t_a FOR VALUES IN (1);
CREATE TABLE checked.t_b PARTITION OF checked.t FOR VALUES IN ('b');
ALTER TABLE checked.t ADD CONSTRAINT short CHECK (length(k) < 90), ADD CONSTRAINT positive CHECK (n > 0);$$ AS checked_after \gset
CREATE VIEW constraints AS SELECT conrelid::regclass::text AS table, conname, conislocal, coninhcount, pg_get_constraintdef(oid) AS definition
FROM pg_constraint WHERE connamespace = 'checked'::regnamespace AND contype = 'c';
CREATE TABLE before AS TABLE constraints;
SELECT migrate_autogenerate('checked', :'checked_after', schemas => 'checked', revision => 'ck1');
-- Since 18 the constraints of NOT NULL have names.
SELECT replace(up, 'CONSTRAINT t_k_not_null ', '') AS up FROM migrate_show('ck1');
SELECT * FROM migrate_verify('ck1');
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM migrate_check(:'checked_after', schemas => 'checked');
SELECT tableoid::regclass, * FROM checked.t ORDER BY k;
SELECT count(*) FROM migrate_downgrade('-1');
TABLE constraints EXCEPT TABLE before;
SELECT tableoid::regclass, * FROM checked.t ORDER BY k;
DROP VIEW constraints;
DROP TABLE before;
DROP SCHEMA checked CASCADE;
DROP EXTENSION pg_migrate;

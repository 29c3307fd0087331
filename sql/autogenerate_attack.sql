-- Differences that are easily resolved wrongly: there and back, with rows.
CREATE EXTENSION pg_migrate;
SET client_min_messages = warning;
-- From 16 on a view does not name its only relation with each column, and from 18 on NOT NULL has a name: not what is looked at here.
CREATE FUNCTION pg_temp.on_all_servers(script text) RETURNS text LANGUAGE sql AS $$
SELECT regexp_replace(regexp_replace(regexp_replace(script, ' CONSTRAINT \w+_not_null NOT NULL', ' NOT NULL', 'g'),
                                     'ALTER TABLE \S+ RENAME CONSTRAINT \w+_not_null TO \w+_not_null;\n\n|-- constraint \w+_not_null ON [^\n]*\n\n?', '', 'g'),
                      '^( SELECT |    )(\(?)\w+\.(\w+)\M(?!\()', '\1\2\3', 'gn')
$$;
CREATE ROLE pgm_keeper;
GRANT CREATE ON DATABASE :"DBNAME" TO pgm_keeper;
SELECT migrate_grant('pgm_keeper', 'operator'), migrate_grant('pgm_keeper', 'author');
-- Rows that policies hide from their owner are not lost when the table is made anew.
CREATE SCHEMA kept AUTHORIZATION pgm_keeper;
SELECT $model$
CREATE SCHEMA kept AUTHORIZATION pgm_keeper;
SET ROLE pgm_keeper;
CREATE TABLE kept.hidden (id int PRIMARY KEY, b text);
CREATE TABLE kept.key (id int, b text) PARTITION BY LIST (id);
CREATE TABLE kept.key_1 PARTITION OF kept.key FOR VALUES IN (1);
CREATE TABLE kept.counted (id int NOT NULL);
ALTER TABLE kept.hidden ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE kept.key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE kept.counted ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY few ON kept.hidden USING (id < 0);
$model$ AS before, $model$
CREATE SCHEMA kept AUTHORIZATION pgm_keeper;
SET ROLE pgm_keeper;
CREATE TABLE kept.hidden (id int PRIMARY KEY, b text) PARTITION BY RANGE (id);
CREATE TABLE kept.hidden_all PARTITION OF kept.hidden DEFAULT;
CREATE TABLE kept.key (id bigint, b text) PARTITION BY LIST (id);
CREATE TABLE kept.key_1 PARTITION OF kept.key FOR VALUES IN (1);
CREATE TABLE kept.counted (id int GENERATED ALWAYS AS IDENTITY);
ALTER TABLE kept.hidden ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE kept.key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE kept.counted ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY few ON kept.hidden USING (id < 0);
$model$ AS after \gset
SELECT migrate_autogenerate('before', model => :'before', schemas => 'kept', revision => 'k1');
SELECT revision FROM migrate_upgrade();
INSERT INTO kept.hidden VALUES (1, 'x'), (2, 'y');
INSERT INTO kept.key VALUES (1, 'x');
INSERT INTO kept.counted VALUES (5);
SELECT migrate_autogenerate('after', model => :'after', schemas => 'kept', revision => 'k2');
SELECT pg_temp.on_all_servers(up) AS up FROM migrate_show('k2');
SET ROLE pgm_keeper;
SELECT revision FROM migrate_upgrade();
RESET ROLE;
SELECT * FROM migrate_check(model => :'after', schemas => 'kept');
SELECT (SELECT string_agg(h::text, ' ' ORDER BY id) FROM kept.hidden h) AS hidden, (SELECT count(*) FROM kept.key) AS key;
INSERT INTO kept.counted DEFAULT VALUES;
TABLE kept.counted;
SET ROLE pgm_keeper;
SELECT revision FROM migrate_downgrade('-1');
RESET ROLE;
SELECT * FROM migrate_check(model => :'before', schemas => 'kept');
SELECT (SELECT string_agg(h::text, ' ' ORDER BY id) FROM kept.hidden h) AS hidden, (SELECT count(*) FROM kept.key) AS key;
SELECT revision FROM migrate_downgrade('base');
SELECT migrate_remove('k2'), migrate_remove('k1');
-- The whole database: publications keep what they name, and default privileges of tables are for tables only.
SET client_min_messages = error;
SELECT $model$
CREATE SCHEMA odd;
CREATE FUNCTION odd.handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pgm_keeper;
CREATE TABLE odd.measured (a int, b int, c int);
CREATE PUBLICATION odd_some FOR TABLE odd.measured (a, b) WHERE (a > 1);
CREATE TABLE odd.above (i int);
CREATE TABLE odd.below () INHERITS (odd.above);
CREATE PUBLICATION odd_above FOR TABLE ONLY odd.above;
CREATE TABLE odd.ordered (a int, b int);
CREATE PUBLICATION odd_ordered FOR TABLE odd.ordered (b, a);
CREATE TABLE odd.dated (i int, d date) PARTITION BY RANGE (d);
CREATE PUBLICATION odd_dated FOR TABLE odd.dated;
CREATE TABLE odd.published (i int, j int);
CREATE TABLE odd.not_published () INHERITS (odd.published);
CREATE PUBLICATION odd_only FOR TABLE ONLY odd.published (i) WHERE (i > 2);
$model$ AS before, $model$
CREATE SCHEMA odd;
CREATE FUNCTION odd.handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pgm_keeper;
CREATE TABLE odd.measured (a bigint, b bigint, c int);
CREATE PUBLICATION odd_some FOR TABLE odd.measured (a, b) WHERE (a > 1);
CREATE TABLE odd.above (i int, j int);
CREATE TABLE odd.below () INHERITS (odd.above);
CREATE PUBLICATION odd_above FOR TABLE ONLY odd.above (i);
CREATE TABLE odd.ordered (b int, a int);
CREATE PUBLICATION odd_ordered FOR TABLE odd.ordered (a, b);
CREATE TABLE odd.dated (i int, d date) PARTITION BY RANGE (d);
CREATE PUBLICATION odd_dated FOR TABLE odd.dated WHERE (d > '2000-01-01') WITH (publish_via_partition_root);
CREATE TABLE odd.published (i bigint, j int);
CREATE TABLE odd.not_published () INHERITS (odd.published);
CREATE PUBLICATION odd_only FOR TABLE ONLY odd.published (i) WHERE (i > 2);
CREATE TYPE odd.c AS (r float8, i float8);
CREATE FUNCTION odd.c_of(float8) RETURNS odd.c LANGUAGE sql IMMUTABLE AS 'SELECT ROW($1, 0)::odd.c';
CREATE FUNCTION odd.of_c(odd.c) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT ($1).r';
CREATE CAST (float8 AS odd.c) WITH FUNCTION odd.c_of(float8) AS IMPLICIT;
CREATE CAST (odd.c AS float8) WITH FUNCTION odd.of_c(odd.c) AS IMPLICIT;
CREATE TYPE odd.e AS ENUM ('a', 'b');
CREATE CAST (varchar AS odd.e) WITH INOUT AS IMPLICIT;
CREATE DOMAIN odd.d AS odd.c DEFAULT 4::float8;
CREATE FUNCTION odd.by_default(x odd.e DEFAULT 'a'::varchar) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION odd.by_body() RETURNS odd.c LANGUAGE sql BEGIN ATOMIC SELECT 1::float8::odd.c; END;
CREATE TABLE odd.casting (a odd.c DEFAULT 1::float8, b odd.e DEFAULT 'b'::varchar, x float8, z float8 GENERATED ALWAYS AS (x::odd.c) STORED, CHECK (x::odd.c IS NOT NULL));
CREATE TABLE odd.casting_by (x float8) PARTITION BY LIST ((x::odd.c::float8));
CREATE LANGUAGE odd_language HANDLER odd.handler;
$model$ AS after \gset
SELECT migrate_autogenerate('before', model => :'before', revision => 'w1');
SELECT revision FROM migrate_upgrade();
SELECT migrate_autogenerate('after', model => :'after', revision => 'w2');
SELECT up, down FROM migrate_show('w2') \gx
SELECT revision, up, down, identical, difference FROM migrate_verify();
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'after');
SELECT pubname, string_agg(tablename || ' ' || attnames::text, ', ') FROM pg_publication_tables GROUP BY pubname ORDER BY pubname;
SELECT revision FROM migrate_downgrade('-1');
SELECT * FROM migrate_check(model => :'before');
SELECT revision FROM migrate_downgrade('base');
SELECT migrate_remove('w2'), migrate_remove('w1');
SET client_min_messages = warning;
-- What else is easily resolved wrongly.
SELECT $model$
CREATE SCHEMA odd;
CREATE FUNCTION odd.trigger() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN new; END$$;
-- Copies of triggers, and foreign keys, around a partition that is detached for a moment.
CREATE TABLE odd.parted (k int PRIMARY KEY, v text) PARTITION BY LIST (k);
CREATE TABLE odd.parted_1 PARTITION OF odd.parted FOR VALUES IN (1);
CREATE TABLE odd.parted_2 PARTITION OF odd.parted FOR VALUES IN (5) PARTITION BY LIST (k);
CREATE TABLE odd.parted_2_all PARTITION OF odd.parted_2 DEFAULT;
CREATE TABLE odd.refers (k int, CONSTRAINT refers_fk FOREIGN KEY (k) REFERENCES odd.parted ON DELETE CASCADE DEFERRABLE);
CREATE TRIGGER off AFTER INSERT ON odd.parted FOR EACH ROW EXECUTE FUNCTION odd.trigger();
CREATE TRIGGER always BEFORE INSERT ON odd.parted FOR EACH ROW EXECUTE FUNCTION odd.trigger();
ALTER TABLE odd.parted_1 DISABLE TRIGGER off;
ALTER TABLE odd.parted_1 ENABLE ALWAYS TRIGGER always;
CREATE TABLE odd.default_beside (k int) PARTITION BY LIST (k);
CREATE TABLE odd.default_beside_all PARTITION OF odd.default_beside DEFAULT;
-- Tables of a type, generated columns, identity.
CREATE TABLE odd.plain (k int NOT NULL, g int GENERATED ALWAYS AS (k + 1) STORED);
CREATE TYPE odd.row_type AS (a int, b text);
CREATE TABLE odd.typed OF odd.row_type (a PRIMARY KEY);
CREATE TABLE odd.untyped (a int, b text);
CREATE TABLE odd.counted (id int NOT NULL, d int NOT NULL);
CREATE TABLE odd.not_counted (id int NOT NULL);
-- Types that are set aside.
CREATE DOMAIN odd.word AS text;
CREATE DOMAIN odd.words AS odd.word;
CREATE TABLE odd.text (word odd.words);
CREATE TYPE odd.level AS ENUM ('low', 'high');
CREATE TABLE odd.by_level (level odd.level, v int) PARTITION BY LIST (level);
CREATE TABLE odd.by_level_low PARTITION OF odd.by_level FOR VALUES IN ('low');
CREATE TABLE odd.tree (a int, k int);
CREATE TABLE odd.tree_1 (CHECK (k = 1)) INHERITS (odd.tree);
-- What the server forgets or orders in its own way.
CREATE TABLE odd.measured (a int, b int, c int);
CREATE STATISTICS odd.both ON a, b FROM odd.measured;
ALTER STATISTICS odd.both SET STATISTICS 7;
CREATE SEQUENCE odd.numbers;
CREATE MATERIALIZED VIEW odd.stored AS SELECT 1 AS one;
CREATE TABLE odd.ordered (a int, b int);
CREATE STATISTICS odd.in_order ON b, a FROM odd.ordered;
$model$ AS before, $model$
CREATE SCHEMA odd;
CREATE FUNCTION odd.trigger() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN new; END$$;
CREATE TABLE odd.parted (k int PRIMARY KEY, v text) PARTITION BY LIST (k);
CREATE TABLE odd.parted_1 PARTITION OF odd.parted FOR VALUES IN (1, 2);
CREATE TABLE odd.parted_2 PARTITION OF odd.parted FOR VALUES IN (5) PARTITION BY HASH (k);
CREATE TABLE odd.parted_2_all PARTITION OF odd.parted_2 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE odd.refers (k int, CONSTRAINT refers_fk FOREIGN KEY (k) REFERENCES odd.parted ON DELETE CASCADE DEFERRABLE);
CREATE TRIGGER off AFTER INSERT ON odd.parted FOR EACH ROW EXECUTE FUNCTION odd.trigger();
CREATE TRIGGER always BEFORE INSERT ON odd.parted FOR EACH ROW EXECUTE FUNCTION odd.trigger();
ALTER TABLE odd.parted_1 DISABLE TRIGGER off;
ALTER TABLE odd.parted_1 ENABLE ALWAYS TRIGGER always;
CREATE TABLE odd.default_beside (k int) PARTITION BY LIST (k);
CREATE TABLE odd.default_beside_all PARTITION OF odd.default_beside DEFAULT;
CREATE TABLE odd.default_beside_1 PARTITION OF odd.default_beside FOR VALUES IN (1);
CREATE TABLE odd.plain (k int NOT NULL, g int GENERATED ALWAYS AS (k + 1) STORED) PARTITION BY RANGE (k);
CREATE TABLE odd.plain_all PARTITION OF odd.plain DEFAULT;
CREATE TYPE odd.row_type AS (a bigint, b text, c int);
CREATE TABLE odd.typed OF odd.row_type (a PRIMARY KEY);
CREATE TABLE odd.untyped OF odd.row_type;
CREATE TABLE odd.counted (id int GENERATED ALWAYS AS IDENTITY, d int GENERATED BY DEFAULT AS IDENTITY (INCREMENT -1));
CREATE TABLE odd.not_counted (id int GENERATED ALWAYS AS IDENTITY);
CREATE DOMAIN odd.word AS varchar(20);
CREATE DOMAIN odd.words AS odd.word;
CREATE TABLE odd.text (word odd.words);
CREATE TYPE odd.level AS ENUM ('low', 'middle', 'high');
CREATE TABLE odd.by_level (level odd.level, v int) PARTITION BY LIST (level);
CREATE TABLE odd.by_level_low PARTITION OF odd.by_level FOR VALUES IN ('low');
CREATE TABLE odd.tree (a int, k int) PARTITION BY LIST (k);
CREATE TABLE odd.tree_1 PARTITION OF odd.tree (CONSTRAINT tree_1_k_check CHECK (k = 1)) FOR VALUES IN (1);
CREATE TABLE odd.measured (a bigint, b bigint, c int);
CREATE STATISTICS odd.both ON a, b FROM odd.measured;
ALTER STATISTICS odd.both SET STATISTICS 7;
CREATE TABLE odd.ordered (b int, a int);
CREATE STATISTICS odd.in_order ON a, b FROM odd.ordered;
$model$ AS after \gset
SELECT migrate_autogenerate('before', model => :'before', schemas => 'odd', revision => 'o1');
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'before', schemas => 'odd');
INSERT INTO odd.parted VALUES (1), (5);
INSERT INTO odd.refers VALUES (1), (5);
INSERT INTO odd.plain VALUES (3);
INSERT INTO odd.typed VALUES (1, 'x');
INSERT INTO odd.untyped VALUES (2, 'y');
INSERT INTO odd.counted VALUES (7, -9);
INSERT INTO odd.text VALUES ('word');
INSERT INTO odd.by_level VALUES ('low', 1);
INSERT INTO odd.tree_1 VALUES (1, 1);
SELECT migrate_autogenerate('after', model => :'after', schemas => 'odd', revision => 'o2');
SELECT pg_temp.on_all_servers(up) AS up, pg_temp.on_all_servers(down) AS down FROM migrate_show('o2') \gx
SELECT revision, up, down, identical, difference FROM migrate_verify();
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'after', schemas => 'odd');
CREATE FUNCTION pg_temp.rows() RETURNS TABLE (name text, value text) LANGUAGE plpgsql AS $$
DECLARE each text;
BEGIN
    FOREACH each IN ARRAY ARRAY['parted', 'refers', 'plain', 'typed', 'untyped', 'counted', 'text', 'by_level', 'tree', 'tree_1'] LOOP
        RETURN QUERY EXECUTE format('SELECT %L, t::text FROM odd.%I t', each, each);
    END LOOP;
    RETURN QUERY SELECT tgrelid::regclass::text, format('%s %s', tgname, tgenabled) FROM pg_trigger
                  WHERE tgname IN ('off', 'always') AND tgenabled <> 'O' ORDER BY 1, 2;
    RETURN QUERY SELECT 'both', stxstattarget::text FROM pg_statistic_ext WHERE stxname = 'both';
END
$$;
SELECT * FROM pg_temp.rows();
INSERT INTO odd.counted DEFAULT VALUES;
INSERT INTO odd.not_counted DEFAULT VALUES;
SELECT counted::text, not_counted::text FROM odd.counted, odd.not_counted;
DELETE FROM odd.counted WHERE id = 8;
SELECT revision FROM migrate_downgrade('-1');
-- But for columns that the detachment has made the table's own, which no statement undoes.
SET client_min_messages = notice;
SELECT * FROM migrate_check(model => :'before', schemas => 'odd');
SET client_min_messages = warning;
SELECT * FROM pg_temp.rows();
SELECT migrate_remove('o2');
-- What stands in the way of a change comes back before an index is built concurrently, and no index is built twice.
SELECT migrate_autogenerate('online', model => $model$
CREATE SCHEMA online;
CREATE TABLE online.t (a int, b text);
CREATE INDEX t_a ON online.t (a);
CREATE INDEX t_b ON online.t (lower(b));
CREATE VIEW online.v AS SELECT a FROM online.t;
$model$, schemas => 'online', revision => 'n1');
SELECT revision FROM migrate_upgrade();
SELECT migrate_autogenerate('online', model => $model$
CREATE SCHEMA online;
CREATE TABLE online.t (a bigint, b varchar(20));
CREATE INDEX t_a ON online.t (a DESC);
CREATE INDEX t_b ON online.t (lower(b));
CREATE VIEW online.v AS SELECT a FROM online.t;
$model$, schemas => 'online', revision => 'n2', online => true);
SELECT pg_temp.on_all_servers(up) AS up, pg_temp.on_all_servers(down) AS down FROM migrate_show('n2') \gx
DROP SCHEMA odd CASCADE;
DROP SCHEMA online CASCADE;
DROP SCHEMA kept CASCADE;
DROP EXTENSION pg_migrate;
REVOKE CREATE ON DATABASE :"DBNAME" FROM pgm_keeper;
DROP ROLE pgm_keeper;

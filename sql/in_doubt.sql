-- What a statement that runs alone has left behind, and what is done about it.
CREATE EXTENSION pgm_test;
\pset expanded on
\pset null null

CREATE SCHEMA "Odd ""Schema""";
CREATE SCHEMA tenant;
SET search_path = "Odd ""Schema""", public;
CREATE TABLE "Odd ""Table""" (a integer, gone text, b text);
ALTER TABLE "Odd ""Table""" DROP COLUMN gone;
INSERT INTO "Odd ""Table""" VALUES (1, 'x'), (1, 'y');
CREATE INDEX already ON "Odd ""Table""" (b) WHERE false;


--
-- CREATE INDEX CONCURRENTLY
--

\set s 'CREATE UNIQUE INDEX CONCURRENTLY "An index" ON "Odd ""Table""" (a)'
SELECT pgm_test_relation_to_lock(:'s');
SELECT pgm_test_objects_before(:'s')::regclass;
SELECT coalesce(array_agg(o), '{}') AS before FROM pgm_test_objects_before(:'s') o \gset
-- Not begun.
SELECT * FROM pgm_test_advise_before(:'s');
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT count(*) FROM pgm_test_clean_up(:'s', :'before');
-- Invalid: the one that was being built.
:s;
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT * FROM pgm_test_clean_up(:'s', :'before');
-- What was there before, if only as an invalid index, is none of its work: the server says that the name is taken.
SELECT array_agg(o) AS later FROM pgm_test_objects_before(:'s') o \gset
SELECT * FROM pgm_test_advise_before(:'s');
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'later');
SELECT count(*) FROM pgm_test_clean_up(:'s', :'later');
-- IF NOT EXISTS does not hide an invalid index, neither its own nor somebody else's.
\set s 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "An index" ON "Odd ""Table""" (a)'
SELECT * FROM pgm_test_advise_before(:'s');
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'later');
SELECT count(*) FROM pgm_test_clean_up(:'s', :'later');
-- What is advised can be done.
SELECT pgm_test_clean_up(:'s', :'before') \gexec
UPDATE "Odd ""Table""" SET a = 2 WHERE b = 'y';
:s;
-- Valid, with the same definition.
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT count(*) FROM pgm_test_clean_up(:'s', :'before');
SELECT * FROM pgm_test_advise_before(:'s');
-- Not unique: another definition.
\set s 'CREATE INDEX CONCURRENTLY IF NOT EXISTS "An index" ON "Odd ""Table""" (a)'
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT * FROM pgm_test_advise_before(:'s');
\set s 'CREATE INDEX CONCURRENTLY "An index" ON "Odd ""Table""" (a)'
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT * FROM pgm_test_advise_before(:'s');
-- It cannot be compared when the statement has become wrong; nor by a role that could not create it.
SELECT * FROM pgm_test_advise_in_doubt($$CREATE INDEX CONCURRENTLY "An index" ON "Odd ""Table""" (nothing)$$, :'before');
CREATE ROLE pgm_test_stranger;
GRANT USAGE ON SCHEMA "Odd ""Schema""" TO pgm_test_stranger;
SET ROLE pgm_test_stranger;
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT pgm_test_relation_to_lock(:'s');
RESET ROLE;

-- What makes a definition. The twins are compared with the index that the first of each group makes.
CREATE FUNCTION same(made text, VARIADIC others text[]) RETURNS TABLE (other text, action text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE replace(made, 'CONCURRENTLY ', '');
    RETURN QUERY SELECT o.other, a.action
        FROM unnest(made || others) WITH ORDINALITY o (other, number), pgm_test_advise_in_doubt(o.other, '{}') a ORDER BY number;
    DROP INDEX i;
END $$;
CREATE TABLE t (a integer, dropped integer, b text, c tsvector, d integer[]);
ALTER TABLE t DROP COLUMN dropped;
\pset expanded off
SELECT * FROM same(
    'CREATE INDEX CONCURRENTLY i ON t (a)',
    'CREATE INDEX CONCURRENTLY i ON "Odd ""Schema""".t USING btree (a ASC NULLS LAST)',
    'CREATE INDEX CONCURRENTLY i ON t (a int4_ops)',
    'CREATE INDEX CONCURRENTLY i ON t (a) TABLESPACE pg_default',
    'CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)',
    'CREATE INDEX CONCURRENTLY i ON t (a DESC)',
    'CREATE INDEX CONCURRENTLY i ON t (a NULLS FIRST)',
    'CREATE INDEX CONCURRENTLY i ON t (a, b)',
    'CREATE INDEX CONCURRENTLY i ON t (a) INCLUDE (b)',
    'CREATE INDEX CONCURRENTLY i ON t (a) WITH (fillfactor = 70)',
    'CREATE INDEX CONCURRENTLY i ON t (a) WHERE a > 0',
    'CREATE INDEX CONCURRENTLY i ON t ((a + 0))',
    'CREATE INDEX CONCURRENTLY i ON t USING hash (a)');
SELECT * FROM same(
    'CREATE UNIQUE INDEX CONCURRENTLY i ON t (b, a)',
    'CREATE UNIQUE INDEX CONCURRENTLY i ON t (b, a) NULLS NOT DISTINCT',
    'CREATE UNIQUE INDEX CONCURRENTLY i ON t (b) INCLUDE (a)',
    'CREATE UNIQUE INDEX CONCURRENTLY i ON t (a, b)',
    'CREATE UNIQUE INDEX CONCURRENTLY i ON t (b COLLATE "C", a)',
    'CREATE UNIQUE INDEX CONCURRENTLY i ON t (b text_pattern_ops, a)');
SELECT * FROM same(
    'CREATE INDEX CONCURRENTLY i ON t (lower(b), (a + 1)) WHERE a > 1 AND b <> ''x''',
    'CREATE INDEX CONCURRENTLY i ON t   (lower(t.b), (t.a + 1)) WHERE ((t.a) > 1) AND t.b <> (''x''::text)',
    'CREATE INDEX CONCURRENTLY i ON t (lower(b), (a + 2)) WHERE a > 1 AND b <> ''x''',
    'CREATE INDEX CONCURRENTLY i ON t (upper(b), (a + 1)) WHERE a > 1 AND b <> ''x''',
    'CREATE INDEX CONCURRENTLY i ON t (lower(b), (a + 1)) WHERE a > 1 AND b <> ''y''',
    'CREATE INDEX CONCURRENTLY i ON t (lower(b), (a + 1))');
SELECT * FROM same(
    'CREATE INDEX CONCURRENTLY i ON t USING gist (c tsvector_ops (siglen = 100)) WITH (buffering = off)',
    'CREATE INDEX CONCURRENTLY i ON t USING gist (c tsvector_ops (siglen = 200)) WITH (buffering = off)',
    'CREATE INDEX CONCURRENTLY i ON t USING gist (c tsvector_ops) WITH (buffering = off)',
    'CREATE INDEX CONCURRENTLY i ON t USING gist (c tsvector_ops (siglen = 100))',
    'CREATE INDEX CONCURRENTLY i ON t USING gin (c)');
-- The row as a whole.
CREATE FUNCTION of_row(t) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT $1.a';
SELECT * FROM same(
    'CREATE INDEX CONCURRENTLY i ON t (of_row(t), (t IS NULL))',
    'CREATE INDEX CONCURRENTLY i ON t (of_row(t.*), ((t.*) IS NULL))',
    'CREATE INDEX CONCURRENTLY i ON t (of_row(t), (t IS NOT NULL))');
-- In another tablespace. Where the statement names none, the one that it is in does not count.
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE pgm_test_space LOCATION '';
SELECT * FROM same(
    'CREATE INDEX CONCURRENTLY i ON t (a) TABLESPACE pgm_test_space',
    'CREATE INDEX CONCURRENTLY i ON t (a) TABLESPACE pg_default',
    'CREATE INDEX CONCURRENTLY i ON t (a)');
\pset expanded on
-- An exclusion constraint's is none that the statement makes.
ALTER TABLE t ADD CONSTRAINT i EXCLUDE USING btree (a WITH =);
SELECT action FROM pgm_test_advise_in_doubt('CREATE INDEX CONCURRENTLY i ON t (a)', '{}');
ALTER TABLE t DROP CONSTRAINT i;
-- Nothing is left of the comparing, and those who watch over DDL are not told of it.
SELECT count(*) FROM pg_class WHERE relname ~ 'pg_migrate_';
CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'no % here', tg_tag; END$$;
CREATE INDEX i ON t (a);
CREATE EVENT TRIGGER refuse ON ddl_command_start EXECUTE FUNCTION refuse();
SELECT action FROM pgm_test_advise_in_doubt('CREATE INDEX CONCURRENTLY i ON t (a)', '{}');
DROP EVENT TRIGGER refuse;
DROP INDEX i;

-- Without a name.
\set s 'CREATE UNIQUE INDEX CONCURRENTLY ON "Odd ""Table""" (a)'
DROP INDEX "An index";
UPDATE "Odd ""Table""" SET a = 1;
SELECT coalesce(array_agg(o), '{}') AS before FROM pgm_test_objects_before(:'s') o \gset
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
:s;
-- Somebody else's, of another definition.
CREATE UNIQUE INDEX CONCURRENTLY somebodys ON "Odd ""Table""" (a DESC);
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT * FROM pgm_test_clean_up(:'s', :'before');
SELECT array_agg(o) AS later FROM pgm_test_objects_before(:'s') o \gset
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'later');
SELECT count(*) FROM pgm_test_clean_up(:'s', :'later');
SELECT pgm_test_clean_up(:'s', :'before') \gexec
UPDATE "Odd ""Table""" SET a = 2 WHERE b = 'y';
:s;
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT count(*) FROM pgm_test_clean_up(:'s', :'before');
SELECT * FROM pgm_test_advise_in_doubt('CREATE INDEX CONCURRENTLY ON "Odd ""Table""" (nothing)', :'before');

-- The name is taken by what is no index, or is one of another table.
CREATE VIEW taken AS SELECT 1 AS one;
CREATE INDEX taken_too ON t (a);
SELECT * FROM pgm_test_advise_before('CREATE INDEX CONCURRENTLY IF NOT EXISTS taken ON "Odd ""Table""" (a)');
SELECT * FROM pgm_test_advise_in_doubt('CREATE INDEX CONCURRENTLY IF NOT EXISTS taken_too ON "Odd ""Table""" (a)', '{}');
SELECT * FROM pgm_test_advise_in_doubt('CREATE INDEX CONCURRENTLY taken ON "Odd ""Table""" (a)', '{}');
SELECT count(*) FROM pgm_test_clean_up('CREATE INDEX CONCURRENTLY taken ON "Odd ""Table""" (a)', '{}');

-- In the schema of a tenant, where the same table is; and found by another search_path than it was begun with.
CREATE TABLE tenant."Odd ""Table""" (a integer);
INSERT INTO tenant."Odd ""Table""" VALUES (1), (1);
\set s 'CREATE UNIQUE INDEX CONCURRENTLY in_tenant ON "Odd ""Table""" (a)'
SET search_path = tenant, "Odd ""Schema""", public;
SELECT coalesce(array_agg(o), '{}') AS before FROM pgm_test_objects_before(:'s') o \gset
:s;
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SET search_path = "Odd ""Schema""", public;
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT * FROM pgm_test_advise_in_doubt('CREATE UNIQUE INDEX CONCURRENTLY in_tenant ON tenant."Odd ""Table""" (a)', :'before');
-- By a search_path in which there is no such table, and after the table got another name: the next run stops, the one that has failed removes what is its own.
SET search_path = public;
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT * FROM pgm_test_clean_up(:'s', :'before');
SET search_path = tenant, "Odd ""Schema""", public;
ALTER TABLE "Odd ""Table""" RENAME TO renamed;
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT * FROM pgm_test_clean_up(:'s', :'before');
SELECT pgm_test_left_half_done(:'s', :'before');
-- Without a name the index cannot be told from those that others build there.
\set unnamed 'CREATE UNIQUE INDEX CONCURRENTLY ON "Odd ""Table""" (a)'
SELECT * FROM pgm_test_advise_in_doubt(:'unnamed', :'before');
SELECT count(*) FROM pgm_test_clean_up(:'unnamed', :'before');
SELECT pgm_test_left_half_done(:'unnamed', :'before');
ALTER TABLE renamed RENAME TO "Odd ""Table""";
SELECT * FROM pgm_test_clean_up(:'unnamed', :'before');
SELECT pgm_test_left_half_done(:'unnamed', :'before');
SET search_path = "Odd ""Schema""", public;
-- The table is gone: the server complains.
DROP TABLE tenant."Odd ""Table""";
SELECT * FROM pgm_test_advise_in_doubt('CREATE UNIQUE INDEX CONCURRENTLY in_tenant ON tenant."Odd ""Table""" (a)', :'before');
SELECT count(*) FROM pgm_test_clean_up('CREATE UNIQUE INDEX CONCURRENTLY in_tenant ON tenant."Odd ""Table""" (a)', :'before');
SELECT pgm_test_relation_to_lock('CREATE UNIQUE INDEX CONCURRENTLY in_tenant ON tenant."Odd ""Table""" (a)');
SELECT pgm_test_relation_to_lock('CREATE INDEX CONCURRENTLY i ON nowhere.t (a)');
SELECT pgm_test_relation_to_lock('CREATE INDEX CONCURRENTLY i ON elsewhere.public.t (a)');

-- On a partition, and on a partitioned table, where the server has an error.
CREATE TABLE parted (a integer, b text) PARTITION BY LIST (a);
CREATE TABLE part PARTITION OF parted FOR VALUES IN (1);
CREATE TABLE other_part PARTITION OF parted FOR VALUES IN (2);
INSERT INTO parted VALUES (1, 'x'), (1, 'x');
\set s 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS on_part ON part (a)'
:s;
SELECT * FROM pgm_test_advise_before(:'s');
SELECT pgm_test_clean_up(:'s', '{}') \gexec
CREATE INDEX on_part ON part (a);
SELECT action FROM pgm_test_advise_before('CREATE INDEX CONCURRENTLY IF NOT EXISTS on_part ON part (a)');
CREATE INDEX on_parted ON parted (a);
SELECT * FROM pgm_test_advise_before('CREATE INDEX CONCURRENTLY IF NOT EXISTS on_parted ON parted (b)');
SELECT pgm_test_relation_to_lock('CREATE INDEX CONCURRENTLY IF NOT EXISTS on_parted ON parted (b)');
-- On a materialized view, and on a temporary table, where the index is built like any other.
CREATE MATERIALIZED VIEW matview AS SELECT 1 AS a;
CREATE INDEX on_matview ON matview (a);
SELECT action FROM pgm_test_advise_in_doubt('CREATE INDEX CONCURRENTLY on_matview ON matview (a)', '{}');
CREATE TEMPORARY TABLE temporary_table (a integer);
CREATE INDEX on_temporary ON temporary_table (a);
SELECT * FROM pgm_test_advise_before('CREATE INDEX CONCURRENTLY IF NOT EXISTS on_temporary ON temporary_table (a, a)');

--
-- REINDEX CONCURRENTLY
--

CREATE FUNCTION three(integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RETURN 3; END$$;
CREATE TABLE "Re" (a integer PRIMARY KEY, b text);
INSERT INTO "Re" VALUES (1, 'x'), (2, 'y');
CREATE UNIQUE INDEX "Re b" ON "Re" (length(b), a);
-- (17 names the function with its schema in the DETAIL.)
\set VERBOSITY terse
CREATE UNIQUE INDEX CONCURRENTLY broken_ccnew ON "Re" (three(a));
\set VERBOSITY default
\set s 'REINDEX TABLE CONCURRENTLY "Re"'
SELECT pgm_test_relation_to_lock(:'s');
-- The table, and the invalid indexes of the database.
SELECT pgm_test_objects_before(:'s')::regclass;
SELECT coalesce(array_agg(o), '{}') AS before FROM pgm_test_objects_before(:'s') o \gset
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
-- An index that has become wrong meanwhile: what is built beside it stays behind.
DROP INDEX broken_ccnew;
CREATE FUNCTION length_of(text) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RETURN ascii($1); END$$;
CREATE UNIQUE INDEX by_length ON "Re" (length_of(b));
CREATE OR REPLACE FUNCTION length_of(text) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RETURN length($1); END$$;
SELECT coalesce(array_agg(o), '{}') AS before FROM pgm_test_objects_before(:'s') o \gset
\set VERBOSITY terse
REINDEX INDEX CONCURRENTLY by_length;
REINDEX INDEX CONCURRENTLY by_length;
\set VERBOSITY default
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT * FROM pgm_test_advise_before(:'s');
SELECT * FROM pgm_test_clean_up('REINDEX INDEX CONCURRENTLY by_length', :'before');
SELECT * FROM pgm_test_clean_up('REINDEX (VERBOSE, CONCURRENTLY on) SCHEMA "Odd ""Schema"""', :'before');
SELECT count(*) FROM pgm_test_clean_up('REINDEX DATABASE CONCURRENTLY contrib_regression', :'before');
-- Elsewhere, they are left alone; and those that were there before.
SELECT * FROM pgm_test_clean_up('REINDEX SCHEMA CONCURRENTLY public', :'before');
SELECT * FROM pgm_test_clean_up('REINDEX SCHEMA CONCURRENTLY nowhere', :'before');
SELECT * FROM pgm_test_clean_up('REINDEX TABLE CONCURRENTLY t', '{}');
SELECT * FROM pgm_test_clean_up('REINDEX TABLE CONCURRENTLY nothing', '{0}');
SELECT array_agg(o) AS later FROM pgm_test_objects_before(:'s') o \gset
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'later');
-- Who may not drop them is told so.
ALTER TABLE "Re" OWNER TO pgm_test_stranger;
REVOKE USAGE ON SCHEMA "Odd ""Schema""" FROM pgm_test_stranger;
SET ROLE pgm_test_stranger;
SELECT * FROM pgm_test_advise_in_doubt('REINDEX TABLE CONCURRENTLY "Odd ""Schema"""."Re"', :'before');
RESET ROLE;
-- What it has left is on the table that it was begun on, whatever the name means now.
SET search_path = public;
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT * FROM pgm_test_advise_in_doubt('REINDEX INDEX CONCURRENTLY by_length', :'before');
SELECT * FROM pgm_test_clean_up(:'s', :'before');
SET search_path = "Odd ""Schema""", public;
SELECT pgm_test_clean_up(:'s', :'before') \gexec
SELECT count(*) FROM pgm_test_clean_up(:'s', :'before');
-- Of the partitions, and of the toast table.
\pset tuples_only on
BEGIN;
ALTER INDEX on_part RENAME TO on_part_ccold;
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'on_part_ccold'::regclass;
SELECT * FROM pgm_test_clean_up('REINDEX TABLE CONCURRENTLY parted', '{}');
SELECT * FROM pgm_test_clean_up('REINDEX INDEX CONCURRENTLY on_parted', '{}');
SELECT * FROM pgm_test_clean_up('REINDEX TABLE CONCURRENTLY other_part', '{}');
SELECT pgm_test_relation_to_lock('REINDEX TABLE CONCURRENTLY parted'), pgm_test_relation_to_lock('REINDEX INDEX CONCURRENTLY on_parted'),
       pgm_test_relation_to_lock('REINDEX INDEX CONCURRENTLY on_part_ccold');
SET LOCAL allow_system_table_mods = on;
DO $$
BEGIN
    EXECUTE (SELECT format('ALTER INDEX %s RENAME TO toast_ccnew1', i.indexrelid::regclass)
               FROM pg_index i JOIN pg_class c ON i.indrelid = c.reltoastrelid WHERE c.oid = '"Re"'::regclass);
END $$;
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'pg_toast.toast_ccnew1'::regclass;
SELECT * FROM pgm_test_clean_up(:'s', '{}');
SELECT * FROM pgm_test_clean_up('REINDEX SCHEMA CONCURRENTLY "Odd ""Schema"""', '{}');
SELECT * FROM pgm_test_clean_up('REINDEX TABLE CONCURRENTLY t', '{}');
ROLLBACK;
\pset tuples_only off
-- Without CONCURRENTLY it is undone or done.
SELECT * FROM pgm_test_advise_in_doubt('REINDEX (CONCURRENTLY off) SCHEMA "Odd ""Schema"""', '{}');

--
-- DROP INDEX CONCURRENTLY
--

\set s 'DROP INDEX CONCURRENTLY "Re b"'
CREATE TABLE tenant.t (a integer);
CREATE INDEX "Re b" ON tenant.t (a);
SET search_path = "Odd ""Schema""", tenant, public;
SELECT pgm_test_relation_to_lock(:'s');
SELECT pgm_test_objects_before(:'s')::regclass LIMIT 1;
SELECT coalesce(array_agg(o), '{}') AS before FROM pgm_test_objects_before(:'s') o \gset
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT count(*) FROM pgm_test_clean_up(:'s', :'before');
-- Begun under another search_path, it would drop another.
SET search_path = tenant, public;
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SET search_path = public;
SELECT * FROM pgm_test_advise_in_doubt('DROP INDEX CONCURRENTLY IF EXISTS "Re b"', :'before');
SET search_path = "Odd ""Schema""", tenant, public;
-- Half dropped: only the statement itself ends that. One that was invalid before does not tell.
SELECT pgm_test_left_half_done(:'s', :'before');
UPDATE pg_index SET indisvalid = false WHERE indexrelid = '"Re b"'::regclass;
SELECT pgm_test_left_half_done(:'s', :'before');
SELECT array_agg(o) AS later FROM pgm_test_objects_before(:'s') o \gset
SELECT pgm_test_left_half_done(:'s', :'later');
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'later');
-- Gone; the other one of that name, in another schema, is not dropped as well. One that has been made again is another one.
:s;
CREATE INDEX "Re b" ON "Re" (b);
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT * FROM pgm_test_advise_in_doubt(:'s', '{}');
DROP INDEX "Re b";
-- Where the statement names the schema, that is another one as well.
SELECT action FROM pgm_test_advise_in_doubt('DROP INDEX CONCURRENTLY tenant."Re b"', :'before');
SELECT pgm_test_left_half_done(:'s', :'before');
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
-- It was not there: the server says so again.
SELECT * FROM pgm_test_advise_in_doubt('DROP INDEX CONCURRENTLY IF EXISTS nothing', '{}');
SELECT count(*) FROM pgm_test_objects_before('DROP INDEX CONCURRENTLY IF EXISTS nothing');
SELECT pgm_test_relation_to_lock('DROP INDEX CONCURRENTLY IF EXISTS nothing');
SELECT * FROM pgm_test_advise_in_doubt('DROP INDEX CONCURRENTLY by_length, "Re b"', '{}');

--
-- DETACH PARTITION CONCURRENTLY
--

\set s 'ALTER TABLE parted DETACH PARTITION part CONCURRENTLY'
SELECT * FROM pgm_test_advise_in_doubt(:'s', '{}');
SELECT pgm_test_relation_to_lock(:'s');
SELECT pgm_test_objects_before(:'s')::regclass;
SELECT coalesce(array_agg(o), '{}') AS before FROM pgm_test_objects_before(:'s') o \gset
SELECT * FROM pgm_test_advise_before(:'s');
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT pgm_test_left_half_done(:'s', :'before');
ALTER TABLE parted RENAME TO parted_no_more;
SELECT * FROM pgm_test_advise_in_doubt('ALTER TABLE IF EXISTS parted DETACH PARTITION part CONCURRENTLY', :'before');
ALTER TABLE parted_no_more RENAME TO parted;
SET search_path = public;
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SET search_path = "Odd ""Schema""", tenant, public;
UPDATE pg_inherits SET inhdetachpending = true WHERE inhrelid = 'part'::regclass;
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT pgm_test_left_half_done(:'s', :'before');
SELECT array_agg(o) AS later FROM pgm_test_objects_before(:'s') o \gset
SELECT pgm_test_left_half_done(:'s', :'later');
-- Left by somebody else.
SELECT * FROM pgm_test_advise_before(:'s');
SELECT * FROM pgm_test_advise_in_doubt(:'s', '{}');
SELECT pgm_test_objects_before(:'s')::regclass;
-- Another partition's is not ours: the server says that one is pending.
SELECT * FROM pgm_test_advise_before('ALTER TABLE parted DETACH PARTITION other_part CONCURRENTLY');
SELECT instead FROM pgm_test_advise_in_doubt(:'s', :'before') \gexec
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
DROP TABLE part;
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
CREATE TABLE part PARTITION OF parted FOR VALUES IN (1);
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT array_agg(o) AS before FROM pgm_test_objects_before(:'s') o \gset
CREATE TABLE elsewhere (LIKE parted) PARTITION BY LIST (a);
ALTER TABLE parted DETACH PARTITION part;
ALTER TABLE elsewhere ATTACH PARTITION part FOR VALUES IN (1);
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
DROP TABLE elsewhere;
-- It was no partition, or nothing at all: the server says so again.
SELECT * FROM pgm_test_advise_in_doubt('ALTER TABLE parted DETACH PARTITION t CONCURRENTLY', '{}');
SELECT count(*) FROM pgm_test_objects_before('ALTER TABLE parted DETACH PARTITION t CONCURRENTLY');
SELECT * FROM pgm_test_advise_in_doubt('ALTER TABLE nothing DETACH PARTITION other_part CONCURRENTLY', '{}');
SELECT pgm_test_relation_to_lock('ALTER TABLE nothing DETACH PARTITION other_part CONCURRENTLY');
SELECT pgm_test_relation_to_lock('ALTER TABLE t DETACH PARTITION other_part CONCURRENTLY');

--
-- Databases and tablespaces
--

\set s 'CREATE DATABASE "Pgm test" TEMPLATE template0'
SELECT count(*) FROM pgm_test_objects_before(:'s');
SELECT * FROM pgm_test_advise_in_doubt(:'s', '{}');
SELECT * FROM pgm_test_advise_in_doubt('DROP DATABASE "Pgm test"', '{}');
:s;
SELECT * FROM pgm_test_advise_in_doubt(:'s', '{}');
-- It was there before: the server says so again.
SELECT array_agg(o) AS before FROM pgm_test_objects_before(:'s') o \gset
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
\set move 'ALTER DATABASE "Pgm test" SET TABLESPACE pgm_test_space'
SELECT * FROM pgm_test_advise_in_doubt(:'move', '{}');
SELECT * FROM pgm_test_advise_in_doubt('ALTER DATABASE "Pgm test" SET TABLESPACE pg_default', '{}');
SELECT * FROM pgm_test_advise_in_doubt('ALTER DATABASE nothing SET TABLESPACE pg_default', '{}');
SELECT * FROM pgm_test_advise_in_doubt('ALTER DATABASE "Pgm test" SET TABLESPACE nothing', '{}');
-- Half dropped.
UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'Pgm test';
SELECT * FROM pgm_test_advise_in_doubt(:'s', '{}');
SELECT * FROM pgm_test_advise_in_doubt('DROP DATABASE "Pgm test"', :'before');
DROP DATABASE "Pgm test";
SELECT * FROM pgm_test_advise_in_doubt('DROP DATABASE "Pgm test"', :'before');

\set s 'CREATE TABLESPACE pgm_test_space LOCATION \'\''
SELECT * FROM pgm_test_advise_in_doubt(:'s', '{}');
SELECT array_agg(o) AS before FROM pgm_test_objects_before('DROP TABLESPACE pgm_test_space') o \gset
SELECT * FROM pgm_test_advise_in_doubt(:'s', :'before');
SELECT * FROM pgm_test_advise_in_doubt('DROP TABLESPACE IF EXISTS pgm_test_space', :'before');
DROP TABLESPACE pgm_test_space;
SELECT * FROM pgm_test_advise_in_doubt('DROP TABLESPACE IF EXISTS pgm_test_space', :'before');
CREATE TABLESPACE pgm_test_space LOCATION '';
SELECT * FROM pgm_test_advise_in_doubt('DROP TABLESPACE IF EXISTS pgm_test_space', :'before');
DROP TABLESPACE pgm_test_space;
SELECT * FROM pgm_test_advise_in_doubt(:'s', '{}');

--
-- The others: repeated, or not to be told
--

\pset expanded off
SELECT sql, action, first, instead, notice, detail
  FROM unnest(ARRAY['VACUUM', 'VACUUM (FULL) t', 'ANALYZE t', 'CLUSTER', 'REINDEX SCHEMA public', 'ALTER SYSTEM SET work_mem = 64', 'ALTER SYSTEM RESET ALL',
                    'DISCARD ALL', 'CHECKPOINT']) sql, pgm_test_advise_in_doubt(sql, '{}');
SELECT sql, action, detail
  FROM unnest(ARRAY['CALL p()', 'DO ''BEGIN COMMIT; END''', 'CREATE SUBSCRIPTION s CONNECTION '''' PUBLICATION p', 'ALTER SUBSCRIPTION s REFRESH PUBLICATION',
                    'DROP SUBSCRIPTION s', 'CREATE INDEX i ON t (a)', 'DROP INDEX i', 'ALTER TABLE t ADD x integer', 'ALTER DATABASE d CONNECTION LIMIT 1',
                    'INSERT INTO t VALUES (1)']) sql, pgm_test_advise_in_doubt(sql, '{}');
SELECT sql, action, pgm_test_relation_to_lock(sql) AS lock, (SELECT count(*) FROM pgm_test_objects_before(sql)) AS before,
       (SELECT count(*) FROM pgm_test_clean_up(sql, '{}')) AS clean_up
  FROM unnest(ARRAY['CALL p()', 'VACUUM t', 'CREATE INDEX i ON t (a)']) sql, pgm_test_advise_before(sql);

SET client_min_messages = error;
DROP SCHEMA "Odd ""Schema""", tenant CASCADE;
DROP ROLE pgm_test_stranger;
DROP EXTENSION pgm_test;

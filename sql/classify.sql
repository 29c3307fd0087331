-- Which statements cannot run in a transaction block: ours and the server's own opinion, one line per statement.
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pgm_test;

-- Everything below is undone: no subscription worker ever sees it.
BEGIN;

CREATE TABLE plain (a integer PRIMARY KEY, b text);
CREATE INDEX plain_index ON plain (b);
CREATE TABLE "Parted" (a integer, b text) PARTITION BY RANGE (a);
CREATE TABLE part PARTITION OF "Parted" FOR VALUES FROM (0) TO (10);
CREATE INDEX parted_index ON "Parted" (a);
CREATE SCHEMA other;
CREATE TABLE other.parted (a integer) PARTITION BY LIST (a);
CREATE TYPE mood AS ENUM ('sad');
CREATE SUBSCRIPTION without_slot CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE);
CREATE SUBSCRIPTION with_slot CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false);
ALTER SUBSCRIPTION with_slot ENABLE;

CREATE TABLE statement (number integer GENERATED ALWAYS AS IDENTITY, sql text);
INSERT INTO statement (sql) VALUES
    ('CREATE INDEX i ON plain (b)'),
    ('CREATE INDEX CONCURRENTLY i ON plain (b)'),
    ('CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON plain (b)'),
    ('DROP INDEX plain_index'),
    ('DROP INDEX CONCURRENTLY plain_index'),
    ('DROP INDEX CONCURRENTLY IF EXISTS nothing'),
    ('REINDEX TABLE plain'),
    ('REINDEX INDEX plain_index'),
    ('REINDEX TABLE CONCURRENTLY plain'),
    ('REINDEX INDEX CONCURRENTLY plain_index'),
    ('REINDEX (CONCURRENTLY) TABLE plain'),
    ('REINDEX (CONCURRENTLY true, VERBOSE false) TABLE plain'),
    ('REINDEX (CONCURRENTLY 1) INDEX plain_index'),
    ('REINDEX (CONCURRENTLY false) TABLE plain'),
    ('REINDEX (CONCURRENTLY off) INDEX plain_index'),
    ('REINDEX (CONCURRENTLY 0) TABLE plain'),
    ('REINDEX (CONCURRENTLY true, CONCURRENTLY false) TABLE plain'),
    ('REINDEX TABLE "Parted"'),
    ('REINDEX TABLE other.parted'),
    ('REINDEX TABLE part'),
    ('REINDEX INDEX parted_index'),
    ('REINDEX SCHEMA other'),
    ('REINDEX DATABASE nothing'),
    ('REINDEX SYSTEM nothing'),
    ('REINDEX TABLE nothing'),
    ('REINDEX TABLE nowhere.nothing'),
    ('VACUUM'),
    ('VACUUM (ANALYZE) plain'),
    ('VACUUM FULL plain'),
    ('VACUUM (ANALYZE false, SKIP_LOCKED) plain'),
    ('ANALYZE'),
    ('ANALYZE (VERBOSE false) plain'),
    ('CLUSTER'),
    ('CLUSTER plain USING plain_pkey'),
    ('CLUSTER "Parted" USING parted_index'),
    ('CLUSTER nothing'),
    ('CREATE DATABASE d'),
    ('DROP DATABASE d'),
    ('DROP DATABASE IF EXISTS d WITH (FORCE)'),
    ('ALTER DATABASE d SET TABLESPACE pg_default'),
    ('ALTER DATABASE postgres CONNECTION LIMIT -1'),
    ('ALTER DATABASE postgres SET work_mem = ''1MB'''),
    ('CREATE TABLESPACE s LOCATION ''/nowhere'''),
    ('DROP TABLESPACE IF EXISTS s'),
    ('ALTER TABLESPACE pg_default SET (seq_page_cost = 1)'),
    ('ALTER SYSTEM SET work_mem = ''1MB'''),
    ('ALTER SYSTEM RESET ALL'),
    ('ALTER TABLE "Parted" DETACH PARTITION part'),
    ('ALTER TABLE "Parted" DETACH PARTITION part CONCURRENTLY'),
    ('ALTER TABLE "Parted" DETACH PARTITION part FINALIZE'),
    ('ALTER TABLE plain ADD COLUMN c integer'),
    ('CREATE SUBSCRIPTION s CONNECTION ''dbname=nowhere'' PUBLICATION p'),
    ('CREATE SUBSCRIPTION s CONNECTION ''dbname=nowhere'' PUBLICATION p WITH (create_slot)'),
    ('CREATE SUBSCRIPTION s CONNECTION ''dbname=nowhere'' PUBLICATION p WITH (connect = false)'),
    ('CREATE SUBSCRIPTION s CONNECTION ''dbname=nowhere'' PUBLICATION p WITH (connect = on, create_slot = 1)'),
    ('CREATE SUBSCRIPTION s CONNECTION ''dbname=nowhere'' PUBLICATION p
      WITH (create_slot = off, enabled = off, slot_name = NONE, connect = false)'),
    ('ALTER SUBSCRIPTION with_slot REFRESH PUBLICATION'),
    ('ALTER SUBSCRIPTION with_slot REFRESH PUBLICATION WITH (copy_data = false)'),
    ('ALTER SUBSCRIPTION with_slot SET PUBLICATION q'),
    ('ALTER SUBSCRIPTION with_slot SET PUBLICATION q WITH (refresh = true)'),
    ('ALTER SUBSCRIPTION with_slot SET PUBLICATION q WITH (refresh = false)'),
    ('ALTER SUBSCRIPTION with_slot ADD PUBLICATION q'),
    ('ALTER SUBSCRIPTION with_slot ADD PUBLICATION q WITH (refresh = off)'),
    ('ALTER SUBSCRIPTION with_slot DROP PUBLICATION p WITH (refresh = 0)'),
    ('ALTER SUBSCRIPTION with_slot SET (binary = true)'),
    ('ALTER SUBSCRIPTION with_slot DISABLE'),
    ('ALTER SUBSCRIPTION with_slot OWNER TO CURRENT_USER'),
    ('DROP SUBSCRIPTION with_slot'),
    ('DROP SUBSCRIPTION without_slot'),
    ('DISCARD ALL'),
    ('DISCARD PLANS'),
    ('ALTER TYPE mood ADD VALUE ''happy'''),
    ('CREATE TABLE t (LIKE plain INCLUDING ALL)'),
    ('CREATE MATERIALIZED VIEW m AS SELECT a FROM plain'),
    ('DROP TABLE plain'),
    ('DROP SCHEMA other CASCADE'),
    ('CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS ''SELECT 1'''),
    ('DO ''BEGIN NULL; END'''),
    ('TRUNCATE plain'),
    ('LOCK TABLE plain'),
    ('NOTIFY x'),
    ('CHECKPOINT'),
    ('SELECT 1');

-- What the server says of a statement inside of a function: false if it refuses it there for what it is.
CREATE FUNCTION server_opinion(sql text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    BEGIN
        EXECUTE sql;
        RAISE EXCEPTION USING ERRCODE = 'ZZ001';
    EXCEPTION
        WHEN active_sql_transaction THEN
            RETURN false;
        WHEN OTHERS THEN
            RETURN true;
    END;
END $$;

SELECT s.sql, p.command, p.transactional
  FROM statement s CROSS JOIN pgm_test_parse(s.sql) p ORDER BY s.number;

-- Where the two differ.
SELECT s.sql, p.transactional, server_opinion(s.sql) AS server
  FROM statement s CROSS JOIN pgm_test_parse(s.sql) p
 WHERE p.transactional <> server_opinion(s.sql) ORDER BY s.number;

-- Something that does not exist yet: a table counts as an ordinary one, a subscription as one with a slot.
SELECT p.command, p.transactional
  FROM pgm_test_parse('REINDEX TABLE later; CLUSTER later USING i; DROP SUBSCRIPTION later; DROP SUBSCRIPTION IF EXISTS later') p;

-- The relation is looked for where the session would find it.
SET LOCAL search_path = other, public;
SELECT transactional FROM pgm_test_parse('REINDEX TABLE parted; REINDEX TABLE PARTED; REINDEX TABLE public.parted');

-- An option that the server would not understand.
SAVEPOINT s;
SELECT * FROM pgm_test_parse('SELECT 1;  REINDEX (CONCURRENTLY perhaps) TABLE plain');
ROLLBACK TO s;

-- Who may not look into a schema may read a plan all the same.
CREATE ROLE pgm_test_stranger;
SET LOCAL ROLE pgm_test_stranger;
SELECT transactional FROM pgm_test_parse('REINDEX TABLE other.parted');
RESET ROLE;

ROLLBACK;
DROP EXTENSION pgm_test;

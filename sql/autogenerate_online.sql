-- Statements that avoid long locks: what scans a table does it in a transaction of its own, and lets others write.
SET client_min_messages = warning;
CREATE EXTENSION pg_migrate;
CREATE TABLE t (a int, "B c" int, d int);
CREATE TABLE u (k int PRIMARY KEY);
INSERT INTO t VALUES (1, 1, 1), (2, 2, 2);
INSERT INTO u VALUES (1), (2);
SELECT $$CREATE TABLE u (k int PRIMARY KEY);
CREATE TABLE t (a int NOT NULL, "B c" int NOT NULL, d int UNIQUE REFERENCES u,
    CONSTRAINT a_not_null_check CHECK (a > 0) NO INHERIT);$$ AS model \gset
SELECT migrate_autogenerate('online', model => :'model', online => true, revision => 'on1');
SELECT up, down FROM migrate_show('on1') \gx
SELECT * FROM migrate_verify();
SELECT revision, statements FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'model');
\d t
-- A row that does not fit: what was committed before stays, and the next call goes on.
SELECT count(*) FROM migrate_downgrade('base');
INSERT INTO t VALUES (3, NULL, NULL);
SELECT count(*) FROM migrate_upgrade();
\echo :LAST_ERROR_SQLSTATE
UPDATE t SET "B c" = 3 WHERE "B c" IS NULL;
SELECT revision, statements FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'model');
SELECT count(*) FROM migrate_downgrade('base');
SELECT migrate_remove('on1');
-- Nothing is committed while what stood in the way is missing: a policy for one.
DROP TABLE t CASCADE;
CREATE TYPE level AS ENUM ('low');
CREATE TABLE t (a int, b int, l level);
CREATE INDEX t_b ON t (b);
INSERT INTO t VALUES (1, 1), (2, NULL);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON t;
CREATE POLICY few ON t AS RESTRICTIVE USING (b > 0);
SELECT migrate_autogenerate('policies', online => true, revision => 'on2', model => $$CREATE TABLE u (k int PRIMARY KEY);
CREATE TYPE level AS ENUM ('low', 'high');
CREATE TABLE t (a int, b bigint NOT NULL, l level);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON t;
CREATE POLICY few ON t AS RESTRICTIVE USING (b > 0);$$);
SELECT up FROM migrate_show('on2') \gx
SELECT count(*) FROM migrate_upgrade('on2');
SELECT polname FROM pg_policy ORDER BY 1;
DROP TABLE t, u;
DROP TYPE level;
-- A partition that comes in the meantime would lack the CHECK by which the column becomes NOT NULL.
SELECT * FROM migrate_resolve('on2', 'discard');
SELECT migrate_remove('on2');
CREATE TABLE t (a int, b int) PARTITION BY LIST (a);
CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);
SELECT 'CREATE TABLE t (a int, b int NOT NULL) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1); CREATE TABLE t2 PARTITION OF t FOR VALUES IN (2)' AS model \gset
SELECT migrate_autogenerate('partition', :'model', online => true, revision => 'on3');
SELECT count(*) FROM migrate_upgrade('on3');
SELECT * FROM migrate_check(:'model');
SELECT count(*) FROM migrate_downgrade('base');
DROP TABLE t;
DROP EXTENSION pg_migrate CASCADE;

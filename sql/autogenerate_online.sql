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
DROP TABLE t, u;
DROP EXTENSION pg_migrate CASCADE;

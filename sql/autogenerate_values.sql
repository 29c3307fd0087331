-- What is said of values that stay, while what they were computed from, or refer to, does not.
CREATE EXTENSION pg_migrate;
SET client_min_messages = warning;
CREATE SCHEMA kept;
CREATE FUNCTION kept.f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION kept.g(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION kept.h() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE DOMAIN kept.routine AS regprocedure;
CREATE TABLE kept.t (a int CHECK (kept.f(a) > 0), b int GENERATED ALWAYS AS (kept.f(a)) STORED, c int DEFAULT kept.g(1));
CREATE UNIQUE INDEX t_f ON kept.t (kept.f(a));
CREATE INDEX t_g ON kept.t (a) WHERE kept.f(a) = 1;
CREATE VIEW kept.v AS SELECT a FROM kept.t;
CREATE TABLE kept.jobs (of kept.routine, what regclass, all_of regprocedure[], type regtype);
INSERT INTO kept.t VALUES (1);
INSERT INTO kept.jobs VALUES ('kept.h()', 'kept.v', '{kept.h(), kept.f(int)}', 'int');
SELECT migrate_autogenerate('values', $$
CREATE SCHEMA kept;
CREATE FUNCTION kept.f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
CREATE FUNCTION kept.g(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
CREATE FUNCTION kept.h() RETURNS bigint LANGUAGE sql AS 'SELECT 1';
CREATE DOMAIN kept.routine AS regprocedure;
CREATE TABLE kept.t (a bigint CHECK (kept.f(a::int) > 0), b int GENERATED ALWAYS AS (kept.f(a::int)) STORED, c int DEFAULT kept.g(1));
CREATE UNIQUE INDEX t_f ON kept.t (kept.f(a::int));
CREATE INDEX t_g ON kept.t (a) WHERE kept.f(a::int) = 1;
CREATE VIEW kept.v AS SELECT a FROM kept.t;
CREATE TABLE kept.jobs (of kept.routine, what regclass, all_of regprocedure[], type regtype);$$, schemas => 'kept', revision => 'v1');
SELECT line FROM migrate_show('v1'), regexp_split_to_table(up, '\n') line WHERE line LIKE '-- values %';
SELECT migrate_remove('v1');
-- Nothing of it where nothing changes but what a function computes.
SELECT migrate_autogenerate('values', $$
CREATE SCHEMA kept;
CREATE FUNCTION kept.f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
CREATE FUNCTION kept.g(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
CREATE FUNCTION kept.h() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE DOMAIN kept.routine AS regprocedure;
CREATE TABLE kept.t (a int CHECK (kept.f(a) > 0), b int GENERATED ALWAYS AS (kept.f(a)) STORED, c int DEFAULT kept.g(1));
CREATE UNIQUE INDEX t_f ON kept.t (kept.f(a));
CREATE INDEX t_g ON kept.t (a) WHERE kept.f(a) = 1;
CREATE VIEW kept.v AS SELECT a FROM kept.t;
CREATE TABLE kept.jobs (of kept.routine, what regclass, all_of regprocedure[], type regtype);$$, schemas => 'kept', revision => 'v2');
SELECT up FROM migrate_show('v2');
DROP SCHEMA kept CASCADE;
DROP EXTENSION pg_migrate;

-- An extension that gets another schema takes the names of its members along: nothing else changes.
SET client_min_messages = warning;
CREATE EXTENSION pg_migrate;
CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm;
CREATE DOMAIN email AS citext CHECK (VALUE ~ '@');
CREATE TABLE t (a citext PRIMARY KEY, e email, l text, g text GENERATED ALWAYS AS (lower(l)) STORED, c citext[] DEFAULT '{x}');
CREATE INDEX t_trgm ON t USING gin (l gin_trgm_ops);
CREATE FUNCTION f(x citext) RETURNS citext LANGUAGE sql AS 'SELECT x';
CREATE VIEW v AS SELECT f(a) AS a, e FROM t WHERE a = 'x'::citext AND l % 'y';
COMMENT ON TABLE t IS 'public.citext';
INSERT INTO t VALUES ('x', 'a@b', 'yy');
SELECT relfilenode AS node FROM pg_class WHERE oid = 't'::regclass \gset
SELECT $$CREATE SCHEMA tools; GRANT USAGE ON SCHEMA tools TO PUBLIC;
CREATE EXTENSION citext SCHEMA tools;
CREATE EXTENSION pg_trgm SCHEMA tools;
SET search_path = public, tools;
CREATE DOMAIN email AS citext CHECK (VALUE ~ '@');
CREATE TABLE t (a citext PRIMARY KEY, e email, l text, g text GENERATED ALWAYS AS (lower(l)) STORED, c citext[] DEFAULT '{x}', more citext);
CREATE INDEX t_trgm ON t USING gin (l gin_trgm_ops);
CREATE FUNCTION f(x citext) RETURNS citext LANGUAGE sql AS 'SELECT x';
CREATE VIEW v AS SELECT f(a) AS a, e FROM t WHERE a = 'x'::citext AND l % 'y';
COMMENT ON TABLE t IS 'public.citext';
$$ AS model \gset
SELECT migrate_autogenerate('move', model => :'model', revision => 'em1');
SELECT up, down FROM migrate_show('em1') \gx
SELECT * FROM migrate_verify();
SELECT count(*) FROM migrate_upgrade();
SELECT relfilenode = :node AS not_rewritten FROM pg_class WHERE oid = 't'::regclass;
SELECT * FROM migrate_check(model => :'model');
SELECT count(*) FROM migrate_downgrade('base');
SELECT relfilenode = :node AS not_rewritten FROM pg_class WHERE oid = 't'::regclass;
-- By hand, with a derived way back.
SELECT migrate_revision('by hand', 'CREATE SCHEMA tools; ALTER EXTENSION citext SET SCHEMA tools', revision => 'em2', down_revision => 'base');
SELECT migrate_derive_down('em2');
SELECT * FROM migrate_verify('em2');
DROP VIEW v;
DROP TABLE t;
DROP FUNCTION f;
DROP DOMAIN email;
-- A model in a schema of its own takes what is in the schema that it is compared with by the name of that one.
RESET search_path;
SELECT migrate_remove('em2'), migrate_remove('em1');
CREATE SCHEMA model;
SET search_path = model, public;
CREATE TABLE t (e citext PRIMARY KEY DEFAULT 'a'::citext, n text);
CREATE INDEX ON t USING gin (n gin_trgm_ops);
CREATE FUNCTION same(citext) RETURNS citext LANGUAGE sql AS 'SELECT $1';
RESET search_path;
SELECT migrate_autogenerate('compared', model_schema => 'model', revision => 'em3');
SELECT up FROM migrate_show('em3') \gx
DROP SCHEMA model CASCADE;
DROP EXTENSION citext;
DROP EXTENSION pg_trgm;
DROP EXTENSION pg_migrate CASCADE;

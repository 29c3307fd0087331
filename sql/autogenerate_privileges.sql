-- What is compared for the whole database: privileges on what nobody's script makes, which are the server's and extensions' objects and system columns;
-- publications.
CREATE EXTENSION pg_migrate;
SET client_min_messages = error;
CREATE ROLE regress_migrate_reader;
SELECT $model$
CREATE TABLE public.t (a int); CREATE TABLE public.kept (a int); CREATE PUBLICATION published FOR TABLE public.kept;
$model$ AS before \gset
SELECT $model$
CREATE TABLE public.kept (a int); GRANT SELECT (ctid), UPDATE (a) ON public.kept TO regress_migrate_reader; GRANT SELECT (tableoid) ON public.kept TO PUBLIC;
CREATE PUBLICATION published FOR TABLE public.kept WHERE (CASE a WHEN 5 THEN true ELSE false END);
CREATE TABLE public.made (a int); GRANT SELECT (xmin) ON public.made TO regress_migrate_reader;
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(double precision) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO regress_migrate_reader WITH GRANT OPTION;
GRANT SELECT (rolname) ON pg_catalog.pg_authid TO regress_migrate_reader;
GRANT CREATE ON SCHEMA pg_catalog TO regress_migrate_reader;
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC; REVOKE USAGE ON TYPE pg_catalog.money FROM PUBLIC;
$model$ AS after \gset
SELECT migrate_autogenerate('before', model => :'before', revision => 'p1');
SELECT revision FROM migrate_upgrade();
SELECT migrate_autogenerate('after', model => :'after', revision => 'p2');
SELECT up, down FROM migrate.revision WHERE revision = 'p2';
SELECT revision, up, down, identical, difference FROM migrate_verify();
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'after');
CREATE TEMPORARY VIEW may AS
    SELECT has_function_privilege('regress_migrate_reader', 'pg_sleep(double precision)', 'EXECUTE') AS sleep, has_function_privilege('regress_migrate_reader', 'pg_read_file(text)', 'EXECUTE') AS read,
           has_column_privilege('regress_migrate_reader', 'pg_authid', 'rolname', 'SELECT') AS names, has_column_privilege('regress_migrate_reader', 'kept', 'ctid', 'SELECT') AS ctid;
SELECT * FROM may;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text) TO regress_migrate_reader;
SELECT kind, object, change, sql FROM migrate_drift();
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text) FROM regress_migrate_reader;
SELECT kind, object, change, sql FROM migrate_drift();
SELECT revision FROM migrate_downgrade('-1');
SELECT * FROM migrate_check(model => :'before');
SELECT * FROM may;
-- What no pg_dump prints: privileges on information_schema are not compared, those on the language sql stay where the model says nothing of them.
REVOKE USAGE ON LANGUAGE sql FROM PUBLIC;
REVOKE SELECT ON information_schema.tables FROM PUBLIC;
GRANT UPDATE ON information_schema.columns TO regress_migrate_reader;
SELECT * FROM migrate_check(model => :'before');
SELECT kind, object, change, sql FROM migrate_check(model => :'before' || 'GRANT USAGE ON LANGUAGE sql TO regress_migrate_reader');
DROP PUBLICATION published;
GRANT USAGE ON LANGUAGE sql TO PUBLIC;
GRANT SELECT ON information_schema.tables TO PUBLIC;
REVOKE UPDATE ON information_schema.columns FROM regress_migrate_reader;
SELECT kind, object, change, sql FROM migrate_check(model => :'before' || 'REVOKE USAGE ON LANGUAGE sql FROM PUBLIC') WHERE kind = 'privileges';
DROP TABLE kept, t;
DROP VIEW may;
-- What a materialized view calls is called by its owner, not by who makes it again.
SELECT count(*) FROM migrate_stamp('base');
SELECT migrate_remove('p2'), migrate_remove('p1');
CREATE SCHEMA matter; GRANT USAGE, CREATE ON SCHEMA matter TO regress_migrate_reader;
CREATE TABLE matter.t (a int); INSERT INTO matter.t VALUES (1); GRANT SELECT ON matter.t TO regress_migrate_reader;
SET ROLE regress_migrate_reader;
CREATE FUNCTION matter.who(bigint) RETURNS text LANGUAGE sql AS 'SELECT current_user::text';
CREATE MATERIALIZED VIEW matter.seen AS SELECT matter.who(a) FROM matter.t;
CREATE MATERIALIZED VIEW matter.empty AS SELECT matter.who(a) FROM matter.t WITH NO DATA;
CREATE INDEX ON matter.seen (who);
RESET ROLE;
SELECT pg_get_functiondef('matter.who'::regproc) AS who \gset
SELECT migrate_autogenerate('wider', model => 'CREATE SCHEMA matter; GRANT USAGE, CREATE ON SCHEMA matter TO regress_migrate_reader; CREATE TABLE matter.t (a bigint); GRANT SELECT ON matter.t TO regress_migrate_reader;
    SET ROLE regress_migrate_reader; ' || :'who' || '; CREATE MATERIALIZED VIEW matter.seen AS SELECT matter.who(a) FROM matter.t; CREATE INDEX ON matter.seen (who);
    CREATE MATERIALIZED VIEW matter.empty AS SELECT matter.who(a) FROM matter.t', schemas => 'matter', revision => 'm1');
SELECT replace(up, '(t.a)', '(a)') AS up, replace(down, '(t.a)', '(a)') AS down /* before 16 */ FROM migrate.revision WHERE revision = 'm1';
SELECT revision FROM migrate_upgrade('m1');
SELECT who, (SELECT matviewowner FROM pg_matviews WHERE matviewname = 'seen'), (SELECT ispopulated FROM pg_matviews WHERE matviewname = 'empty') FROM matter.seen;
DROP SCHEMA matter CASCADE;
-- A text that names neither owners nor rights says nothing of rights: all stay, and what is made has those that it gets when it is made.
SELECT count(*) FROM migrate_stamp('base');
SELECT migrate_remove('m1');
GRANT CREATE ON SCHEMA public TO regress_migrate_reader;
CREATE TABLE public.u (a int); GRANT SELECT ON public.u TO regress_migrate_reader; GRANT UPDATE (a) ON public.u TO regress_migrate_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT INSERT ON TABLES TO regress_migrate_reader;
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(double precision) FROM PUBLIC;
SELECT $model$CREATE TABLE public.u (a int, b int); CREATE TABLE public.v (a int);$model$ AS silent \gset
SET client_min_messages = notice;
SELECT * FROM migrate_check(:'silent');
SET client_min_messages = error;
SELECT migrate_autogenerate('silent', :'silent', revision => 'silent');
SELECT up, down FROM migrate.revision;
SELECT revision, identical FROM migrate_verify();
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(:'silent');
SELECT relname, has_table_privilege('regress_migrate_reader', oid, 'SELECT') AS may_select, has_table_privilege('regress_migrate_reader', oid, 'INSERT') AS may_insert
FROM pg_class WHERE relname IN ('u', 'v') ORDER BY relname;
-- One that has any right, or an owner as a dump has, has all of them.
SELECT kind, object, change FROM migrate_check(:'silent' || 'GRANT SELECT ON public.v TO regress_migrate_reader');
SELECT kind, object, change FROM migrate_check(:'silent' || 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO regress_migrate_reader');
SELECT kind, object, change FROM migrate_check(:'silent' || 'CREATE SCHEMA made CREATE TABLE t (a int) GRANT SELECT ON t TO regress_migrate_reader');
SELECT kind, object, change FROM migrate_check(:'silent' || 'ALTER TABLE public.u OWNER TO CURRENT_USER');
-- An empty text is a file that was not found, unless it is only looked at.
\set ON_ERROR_STOP off
SELECT migrate_autogenerate('nothing', '');
SELECT migrate_autogenerate('nothing', '-- to do');
\set ON_ERROR_STOP on
SELECT count(*) > 1 AS differs FROM migrate_check('');
GRANT EXECUTE ON FUNCTION pg_catalog.pg_sleep(double precision) TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE INSERT ON TABLES FROM regress_migrate_reader;
REVOKE CREATE ON SCHEMA public FROM regress_migrate_reader;
DROP TABLE public.u, public.v;
DROP ROLE regress_migrate_reader;
DROP EXTENSION pg_migrate;

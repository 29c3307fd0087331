-- What a model says nothing about, and what is nobody's to compare.
SET client_min_messages = warning;
CREATE ROLE model_scope_owner;
CREATE SCHEMA tools;
CREATE EXTENSION pg_migrate SCHEMA tools;
SET search_path = public, tools;
SET client_min_messages = notice;
SELECT $model$
CREATE TABLE public.t (a int);
CREATE MATERIALIZED VIEW public.filled AS SELECT a FROM public.t WITH NO DATA;
$model$ AS model \gset
CREATE TABLE public.t (a int);
CREATE MATERIALIZED VIEW public.filled AS SELECT a FROM public.t;
ALTER TABLE public.t OWNER TO model_scope_owner;
-- The schema that pg_migrate was put in stays. A text that names no owner changes none, and says so; whether a materialized view is filled is no difference.
SELECT kind, object, change FROM migrate_check(model => :'model');
SELECT kind, object, change, sql FROM migrate_check(model => :'model' || 'ALTER TABLE public.t OWNER TO CURRENT_USER;');
SELECT kind, object, change, sql FROM migrate_check(model => 'GRANT CREATE ON SCHEMA public TO model_scope_owner; SET ROLE model_scope_owner;
CREATE TABLE public.t (a int, b int);', schemas => 'public') WHERE kind = 'table';
-- One that is made again is filled as it was.
SELECT migrate_autogenerate('bigint', model => replace(:'model', '(a int)', '(a bigint)'), revision => 'ms1');
SELECT replace(up, 't.a', 'a') AS up FROM migrate.revision WHERE revision = 'ms1';
SELECT count(*) FROM migrate_upgrade();
SELECT ispopulated FROM pg_matviews WHERE matviewname = 'filled';
SELECT kind, object, change FROM migrate_check(model => replace(:'model', '(a int)', '(a bigint)'));
-- Schemas of the server and of extensions.
SELECT * FROM migrate_check(model => '', schemas => 'pg_catalog');
SELECT * FROM migrate_check(model => '', schemas => 'public, information_schema');
SELECT * FROM migrate_check(model => '', schemas => 'migrate');
SELECT * FROM migrate_check(model => 'SELECT 1', schemas => '"A, b", public');
SELECT * FROM migrate_check(model_schema => 'pg_catalog', schemas => 'public');
SELECT * FROM migrate_check(model_schema => 'public', schemas => 'migrate');
-- An object of a catalogue that nothing here reads, which a later server may have, is named. Nobody but a superuser plants one.
BEGIN;
INSERT INTO pg_depend VALUES ('pg_statistic'::regclass, 4000000000, 0, 'pg_class'::regclass, 'public.t'::regclass, 0, 'n');
SELECT kind, object, change FROM migrate_check(model => replace(:'model', '(a int)', '(a bigint)'));
ROLLBACK;
-- What pg_dump --schema=public writes begins with a schema that is there.
SELECT kind, object, change FROM migrate_check(model => 'CREATE SCHEMA public; COMMENT ON SCHEMA public IS ''standard public schema'';' || replace(:'model', '(a int)', '(a bigint)'));
SELECT migrate_check(model => 'DROP SCHEMA public; CREATE SCHEMA public;');
-- A text that names no version of an extension changes none.
SET client_min_messages = warning;
CREATE EXTENSION citext VERSION '1.5';
SET client_min_messages = notice;
SELECT kind, object, change FROM migrate_check(model => replace(:'model', '(a int)', '(a bigint)') || 'CREATE EXTENSION citext;');
SELECT kind, object, change, sql FROM migrate_check(model => replace(:'model', '(a int)', '(a bigint)') || 'CREATE EXTENSION citext VERSION "1.6";');
DROP EXTENSION citext;
DROP MATERIALIZED VIEW public.filled;
DROP TABLE public.t;
DROP EXTENSION pg_migrate;
DROP SCHEMA tools;
DROP ROLE model_scope_owner;

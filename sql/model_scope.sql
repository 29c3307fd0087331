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
-- Default privileges of a schema are compared with it, those of all schemas are in none.
SELECT kind, object, change, sql FROM migrate_check(model => replace(:'model', '(a int)', '(a bigint)') ||
    'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO model_scope_owner; ALTER DEFAULT PRIVILEGES GRANT SELECT ON SEQUENCES TO model_scope_owner;', schemas => 'public');
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
-- What stands on partitions and children elsewhere is taken off around a change of their table, and comes back.
CREATE SCHEMA elsewhere;
CREATE TABLE public.p (i int, v int) PARTITION BY RANGE (i);
CREATE TABLE elsewhere.p1 PARTITION OF public.p FOR VALUES FROM (0) TO (10);
ALTER TABLE elsewhere.p1 ENABLE ROW LEVEL SECURITY;
CREATE POLICY positive ON elsewhere.p1 USING (v > 0);
CREATE TRIGGER large BEFORE UPDATE ON elsewhere.p1 FOR EACH ROW WHEN (new.v > 1) EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE TABLE public.a (i int, v int);
CREATE TABLE elsewhere.b (own int, g int GENERATED ALWAYS AS (v + 1) STORED, CHECK (v > own)) INHERITS (public.a);
ALTER TABLE elsewhere.b ALTER v SET DEFAULT 7;
INSERT INTO public.p VALUES (1, 2);
INSERT INTO elsewhere.b VALUES (1, 2, 1);
SELECT 'CREATE TABLE public.p (i int, v bigint, n int DEFAULT 5) PARTITION BY RANGE (i); CREATE TABLE public.a (i int, v bigint, n int DEFAULT 5);' AS wider \gset
SELECT migrate_autogenerate('wider', model => :'wider', schemas => 'public', revision => 'ms2');
SELECT up, down FROM migrate.revision WHERE revision = 'ms2' \gx
SELECT * FROM migrate_verify('ms2');
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'wider', schemas => 'public');
SELECT * FROM elsewhere.p1, elsewhere.b;
-- An index of the table is one of its partitions elsewhere, too.
SELECT migrate_autogenerate('index', model => :'wider' || 'CREATE INDEX p_v ON public.p (v)', schemas => 'public', revision => 'ms4');
SELECT up, down FROM migrate.revision WHERE revision = 'ms4' \gx
SELECT * FROM migrate_verify('ms4');
SELECT migrate_remove('ms4');
CREATE INDEX p_v ON public.p (v);
SELECT migrate_autogenerate('no index', model => :'wider', schemas => 'public', revision => 'ms4');
SELECT * FROM migrate_verify('ms4');
SELECT migrate_remove('ms4');
DROP INDEX public.p_v;
-- What they have is dropped with the column, or in the way.
SELECT * FROM migrate_check(model => 'CREATE TABLE public.p (i int) PARTITION BY RANGE (i); CREATE TABLE public.a (i int);', schemas => 'public');
DROP POLICY positive ON elsewhere.p1;
DROP TRIGGER large ON elsewhere.p1;
ALTER TABLE elsewhere.b DROP g;
SELECT kind, object, change, sql FROM migrate_check(model => 'CREATE TABLE public.p (i int) PARTITION BY RANGE (i); CREATE TABLE public.a (i int);', schemas => 'public');
-- A foreign key elsewhere, and a query that groups, want the same columns in a key.
CREATE TABLE public.k (a int PRIMARY KEY, b int NOT NULL);
CREATE TABLE elsewhere.r (a int REFERENCES public.k);
CREATE VIEW elsewhere.grouped AS SELECT a, b FROM public.k GROUP BY a;
SELECT * FROM migrate_check(model => :'wider' || 'CREATE TABLE public.k (a int, b int, PRIMARY KEY (a, b))', schemas => 'public');
DROP VIEW elsewhere.grouped;
SELECT kind, object, change, sql FROM migrate_check(model => :'wider' || 'CREATE TABLE public.k (a int NOT NULL, b int NOT NULL, PRIMARY KEY (b, a), UNIQUE (a))', schemas => 'public');
DROP TABLE elsewhere.r, public.k;
-- A publication loses a table that is dropped, and gets it back; a column that it names stands in the way.
SET client_min_messages = error;
CREATE TABLE public.u (c int, d int);
CREATE PUBLICATION elsewhere FOR TABLE public.a, public.u (c);
SET client_min_messages = notice;
SELECT * FROM migrate_check(model => :'wider' || 'CREATE TABLE public.u (d int)', schemas => 'public');
SELECT migrate_autogenerate('without u', model => :'wider', schemas => 'public', revision => 'ms3');
SELECT up, down FROM migrate.revision WHERE revision = 'ms3' \gx
SELECT * FROM migrate_verify('ms3');
-- What an ORM says of no table stays as it is: row security is not switched off below the policies.
CREATE SCHEMA rows; CREATE SCHEMA orm;
CREATE TABLE rows.t (id int PRIMARY KEY, owner text) WITH (fillfactor = 70);
COMMENT ON COLUMN rows.t.id IS 'x';
ALTER TABLE rows.t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY, REPLICA IDENTITY FULL;
CREATE POLICY p ON rows.t USING (owner = current_user);
CREATE TABLE orm.t (id int PRIMARY KEY, owner text, c int);
SELECT * FROM migrate_check(model_schema => 'orm', schemas => 'rows');
COMMENT ON TABLE orm.t IS 'said';
SELECT * FROM migrate_check(model_schema => 'orm', schemas => 'rows');
DROP SCHEMA rows, orm CASCADE;
DROP PUBLICATION elsewhere;
DROP TABLE public.u, elsewhere.b, elsewhere.p1, public.a, public.p;
DROP SCHEMA elsewhere;
DROP EXTENSION pg_migrate;
DROP SCHEMA tools;
DROP ROLE model_scope_owner;

-- What somebody has planted: names that shadow those which pg_migrate's own statements use, and what the owner of the
-- extension, who is no superuser, can put on the tables before a superuser calls a function.
CREATE ROLE pgm_evil;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO pgm_evil', current_database()); END $$;
GRANT CREATE ON SCHEMA public TO pgm_evil;
SET SESSION AUTHORIZATION pgm_evil;

-- The schema or a function is there before the extension: it is not taken over (18 adds where in the script that shows).
\set SHOW_CONTEXT never
CREATE SCHEMA migrate;
RESET SESSION AUTHORIZATION;
CREATE EXTENSION pg_migrate;
SET SESSION AUTHORIZATION pgm_evil;
CREATE EXTENSION pg_migrate;
DROP SCHEMA migrate;
CREATE FUNCTION migrate_upgrade(target text, tag text, schema name) RETURNS text LANGUAGE sql RETURN 'planted';
RESET SESSION AUTHORIZATION;
CREATE EXTENSION pg_migrate;
SELECT count(*) FROM pg_namespace WHERE nspname = 'migrate';
DROP FUNCTION migrate_upgrade;
\set SHOW_CONTEXT errors

-- What runs with a superuser's rights says so, in a sequence, which no rollback resets.
SET SESSION AUTHORIZATION pgm_evil;
CREATE SCHEMA ev;
CREATE SEQUENCE ev.ran;
CREATE SEQUENCE ev.as_superuser;
CREATE FUNCTION ev.evil() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    attempt text;
BEGIN
    IF pg_catalog.current_setting('ev.armed', true) IS DISTINCT FROM 'on' THEN
        RETURN true;
    END IF;
    PERFORM pg_catalog.nextval('ev.ran');
    FOREACH attempt IN ARRAY ARRAY['SELECT 1', 'RESET ROLE', 'SET ROLE NONE', 'RESET SESSION AUTHORIZATION', 'SET SESSION AUTHORIZATION DEFAULT',
                                   'SELECT pg_catalog.set_config(''role'', ''none'', false)',
                                   'SELECT pg_catalog.set_config(''session_authorization'', pg_catalog.session_user::text, false)'] LOOP
        BEGIN
            EXECUTE attempt;
        EXCEPTION WHEN OTHERS THEN
        END;
        IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
            PERFORM pg_catalog.nextval('ev.as_superuser');
        END IF;
    END LOOP;
    PERFORM pg_catalog.set_config('search_path', 'ev, pg_catalog', false);
    RETURN true;
END $$;
CREATE FUNCTION ev.evil(anyelement) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN ev.evil(); END';
CREATE FUNCTION ev.evil_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN NEW; END';
-- It works: it says so when a superuser calls it, and changes his search_path.
RESET SESSION AUTHORIZATION;
SET ev.armed = 'on';
SELECT ev.evil(1);
SHOW search_path;
RESET search_path;
SELECT last_value, is_called FROM ev.ran;
SELECT last_value > 1 AS as_superuser FROM ev.as_superuser;
SELECT setval('ev.ran', 1, false), setval('ev.as_superuser', 1, false);

-- Names in public and in pg_temp, and a search_path that puts them first.
CREATE EXTENSION pg_migrate;
SET SESSION AUTHORIZATION pgm_evil;
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN pg_catalog.now(); END';
CREATE FUNCTION public.nextval(text) RETURNS bigint LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN 1; END';
CREATE FUNCTION public.nextval(regclass) RETURNS bigint LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN 1; END';
CREATE FUNCTION public.current_setting(text) RETURNS text LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN ''x''; END';
CREATE FUNCTION public.pg_backend_pid() RETURNS int LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN 1; END';
CREATE FUNCTION public.inet_client_addr() RETURNS inet LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN NULL; END';
CREATE FUNCTION public.unnest(text[]) RETURNS SETOF text LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN; END';
CREATE FUNCTION public.array_position(text[], text) RETURNS int LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN NULL; END';
CREATE FUNCTION public.octet_length(text) RETURNS int LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN 1; END';
CREATE FUNCTION public.aclexplode(aclitem[], OUT grantor oid, OUT grantee oid, OUT privilege_type text, OUT is_grantable boolean) RETURNS SETOF record LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN; END';
CREATE FUNCTION public.same(text, text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN true; END';
CREATE FUNCTION public.same(name, name) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN true; END';
CREATE FUNCTION public.same(text, name) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN true; END';
CREATE FUNCTION public.same(name, text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN true; END';
CREATE FUNCTION public.same(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN true; END';
CREATE FUNCTION public.same(oid, oid) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN true; END';
CREATE FUNCTION public.same(text[], text[]) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM ev.evil(); RETURN true; END';
CREATE OPERATOR public.= (leftarg = text, rightarg = text, function = public.same);
CREATE OPERATOR public.<> (leftarg = text, rightarg = text, function = public.same);
CREATE OPERATOR public.= (leftarg = name, rightarg = name, function = public.same);
CREATE OPERATOR public.= (leftarg = text, rightarg = name, function = public.same);
CREATE OPERATOR public.= (leftarg = name, rightarg = text, function = public.same);
CREATE OPERATOR public.= (leftarg = bigint, rightarg = bigint, function = public.same);
CREATE OPERATOR public.= (leftarg = oid, rightarg = oid, function = public.same);
CREATE OPERATOR public.&& (leftarg = text[], rightarg = text[], function = public.same);
CREATE DOMAIN public.text AS pg_catalog.text CHECK (ev.evil(VALUE));
CREATE DOMAIN public.bigint AS pg_catalog.int8 CHECK (ev.evil(VALUE));
CREATE TABLE public.pg_proc (oid oid, proname name, proacl aclitem[]);
CREATE TABLE public.pg_roles (oid oid, rolname name);
CREATE TABLE public.pg_class (oid oid, relname name);
CREATE TABLE public.revision (revision pg_catalog.text);
RESET SESSION AUTHORIZATION;
CREATE TEMPORARY TABLE revision (revision pg_catalog.text, down_revision pg_catalog.text[], up pg_catalog.text);
CREATE TEMPORARY TABLE version (schema_name name, revision pg_catalog.text, applied_at timestamptz, applied_by name, run int8);
CREATE TEMPORARY TABLE log (i int);
CREATE TEMPORARY TABLE branch_label (branch_label pg_catalog.text, revision pg_catalog.text);
CREATE TEMPORARY SEQUENCE run_id;
CREATE TEMPORARY TABLE pg_depend (i int);
INSERT INTO pg_temp.revision VALUES ('planted', '{}', 'DROP TABLE nothing');
INSERT INTO pg_temp.version VALUES (NULL, 'planted', now(), 'nobody', 1);
SET search_path = public, pg_temp, pg_catalog;
SELECT migrate_revision(revision => 'a', down_revision => 'base', branch_label => 'label', message => 'a', up => 'SELECT 1', down => '') OPERATOR(pg_catalog.=) 'a' AS written;
SELECT pg_catalog.count(*) FROM migrate_revision(message => 'b', revision => 'b', depends_on => 'a');
SELECT pg_catalog.count(*) FROM migrate_revision(message => 'c', revision => 'b', depends_on => 'a');
SELECT pg_catalog.count(*) FROM migrate_edit('b', message => 'd');
SELECT pg_catalog.count(*) FROM migrate_plan();
SELECT pg_catalog.count(*) FROM migrate_upgrade();
SELECT pg_catalog.count(*) FROM migrate_current();
SELECT pg_catalog.count(*) FROM migrate_history();
SELECT pg_catalog.count(*) FROM migrate_show('label');
SELECT pg_catalog.count(*) FROM migrate_graph();
SELECT pg_catalog.count(*) FROM migrate_heads();
SELECT pg_catalog.count(*) FROM migrate_export();
SELECT pg_catalog.count(*) FROM migrate_downgrade_sql('b:a');
SELECT pg_catalog.count(*) FROM migrate_downgrade('a');
SELECT pg_catalog.count(*) FROM migrate_stamp('base');
SELECT pg_catalog.count(*) FROM migrate_remove('b');
SELECT migrate_grant('pgm_evil', 'viewer'), migrate_revoke('pgm_evil', 'viewer');
RESET search_path;
SELECT is_called FROM ev.ran;
RESET ev.armed;
DISCARD TEMP;
DROP EXTENSION pg_migrate;
SET SESSION AUTHORIZATION pgm_evil;
DROP TABLE public.pg_proc, public.pg_roles, public.pg_class, public.revision;
DROP OPERATOR public.= (text, text), public.<> (text, text), public.= (name, name), public.= (text, name), public.= (name, text),
    public.= (bigint, bigint), public.= (oid, oid), public.&& (text[], text[]);
DROP FUNCTION public.clock_timestamp, public.nextval(text), public.nextval(regclass), public.current_setting, public.pg_backend_pid, public.inet_client_addr,
    public.unnest, public.array_position, public.octet_length, public.aclexplode;
DROP FUNCTION public.same(text, text), public.same(name, name), public.same(text, name), public.same(name, text), public.same(bigint, bigint),
    public.same(oid, oid), public.same(text[], text[]);
DROP DOMAIN public.text, public.bigint;

-- The owner plants something on the tables. Then a superuser calls everything. Refused or not: nothing of it runs with
-- his rights, and nothing of it reaches his settings.
CREATE EXTENSION pg_migrate;
SELECT migrate_revision(revision => 'a', down_revision => 'base', branch_label => 'label', message => 'a', up => 'SELECT 1', down => '');
SELECT count(*) FROM migrate_upgrade('a');
CREATE TABLE ev.plant (number int GENERATED ALWAYS AS IDENTITY, statement text);
CREATE TABLE ev.keys (revision text COLLATE "C" PRIMARY KEY CHECK (ev.evil(revision)));
INSERT INTO ev.plant (statement) VALUES
    ('SELECT 1'),
    ('CREATE TRIGGER t BEFORE INSERT OR UPDATE ON migrate.%s FOR EACH ROW EXECUTE FUNCTION ev.evil_trigger()'),
    ('CREATE CONSTRAINT TRIGGER t AFTER INSERT OR UPDATE ON migrate.%s DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ev.evil_trigger()'),
    ('CREATE RULE r AS ON INSERT TO migrate.%s DO ALSO SELECT ev.evil()'),
    ('ALTER TABLE migrate.%1$s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON migrate.%1$s USING (ev.evil()) WITH CHECK (ev.evil())'),
    ('CREATE POLICY p ON migrate.%1$s USING (ev.evil()) WITH CHECK (ev.evil())'),
    ('ALTER TABLE migrate.%s ADD CONSTRAINT c CHECK (ev.evil()) NOT VALID'),
    ('ALTER TABLE migrate.%s ADD CONSTRAINT c CHECK (ev.evil(1)) NOT VALID'),
    ('ALTER TABLE migrate.%s ADD COLUMN x boolean; ALTER TABLE migrate.%1$s ALTER COLUMN x SET DEFAULT ev.evil()'),
    ('ALTER TABLE migrate.%s ADD COLUMN x boolean GENERATED ALWAYS AS (ev.evil(1)) STORED'),
    ('CREATE INDEX ON migrate.%s ((ev.evil(%2$s)))'),
    ('CREATE INDEX ON migrate.%s (%2$s) WHERE ev.evil(%2$s)'),
    ('CREATE STATISTICS ev.s ON (ev.evil(%2$s)), %2$s FROM migrate.%1$s'),
    ('CREATE DOMAIN ev.d AS text COLLATE "C" CHECK (ev.evil(VALUE)); ALTER TABLE migrate.%s ALTER COLUMN %2$s TYPE ev.d'),
    ('ALTER TABLE migrate.%s ADD CONSTRAINT c EXCLUDE ((ev.evil(%2$s)::int) WITH =) WHERE (%2$s <> %2$s)'),
    ('ALTER TABLE migrate.%s ADD CONSTRAINT c FOREIGN KEY (%2$s) REFERENCES ev.keys ON UPDATE CASCADE NOT VALID'),
    ('ALTER TABLE migrate.%s ADD CONSTRAINT c FOREIGN KEY (%2$s) REFERENCES ev.keys DEFERRABLE INITIALLY DEFERRED NOT VALID'),
    ('CREATE TABLE ev.child (CHECK (ev.evil(1))) INHERITS (migrate.%s); INSERT INTO ev.child SELECT * FROM ONLY migrate.%1$s'),
    ('CREATE TABLE ev.mother (LIKE migrate.%s); ALTER TABLE migrate.%1$s INHERIT ev.mother'),
    ('CREATE TABLE ev.parts (LIKE migrate.%s) PARTITION BY LIST ((ev.evil(%2$s))); ALTER TABLE ev.parts ATTACH PARTITION migrate.%1$s FOR VALUES IN (true)'),
    ('ALTER EXTENSION pg_migrate DROP TABLE migrate.%s; ALTER TABLE migrate.%1$s RENAME TO o;
      CREATE FUNCTION ev.look() RETURNS SETOF migrate.o LANGUAGE plpgsql AS ''BEGIN PERFORM ev.evil(); RETURN; END'';
      CREATE VIEW migrate.%1$s AS SELECT * FROM ev.look()'),
    ('ALTER EXTENSION pg_migrate DROP TABLE migrate.%s; ALTER TABLE migrate.%1$s RENAME TO o;
      CREATE FUNCTION ev.look() RETURNS SETOF migrate.o LANGUAGE plpgsql AS ''BEGIN PERFORM ev.evil(); RETURN; END'';
      CREATE VIEW migrate.%1$s AS SELECT * FROM ev.look(); ALTER EXTENSION pg_migrate ADD VIEW migrate.%1$s'),
    ('ALTER EXTENSION pg_migrate DROP TABLE migrate.%s; ALTER TABLE migrate.%1$s RENAME TO o; CREATE TABLE migrate.%1$s (LIKE migrate.o INCLUDING ALL);
      ALTER TABLE migrate.%1$s ADD CHECK (ev.evil())'),
    ('ALTER EXTENSION pg_migrate DROP TABLE migrate.%s; ALTER TABLE migrate.%1$s RENAME TO o; CREATE TABLE migrate.%1$s (LIKE migrate.o) PARTITION BY RANGE ((ev.evil(%2$s)));
      ALTER EXTENSION pg_migrate ADD TABLE migrate.%1$s'),
    ('ALTER EXTENSION pg_migrate DROP SEQUENCE migrate.run_id; DROP SEQUENCE migrate.run_id; CREATE VIEW migrate.run_id AS SELECT ev.evil()'),
    ('ALTER EXTENSION pg_migrate DROP SEQUENCE migrate.run_id; DROP SEQUENCE migrate.run_id; CREATE SEQUENCE migrate.run_id'),
    ('CREATE FUNCTION ev.same(text, text) RETURNS boolean LANGUAGE plpgsql AS ''BEGIN RETURN ev.evil(); END'';
      CREATE OPERATOR ev.= (leftarg = text, rightarg = text, function = ev.same); ALTER ROLE pgm_evil SET search_path = ev, pg_catalog'),
    -- not evil, but of another type: nothing reads a number as the address of a text
    ('ALTER TABLE migrate.log ALTER COLUMN revision TYPE bigint USING 4096'),
    ('ALTER TABLE migrate.version ALTER COLUMN applied_by TYPE bigint USING 4096'),
    ('ALTER TABLE migrate.version ALTER COLUMN applied_at TYPE text USING ''x'''),
    ('ALTER TABLE migrate.branch_label DROP CONSTRAINT branch_label_is_an_identifier; ALTER TABLE migrate.branch_label ALTER COLUMN branch_label TYPE bigint USING 4096'),
    ('ALTER TABLE migrate.revision ALTER COLUMN message TYPE bigint USING 4096'),
    ('ALTER TABLE migrate.revision ALTER COLUMN up TYPE bytea USING ''x'''),
    ('ALTER TABLE migrate.revision ALTER COLUMN created_by TYPE text'),
    ('ALTER TABLE migrate.revision ALTER COLUMN created_by TYPE "char" USING ''x'''),
    ('ALTER TABLE migrate.revision DROP CONSTRAINT depends_on_is_a_list; DROP INDEX migrate.revision_references_idx; ALTER TABLE migrate.revision ALTER COLUMN depends_on TYPE int[] USING ''{4096,4096}'''),
    ('ALTER TABLE migrate.revision DROP CONSTRAINT depends_on_is_a_list; DROP INDEX migrate.revision_references_idx; ALTER TABLE migrate.revision ALTER COLUMN depends_on TYPE text USING ''x'''),
    ('ALTER TABLE migrate.revision DROP CONSTRAINT depends_on_is_a_list; UPDATE migrate.revision SET depends_on = ''{{a,b},{c,d}}'''),
    ('ALTER TABLE migrate.revision DROP CONSTRAINT depends_on_is_a_list; UPDATE migrate.revision SET depends_on = ''{NULL}'''),
    ('ALTER TABLE migrate.run ALTER COLUMN run TYPE text'),
    ('ALTER TABLE migrate.revision DROP COLUMN up'),
    ('DELETE FROM migrate.branch_label; ALTER TABLE migrate.revision DROP CONSTRAINT revision_is_an_identifier; UPDATE migrate.revision SET revision = E''\n\\! x'''),
    ('ALTER TABLE migrate.revision DROP CONSTRAINT revision_pkey CASCADE; INSERT INTO migrate.revision SELECT * FROM migrate.revision');
RESET SESSION AUTHORIZATION;
CREATE FUNCTION call_everything() RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    state text; states text[] := '{}'; call text;
BEGIN
    FOREACH call IN ARRAY ARRAY[
        'SELECT public.migrate_current()', 'SELECT public.migrate_history()', 'SELECT public.migrate_show(''a'')', 'SELECT public.migrate_graph()', 'SELECT public.migrate_plan(''base'', ''downgrade'')',
        'SELECT public.migrate_check_heads()', 'SELECT public.migrate_export()', 'SELECT public.migrate_downgrade_sql(''a:base'')',
        'SELECT public.migrate_revision(revision => ''b'', down_revision => ''a'', branch_label => ''lb'', message => ''b'', up => ''SELECT 1'', down => '''')',
        'SELECT public.migrate_revision(''c'', revision => ''c'')', 'SELECT public.migrate_edit(''b'', up => ''SELECT 2'')', 'SELECT public.migrate_upgrade(''b'')', 'SELECT public.migrate_downgrade(''a'')',
        'SELECT public.migrate_stamp(''b'')', 'SELECT public.migrate_stamp(''base'', purge => true)', 'SELECT public.migrate_remove(''b'')', 'SELECT public.migrate_record(''a'', ''upgrade'')',
        'SELECT public.migrate_grant(''pgm_evil'', ''viewer'')'] LOOP
        BEGIN
            EXECUTE call;
            state := 'ok';
        EXCEPTION WHEN OTHERS THEN
            state := SQLSTATE;
        END;
        IF current_setting('search_path') <> 'pg_catalog' THEN
            state := 'search_path changed';
            SET LOCAL search_path = pg_catalog;
        END IF;
        IF NOT state = ANY (states) THEN
            states := states || state;
        END IF;
    END LOOP;
    RETURN (SELECT string_agg(s, ' ' ORDER BY s COLLATE "C") FROM unnest(states) AS s);
END $$;
-- A row for each thing planted, on every table: how the calls ended, whether it ran, and with which rights.
CREATE PROCEDURE plant_everything() LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    planted record; outcome text; ran boolean; was_superuser boolean;
BEGIN
    FOR planted IN
        SELECT number, t AS on_table, format(statement, t, c) AS statement FROM ev.plant,
            (VALUES ('revision', 'revision'), ('branch_label', 'revision'), ('version', 'revision'), ('run', 'tag'), ('log', 'revision')) AS tables (t, c)
            WHERE statement ~ '%' OR t = 'log' ORDER BY number, t
    LOOP
        BEGIN
            BEGIN
                PERFORM setval('ev.ran', 1, false), setval('ev.as_superuser', 1, false);
                SET LOCAL ROLE pgm_evil;
                EXECUTE planted.statement;
                RESET ROLE;
                SET LOCAL ev.armed = 'on';
                outcome := public.call_everything();
            EXCEPTION WHEN OTHERS THEN
                outcome := 'not planted: ' || SQLSTATE || ' ' || SQLERRM;
            END;
            RAISE EXCEPTION USING ERRCODE = 'ZZZZZ';
        EXCEPTION WHEN SQLSTATE 'ZZZZZ' THEN
            SELECT is_called INTO ran FROM ev.ran;
            SELECT is_called INTO was_superuser FROM ev.as_superuser;
            INSERT INTO public.report VALUES (planted.number, planted.on_table, planted.statement, outcome, ran, was_superuser);
        END;
    END LOOP;
END $$;
CREATE TABLE report (number int, on_table text, statement text, outcome text, ran boolean, as_superuser boolean);
SET client_min_messages = warning;
CALL plant_everything();
RESET client_min_messages;
\pset format unaligned
SELECT number, on_table, outcome, ran, as_superuser FROM report ORDER BY number, on_table;
\pset format aligned
SELECT current_user = session_user AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS still_superuser, current_setting('search_path');

-- A deferred trigger of his own, fired from what he planted, would run at commit with the rights of the session.
SET SESSION AUTHORIZATION pgm_evil;
CREATE TABLE ev.later (i int);
CREATE CONSTRAINT TRIGGER t AFTER INSERT ON ev.later DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ev.evil_trigger();
CREATE FUNCTION ev.postpone() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN INSERT INTO ev.later VALUES (1); RETURN true; END';
ALTER TABLE migrate.log ADD CONSTRAINT c CHECK (ev.postpone()) NOT VALID;
RESET SESSION AUTHORIZATION;
SELECT setval('ev.ran', 1, false), setval('ev.as_superuser', 1, false);
SET ev.armed = 'on';
\set SHOW_CONTEXT never
SELECT count(*) FROM migrate_downgrade('base');
\set SHOW_CONTEXT errors
\echo :SQLSTATE
RESET ev.armed;
SELECT revision FROM migrate_current();
SELECT is_called FROM ev.ran;
-- Nor can he write a setting that the superuser has, a temporary table in his session, or a role.
SET SESSION AUTHORIZATION pgm_evil;
ALTER TABLE migrate.log DROP CONSTRAINT c;
CREATE TABLE ev.tries (what text);
CREATE FUNCTION ev.more() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    attempt text;
BEGIN
    FOREACH attempt IN ARRAY ARRAY['CREATE TEMPORARY TABLE t (i int)', 'SET session_replication_role = replica', 'CREATE ROLE pgm_made SUPERUSER', 'LISTEN x',
                                   'DECLARE c CURSOR WITH HOLD FOR SELECT 1', 'SET work_mem = ''64kB'''] LOOP
        BEGIN
            EXECUTE attempt;
            INSERT INTO ev.tries VALUES ('done: ' || attempt);
        EXCEPTION WHEN OTHERS THEN
            INSERT INTO ev.tries VALUES (SQLSTATE || ': ' || attempt);
        END;
    END LOOP;
    RETURN true;
END $$;
ALTER TABLE migrate.log ADD CONSTRAINT c CHECK (ev.more()) NOT VALID;
RESET SESSION AUTHORIZATION;
SHOW work_mem;
SELECT count(*) FROM migrate_downgrade('base');
SHOW work_mem;
SELECT what FROM ev.tries;
SELECT count(*) FROM pg_listening_channels();

DROP PROCEDURE plant_everything;
DROP FUNCTION call_everything;
DROP TABLE report;
SET client_min_messages = warning;
DROP SCHEMA ev CASCADE;
DROP EXTENSION pg_migrate;
DROP OWNED BY pgm_evil;
RESET client_min_messages;
DROP ROLE pgm_evil;

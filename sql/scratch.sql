-- Models in scratch databases.
CREATE EXTENSION pgm_test;
\set VERBOSITY default
\set SHOW_CONTEXT errors
CREATE ROLE regress_scratch_caller;
CREATE ROLE regress_scratch_other;
CREATE ROLE regress_scratch_friend;
GRANT regress_scratch_friend TO regress_scratch_caller;
CREATE SCHEMA scratch_here;
GRANT USAGE ON SCHEMA scratch_here TO PUBLIC;
SET search_path = scratch_here, public;

CREATE FUNCTION relations() RETURNS text LANGUAGE sql AS $$
    SELECT 'SELECT relnamespace::regnamespace || ''.'' || relname || '' of '' ||
            CASE WHEN relowner::regrole::text = session_user THEN ''session_user'' ELSE relowner::regrole::text END FROM pg_class
            WHERE oid >= 16384 AND relkind <> ''i'' AND relnamespace::regnamespace::text NOT LIKE ''pg\_%'' ORDER BY 1' $$;
-- After an error the keeper is waited for only a short time.
CREATE FUNCTION nothing_left() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. 600 LOOP
        PERFORM pg_stat_clear_snapshot();
        IF NOT EXISTS (SELECT FROM pg_database WHERE datname LIKE 'pg\_migrate\_scratch%')
           AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'pg_migrate') THEN
            RETURN true;
        END IF;
        PERFORM pg_sleep(0.1);
    END LOOP;
    RETURN false;
END $$;

-- A model, forward references and several schemas among it
SELECT pgm_test_scratch($ddl$
    CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM app.t';
    CREATE SCHEMA app;
    CREATE TABLE app.t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
    INSERT INTO app.t (name) VALUES ('a'), ('b');
    CREATE VIEW v AS SELECT name, f() FROM app.t;
    CREATE INDEX CONCURRENTLY by_name ON app.t (name);
    COMMENT ON TABLE app.t IS 'x';
    VACUUM app.t;
$ddl$, relations());
SELECT pgm_test_scratch('', 'SELECT current_user, session_user') = current_user AS as_caller;
SELECT pgm_test_scratch(' ; -- nothing
;;', 'SELECT count(*) FROM pg_class WHERE oid >= 16384');
-- Nobody else comes in; it is the caller's, like his own
SELECT pgm_test_scratch('', $$ SELECT format('%s %s %s', datallowconn, datdba::regrole = current_user::regrole, datconnlimit)
    FROM pg_database WHERE datname = current_database() $$);
SELECT pgm_test_scratch('', format($$ SELECT (encoding, datcollate, datctype, datlocprovider, dattablespace) =
    (SELECT encoding, datcollate, datctype, datlocprovider, dattablespace FROM pg_database WHERE datname = %L)
    FROM pg_database WHERE datname = current_database() $$, current_database()));
SELECT pgm_test_scratch('', $$ SELECT shobj_description(oid, 'pg_database') LIKE 'pg_migrate: scratch database of process % made at % to load a model%'
    FROM pg_database WHERE datname = current_database() $$);
SELECT nothing_left();

-- Settings: the caller's at the beginning, and for the task again
SET statement_timeout = '5min';
SET intervalstyle = 'iso_8601';
SET default_transaction_read_only = on;
SELECT pgm_test_scratch($ddl$
    CREATE SCHEMA scratch_here;
    CREATE TABLE t (path text DEFAULT current_setting('search_path'));
    INSERT INTO t DEFAULT VALUES;
    SET search_path = pg_catalog;
    SET intervalstyle = 'postgres';
    SELECT pg_catalog.set_config('search_path', '', false);
$ddl$, $$ SELECT concat_ws(' ', tableoid::regclass, path, '1 day'::interval) FROM t $$);
RESET default_transaction_read_only;
RESET statement_timeout;
RESET intervalstyle;
ALTER ROLE regress_scratch_caller SET work_mem = '3MB';
SELECT pgm_test_scratch('RESET ALL; DISCARD ALL; CREATE TABLE public.t (a text); INSERT INTO public.t VALUES (''a\b'')', 'SELECT a FROM public.t');

-- What pg_dump and psql write
SELECT pgm_test_scratch(E'\uFEFF--\n-- PostgreSQL database dump\n--\n\n\\restrict gVJ4sYfyYN\n\nSET statement_timeout = 0;\nSET transaction_timeout = 0;
SET client_encoding = ''SQL_ASCII'';\nSET standard_conforming_strings = on;\nSELECT pg_catalog.set_config(''search_path'', '''', false);\nSET default_tablespace = '''';
CREATE TABLE public.t (a text DEFAULT ''\\restrict''::text);\nCREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS $_$\n\\connect x\n$_$;\nCREATE SEQUENCE public.s; SELECT pg_catalog.setval(''public.s'', 7);\n\n  \\unrestrict gVJ4sYfyYN\n\n', relations());
SELECT pgm_test_scratch($$SET standard_conforming_strings = off; CREATE TABLE public.t (a text DEFAULT E'\\'); -- \ $$, 'SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef');
SELECT pgm_test_scratch(E'\uFEFFCREATE TABL t ();', '');
-- The rows of a whole dump are no part of a model: neither what is in them, nor what they may be taken for.
SELECT pgm_test_scratch(E'CREATE TABLE public.t (a text);\nCOPY public.t (a) FROM stdin; CREATE TABLE public.u ();\nit''s\n\\\\.\n$$;\n\\.\n\nCREATE TABLE public.v (a text DEFAULT ''\\.'');\r\ncopy public.t from stdin ;\r\n\\.\r\nCREATE TABLE public.w ();', relations());
SELECT pgm_test_scratch(E'CREATE TABLE public.t (a text);\nCOPY public.t (a) FROM stdin;\nCREATE TABLE public.u ();\n', '');
SELECT pgm_test_scratch(E'CREATE TABLE public.t (a text);\nCOPY public.t (a) FROM stdin;\na''b\n\\.\nCREATE TABL u ();\n', '');
SELECT pgm_test_scratch(E'CREATE TABLE t ();\n  \\connect app', '');
SELECT pgm_test_scratch(E'SELECT 1 \\gexec', '');
SELECT pgm_test_scratch(E'CREATE TABLE t ();\n\\restrictx', '');
SELECT pgm_test_scratch(E'CREATE TABLE t ();\nCREATE TABLE u (); \\restrict x', '');
SELECT pgm_test_scratch(E'CREATE TABLE t (a text);\nCOPY t (a) FROM stdin WITH (FORMAT csv);\nit''s "a row\n\\.\n', '');
SELECT pgm_test_scratch(E'CREATE TABLE t (stdin text);\nSELECT stdin FROM t;\nSELECT ''\\'';', relations());

-- Transaction blocks
SELECT pgm_test_scratch($ddl$
    BEGIN;
    CREATE TABLE a ();
    SAVEPOINT s;
    CREATE TABLE b ();
    ROLLBACK TO s;
    COMMIT;
    START TRANSACTION ISOLATION LEVEL SERIALIZABLE;
    CREATE TABLE c ();
    ROLLBACK AND CHAIN;
    CREATE TABLE d ();
    END;
    COMMIT;
    DO 'BEGIN CREATE TABLE e (); COMMIT; CREATE TABLE f (); ROLLBACK; END';
$ddl$, relations());
SELECT pgm_test_scratch(E'CREATE TABLE a ();\nBEGIN;\nCREATE TABLE b ();', '');
SELECT pgm_test_scratch('BEGIN; CREATE TABLE a (b int); CREATE INDEX CONCURRENTLY ON a (b); COMMIT', '');

-- Errors: all that the server says, and where it is in the text
SELECT pgm_test_scratch(E'CREATE TABLE a (b int);\n\nCREATE TABLE c (\n  "größe" nosuch\n);', '');
SELECT pgm_test_scratch(E'CREATE TABLE a (b int);\n\n  /* x */ CREATE TABLE a ();', '');
SELECT pgm_test_scratch(E'CREATE TABLE a (b int PRIMARY KEY);\nINSERT INTO a VALUES (1), (1)', '');
SELECT pgm_test_scratch(E'CREATE TABLE a (b int PRIMARY KEY);\r\nDO $$ BEGIN\n  PERFORM 1/0;\nEND $$;', '');
SELECT pgm_test_scratch(E'CREATE TABLE a ();\nCREATE VIEW v AS SELECT x FROM a;', '');
SELECT pgm_test_scratch(E'CREATE TABLE a ();\nCREATE TABL b ();', '');
SELECT pgm_test_scratch(E'CREATE TABLE a ();\nSELECT ''unfinished', '');
SELECT pgm_test_scratch(repeat(E'CREATE TABLE a (); DROP TABLE a;\n', 200) || 'CREATE TABLE b (c nosuch)', '');
SELECT pgm_test_scratch(E'DO $$ BEGIN RAISE ''a %'', 1 USING DETAIL = ''b'', HINT = ''c'', ERRCODE = ''22012'', TABLE = ''d''; END $$', '');
SELECT pgm_test_scratch('CREATE TABLE a (b int)', 'SELECT 1/0');
SELECT pgm_test_scratch_unknown_task('');
SELECT pgm_test_scratch('DO $$ BEGIN RAISE NOTICE ''not shown''; RAISE WARNING ''shown''; END $$; DROP TABLE IF EXISTS x', 'SELECT 1');
SELECT nothing_left();

-- Nothing of it reaches beyond the database
CREATE FUNCTION try(ddl text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE d text; BEGIN
    PERFORM pgm_test_scratch(ddl, 'SELECT 1');
    RETURN 'loaded';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS d = PG_EXCEPTION_HINT;
    RETURN SQLSTATE || ': ' || SQLERRM || coalesce(' / ' || nullif(d, ''), '');
END $$;
-- What is about nothing but the cluster is passed over; what acts on the database as well, or on others, is refused.
SELECT try(E'CREATE ROLE x;\nCREATE TABLE t ();\nCOMMENT ON DATABASE x IS $$a\nb$$; ALTER SYSTEM SET work_mem = 1;GRANT x TO y; CREATE ROLE z; DROP ROLE z');
SET client_min_messages = warning;
SELECT statement, try(statement) FROM unnest(ARRAY[
    'CREATE DATABASE x', 'DROP DATABASE x', 'ALTER DATABASE x ALLOW_CONNECTIONS true', 'ALTER DATABASE x SET work_mem = 1',
    'ALTER DATABASE x REFRESH COLLATION VERSION', 'ALTER DATABASE x RENAME TO y', 'ALTER DATABASE x OWNER TO y', 'ALTER DATABASE x SET TABLESPACE y',
    'COMMENT ON DATABASE x IS ''y''', 'SECURITY LABEL ON DATABASE x IS ''y''', 'GRANT CONNECT ON DATABASE x TO y', 'REVOKE ALL ON DATABASE x FROM y',
    'CREATE ROLE x', 'CREATE USER x', 'CREATE GROUP x', 'ALTER ROLE x LOGIN', 'ALTER USER x WITH PASSWORD NULL', 'ALTER GROUP x ADD USER y', 'ALTER ROLE x SET work_mem = 1',
    'ALTER ROLE x IN DATABASE y RESET ALL', 'ALTER ROLE x RENAME TO y', 'DROP ROLE x', 'DROP USER IF EXISTS x', 'GRANT x TO y', 'REVOKE x FROM y', 'COMMENT ON ROLE x IS ''y''', 'SECURITY LABEL ON ROLE x IS ''y''',
    'DROP OWNED BY x', 'REASSIGN OWNED BY x TO y',
    'CREATE TABLESPACE x LOCATION ''/y''', 'DROP TABLESPACE x', 'ALTER TABLESPACE x SET (seq_page_cost = 1)', 'ALTER TABLESPACE x RENAME TO y', 'ALTER TABLESPACE x OWNER TO y',
    'COMMENT ON TABLESPACE x IS ''y''', 'SECURITY LABEL ON TABLESPACE x IS ''y''', 'GRANT CREATE ON TABLESPACE x TO y', 'CREATE SCHEMA x GRANT CREATE ON TABLESPACE x TO y',
    'ALTER SYSTEM SET work_mem = 1', 'GRANT SET ON PARAMETER work_mem TO y', 'REINDEX DATABASE x', 'REINDEX SYSTEM x',
    'COPY x FROM STDIN', 'COPY x TO STDOUT', 'COPY x FROM ''/y''', 'COPY x TO ''/y''', 'COPY (SELECT 1) TO PROGRAM ''y''',
    'CREATE SUBSCRIPTION x CONNECTION ''y'' PUBLICATION z', 'CREATE SUBSCRIPTION x CONNECTION ''y'' PUBLICATION z WITH (connect = true)', 'ALTER SUBSCRIPTION x ENABLE', 'ALTER SUBSCRIPTION x REFRESH PUBLICATION',
    'ALTER SUBSCRIPTION x SET PUBLICATION y', 'DROP SUBSCRIPTION x',
    'PREPARE TRANSACTION ''x''', 'COMMIT PREPARED ''x''', 'ROLLBACK PREPARED ''x''', 'NOTIFY x', 'LISTEN x', 'UNLISTEN *', 'LOAD ''x''', 'CHECKPOINT',
    $$SET standard_conforming_strings = off; SELECT 'a\b'$$]) AS statement;
RESET client_min_messages;
-- Not even what comes before it is run
SELECT try('SELECT pg_sleep(600); DROP OWNED BY x');
-- Subscriptions that have never spoken to a publisher leave nothing either
SET client_min_messages = error;
SELECT pgm_test_scratch($$
    CREATE SUBSCRIPTION regress_scratch CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false, slot_name = 'x');
    COMMENT ON SUBSCRIPTION regress_scratch IS 'y';
    ALTER SUBSCRIPTION regress_scratch DISABLE;
    ALTER SUBSCRIPTION regress_scratch OWNER TO CURRENT_USER;
$$, 'SELECT subname FROM pg_subscription');
RESET client_min_messages;
SELECT count(*) FROM pg_subscription;
SELECT count(*) FROM pg_replication_origin;
SELECT count(*) FROM pg_shdepend WHERE classid = 'pg_subscription'::regclass;
SELECT count(*) FROM pg_shdescription WHERE classoid = 'pg_subscription'::regclass;
-- Nor does what the caller may do to his database keep it from going
SELECT pgm_test_scratch($$ DO 'BEGIN EXECUTE format(''ALTER DATABASE %I IS_TEMPLATE true'', current_database()); END' $$, 'SELECT datistemplate FROM pg_database WHERE datname = current_database()');
SELECT pgm_test_scratch($$ DO 'BEGIN EXECUTE format(''ALTER DATABASE %I ALLOW_CONNECTIONS true'', current_database()); EXECUTE format(''COMMENT ON DATABASE %I IS NULL'', current_database()); END' $$, 'SELECT datallowconn FROM pg_database WHERE datname = current_database()');
SELECT nothing_left();

-- Rights: the caller's
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA scratch_here TO PUBLIC;
SET ROLE regress_scratch_caller;
SELECT pgm_test_scratch('CREATE TABLE t (); CREATE SCHEMA s; CREATE TABLE s.t (); CREATE EXTENSION pg_trgm SCHEMA s; SET ROLE regress_scratch_friend; RESET ROLE; CREATE TABLE s.u ()', relations());
SELECT pgm_test_scratch('', 'SELECT current_user');
SELECT pgm_test_scratch('', 'SHOW work_mem') = current_setting('work_mem') AS settings_of_the_session;
SELECT pgm_test_scratch('CREATE SCHEMA s AUTHORIZATION regress_scratch_friend; SET SESSION AUTHORIZATION regress_scratch_friend; CREATE TABLE s.t (); SET SESSION AUTHORIZATION DEFAULT; CREATE TABLE u ()', relations());
SELECT pgm_test_scratch(E'CREATE TABLE t ();\nSET ROLE regress_scratch_other', '');
SELECT pgm_test_scratch('SELECT set_config(''role'', ''none'', false)', '');
SELECT pgm_test_scratch('DO $$ BEGIN RESET ROLE; END $$', '');
SELECT pgm_test_scratch('DO $$ BEGIN SET SESSION AUTHORIZATION DEFAULT; END $$', '');
SELECT pgm_test_scratch('SELECT * FROM pg_authid', '');
SELECT pgm_test_scratch('CREATE EVENT TRIGGER x ON ddl_command_end EXECUTE FUNCTION f()', '');
SELECT pgm_test_scratch('', 'SELECT rolname FROM pg_authid');
RESET ROLE;
-- Beneath a function with the rights of its owner: those
CREATE FUNCTION as_owner() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT pgm_test_scratch('CREATE TABLE public.t ()', 'SELECT relowner::regrole FROM pg_class WHERE relname = ''t''') $$;
GRANT CREATE ON SCHEMA scratch_here TO regress_scratch_other;
ALTER FUNCTION as_owner() OWNER TO regress_scratch_other;
SELECT as_owner();
-- A role that only this transaction sees
BEGIN;
CREATE ROLE regress_scratch_new;
SET LOCAL ROLE regress_scratch_new;
SELECT pgm_test_scratch('', 'SELECT 1');
ROLLBACK;

-- In any transaction
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE;
SELECT pgm_test_scratch('CREATE TABLE public.t ()', 'SHOW transaction_isolation');
COMMIT;
BEGIN ISOLATION LEVEL REPEATABLE READ;
CREATE TABLE mine ();
LOCK TABLE mine;
LOCK TABLE pg_class IN ACCESS SHARE MODE;
SELECT pgm_test_scratch('CREATE TABLE public.t (a int); CREATE INDEX CONCURRENTLY ON public.t (a)', 'SELECT count(*) FROM pg_class WHERE relname IN (''mine'', ''t'')');
SAVEPOINT s;
SELECT pgm_test_scratch('SELECT 1/0', '');
ROLLBACK TO s;
SELECT count(*) FROM mine;
COMMIT;
DROP TABLE mine;
DO $$ BEGIN
    FOR i IN 1 .. 2 LOOP
        RAISE NOTICE '%', pgm_test_scratch('CREATE TABLE public.t ()', 'SELECT count(*) FROM pg_class WHERE relname = ''t''');
        COMMIT;
    END LOOP;
END $$;
-- A lock of this session that the text waits for
BEGIN;
COMMENT ON ROLE regress_scratch_other IS 'x';
ALTER ROLE regress_scratch_other RENAME TO regress_scratch_renamed;
DROP ROLE regress_scratch_friend;
\set VERBOSITY terse
SELECT pgm_test_scratch('CREATE TABLE public.t (); ALTER TABLE public.t OWNER TO regress_scratch_friend', '');
\set VERBOSITY default
ROLLBACK;
SELECT nothing_left();

-- A result of any size and of any bytes
SELECT pgm_test_scratch_bytes(size::text) FROM unnest(ARRAY[0, 1, 262144, 262145, 30000000]) AS size;

-- What is planted here is not picked up by those who make the database
CREATE FUNCTION public.trap(name, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped as %', current_user; END $$;
CREATE FUNCTION public.starts_with(name, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped as %', current_user; END $$;
CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = text, FUNCTION = public.trap);
ALTER DATABASE :DBNAME SET search_path = public, pg_catalog;
ALTER DATABASE :DBNAME SET role = regress_scratch_other;
ALTER DATABASE :DBNAME SET default_transaction_read_only = on;
ALTER DATABASE :DBNAME SET lock_timeout = 1;
SELECT pgm_test_scratch('CREATE TABLE public.t ()', 'SELECT relowner::regrole = current_user::regrole FROM pg_class WHERE relname = ''t''');
ALTER DATABASE :DBNAME RESET search_path;
ALTER DATABASE :DBNAME RESET role;
ALTER DATABASE :DBNAME RESET default_transaction_read_only;
ALTER DATABASE :DBNAME RESET lock_timeout;
DROP OPERATOR public.= (name, text);
DROP FUNCTION public.trap(name, text);
DROP FUNCTION public.starts_with(name, text);

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA scratch_here CASCADE;
DROP EXTENSION pgm_test;
REVOKE regress_scratch_friend FROM regress_scratch_caller;
DROP ROLE regress_scratch_caller, regress_scratch_other, regress_scratch_friend;

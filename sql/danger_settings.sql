-- Scripts that change the settings of the session: each revision starts from the caller's settings, the caller gets his
-- own back, and the bookkeeping does not notice.
CREATE EXTENSION pg_migrate;
CREATE TABLE seen (place text, name text, value text);
CREATE VIEW watched AS
    SELECT name, setting AS value FROM pg_settings
    WHERE name IN ('application_name', 'bytea_output', 'check_function_bodies', 'client_min_messages', 'DateStyle',
                   'default_tablespace', 'default_transaction_deferrable', 'default_transaction_isolation',
                   'default_transaction_read_only', 'extra_float_digits', 'idle_in_transaction_session_timeout',
                   'IntervalStyle', 'lock_timeout', 'quote_all_identifiers', 'role', 'row_security', 'search_path',
                   'session_authorization', 'session_replication_role', 'standard_conforming_strings',
                   'statement_timeout', 'temp_buffers', 'TimeZone', 'transaction_read_only', 'transform_null_equals',
                   'work_mem', 'xmloption', 'pg_migrate.lock_timeout')
    UNION ALL SELECT 'danger.own', current_setting('danger.own', true);
CREATE TABLE before (name text, value text);
CREATE FUNCTION note(place text) RETURNS void LANGUAGE sql
    BEGIN ATOMIC INSERT INTO public.seen SELECT place, name, value FROM public.watched; END;
-- What differs from before, in each of the places.
CREATE VIEW difference AS
    SELECT s.place, s.name, b.value AS was, s.value AS is_now
    FROM seen AS s LEFT JOIN before AS b USING (name) WHERE s.value IS DISTINCT FROM b.value
    ORDER BY s.place COLLATE "C", s.name COLLATE "C";

-- The caller has settings of his own.
SET work_mem = '7MB';
SET application_name = 'the caller';
SET DateStyle = 'German, DMY';
SET danger.own = 'the caller''s';
SET search_path = pg_catalog, public;
SET pg_migrate.lock_timeout = '7s';

SELECT migrate_revision(revision => 's1', down_revision => 'base', message => 'plain SET', up => $$
    SET work_mem = '3MB';
    SET application_name = 'the script';
    SET bytea_output = escape;
    SET check_function_bodies = off;
    SET DateStyle = 'SQL, MDY';
    SET default_transaction_isolation = serializable;
    SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY, DEFERRABLE;
    SET extra_float_digits = 0;
    SET idle_in_transaction_session_timeout = '1h';
    SET IntervalStyle = iso_8601;
    SET lock_timeout = '1min';
    SET quote_all_identifiers = on;
    SET row_security = off;
    SET search_path = pg_temp, pg_catalog;
    SET session_replication_role = replica;
    SET statement_timeout = '10min';
    SET TIME ZONE 'UTC';
    SET transform_null_equals = on;
    SET XML OPTION DOCUMENT;
    SET pg_migrate.lock_timeout = '1s';
    SET danger.own = 'the script''s';
    SELECT public.note('1 plain SET');
$$);
SELECT migrate_revision(revision => 's2', down_revision => 's1', message => 'after plain SET',
                        up => $$ SELECT note('2 next revision'); $$);
SELECT migrate_revision(revision => 's3', down_revision => 's2', message => 'SET LOCAL', up => $$
    SET LOCAL work_mem = '4MB';
    SET LOCAL search_path = pg_temp, pg_catalog;
    SET LOCAL default_transaction_read_only = on;
    SET LOCAL session_replication_role = replica;
    SELECT public.note('3 SET LOCAL');
$$);
SELECT migrate_revision(revision => 's4', down_revision => 's3', message => 'after SET LOCAL',
                        up => $$ SELECT note('4 next revision'); $$);
SELECT migrate_revision(revision => 's5', down_revision => 's4', message => 'set_config', up => $$
    SELECT set_config('work_mem', '5MB', false), set_config('search_path', 'pg_temp, pg_catalog', true);
    DO 'BEGIN PERFORM set_config(''DateStyle'', ''ISO'', false); SET application_name = ''a block''; END';
    SELECT set_config('transaction_read_only', 'on', false);
$$);
SELECT migrate_revision(revision => 's6', down_revision => 's5', message => 'after set_config',
                        up => $$ SELECT note('6 next revision'); $$);
SELECT migrate_revision(revision => 's7', down_revision => 's6', message => 'RESET', up => $$
    RESET work_mem;
    SET application_name TO DEFAULT;
    RESET ALL;
    SET search_path = public;
    DISCARD PLANS;
    SELECT public.note('7 RESET ALL') WHERE current_setting('work_mem') <> '7MB';
$$);
SELECT migrate_revision(revision => 's8', down_revision => 's7', message => 'after RESET',
                        up => $$ SELECT note('8 next revision'); $$);
INSERT INTO before SELECT * FROM watched;
SELECT revision, statements FROM migrate_upgrade('heads');
SELECT note('9 after the call');
SELECT place, name, was, is_now FROM difference WHERE place !~ '^7';
-- RESET ALL went to the defaults, not to the caller's values.
SELECT name, was, is_now FROM difference
    WHERE place ~ '^7' AND name IN ('danger.own', 'pg_migrate.lock_timeout');
-- What SET does at the end of a transaction has not happened either.
TRUNCATE seen;
SELECT note('10 next transaction');
SELECT * FROM difference;
-- The log has the caller's application, whatever the script called itself.
SELECT DISTINCT application FROM migrate.log;
SELECT DISTINCT application FROM migrate.run;

-- The same in a transaction block with settings that end with it.
BEGIN;
SET LOCAL work_mem = '9MB';
SET LOCAL search_path = public;
SELECT migrate_stamp('base');
SELECT count(*) FROM migrate_upgrade('s2');
SHOW work_mem;
SHOW search_path;
COMMIT;
SHOW work_mem;
SHOW search_path;
-- After a failure as well.
SELECT migrate_revision(revision => 'sf', down_revision => 'base', message => 'fails', up => $$
    SET work_mem = '3MB';
    SET search_path = pg_temp;
    SELECT 1 / 0;
$$);
BEGIN;
SAVEPOINT a;
SELECT count(*) FROM migrate_upgrade('sf');
ROLLBACK TO a;
SHOW work_mem;
SHOW search_path;
COMMIT;
-- And where a block catches it.
DO $$
BEGIN
    PERFORM migrate_upgrade('sf');
EXCEPTION WHEN division_by_zero THEN
    RAISE NOTICE '% %', current_setting('work_mem'), current_setting('search_path');
END $$;

SET search_path = public;

-- Backslashes mean the same to who reads the script and to who runs it, whatever the caller has set. (19 has no other
-- setting than on, so that it cannot be turned off there.)
DO $$ BEGIN PERFORM set_config('standard_conforming_strings', 'off', false); EXCEPTION WHEN OTHERS THEN NULL; END $$;
DO $$ BEGIN PERFORM set_config('escape_string_warning', 'off', false); EXCEPTION WHEN OTHERS THEN NULL; END $$;
SELECT current_setting('standard_conforming_strings') AS of_caller \gset
SELECT migrate_revision(revision => 'b1', down_revision => 'base', message => 'backslashes', up => $$
    CREATE TABLE backslashes AS SELECT 'a\' AS one, 'b\n' AS two;
    SET standard_conforming_strings = on;
    INSERT INTO backslashes VALUES ('c\', E'd\\');
    DO 'BEGIN PERFORM set_config(''standard_conforming_strings'', ''off'', false); EXCEPTION WHEN OTHERS THEN NULL; END';
    INSERT INTO backslashes VALUES ('e\', '; DROP TABLE backslashes; --');
    RESET standard_conforming_strings;
    DO 'BEGIN SET standard_conforming_strings = off; EXCEPTION WHEN OTHERS THEN NULL; END';
    INSERT INTO backslashes VALUES ('f\', '''');
$$);
SELECT statement, sql FROM migrate_plan('b1') WHERE sql LIKE 'INSERT%';
SELECT statements FROM migrate_upgrade('b1');
SELECT * FROM backslashes;
SELECT current_setting('standard_conforming_strings') = :'of_caller' AS unchanged;
DO $$ BEGIN RESET standard_conforming_strings; RESET escape_string_warning; EXCEPTION WHEN OTHERS THEN NULL; END $$;
SELECT migrate_revision('off', up => 'SELECT 1; SET standard_conforming_strings = off', revision => 'b2', down_revision => 'base');
SELECT migrate_revision('off', up => 'SET LOCAL Standard_Conforming_Strings TO ''of''', revision => 'b2', down_revision => 'base');
SELECT migrate_revision('off', down => 'SET standard_conforming_strings TO false', revision => 'b2', down_revision => 'base');
\echo :SQLSTATE

-- A role that a script takes on is its own affair, and its settings are.
CREATE ROLE pgm_settings;
GRANT CREATE ON SCHEMA public TO pgm_settings;
SELECT migrate_revision(revision => 'o1', down_revision => 'base', message => 'SET ROLE', up => $$
    SET ROLE pgm_settings;
    CREATE TABLE of_role (i int);
    CREATE TABLE who AS SELECT current_user::text, session_user::text <> current_user AS other_session;
    RESET ROLE;
    CREATE TABLE of_caller (i int);
    SET LOCAL ROLE pgm_settings;
    CREATE TABLE of_role_2 (i int);
    SET ROLE NONE;
    CREATE TABLE of_caller_2 (i int);
    SET ROLE 'pgm_settings';
$$);
SELECT migrate_revision(revision => 'o2', down_revision => 'o1', message => 'after SET ROLE',
                        up => $$ CREATE TABLE of_caller_3 (i int); $$);
SELECT count(*) FROM migrate_upgrade('o2');
SELECT relname, relowner = CURRENT_USER::regrole AS of_caller FROM pg_class WHERE relname LIKE 'of\_%' ORDER BY 1;
SELECT * FROM who;
SELECT current_user = session_user AS unchanged, current_setting('role') AS role;

-- DISCARD ALL cannot run in a transaction at all; the locks of a run are not advisory ones.
SELECT migrate_revision(revision => 'd1', down_revision => 'base', message => 'discard all', up => 'DISCARD ALL');
SELECT revision, statements FROM migrate_upgrade('d1');
SELECT applied_by = CURRENT_USER AS by_me, session_role = SESSION_USER AS session_is_mine FROM migrate.log WHERE revision = 'd1';
SELECT migrate_revision(revision => 'd2', down_revision => 'base', message => 'free every lock', up => $$
    SELECT pg_advisory_unlock_all();
    DISCARD TEMP;
    DISCARD SEQUENCES;
    CREATE TABLE held AS SELECT mode, objsubid FROM pg_locks
        WHERE locktype = 'object' AND pid = pg_backend_pid() AND classid = 'pg_extension'::regclass AND objsubid <> 0;
$$);
SELECT statements FROM migrate_upgrade('d2');
SELECT * FROM held ORDER BY objsubid;

RESET ALL;
DROP TABLE of_role, of_role_2, of_caller, of_caller_2, of_caller_3, who, held, backslashes;
DROP VIEW difference;
DROP FUNCTION note;
DROP VIEW watched;
DROP TABLE seen, before;
REVOKE CREATE ON SCHEMA public FROM pgm_settings;
DROP ROLE pgm_settings;
DROP EXTENSION pg_migrate;

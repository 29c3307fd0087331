-- Scripts: how they are divided into statements, what is refused, what is hashed.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgm_test;
RESET client_min_messages;

-- What the statements of a script are, cut out of it by the bytes that are said to be theirs.
CREATE FUNCTION show_script(script text)
RETURNS TABLE (line integer, tx boolean, command text, sql text) LANGUAGE sql AS $$
    SELECT p.line, p.transactional, p.command,
           convert_from(substring(convert_to(script, getdatabaseencoding()) FROM p."offset" + 1 FOR p.length), getdatabaseencoding())
      FROM pgm_test_parse(script) p
$$;
\pset format unaligned
\pset fieldsep ' | '
\pset footer off
\set SHOW_CONTEXT never

-- Nothing in it.
SELECT * FROM show_script('');
SELECT * FROM show_script(E' \n\t ');
SELECT * FROM show_script(';;; ;');
SELECT * FROM show_script(E'-- only\n/* comments /* nested */ ; */\n;-- and semicolons');

-- Plain statements: comments before, after and between belong to none.
SELECT * FROM show_script('SELECT 1');
SELECT * FROM show_script('SELECT 1;');
SELECT * FROM show_script(E';; -- one\nSELECT 1 /* two */ ; /* three */ SELECT 2 -- four');
SELECT * FROM show_script(E'SELECT 1 -- ends without a semicolon\n/* and\n a comment */\n');
SELECT * FROM show_script(E'\n\n  SELECT\n  1\n;\n\nSELECT 2;SELECT 3');

-- Line ends of any kind count once.
SELECT * FROM show_script(E'-- one\r\nSELECT 2;\r\n\r\nSELECT 4\r\n, 5;\rSELECT 6;\n\rSELECT 8');

-- Semicolons that end nothing.
SELECT * FROM show_script($s$
SELECT 'a;b', ';''; ', E'\';', E'a\\', $$;$$, $x$; $$ ; $x$, ";" , U&'\003b;', U&"a;" FROM t;
SELECT 'x'
  ';y'   -- with a comment between
  'z;'   -- and one after
;
SELECT B'01', X'1F', N'n;', 1.5e10, .5, $1, a->>'b', 1::text, x[1:2], a <> b;
SELECT U&'d!0061;' UESCAPE '!', U&"d?0061;" UESCAPE '?'$s$);

-- Statements with statements inside.
SELECT * FROM show_script($s$
CREATE FUNCTION f(begin int, atomic int) RETURNS int LANGUAGE sql
BEGIN ATOMIC
  SELECT 1;
  SELECT CASE WHEN begin = 1 THEN 2 ELSE 3 END;
END;
CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC END; SELECT 1;
CREATE FUNCTION g() RETURNS int RETURN 1;
CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM u; INSERT INTO v VALUES (1); ; NOTIFY x);
DO $$ BEGIN PERFORM 1; END $$;
CREATE FUNCTION h() RETURNS void LANGUAGE plpgsql AS 'BEGIN NULL; END';
CREATE SCHEMA s CREATE TABLE t (a int) CREATE VIEW v AS SELECT 1;
EXPLAIN SELECT 1;$s$);

-- standard_conforming_strings is on for a script, whatever the session has.
DO $$ BEGIN
    IF current_setting('server_version_num')::integer < 190000 THEN -- 19 has no such strings
        SET standard_conforming_strings = off;
    END IF;
END $$;
SELECT * FROM show_script($s$SELECT '\'; SELECT 2; SELECT '\'$s$);
SELECT pgm_test_checksum($s$SELECT '\'$s$) = pgm_test_checksum($s$SELECT E'\\'$s$) AS same;
RESET standard_conforming_strings;

-- The roles that a statement changes.
SELECT command, role_change, role FROM pgm_test_parse($s$
SET work_mem = '1MB'; SET LOCAL Work_Mem TO DEFAULT; RESET work_mem; SET "My.Setting" TO 1, 2; RESET ALL; DISCARD ALL;
SET TIME ZONE 'UTC'; SET SCHEMA 'x'; SET NAMES 'UTF8'; SET SESSION AUTHORIZATION joe; SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY, ISOLATION LEVEL SERIALIZABLE;
SET ROLE joe; SET LOCAL ROLE "Joe"; SET SESSION ROLE 'joe'; SET role TO joe; SET ROLE NONE; SET ROLE "none"; RESET ROLE; SET role TO DEFAULT;
SELECT set_config('search_path', '', false); SELECT 1, pg_catalog.set_config('A.b'::text, x, true) + 1 FROM t;
SELECT set_config('a.b', 'x', true), set_config(name, 'x', true) FROM s; SELECT other.set_config('a.b', 'x', true);
WITH w AS (SELECT set_config('c.d', 'x', true)) SELECT * FROM w UNION SELECT (SELECT set_config('e.f', '', true));
SELECT 'set_config(''a.b'')'; SHOW work_mem; ALTER SYSTEM SET work_mem = 1;$s$);

-- The colons that psql would take for the beginning of a variable: behind each the statement goes on with what would be its name.
SELECT convert_from(substring(convert_to(s, 'UTF8') FROM "offset" + 1 FOR length), 'UTF8') AS sql, colons,
       (SELECT string_agg(encode(substring(convert_to(s, 'UTF8') FROM "offset" + colon::integer FOR 2), 'escape'), ' ')
          FROM unnest(string_to_array(colons, ', ')) colon) AS bytes
  FROM (VALUES ($s$SELECT a[1:n]; SELECT a[b:2], a['1':_c], /* ä:x */ a[1:"q"]; SELECT a[1:'2'::int];
SELECT a[1: n], a[:], a[1:], a[:2], a [ 1:(n)], a[1:-1], a[1:größe], a[1:ö];
SELECT 1::text, ':x', $$:x$$, ":x", E':''x', a[1::int], a[1::int::int], a[1::int:n]; -- :x
CALL p(a := b, c:=d);
CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT a[1:n]; SELECT a[2:m]); SELECT a[3:k]$s$)) v (s), pgm_test_parse(s);
SELECT count(*), min(colons), max(colons) FROM pgm_test_parse(repeat('SELECT a[1:n]; ', 40000));

-- The mark of a statement that only its author knows.
SELECT * FROM show_script($s$
-- pg_migrate: no-transaction
CALL a();
CALL b();
  --PG_MIGRATE  :   No-Transaction
-- and a comment
/* and another */ CALL c();
; -- pg_migrating: nothing
/* pg_migrate: no such thing, in a block comment
-- pg_migrate: nor in here
*/ CALL d('-- pg_migrate: nor in a string
-- pg_migrate: at all'); CALL e() -- a pg_migrate: of no account
;
-- pg_migrate: no-transaction
;
CALL f()$s$);
SELECT * FROM show_script(E'SELECT 1;\n-- pg_migrate: no transaction\nSELECT 2');
SELECT * FROM show_script(E'--pg_migrate:\nSELECT 2');
SELECT * FROM show_script(E'-- pg_migrate: no-transaction please\nSELECT 2');
SELECT * FROM show_script(E'SELECT 1; -- pg_migrate: no-transaction\nSELECT 2');
SELECT * FROM show_script(E'/* x */ -- pg_migrate: no-transaction\nSELECT 2');
SELECT * FROM show_script(E'SELECT 1\n-- pg_migrate: no-transaction\n, 2');
SELECT * FROM show_script(E'SELECT 1;\n-- pg_migrate: no-transaction\n');
SELECT * FROM show_script(E'CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a;\n-- pg_migrate: no-transaction\nDELETE FROM b)');

-- What is refused.
CREATE FUNCTION refusal(script text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    code text; message text; detail text; hint text;
BEGIN
    PERFORM pgm_test_count(script);
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(E'\n  ', code || ' ' || message, nullif(detail, ''), nullif(hint, ''));
END $$;
\pset tuples_only on
SELECT s || E'\n  ' || refusal(s) FROM unnest(ARRAY[
    'BEGIN', 'START TRANSACTION', 'BEGIN ISOLATION LEVEL SERIALIZABLE', 'START TRANSACTION READ ONLY', 'COMMIT', 'END WORK', 'COMMIT AND CHAIN',
    'ROLLBACK', 'ABORT', 'SAVEPOINT s', 'RELEASE s', 'ROLLBACK TO s', 'PREPARE TRANSACTION ''x''', 'COMMIT PREPARED ''x''', 'ROLLBACK PREPARED ''x''',
    'SET TRANSACTION READ ONLY', 'SET TRANSACTION SNAPSHOT ''x''', 'SET LOCAL TRANSACTION ISOLATION LEVEL SERIALIZABLE', 'SET transaction_read_only = on',
    'COPY t FROM STDIN', 'COPY t (a) FROM STDIN WITH (FORMAT csv)', 'COPY t TO STDOUT', 'COPY (SELECT 1) TO STDOUT',
    'DROP EXTENSION pg_migrate', 'DROP EXTENSION IF EXISTS other, pg_migrate CASCADE', 'ALTER EXTENSION pg_migrate UPDATE',
    'ALTER EXTENSION pg_migrate SET SCHEMA x', 'ALTER EXTENSION pg_migrate DROP TABLE t']) s;
SELECT s || E'\n  ' || refusal(s) FROM unnest(ARRAY[
    'COPY t FROM ''/file''', 'COPY t FROM PROGRAM ''cat''', 'COPY t TO ''/file''', 'DECLARE c CURSOR FOR SELECT 1; FETCH c; MOVE c; CLOSE c',
    'DROP EXTENSION other', 'DROP TABLE pg_migrate', 'ALTER EXTENSION other UPDATE', 'CREATE EXTENSION pg_migrate', 'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY',
    'CREATE FUNCTION begin() RETURNS int LANGUAGE sql AS ''SELECT 1''', 'PREPARE p AS SELECT 1; EXECUTE p; DEALLOCATE p', 'LOCK TABLE t', 'LISTEN x']) s;
SELECT refusal(E'SELECT 1;\n\n  /* here */ COMMIT; SELECT 2');
SELECT refusal('COPY t (' || repeat('a_long_name, ', 20) || E'b)\nFROM STDIN');
\pset tuples_only off

-- Syntax errors: in the terms of the script.
SELECT pgm_test_parse(E'CREATE TABLE t (a int);\nCREATE TABEL u (\n  a int\n);');
SELECT pgm_test_parse('selct 1', '', 'down');
SELECT pgm_test_parse(E'SELECT (1;\n');
SELECT pgm_test_parse(E'SELECT 1 +');
SELECT pgm_test_parse(E'SELECT 1;\nSELECT ''not closed;\n');
SELECT pgm_test_parse(E'SELECT 1;\nselct; SELECT ''not closed');
SELECT pgm_test_parse(E'SELECT /* not closed');
SELECT pgm_test_parse(E'SELECT $$not closed');
SELECT pgm_test_parse(E'SELECT E''\\u00zz''');
SELECT pgm_test_parse(E'SELECT E''\\ud800x''');
SELECT pgm_test_parse(E'SELECT 1;\n\\d t\n');
SELECT pgm_test_parse(E'SELECT 1 \\gset\n');
SELECT pgm_test_parse('SELECT ' || repeat('long, ', 60) || 'FROM FROM t');
-- From inside of another statement the position is still one in the script.
DO $do$ BEGIN PERFORM pgm_test_parse(E'SELECT 1;\nselct'); END $do$;
-- A script of more than 4 kB is not repeated to the client.
SELECT pgm_test_parse(repeat(E'SELECT 1;\n', 500) || 'selct');

-- Long scripts are given to the grammar in parts; nobody can tell.
SELECT count(*), sum(length), max(line), count(*) FILTER (WHERE line <> number) AS wrong
  FROM (SELECT p.*, row_number() OVER (ORDER BY "offset") AS number
          FROM pgm_test_parse(repeat(E'INSERT INTO a_table_with_a_long_name VALUES (''a; string'');\n', 20000)) p) x;
SELECT count(*), min(length) FROM pgm_test_parse(
    repeat(E'CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;\n', 4000));
SELECT count(*), min(length) FROM pgm_test_parse(repeat(E'CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM u; DELETE FROM v);\n', 6000));
SELECT count(*), max(length) FROM pgm_test_parse('SELECT 1; SELECT ''' || repeat('x;', 500000) || '''; SELECT 2');
SELECT count(*) FROM pgm_test_parse('SELECT ' || repeat('a + ', 3000) || 'b') WHERE length = 12008;
SELECT count(*) FROM pgm_test_parse(repeat('-- a comment' || E'\n', 6000)) WHERE line > 0;
SELECT pgm_test_parse(repeat(E'SELECT 1 AS one;\n', 40000) || 'SELECT 2; selct');
SELECT pgm_test_parse(repeat(E'SELECT 1 AS one;\n', 40000) || 'SELECT 2; SELECT ''x');
SELECT pgm_test_parse(repeat(E'SELECT 1 AS one;\n', 40000) || 'COMMIT');

-- Too deep for the grammar is an error, not a crash.
\set VERBOSITY sqlstate
SELECT pgm_test_parse('SELECT ' || repeat('(', 30000) || '1' || repeat(')', 30000));
SELECT pgm_test_parse('SELECT ' || repeat('(', 200000));
\set VERBOSITY default
SELECT pgm_test_count('SELECT ' || repeat('(', 200) || '1' || repeat(')', 200));

-- Cancel and timeouts are obeyed.
SET statement_timeout = '20ms';
\set VERBOSITY sqlstate
SELECT pgm_test_count(repeat(E'SELECT 1;', 1000000));
\set VERBOSITY default
RESET statement_timeout;

-- A BEGIN and a COMMIT around the whole.
\pset tuples_only on
SELECT replace(script, E'\r', '<CR>') || '<', unwrapped FROM unnest(ARRAY[
    'BEGIN; SELECT 1; COMMIT;',
    E'-- before\nBEGIN; -- begin\nSELECT 1;\n/* end */ COMMIT ; -- after\n',
    'begin work;select 1;commit transaction',
    E'START TRANSACTION;\r\nSELECT 1;\r\nEND;\r\n',
    'BEGIN; COMMIT', ';BEGIN;;COMMIT;', 'BEGIN; SELECT 1; COMMIT /* x */ ;',
    'BEGIN; COPY t FROM STDIN; COMMIT', E'begin\n\n;copy t from stdin; commit', E'BEGIN\r\n/* größe */ ; SELECT 1;\nCOMMIT\n; -- x', E' BEGIN; \n COMMIT; \n',
    -- not these
    '', 'SELECT 1', 'BEGIN', 'BEGIN;', 'COMMIT', 'BEGIN; SELECT 1', 'SELECT 1; COMMIT', 'BEGIN; SELECT 1; ROLLBACK;',
    'BEGIN; SELECT 1; COMMIT; SELECT 2', 'SELECT 0; BEGIN; SELECT 1; COMMIT', 'BEGIN; SELECT 1; COMMIT; BEGIN; SELECT 2; COMMIT',
    'BEGIN; SAVEPOINT s; COMMIT', 'BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT', 'BEGIN; SELECT 1; COMMIT AND CHAIN',
    'BEGIN; SET TRANSACTION READ ONLY; COMMIT']) WITH ORDINALITY s (text, number), pgm_test_normalize(text) ORDER BY number;
\pset tuples_only off
SELECT pgm_test_normalize('BEGIN; selct; COMMIT');
SELECT pgm_test_normalize('begin_it');
-- All that is left is where it was.
SELECT pgm_test_normalize(E'begin\n\n;selct; commit');
SELECT count(*), count(*) FILTER (WHERE strpos(script, 'SELECT 1') = strpos(text, 'SELECT 1')) AS in_place
  FROM unnest(ARRAY['BEGIN; SELECT 1; COMMIT', '/* ä */BEGIN/* ö */;SELECT 1;COMMIT', ';START TRANSACTION ;; SELECT 1;; END;']) text, pgm_test_normalize(text)
 WHERE unwrapped;
CREATE EXTENSION pg_migrate;
\set SHOW_CONTEXT errors
SELECT migrate_revision('copy', E'begin\n\n;copy t from stdin; commit', revision => 'aaaa1111', down_revision => 'base');
SELECT migrate_revision('copy', E'begin\n\n;selct; commit', revision => 'aaaa1111', down_revision => 'base');
SELECT migrate_revision('by zero', 'BEGIN; SELECT 1/0; COMMIT', revision => 'aaaa1111', down_revision => 'base');
SELECT migrate_upgrade('head');
SELECT migrate_revision('no table', E'BEGIN; -- größe\n\nSELECT 1; SELECT 2 FROM nowhere; COMMIT', revision => 'aaaa1111', down_revision => 'base');
SELECT migrate_upgrade('head');
SELECT migrate_revision('no table', E'BEGIN /* ä\nö */; SELECT 2 FROM nowhere; COMMIT', revision => 'aaaa1111', down_revision => 'base');
SELECT migrate_upgrade('head');
SELECT up FROM migrate_show('aaaa1111');
DROP EXTENSION pg_migrate;
\set SHOW_CONTEXT never

-- The checksum: what makes no difference ...
SELECT count(*), count(DISTINCT pgm_test_checksum(s)) FROM unnest(ARRAY[
    'SELECT a, ''b'' FROM t;', E'select\n  A,''b''from T ;', E'-- comment\nSELECT /* a */ a , ''b'' -- c\nFROM t;\n-- end',
    'SELECT a, E''b'' FROM t;', 'SELECT a, $$b$$ FROM t;', 'SELECT a, $x$b$x$ FROM t;', E'SELECT a, E''\\x62'' FROM t;', E'SELECT a, ''''\n''b'' FROM t;',
    E'SELECT a, $$b$$ FROM t;\r\n', 'SELECT a, ''b'' FROM t', ';; SELECT a, ''b'' FROM t ; -- c\n;']) s;
SELECT count(*), count(DISTINCT pgm_test_checksum(s)) FROM unnest(ARRAY['', ';', ';;', '; -- c']) s;
-- ... and what does.
SELECT count(*), count(DISTINCT pgm_test_checksum(s)) FROM unnest(ARRAY[
    'SELECT a, ''b'' FROM t;', 'SELECT a; ''b'' FROM t', 'SELECT "a", ''b'' FROM t;', 'SELECT "A", ''b'' FROM t;', 'SELECT a, ''B'' FROM t;',
    'SELECT a, "b" FROM t;', 'SELECT a, b FROM t;', 'SELECT a, '' b'' FROM t;', 'SELECT a, B''0'' FROM t;', 'SELECT a, X''0'' FROM t;',
    'SELECT a, 0 FROM t;', 'SELECT a, 00 FROM t;', 'SELECT a, 0. FROM t;', 'SELECT a, $1 FROM t;', 'SELECT a, $2 FROM t;', 'SELECT a, U&''b'' FROM t;',
    'SELECT a, U&"b" FROM t;', 'SELECT a - -1', 'SELECT a - - 1', 'SELECT a --1', 'SELECT a <> 1', 'SELECT a != 1', 'SELECT ''a'' ''b''', 'SELECT ''ab''',
    'SELECT ''a'', ''b''', 'SELECT ''a, b''', 'SELECT a b', 'SELECT ab', '', 'SELECT a; b', 'SELECT; a b', '";"', ''';''',
    E'-- pg_migrate: no-transaction\nSELECT ab', '"no-transaction" SELECT ab']) s
 WHERE s NOT IN ('SELECT a - - 1', 'SELECT ''a'' ''b''');
SELECT pgm_test_checksum('SELECT a - -1') = pgm_test_checksum('SELECT a - - 1') AS blank_between_operators;
-- A keyword of one version is a name in another: both are words.
SELECT pgm_test_checksum('SELECT') = pgm_test_checksum('select') AS keyword, pgm_test_checksum('not_a_keyword') = pgm_test_checksum('NOT_A_KEYWORD') AS name;
-- Parts stay apart, and a missing one is not an empty one.
SELECT count(*), count(DISTINCT c) FROM (VALUES (pgm_test_checksum('a', 'b')), (pgm_test_checksum('a b')), (pgm_test_checksum('a b', '')),
    (pgm_test_checksum('', 'a b')), (pgm_test_checksum('', NULL)), (pgm_test_checksum(NULL, '')), (pgm_test_checksum('')), (pgm_test_checksum(NULL)),
    (pgm_test_checksum_of_bytes('')), (pgm_test_checksum_of_bytes('a b')), (pgm_test_checksum_of_bytes('a  b'))) x (c);
-- Fixed for ever: revisions are stored with it.
SELECT pgm_test_checksum('CREATE TABLE t (a int DEFAULT 1.5, "B" text DEFAULT E''x\ty''); -- x', NULL);
-- backslash_quote must not decide what is the same.
SET backslash_quote = off;
SELECT pgm_test_checksum($s$SELECT E'\'x'$s$) = pgm_test_checksum($s$SELECT '''x'$s$) AS same;
RESET backslash_quote;
-- A name that is too long is the server's to complain about, when it runs.
SELECT command FROM pgm_test_parse('CREATE TABLE ' || repeat('x', 70) || ' ()');

-- Encodings: columns count characters, and the checksum is that of UTF-8.
\set regression_db :DBNAME
SET client_min_messages = warning;
DROP DATABASE IF EXISTS pgm_test_utf8;
DROP DATABASE IF EXISTS pgm_test_latin1;
DROP DATABASE IF EXISTS pgm_test_euc_jp;
DROP DATABASE IF EXISTS pgm_test_sql_ascii;
CREATE DATABASE pgm_test_utf8 TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER libc;
CREATE DATABASE pgm_test_latin1 TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER libc;
CREATE DATABASE pgm_test_euc_jp TEMPLATE template0 ENCODING 'EUC_JP' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER libc;
CREATE DATABASE pgm_test_sql_ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER libc;

\c pgm_test_utf8
SET client_encoding = 'UTF8';
CREATE EXTENSION pgm_test;
SELECT pgm_test_parse(E'SELECT ''ä€'';\nSELECT ''日本'', größe FROM FROM t');
SELECT "offset", length, line FROM pgm_test_parse(E'-- ä\nSELECT ''ä€''; SELECT größe');
SELECT pgm_test_parse('SELECT ''' || repeat('ä', 150) || ''' x y');
SELECT pgm_test_checksum('SELECT ''ä'', Größe, "ÄÖ", E''\u00e4''') AS western;
SELECT pgm_test_checksum('SELECT ''日本'', 名前') AS japanese;
SELECT pgm_test_checksum_of_bytes('Größe') AS bytes;

SELECT message FROM pgm_test_read_file('mark.sql', chr(65279) || $f$SELECT migrate_revision('with a byte order mark')$f$);

\c pgm_test_latin1
SET client_encoding = 'UTF8';
CREATE EXTENSION pgm_test;
SELECT pgm_test_parse(E'SELECT ''ä'';\nSELECT ''ö'', größe FROM FROM t');
SELECT "offset", length, line FROM pgm_test_parse(E'-- ä\nSELECT ''ä''; SELECT größe');
SELECT pgm_test_checksum('SELECT ''ä'', Größe, "ÄÖ", E''\u00e4''') AS western;
SELECT pgm_test_checksum_of_bytes('Größe') AS bytes;

\c pgm_test_euc_jp
SET client_encoding = 'UTF8';
CREATE EXTENSION pgm_test;
SELECT pgm_test_parse(E'SELECT ''本'';\nSELECT ''日本'', 名前 FROM FROM t');
SELECT pgm_test_checksum('SELECT ''日本'', 名前') AS japanese;

\c pgm_test_sql_ascii
CREATE EXTENSION pgm_test;
SELECT pgm_test_checksum('SELECT ''ä'', Größe, "ÄÖ", ''ä''') AS western_bytes;

\c :regression_db
DROP DATABASE pgm_test_utf8;
DROP DATABASE pgm_test_latin1;
DROP DATABASE pgm_test_euc_jp;
DROP DATABASE pgm_test_sql_ascii;

-- Migration files.
\pset format aligned
SELECT * FROM pgm_test_read_file('a.sql', $f$
-- a comment
SELECT migrate_revision(
    revision => '27c6a30d7c24', down_revision => 'base', message => 'one',
    up   => $up$ SELECT 1; $up$,
    down => NULL);

select s.migrate_revision('two', up := E'a\nb' || 'c', splice => true, depends_on => 'x'::text, branch_label => CAST('y' AS varchar));
SELECT migrate_revision('three', NULL, '', '3', NULL, '', 'd', false)$f$);
SELECT * FROM pgm_test_read_file('empty.sql', E'-- nothing\n');
SELECT message FROM pgm_test_read_file('a.sql', E'-- pg_migrate: is only a comment here\nSELECT migrate_revision(''x'')');
\pset format unaligned
\pset tuples_only on
CREATE FUNCTION file_error(content text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    code text; message text; detail text; hint text;
BEGIN
    PERFORM pgm_test_read_file('dir/a.sql', content);
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(E'\n  ', code || ' ' || message, nullif(detail, ''), nullif(hint, ''));
END $$;
SELECT file_error(s) FROM unnest(ARRAY[
    E'\nDROP TABLE t', 'SELECT 1', 'SELECT other(''x'')', 'SELECT migrate_revision(''x''), 1', 'SELECT migrate_revision(''x'') FROM t',
    'SELECT migrate_revision(''x'') WHERE true', 'SELECT migrate_revision(''x'') UNION SELECT migrate_revision(''y'')', 'VALUES (migrate_revision(''x''))',
    'WITH w AS (SELECT 1) SELECT migrate_revision(''x'')', 'SELECT migrate_revision(''x'') LIMIT 0', 'SELECT a.b.c.migrate_revision(''x'')',
    'SELECT migrate_revision(*)', 'SELECT migrate_revision(DISTINCT ''x'')', 'SELECT migrate_revision(VARIADIC ''x'')',
    'SELECT migrate_revision(''x'', mesage => ''y'')', 'SELECT migrate_revision(''x'', message => ''y'')', 'SELECT migrate_revision(''x'', up => ''y'', up => ''z'')',
    'SELECT migrate_revision(now())', 'SELECT migrate_revision(1)', 'SELECT migrate_revision(''x'' + ''y'')', 'SELECT migrate_revision(''x'' || y)', 'SELECT migrate_revision()',
    'SELECT migrate_revision(up => ''x'')',
    'SELECT migrate_revision(''1'',''2'',''3'',''4'',''5'',''6'',''7'',''8'',''9'')',
    E'SELECT migrate_revision(''x'');\nSELECT migrate_revision(''y''', E'BEGIN;\nSELECT migrate_revision(''x'');\nCOMMIT;', E'\\i other.sql']) s;

DROP FUNCTION show_script(text);
DROP FUNCTION refusal(text);
DROP FUNCTION file_error(text);
DROP EXTENSION pgm_test;

-- The checksum of a revision, as it is stored: what belongs to the content, and what makes no difference. The values are the same everywhere and for ever.
CREATE EXTENSION pg_migrate;
CREATE FUNCTION checksum(up text, down text DEFAULT NULL, down_revision text DEFAULT 'base', branch_label text DEFAULT NULL, depends_on text DEFAULT NULL, message text DEFAULT 'm')
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    PERFORM migrate_revision(message, up, down, 'aaaa1111', down_revision, branch_label, depends_on);
    SELECT r.checksum INTO result FROM migrate.revision r WHERE r.revision = 'aaaa1111';
    PERFORM migrate_remove('aaaa1111');
    RETURN result;
END $$;
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on

-- The values themselves.
SELECT checksum(NULL), 'nothing';
SELECT checksum('', ''), 'empty scripts';
SELECT checksum('CREATE TABLE t (a int)', 'DROP TABLE t'), 'two scripts';
SELECT checksum('CREATE TABLE t (a int)', 'DROP TABLE t', 'p1,p2', 'l1,l2', 'd1,d2'), 'everything';
SELECT checksum($up$SELECT 'größe 漢字', $$x;y$$, E'a\tb', U&'\0441', B'01', 1.50, "Quoted", $1$up$, NULL), 'all kinds of tokens';

-- No difference: white space, comments, the case of keywords and of names without quotes, semicolons that separate nothing, the order of labels, the
-- message, a BEGIN and COMMIT around it.
SELECT count(*), count(DISTINCT checksum(up, 'DROP TABLE t'))
FROM unnest(ARRAY['CREATE TABLE t (a int);', E'CREATE\n\tTABLE t(a int);', '-- c
    CREATE TABLE t (a int);', 'CREATE /* x /* nested */ */ TABLE t (a int); -- end', 'create table T (A INT);', 'BEGIN; CREATE TABLE t (a int); COMMIT', E'\r\nCREATE TABLE t (a int);\r\n']) up;
SELECT count(*), count(DISTINCT checksum(up, 'DROP TABLE t')) FROM unnest(ARRAY['SELECT 1', 'SELECT 1;', ';SELECT 1;;', '; -- c
    ; SELECT 1 /* c */ ; -- c
    ;', 'BEGIN;; SELECT 1;; COMMIT;;']) up;
SELECT count(*), count(DISTINCT checksum(up)) FROM unnest(ARRAY['SELECT 1;SELECT 2', 'SELECT 1; ;SELECT 2', ';SELECT 1;;;SELECT 2;;']) up;
SELECT checksum(';') = checksum('');
SELECT count(*), count(DISTINCT checksum(up)) FROM unnest(ARRAY['SELECT 1;
-- pg_migrate: no-transaction
CALL p()', 'SELECT 1;;
-- pg_migrate: no-transaction
CALL p();', ';SELECT 1;
-- pg_migrate: no-transaction
; CALL p()', 'SELECT 1;
;
-- PG_MIGRATE: No-Transaction
; ; CALL p() ; ;']) up;
SELECT checksum('SELECT 1', branch_label => 'a,b') = checksum('SELECT 1', branch_label => ' b ,a,b');
SELECT checksum('SELECT 1', message => 'one') = checksum('SELECT 1', message => 'other');
SELECT checksum('SELECT 1', depends_on => 'x,y') = checksum('SELECT 1', depends_on => ' x , y,x ');

-- A difference: each of these is content of its own.
SELECT count(*), count(DISTINCT checksum(up, down))
FROM (VALUES ('SELECT 1', NULL), ('SELECT 1', ''), (NULL, NULL), ('', NULL), (NULL, 'SELECT 1'), ('', 'SELECT 1'), ('SELECT 1', 'SELECT 1'), ('SELECT 2', NULL), ('SELECT 1; SELECT 1', NULL), ('SELECT 1; CALL p()', NULL), ('SELECT 1 CALL', NULL), (E'SELECT 1;\n-- pg_migrate: no-transaction\nCALL p()', NULL), (E'-- pg_migrate: no-transaction\nSELECT 1; CALL p()', NULL),
             ('SELECT ''a b''', NULL), ('SELECT ''a  b''', NULL), ('SELECT ''ab''', NULL), ('SELECT "ab"', NULL), ('SELECT "AB"', NULL), ('SELECT ab', NULL), ('SELECT a b', NULL), ('SELECT 12', NULL), ('SELECT $$-- c$$', NULL),
             ('SELECT $$ -- c$$', NULL), ('SELECT a - -1', NULL), ('SELECT ''ä''', NULL), ('SELECT ''a''', NULL)) script(up, down);
SELECT count(*), count(DISTINCT checksum('SELECT 1', NULL, p, l, d))
FROM (VALUES ('base', NULL, NULL), ('x', NULL, NULL), ('x,y', NULL, NULL), ('y,x', NULL, NULL), ('base', 'x', NULL), ('base', 'x,y', NULL), ('base', NULL, 'x'), ('base', NULL, 'x,y'), ('base', NULL, 'y,x'),
             ('x', 'y', NULL), ('x', NULL, 'y'), ('y', NULL, 'x'), ('xy', NULL, NULL)) content(p, l, d);

-- Whatever the session has set.
SELECT checksum($up$SELECT 'a\nb', E'a\nb'$up$) AS standard \gset
DO $$ BEGIN PERFORM set_config('standard_conforming_strings', 'off', false); PERFORM set_config('escape_string_warning', 'off', false); EXCEPTION WHEN OTHERS THEN NULL; END $$; -- 19 has no other setting than on
SET backslash_quote = off;
SET quote_all_identifiers = on;
SELECT checksum($up$SELECT 'a\nb', E'a\nb'$up$) = :'standard';
SELECT checksum(E'SELECT ''a\\nb'', E''a\\nb''') = :'standard';
RESET ALL;
SET client_min_messages = warning;
-- Under the standard the backslash is a character of the first string and not of the second.
SELECT checksum($$SELECT 'a\nb'$$) = checksum($$SELECT E'a\\nb'$$), checksum($$SELECT 'a\nb'$$) = checksum($$SELECT E'a\nb'$$);

-- The log keeps the checksum of what ran, whatever becomes of the revision.
SELECT migrate_revision('logged', 'SELECT 1', 'SELECT 2', 'aaaa1111', 'base');
SELECT count(*) FROM migrate_upgrade('head');
SELECT migrate_edit('aaaa1111', down => 'SELECT 3');
SELECT l.checksum = r.checksum AS unchanged FROM migrate.log l JOIN migrate.revision r USING (revision);
SELECT migrate_edit('aaaa1111', down => 'SELECT  2 -- as it was');
SELECT l.checksum = r.checksum AS unchanged FROM migrate.log l JOIN migrate.revision r USING (revision);
SELECT s.checksum = r.checksum FROM migrate_show('aaaa1111') s JOIN migrate.revision r USING (revision);
SELECT count(*) FROM migrate_downgrade('base');
SELECT direction, checksum = (SELECT checksum FROM migrate.revision) FROM migrate.log ORDER BY run;
-- A stamp runs nothing, so it logs none.
SELECT count(*) FROM migrate_stamp('aaaa1111');
SELECT direction, checksum FROM migrate.log WHERE direction = 'stamp';

\pset tuples_only off
\pset format aligned
DROP FUNCTION checksum(text, text, text, text, text, text);
DROP EXTENSION pg_migrate;

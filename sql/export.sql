-- Export: files that make the same catalogue again, in whatever order they arrive and whatever settings the session has.
CREATE EXTENSION pg_migrate;
SET client_min_messages = warning;
\getenv abs_builddir PG_ABS_BUILDDIR
\set exported :abs_builddir '/results/export_made.sql'

-- What is hard to quote: dollar quotes of every kind, backslashes, quotation marks, colons, percent signs, line ends, characters of several bytes.
CREATE TABLE script (id text, parent text, label text, depends_on text, message text, up text, down text);
INSERT INTO script VALUES
    ('aaaa1111', 'base', NULL, NULL, 'first', 'CREATE TABLE t (a int)', 'DROP TABLE t'),
    ('bbbb1111', 'aaaa1111', 'left', NULL, 'it''s a "message" with \backslash\', $quote$SELECT $up$a$up$, $down$b$down$, $$c$$$quote$, $quote$SELECT $down$x$down$, $up$y$up$$quote$),
    ('cccc1111', 'aaaa1111', 'right,also_right', 'bbbb1111', E'two\nlines', $a$SELECT '$up$', '$', '$$', '$1', 'a\b', E'a\\b\n\'', U&'\0441', 'x''y'$a$, NULL),
    ('dddd1111', 'bbbb1111,cccc1111', NULL, NULL, 'null scripts', NULL, NULL),
    ('eeee1111', 'dddd1111', NULL, 'left,right', 'empty scripts', '', ''),
    ('ffff1111', 'eeee1111', NULL, NULL, '%s %I :x :''x'' $1 \x', E'SELECT 1; -- ends in a comment', E'-- only a comment'),
    ('gggg1111', 'ffff1111', 'größe', NULL, 'ä漢字🐘', $a$CREATE TABLE "täble" ("größe" text DEFAULT '漢字🐘')$a$, $a$DROP TABLE "täble"$a$),
    ('hhhh1111', 'gggg1111', NULL, NULL, '', E'\n\n  SELECT 1;\n\tSELECT 2;\n\n', E' '),
    ('iiii1111', 'hhhh1111', NULL, NULL, $$a'b$$, E'SELECT 1\r\n;\r\nSELECT 2', $a$DO $$BEGIN EXECUTE $up$ SELECT '$down$' $up$; END$$$a$),
    ('jjjj1111', 'iiii1111', NULL, NULL, 'dollars at the end', 'SELECT 1 AS a$', 'SELECT 2 AS up$'),
    ('x"y''z', 'jjjj1111', 'l"m''n', NULL, 'an odd id', 'SELECT 3', 'SELECT 4'),
    ('back\slash', E'x"y''z', NULL, NULL, 'an odder id', 'SELECT 5 /* $up$ */', 'SELECT 6 -- $down$'),
    ('a/b', 'back\slash', NULL, NULL, '../../etc/passwd', 'SELECT 7', 'SELECT 8'),
    ('missing1', 'not_there', 'left_over', 'nor_this', 'a parent that is not there', 'SELECT 9', 'SELECT 10');
SELECT count(migrate_revision(message, up, down, id, parent, label, depends_on)) AS registered FROM script;
CREATE TABLE before AS SELECT revision, down_revision, depends_on, message, checksum, up, down, (SELECT array_agg(branch_label ORDER BY branch_label) FROM migrate.branch_label l WHERE l.revision = r.revision) AS labels
    FROM migrate.revision r;

-- The files themselves, in an order in which each has its parents above it.
\pset format unaligned
\pset tuples_only on
SELECT E'=== ' || file || E'\n' || replace(content, E'\r', '<CR>') FROM migrate_export();
-- A file name is a name: one for each, nothing that leads to another directory.
SELECT count(*), count(DISTINCT file), count(DISTINCT lower(file)), bool_or(file ~ '/') FROM migrate_export();

-- Into an empty catalogue, backwards: the same rows, checksums included. With both settings of strings.
\o :exported
SELECT content FROM migrate_export() WITH ORDINALITY AS x(file, content, n) ORDER BY n DESC;
\o
DROP EXTENSION pg_migrate;
CREATE EXTENSION pg_migrate;
CREATE VIEW now AS SELECT revision, down_revision, depends_on, message, checksum, up, down, (SELECT array_agg(branch_label ORDER BY branch_label) FROM migrate.branch_label l WHERE l.revision = r.revision) AS labels
    FROM migrate.revision r;
\set ECHO none
\i :exported
\set ECHO all
SELECT count(*) FROM now;
SELECT * FROM (TABLE before EXCEPT TABLE now) missing;
SELECT * FROM (TABLE now EXCEPT TABLE before) unexpected;
-- Once more: nothing is changed, nothing is said.
SET client_min_messages = notice;
\set ECHO none
\i :exported
\set ECHO all
SELECT count(*) FROM (TABLE now EXCEPT TABLE before) unexpected;
SET client_min_messages = warning;

DROP VIEW now;
DROP EXTENSION pg_migrate;
CREATE EXTENSION pg_migrate;
CREATE VIEW now AS SELECT revision, down_revision, depends_on, message, checksum, up, down, (SELECT array_agg(branch_label ORDER BY branch_label) FROM migrate.branch_label l WHERE l.revision = r.revision) AS labels
    FROM migrate.revision r;
DO $$ BEGIN PERFORM set_config('standard_conforming_strings', 'off', false); PERFORM set_config('escape_string_warning', 'off', false); EXCEPTION WHEN OTHERS THEN NULL; END $$; -- 19 has no other setting than on
SET backslash_quote = on;
\set x 'interpolated'
\set ECHO none
\i :exported
\set ECHO all
SELECT count(*) FROM now;
SELECT * FROM (TABLE before EXCEPT TABLE now) missing;
SELECT * FROM (TABLE now EXCEPT TABLE before) unexpected;
-- What is exported under those settings is the same.
SELECT md5(string_agg(content, '' ORDER BY n)) AS nonstandard FROM migrate_export() WITH ORDINALITY AS x(file, content, n) \gset
DO $$ BEGIN RESET standard_conforming_strings; RESET escape_string_warning; EXCEPTION WHEN OTHERS THEN NULL; END $$;
RESET backslash_quote;
SELECT md5(string_agg(content, '' ORDER BY n)) = :'nonstandard' FROM migrate_export() WITH ORDINALITY AS x(file, content, n);

-- Executed one by one by the server, in any order, as other clients do it.
DROP VIEW now;
CREATE TABLE file AS SELECT * FROM migrate_export();
DROP EXTENSION pg_migrate;
CREATE EXTENSION pg_migrate;
CREATE VIEW now AS SELECT revision, down_revision, depends_on, message, checksum, up, down, (SELECT array_agg(branch_label ORDER BY branch_label) FROM migrate.branch_label l WHERE l.revision = r.revision) AS labels
    FROM migrate.revision r;
DO $$
DECLARE
    f record;
BEGIN
    FOR f IN SELECT content FROM file ORDER BY md5(file) LOOP
        EXECUTE f.content;
    END LOOP;
END $$;
SELECT count(*) FROM now;
SELECT * FROM (TABLE before EXCEPT TABLE now) missing;
SELECT * FROM (TABLE now EXCEPT TABLE before) unexpected;

-- Ranges are those of the history.
SELECT file FROM migrate_export('cccc1111:eeee1111');
SELECT file FROM migrate_export(':bbbb1111');
SELECT count(*) FROM migrate_export('base:base');
SELECT count(*) FROM migrate_export(NULL), (SELECT count(*) AS n FROM migrate.revision) r WHERE n = 14;
SELECT file FROM migrate_export('zzzz:');
SELECT file FROM migrate_export('aaaa1111');
-- Of an empty catalogue, nothing.
\pset tuples_only off
\pset format aligned
DROP VIEW now;
DROP EXTENSION pg_migrate;
CREATE EXTENSION pg_migrate;
SELECT * FROM migrate_export();

DROP TABLE script, before, file;
DROP EXTENSION pg_migrate;

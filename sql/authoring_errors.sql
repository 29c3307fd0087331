-- What authoring refuses: names, lists, NULLs, labels that clash, cycles, scripts that do not parse or that no migration may hold.
CREATE EXTENSION pg_migrate;
CREATE FUNCTION failure(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text;
BEGIN
    EXECUTE command;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(E'\n', state || ' ' || message, '  DETAIL ' || nullif(detail, ''), '  HINT ' || nullif(hint, ''));
END $$;
\pset format unaligned
\pset tuples_only on

-- Identifiers: of revisions, parents, dependencies and labels alike.
SELECT failure(format('SELECT migrate_revision(%L, revision => %L, down_revision => %L)', 'm', id, 'base'))
FROM unnest(ARRAY['a@b', 'a-b', 'a+b', 'a:b', 'a,b', '-+:@,', ' a', 'a ', 'a b', E'a\tb', E'a\nb', E'a\rb', E'a\x01', '', ' ', 'head', 'heads', 'base', 'current']) id;
SELECT failure(format('SELECT migrate_revision(%L, revision => %L, down_revision => %L)', 'm', repeat('x', 256), 'base'));
SELECT failure(format('SELECT migrate_revision(%L, revision => %L, down_revision => %L)', 'm', repeat('ä', 128), 'base'));
-- The longest that there can be works, and so do the reserved words in other letters and as parts.
SELECT length(migrate_revision('m', revision => repeat('x', 255), down_revision => 'base'));
SELECT migrate_revision('m', revision => id, down_revision => 'base') FROM unnest(ARRAY['Head', 'headless', 'x.y', 'a/b', '"', '''', '\', '%', '1']) id;
SELECT string_agg(migrate_remove(revision), ' ' ORDER BY revision) FROM migrate.revision WHERE length(revision) < 255;
SELECT migrate_remove(repeat('x', 255)) = repeat('x', 255);
SELECT failure(format('SELECT migrate_revision(%L, revision => %L, down_revision => %L)', 'm', 'a', parent))
FROM unnest(ARRAY['x@head', 'x-1', 'x+1', 'x:y', 'x y', 'base,x', 'x,heads', 'current']) parent;
SELECT failure(format('SELECT migrate_revision(%L, revision => %L, down_revision => %L, depends_on => %L)', 'm', 'a', 'base', dependency))
FROM unnest(ARRAY['x@head', 'x-1', 'x+1', 'x:y', 'x y', 'base', 'head', 'current']) dependency;
SELECT failure(format('SELECT migrate_revision(%L, revision => %L, down_revision => %L, branch_label => %L)', 'm', 'a', 'base', label))
FROM unnest(ARRAY['a@b', 'a-b', 'a+b', 'a:b', 'a b', 'head', 'heads', 'base', 'current', repeat('x', 256)]) label;
-- A long list names the element that is wrong.
SELECT failure($$SELECT migrate_revision('m', revision => 'a', down_revision => 'x, y, z-1, w')$$);

-- NULL: the message is needed; elsewhere NULL is none, for the parent base.
SELECT failure('SELECT migrate_revision(NULL)');
SELECT migrate_revision('m', up => NULL, down => NULL, revision => 'nulls', down_revision => NULL, branch_label => NULL, depends_on => NULL, splice => NULL);
SELECT down_revision, depends_on, branch_labels, up IS NULL, down IS NULL FROM migrate_show('nulls');
SELECT migrate_revision('m', down_revision => NULL, splice => NULL) ~ '^[0-9a-f]{12}$';
SELECT count(*) FROM migrate.revision WHERE down_revision = '{}';
SELECT count(migrate_remove(revision)) FROM migrate.revision;
SELECT failure('SELECT migrate_merge(NULL)');
SELECT failure($$SELECT migrate_merge('heads', NULL)$$);
SELECT failure('SELECT migrate_edit(NULL)');
SELECT failure('SELECT migrate_remove(NULL)');
-- An empty message is a message.
SELECT migrate_revision('', revision => 'silent', down_revision => 'base');
SELECT message = '' FROM migrate_show('silent');
SELECT migrate_remove('silent');

-- Labels and ids share one name space, whichever comes first.
SELECT migrate_revision('one', revision => 'aaaa1111', down_revision => 'base', branch_label => 'trunk');
SELECT failure($$SELECT migrate_revision('m', revision => 'bbbb1111', down_revision => 'aaaa1111', branch_label => 'trunk')$$);
SELECT failure($$SELECT migrate_revision('m', revision => '0000bbbb', down_revision => 'aaaa1111', branch_label => 'trunk')$$);
SELECT failure($$SELECT migrate_revision('m', revision => 'bbbb1111', down_revision => 'aaaa1111', branch_label => 'aaaa1111')$$);
SELECT failure($$SELECT migrate_revision('m', revision => 'trunk', down_revision => 'aaaa1111')$$);
SELECT failure($$SELECT migrate_revision('m', revision => 'bbbb1111', down_revision => 'aaaa1111', branch_label => 'bbbb1111')$$);
SELECT failure($$SELECT migrate_revision('m', down_revision => 'aaaa1111', branch_label => 'trunk')$$) ~ $$^MG005 Branch name 'trunk' in revision [0-9a-f]{12} already used by revision aaaa1111$$;
-- A replacement is checked like a new one.
SELECT migrate_revision('two', revision => 'bbbb1111', down_revision => 'aaaa1111');
SELECT failure($$SELECT migrate_revision('two', revision => 'bbbb1111', down_revision => 'aaaa1111', branch_label => 'trunk')$$);
SELECT failure($$SELECT migrate_revision('two', revision => 'bbbb1111', down_revision => 'aaaa1111', branch_label => 'aaaa1111')$$);

-- Self-loops, by the id and by a label of its own.
SELECT failure($$SELECT migrate_revision('m', revision => 'loop', down_revision => 'loop')$$);
SELECT failure($$SELECT migrate_revision('m', revision => 'loop', down_revision => 'aaaa1111', depends_on => 'loop')$$);
SELECT failure($$SELECT migrate_revision('m', revision => 'loop', down_revision => 'own', branch_label => 'own')$$);
SELECT failure($$SELECT migrate_revision('m', revision => 'loop', down_revision => 'aaaa1111', depends_on => 'own', branch_label => 'own')$$);
-- Cycles: the revision that closes one is refused, whatever the order.
SELECT migrate_revision('m', revision => 'cycle1', down_revision => 'cycle3');
SELECT migrate_revision('m', revision => 'cycle2', down_revision => 'cycle1');
SELECT failure($$SELECT migrate_revision('m', revision => 'cycle3', down_revision => 'cycle2')$$);
SELECT failure($$SELECT migrate_revision('m', revision => 'cycle3', down_revision => 'base', depends_on => 'cycle2')$$);
SELECT failure($$SELECT migrate_revision('m', revision => 'other', down_revision => 'cycle2', branch_label => 'cycle3')$$);
SELECT migrate_revision('m', revision => 'cycle3', down_revision => 'base');
-- So is a replacement that closes one.
SELECT failure($$SELECT migrate_revision('m', revision => 'cycle3', down_revision => 'cycle2')$$);
SELECT failure($$SELECT migrate_revision('m', revision => 'cycle3', down_revision => 'base', depends_on => 'cycle1')$$);
SELECT down_revision, depends_on FROM migrate.revision WHERE revision = 'cycle3';
SELECT migrate_remove(r) FROM unnest(ARRAY['cycle2', 'cycle1', 'cycle3']) r;

-- What is named twice counts once with an explicit id.
SELECT migrate_revision('m', revision => 'twice', down_revision => 'aaaa1111,aaaa1111', depends_on => 'bbbb1111, bbbb1111');
SELECT down_revision, depends_on FROM migrate.revision WHERE revision = 'twice';
SELECT migrate_remove('twice');

-- A syntax error is found when the script is registered, at its line and column and with the revision's name.
SELECT failure(format('SELECT migrate_revision(%L, %L, %L, %L, %L)', 'm', up, down, 'bad', 'base'))
FROM (VALUES ('selec 1', NULL), (E'SELECT 1;\nSELECT 2;\n  CREATE TABEL t (a int);', NULL), ('', E'\n\nDROP TABLE'), ('SELECT ''open', NULL),
             ('/* open', NULL), ('SELECT $a$ open', NULL), ('SELECT "', NULL), ('SELECT 1 /* /* */', NULL), (E'CREATE TABLE t (\n    a int,\n    b int,,\n    c int\n)', NULL),
             ('SELECT 1 SELECT 2', NULL), (E'SELECT 1;\n  selec ''open', NULL), (E'SELECT 1;\n\n  SELECT 2, ''open', NULL), ('\d t', NULL), ('SELECT :x', NULL), (E'SELECT ''ä'' ö ü x', '')) AS script(up, down);
-- Of a revision without an id too; what a statement refers to is looked at only when it runs.
SELECT failure($$SELECT migrate_revision('m', 'selec 1')$$) ~ 'Line 1, column 1 of the up script';
SELECT migrate_revision('refers to nothing', 'DROP TABLE does_not_exist', NULL, 'fine', 'base');
SELECT migrate_remove('fine');
SELECT failure($$SELECT migrate_edit('bbbb1111', down => 'DROP TABEL t')$$);

-- Transaction control and COPY with the client are refused, each with the reason.
SELECT failure(format('SELECT migrate_revision(%L, %L, NULL, %L, %L)', 'm', up, 'bad', 'base'))
FROM unnest(ARRAY['COMMIT', 'ROLLBACK', 'BEGIN', 'SAVEPOINT s', 'RELEASE s', 'ROLLBACK TO SAVEPOINT s', 'PREPARE TRANSACTION ''x''',
    'COMMIT PREPARED ''x''', 'ROLLBACK PREPARED ''x''', 'SELECT 1; COMMIT; SELECT 2', 'BEGIN; SELECT 1', 'SELECT 1; COMMIT', 'BEGIN; SELECT 1; ROLLBACK',
    'BEGIN; SELECT 1; COMMIT; SELECT 2', 'SELECT 0; BEGIN; SELECT 1; COMMIT', 'BEGIN; SELECT 1; COMMIT; BEGIN; SELECT 2; COMMIT',
    'BEGIN; SELECT 1; COMMIT AND CHAIN', 'ABORT', 'END', 'START TRANSACTION',
    E'CREATE TABLE t (a int);\nCOPY t FROM STDIN', 'COPY t TO STDOUT', E'COPY t FROM STDIN;\n1\n\\.\n',
    E'CREATE TABLE t (a text);\n  COPY public.t (a)\n  FROM stdin;\nit''s\n\\.\n', E'BEGIN;\nCOPY t FROM STDIN WITH (FORMAT csv);\na,b\n\\.\nCOMMIT;']) up;
-- What belongs to the body of a function or a DO is no control of the run's transaction.
SELECT migrate_revision('m', $up$CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$; DO $$ BEGIN NULL; END $$; CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;$up$, 'DROP FUNCTION f; DROP PROCEDURE p', 'body', 'base');
SELECT statement, sql FROM migrate_plan('body');
SELECT migrate_remove('body');
-- COPY with a file of the server is the script's own affair.
SELECT migrate_revision('m', $$COPY t FROM '/nowhere'; COPY t TO PROGRAM 'cat'$$, NULL, 'copies', 'base');
SELECT migrate_remove('copies');

-- Nothing of what was refused is there.
SELECT revision FROM migrate.revision ORDER BY revision;

-- In a read-only transaction nothing is registered, but what is known already is answered.
BEGIN READ ONLY;
SELECT migrate_revision('one', revision => 'aaaa1111', down_revision => 'base', branch_label => 'trunk');
SAVEPOINT s;
SELECT migrate_revision('new one', revision => 'new', down_revision => 'base');
ROLLBACK TO s;
SELECT migrate_revision('new one');
ROLLBACK TO s;
SELECT migrate_revision('other content', 'SELECT 1', revision => 'aaaa1111', down_revision => 'base', branch_label => 'trunk');
ROLLBACK TO s;
SELECT migrate_edit('aaaa1111', message => 'x');
ROLLBACK TO s;
SELECT migrate_remove('bbbb1111');
ROLLBACK TO s;
SELECT migrate_merge();
ROLLBACK;

\pset tuples_only off
\pset format aligned
DROP FUNCTION failure(text);
DROP EXTENSION pg_migrate;

-- Registering revisions: explicit ids in any order, idempotence, replacing, new ids, labels, dependencies, scripts.
CREATE EXTENSION pg_migrate;

-- What is registered.
CREATE VIEW registered AS
    SELECT revision, down_revision AS parents, depends_on, message,
           (SELECT array_agg(branch_label ORDER BY branch_label) FROM migrate.branch_label l WHERE l.revision = r.revision) AS labels,
           up, down
    FROM migrate.revision r ORDER BY revision;
-- An error as a text: state, message, detail, hint.
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

-- In the reverse of their order: children before parents, dependencies and labels that are not there yet.
SELECT migrate_revision('merges', revision => 'eeee', down_revision => 'dddd,cccc');
SELECT migrate_revision('depends on a label', revision => 'dddd', down_revision => 'bbbb', depends_on => 'side');
SELECT migrate_revision('below a label', revision => 'cccc', down_revision => 'trunk');
SELECT migrate_revision('second', 'CREATE TABLE t (a int)', 'DROP TABLE t', revision => 'bbbb', down_revision => 'aaaa');
SELECT * FROM registered;
-- Only a run that needs what is missing complains, and names both.
SELECT failure($$SELECT migrate_upgrade('bbbb')$$);
SELECT failure($$SELECT migrate_plan('heads')$$);
SELECT failure($$SELECT migrate_upgrade_sql('heads')$$);
SELECT migrate_revision('first', revision => 'aaaa', down_revision => 'base', branch_label => 'trunk');
SELECT string_agg(revision, ' ' ORDER BY step) AS plan FROM migrate_plan('bbbb');
SELECT failure($$SELECT migrate_plan('dddd')$$);
SELECT string_agg(revision, ' ' ORDER BY step) AS plan FROM migrate_plan('cccc');
SELECT migrate_revision('another root', revision => 'ffff', down_revision => 'base', branch_label => 'side');
SELECT string_agg(revision, ' ' ORDER BY step) AS plan FROM migrate_plan('heads');
SELECT * FROM registered;

-- The same again does nothing and says nothing, whatever white space and comments the scripts have.
CREATE TEMP TABLE before AS SELECT * FROM migrate.revision;
SELECT migrate_revision('second', 'CREATE TABLE t (a int)', 'DROP TABLE t', revision => 'bbbb', down_revision => 'aaaa');
SELECT migrate_revision('second', E'-- a comment\nCREATE /* another */ TABLE\tt(a int)\n', E'\nDROP TABLE t -- gone', revision => 'bbbb', down_revision => ' aaaa ');
SELECT migrate_revision('merges', revision => 'eeee', down_revision => 'dddd , cccc');
SELECT migrate_revision('depends on a label', revision => 'dddd', down_revision => 'bbbb', depends_on => 'side');
SELECT count(*) AS changed FROM (TABLE before EXCEPT TABLE migrate.revision) x;
-- The order of parents is content, and so is white space within a literal; the message is kept up to date too.
SELECT migrate_revision('merges', revision => 'eeee', down_revision => 'cccc,dddd');
SELECT migrate_revision('literal', $$SELECT 'a b'$$, revision => 'gggg', down_revision => 'eeee');
SELECT migrate_revision('literal', $$SELECT 'a  b'$$, revision => 'gggg', down_revision => 'eeee');
SELECT migrate_revision('another message', $$SELECT 'a  b'$$, revision => 'gggg', down_revision => 'eeee');
SELECT revision, message, up FROM migrate.revision WHERE revision = 'gggg';
SELECT migrate_remove('gggg');

-- An applied revision keeps its content, and the refusal shows both checksums; the same content passes.
SET client_min_messages = warning;
SELECT count(*) FROM migrate_upgrade('bbbb');
RESET client_min_messages;
SELECT failure($$SELECT migrate_revision('second', 'CREATE TABLE t (a bigint)', 'DROP TABLE t', revision => 'bbbb', down_revision => 'aaaa')$$);
SELECT checksum FROM migrate.revision WHERE revision = 'bbbb';
SELECT migrate_revision('second', 'CREATE  TABLE  t ( a int )', 'DROP TABLE t', revision => 'bbbb', down_revision => 'aaaa');
-- Other parents, dependencies and labels are other content; also of what is applied below the version row.
SELECT failure($$SELECT migrate_revision('second', 'CREATE TABLE t (a int)', 'DROP TABLE t', revision => 'bbbb', down_revision => 'base')$$) ~ '^MG007' AS refused;
SELECT failure($$SELECT migrate_revision('second', 'CREATE TABLE t (a int)', 'DROP TABLE t', revision => 'bbbb', down_revision => 'aaaa', depends_on => 'ffff')$$) ~ '^MG007' AS refused;
SELECT failure($$SELECT migrate_revision('second', 'CREATE TABLE t (a int)', 'DROP TABLE t', revision => 'bbbb', down_revision => 'aaaa', branch_label => 'l')$$) ~ '^MG007' AS refused;
SELECT failure($$SELECT migrate_revision('first', 'SELECT 1', revision => 'aaaa', down_revision => 'base', branch_label => 'trunk')$$) ~ '^MG007' AS refused;
-- A new message of an applied revision is taken.
SELECT migrate_revision('the second', 'CREATE TABLE t (a int)', 'DROP TABLE t', revision => 'bbbb', down_revision => 'aaaa');
SELECT revision, message FROM migrate.revision WHERE revision = 'bbbb';
SET client_min_messages = warning;
SELECT count(*) FROM migrate_downgrade('base');
RESET client_min_messages;
-- Not applied any more, it is replaced.
SELECT migrate_revision('second', 'CREATE TABLE t (a bigint)', 'DROP TABLE t', revision => 'bbbb', down_revision => 'aaaa');
SELECT up FROM migrate.revision WHERE revision = 'bbbb';

-- NULL and '' for down differ: no way back yet, and nothing to do. The checksums tell them apart.
SELECT migrate_revision('null down', 'SELECT 1', NULL, 'hhhh', 'eeee');
SELECT migrate_revision('null down', 'SELECT 1', '', 'hhhh', 'eeee');
SELECT down IS NULL AS is_null FROM migrate.revision WHERE revision = 'hhhh';
SELECT migrate_remove('hhhh');
SELECT migrate_remove(r) FROM unnest(ARRAY['eeee', 'cccc', 'dddd', 'bbbb', 'aaaa', 'ffff']) r;

-- The default parent is the head of the moment, and registering again with the default keeps it.
SELECT migrate_revision('root', revision => '1aaa');
SELECT migrate_revision('child', revision => '2aaa');
SELECT migrate_revision('grandchild', revision => '3aaa');
CREATE TEMP TABLE before_again AS SELECT * FROM migrate.revision;
SELECT migrate_revision('root', revision => '1aaa');
SELECT migrate_revision('grandchild', revision => '3aaa', down_revision => 'head');
SELECT migrate_revision('child', revision => '2aaa');
SELECT count(*) AS changed FROM (TABLE before_again EXCEPT TABLE migrate.revision) x;
SELECT revision, down_revision FROM migrate.revision ORDER BY revision;
-- With two heads there is no such default; heads takes both.
SELECT migrate_revision('fork', revision => '2bbb', down_revision => '1aaa');
SELECT failure($$SELECT migrate_revision('on top', revision => '4aaa')$$);
SELECT migrate_revision('on top', revision => '4aaa', down_revision => 'heads');
SELECT migrate_revision('on top', revision => '4aaa', down_revision => 'heads');
SELECT revision, down_revision FROM migrate.revision WHERE revision = '4aaa';
-- With an explicit id a prefix is an id that is not there yet, not an abbreviation; relative forms are not looked up either.
SELECT migrate_revision('literal parent', revision => '5aaa', down_revision => '4aa');
SELECT revision, down_revision FROM migrate.revision WHERE revision = '5aaa';
SELECT failure($$SELECT migrate_revision('literal dependency', revision => '5bbb', down_revision => 'base', depends_on => '4aaa-1')$$);
SELECT failure($$SELECT migrate_revision('relative parent', revision => '5bbb', down_revision => 'head-1')$$);
SELECT failure($$SELECT migrate_revision('branch parent', revision => '5bbb', down_revision => 'trunk@head')$$);
SELECT migrate_remove('5aaa');
-- splice is implied.
SELECT migrate_revision('spliced', revision => '3bbb', down_revision => '2aaa');
SELECT migrate_remove('3bbb');

-- Without an id: twelve hexadecimal digits, different each time; Alembic's rules for the parents.
SELECT migrate_revision('new') AS new_id \gset
SELECT :'new_id' ~ '^[0-9a-f]{12}$' AS twelve_digits;
SELECT down_revision, message FROM migrate.revision WHERE revision = :'new_id';
SELECT migrate_revision('new') AS newer_id \gset
SELECT :'newer_id' ~ '^[0-9a-f]{12}$' AS twelve_digits, :'newer_id' <> :'new_id' AS is_another,
       (SELECT down_revision FROM migrate.revision WHERE revision = :'newer_id') = ARRAY[:'new_id'] AS is_its_child;
SELECT migrate_remove(:'newer_id') = :'newer_id' AS removed;
SELECT migrate_remove(:'new_id') = :'new_id' AS removed;
SELECT failure($$SELECT migrate_revision('not on a head', down_revision => '2aaa')$$);
SELECT migrate_revision('spliced', down_revision => '2aaa', splice => true) AS new_id \gset
SELECT down_revision FROM migrate.revision WHERE revision = :'new_id';
SELECT migrate_remove(:'new_id') = :'new_id' AS removed;
-- Prefixes and relative forms are looked up now; what is stored is the id.
SELECT migrate_revision('by prefix', down_revision => '4aa') AS new_id \gset
SELECT down_revision FROM migrate.revision WHERE revision = :'new_id';
SELECT migrate_remove(:'new_id') = :'new_id' AS removed;
SELECT migrate_revision('a root', down_revision => 'base') AS new_id \gset
SELECT down_revision FROM migrate.revision WHERE revision = :'new_id';
SELECT migrate_remove(:'new_id') = :'new_id' AS removed;
SELECT migrate_revision('two parents', down_revision => '2bbb , 3aaa', splice => true) AS new_id \gset
SELECT down_revision FROM migrate.revision WHERE revision = :'new_id';
SELECT migrate_remove(:'new_id') = :'new_id' AS removed;
SELECT failure($$SELECT migrate_revision('twice', down_revision => '4aaa,4aa')$$);
SELECT failure($$SELECT migrate_revision('unknown', down_revision => 'zzzz')$$);
SELECT failure($$SELECT migrate_revision('unknown', depends_on => 'zzzz')$$);
-- An empty list is no list.
SELECT migrate_revision('on nothing', depends_on => ' ', branch_label => '') AS new_id \gset
SELECT depends_on, branch_labels FROM migrate_show(:'new_id');
SELECT migrate_remove(:'new_id') = :'new_id' AS removed;
-- depends_on: a label is stored as it is, a prefix as the id that it means.
SELECT migrate_revision('side', revision => '9aaa9999', down_revision => 'base', branch_label => 'sideline');
SELECT migrate_revision('depends', down_revision => '4aaa', depends_on => 'sideline,9aaa,2aaa') AS new_id \gset
SELECT depends_on FROM migrate.revision WHERE revision = :'new_id';
SELECT migrate_remove(:'new_id') = :'new_id' AS removed;
SELECT migrate_revision('literal', revision => '6aaa', down_revision => '4aaa', depends_on => '9aaa');
SELECT depends_on FROM migrate.revision WHERE revision = '6aaa';
SELECT migrate_remove('6aaa');

-- Labels: several, once each, in any order; a label names a parent as well.
SELECT migrate_revision('labels', revision => '6aaa', down_revision => '4aaa', branch_label => ' second_label ,first_label,first_label');
SELECT migrate_revision('labels', revision => '6aaa', down_revision => '4aaa', branch_label => 'first_label,second_label');
SELECT labels FROM registered WHERE revision = '6aaa';
SELECT migrate_revision('on a label', revision => '7aaa', down_revision => 'first_label');
SELECT down_revision FROM migrate_show('7aaa');
SELECT string_agg(revision, ' ' ORDER BY step) AS plan FROM migrate_plan('7aaa');
SELECT migrate_revision('labels', revision => '6aaa', down_revision => '4aaa', branch_label => 'first_label');
SELECT labels FROM registered WHERE revision = '6aaa';

-- Lists: blanks around elements do not count, empty elements are errors.
SELECT migrate_revision('list', revision => '8aaa', down_revision => E'\t7aaa ,\n 9aaa9999 ');
SELECT down_revision FROM migrate.revision WHERE revision = '8aaa';
SELECT failure(format('SELECT migrate_revision(%L, revision => %L, down_revision => %L)', 'm', '8bbb', list))
FROM unnest(ARRAY['7aaa,', ',7aaa', '7aaa,,8aaa', ',', '7aaa, ,8aaa']) list;
SELECT failure($$SELECT migrate_revision('m', revision => '8bbb', down_revision => '7aaa', depends_on => '1aaa,')$$);
SELECT failure($$SELECT migrate_revision('m', revision => '8bbb', down_revision => '7aaa', branch_label => ',x')$$);
SELECT migrate_remove('8aaa');

-- Scripts that do nothing are legal.
SELECT migrate_revision('empty', '', '', 'empt1', '7aaa');
SELECT migrate_revision('blank', E' \n\t ', E'\n', 'empt2', 'empt1');
SELECT migrate_revision('comment', '-- nothing to do', '/* nor here */', 'empt3', 'empt2');
SELECT migrate_revision('semicolons', ';;', ' ; -- nothing', 'empt4', 'empt3');
SELECT revision, statement, sql FROM migrate_plan('empt4') WHERE revision LIKE 'empt%';

-- BEGIN and COMMIT around the whole are taken out.
SELECT migrate_revision('wrapped', E'BEGIN;\nCREATE TABLE wrapped (a int);\nCOMMIT;', 'begin transaction; DROP TABLE wrapped; end', 'wrap1', 'empt4');
SELECT migrate_revision('commented', E'-- above\nSTART TRANSACTION;\n/* in */ CREATE TABLE wrapped2 (a int); -- after\nCOMMIT WORK;\n-- below', NULL, 'wrap2', 'wrap1');
SELECT revision, statement, sql FROM migrate_plan('wrap2') WHERE revision LIKE 'wrap%';
-- Wrapped or not, the content is the same.
SELECT migrate_revision('wrapped', 'CREATE TABLE wrapped (a int);', 'DROP TABLE wrapped;', 'wrap1', 'empt4');
SELECT failure($$SELECT migrate_revision('wrapped', 'BEGIN; CREATE TABLE wrapped (a int); COMMIT', 'BEGIN; DROP TABLE wrapped; COMMIT', 'wrap1', 'empt4')$$);

-- Text of several bytes a character.
SELECT migrate_revision('größer: 漢字 🐘', $$CREATE TABLE "täble" ("größe" text DEFAULT '漢字 🐘')$$, $$DROP TABLE "täble"$$, 'ünïcode_漢字', 'wrap2', 'étiquette');
SELECT revision, labels, message, up FROM registered WHERE message LIKE 'grö%';
SELECT statement, sql FROM migrate_plan('étiquette') WHERE revision = 'ünïcode_漢字';
SET client_min_messages = warning;
SELECT revision, direction, message, statements FROM migrate_upgrade('ünïc') WHERE revision LIKE 'ün%';
RESET client_min_messages;
SELECT column_name, column_default FROM information_schema.columns WHERE table_name = 'täble';
SELECT failure($$SELECT migrate_revision('m', 'SELECT ''漢字'', größe größe größe', NULL, '漢', 'base')$$);

SET client_min_messages = warning;
SELECT count(*) FROM migrate_stamp('base');
DROP TABLE wrapped, wrapped2, "täble";
RESET client_min_messages;
DROP VIEW registered;
DROP FUNCTION failure(text);
DROP TABLE before, before_again;
DROP EXTENSION pg_migrate;

-- What a generated revision is put on, where there are several heads.
CREATE EXTENSION pg_migrate;
\set ON_ERROR_STOP off
SET client_min_messages = warning;
CREATE FUNCTION failure(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN SQLSTATE || ' ' || SQLERRM || coalesce(' | ' || nullif(hint, ''), '');
END $$;
SELECT migrate_revision('root', 'CREATE SCHEMA heads', 'DROP SCHEMA heads', revision => 'aaaa0001', down_revision => 'base');
SELECT migrate_revision('shop', 'CREATE TABLE heads.shop (id int)', 'DROP TABLE heads.shop', revision => 'bbbb0001', down_revision => 'aaaa0001', branch_label => 'shop');
SELECT migrate_revision('stock', 'CREATE TABLE heads.stock (id int)', 'DROP TABLE heads.stock', revision => 'cccc0001', down_revision => 'aaaa0001', branch_label => 'stock');
SELECT $model$CREATE SCHEMA heads; CREATE TABLE heads.shop (id int, name text); CREATE TABLE heads.stock (id int);$model$ AS model \gset
SELECT count(*) FROM migrate_upgrade('shop@head');
-- All heads have to be there, whichever it is to be put on.
SELECT failure(format('SELECT migrate_autogenerate(''x'', %L, schemas => ''heads'', down_revision => ''shop@head'')', :'model'));
SELECT count(*) FROM migrate_upgrade('heads');
SELECT failure(format('SELECT migrate_autogenerate(''x'', %L, schemas => ''heads'')', :'model'));
-- Only heads, as migrate_revision() has it.
SELECT failure(format('SELECT migrate_autogenerate(''x'', %L, schemas => ''heads'', down_revision => ''aaaa'')', :'model'));
SELECT failure(format('SELECT migrate_autogenerate(''x'', %L, schemas => ''heads'', down_revision => ''nowhere'')', :'model'));
SELECT failure(format('SELECT migrate_autogenerate(''x'', %L, schemas => ''heads'', down_revision => ''shop@head'', depends_on => ''nowhere'')', :'model'));
-- By a label, with an id and a dependency of its own, which is written out.
SELECT migrate_autogenerate('name', :'model', revision => 'bbbb0002', schemas => 'heads', down_revision => 'shop@head', depends_on => 'cccc', branch_label => 'names');
SELECT revision, down_revision, depends_on, up FROM migrate.revision WHERE revision = 'bbbb0002';
SELECT branch_label FROM migrate.branch_label WHERE revision = 'bbbb0002';
SELECT count(*) FROM migrate_upgrade('heads');
SELECT * FROM migrate_check(:'model', schemas => 'heads');
-- On both at once, which merges them; with an id of the server's.
SELECT replace(:'model', 'heads.stock (id int', 'heads.stock (id int, place text') AS model \gset
SELECT migrate_autogenerate('both', :'model', schemas => 'heads', down_revision => 'shop@head,cccc') AS merged \gset
SELECT down_revision FROM migrate.revision WHERE revision = :'merged';
SELECT count(*) FROM migrate_upgrade('head');
-- A new root.
SELECT migrate_autogenerate('apart', :'model' || 'CREATE TABLE heads.apart ()', revision => 'dddd0001', schemas => 'heads', down_revision => 'base', branch_label => 'apart');
SELECT down_revision FROM migrate.revision WHERE revision = 'dddd0001';
SELECT count(*) FROM migrate_upgrade('heads');
SELECT count(*) FROM migrate_downgrade('base');
DROP FUNCTION failure(text);
DROP EXTENSION pg_migrate;

-- Printed scripts of revisions that change the session by every means: the next revision finds it as it was, as in a run.
CREATE EXTENSION pg_migrate;
SELECT pg_backend_pid() AS pid \gset
\set script /tmp/pg_migrate_hostile_:pid
\set ECHO none
SELECT migrate_revision(revision => 'discard', down_revision => 'base', message => 'DISCARD ALL', up => 'CREATE TABLE h1 (i int); DISCARD ALL; CREATE TABLE h2 (i int)');
SELECT migrate_revision(revision => 'reset', down_revision => 'discard', message => 'RESET ALL', up => 'SET DateStyle = German; RESET ALL; CREATE TABLE h3 (d text DEFAULT current_setting(''datestyle''))');
SELECT migrate_revision(revision => 'block', down_revision => 'reset', message => 'in a block', up => $$CREATE SCHEMA regress_h; DO 'BEGIN PERFORM set_config(''search_path'', ''regress_h'', false); PERFORM set_config(''timezone'', ''Asia/Tokyo'', false); END'; CREATE TABLE h4 (i int)$$);
SELECT migrate_revision(revision => 'after', down_revision => 'block', message => 'after it', up => 'CREATE TABLE h5 (i int)');
SELECT migrate_revision(revision => 'seed', down_revision => 'after', message => 'what cannot be put back', up => 'SET seed TO 0.5; SELECT 1');
SELECT migrate_revision(revision => 'slice', down_revision => 'seed', message => 'a colon', up => 'CREATE TABLE h6 AS SELECT (ARRAY[1,2,3])[1:n] AS a FROM (VALUES (2)) AS x (n)');
-- In the second statement psql would see a command, if it read the first as the server has run it.
SELECT migrate_revision(revision => 'shell', down_revision => 'slice', message => 'a command', up => $up$DO 'BEGIN PERFORM set_config(''standard_conforming_strings'', ''off'', false); EXCEPTION WHEN OTHERS THEN NULL; END';
CREATE TABLE h7 AS SELECT 'a\', E'
\! echo taken in
' AS b;$up$);
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
\pset format unaligned
\pset tuples_only on
\o :script
SELECT migrate_upgrade_sql('head');
\o
\set n 3
\o /dev/null
\i :script
\o
\set ECHO all
SELECT current_setting('timezone'), current_setting('datestyle'), current_setting('search_path'), current_setting('standard_conforming_strings');
SELECT c.oid::regclass FROM pg_class AS c WHERE c.relname ~ '^h\d$' AND c.relkind = 'r' ORDER BY c.relname;
SELECT a FROM h6;
SELECT * FROM h7;
SELECT revision FROM migrate.version;
\! rm -f /tmp/pg_migrate_hostile_*
DROP TABLE h1, h2, h3, h5, h6, h7;
DROP SCHEMA regress_h CASCADE;
DROP EXTENSION pg_migrate;

-- Directories of other tools: what becomes of their files, and what is refused.
CREATE EXTENSION pg_migrate;
COPY (SELECT) TO PROGRAM 'cat >/dev/null; rm -rf pg_migrate_tools && mkdir pg_migrate_tools';

-- golang-migrate: BEGIN and COMMIT around a script, a missing way back, numbers in their order, files that are none of its own.
COPY (SELECT) TO PROGRAM $$cat >/dev/null; cd pg_migrate_tools && {
    printf 'BEGIN;\nCREATE TABLE t (i int);\nCOMMIT;\n' >000001_create_it.up.sql
    printf 'DROP TABLE t;\n' >000001_create_it.down.sql
    printf 'CREATE INDEX CONCURRENTLY t_i ON t (i);\nANALYZE t;\n' >10_index_it.up.sql
    printf 'ALTER TABLE t ADD COLUMN x text;\n' >9_widen_it.up.sql
    printf 'ALTER TABLE t DROP COLUMN;\n' >9_widen_it.down.sql
    touch README.md
}$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
SELECT revision, down_revision, up, down FROM migrate_history() h, LATERAL (SELECT s.up, s.down FROM migrate_show(h.revision) s) s;
SELECT step, revision, statement, transactional, sql FROM migrate_plan();
SELECT revision FROM migrate_upgrade('1');
-- Loaded again: the applied one has changed but for white space and comments, the others truly, and one is new.
COPY (SELECT) TO PROGRAM $$cat >/dev/null; cd pg_migrate_tools && {
    printf -- '-- about it\nCREATE TABLE t (\n    i int);\n' >000001_create_it.up.sql
    printf 'DROP INDEX t_i;\n' >10_index_it.down.sql
    printf 'ALTER TABLE t DROP COLUMN x;\n' >9_widen_it.down.sql
    printf 'SELECT 1;\n' >11_more.up.sql
}$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools', 'golang-migrate');
SELECT revision FROM migrate_upgrade('9');
SELECT revision FROM migrate_downgrade('base');
SELECT revision FROM migrate_upgrade('9');
\set ON_ERROR_STOP off
-- An applied one has changed.
COPY (SELECT) TO PROGRAM $$cat >/dev/null; echo 'CREATE TABLE t (i bigint)' >pg_migrate_tools/000001_create_it.up.sql$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
COPY (SELECT) TO PROGRAM $$cat >/dev/null; echo 'CREATE TABLE t (i int)' >pg_migrate_tools/000001_create_it.up.sql$$;
-- A file that comes before an applied one, and one that is gone from below it.
COPY (SELECT) TO PROGRAM 'cat >/dev/null; cd pg_migrate_tools && touch 0_a.up.sql 5_b.up.sql && echo "SELECT 1" >10_c.up.sql && mv 10_index_it.up.sql x';
SELECT * FROM migrate_load_directory('pg_migrate_tools');
COPY (SELECT) TO PROGRAM 'cat >/dev/null; cd pg_migrate_tools && rm 0_a.up.sql 5_b.up.sql && mv 000001_create_it.up.sql y && mv 000001_create_it.down.sql z';
SELECT * FROM migrate_load_directory('pg_migrate_tools');
-- One that is gone from above it.
COPY (SELECT) TO PROGRAM 'cat >/dev/null; cd pg_migrate_tools && mv y 000001_create_it.up.sql && mv z 000001_create_it.down.sql && rm 10_c.up.sql && mv 10_index_it.down.sql w';
SELECT * FROM migrate_load_directory('pg_migrate_tools');
SELECT revision, down_revision FROM migrate_history();
COPY (SELECT) TO PROGRAM 'cat >/dev/null; cd pg_migrate_tools && mv x 10_index_it.up.sql && mv w 10_index_it.down.sql';
-- Transaction control in the middle.
COPY (SELECT) TO PROGRAM $$cat >/dev/null; echo 'SELECT 1; COMMIT; SELECT 2;' >pg_migrate_tools/12_x.up.sql$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
COPY (SELECT) TO PROGRAM 'cat >/dev/null; rm pg_migrate_tools/12_x.up.sql; touch pg_migrate_tools/13_a.sql';
\set VERBOSITY default
SELECT * FROM migrate_load_directory('pg_migrate_tools');
\set VERBOSITY terse
DROP TABLE t;
DROP EXTENSION pg_migrate;

-- sqlx: CALL and DO outside a transaction block, by direction.
COPY (SELECT) TO PROGRAM $$cat >/dev/null; rm -r pg_migrate_tools && mkdir pg_migrate_tools && cd pg_migrate_tools && {
    printf -- '-- no-transaction\nCALL up_it(); VACUUM;\n' >1_call_it.up.sql
    printf 'CALL down_it();\n' >1_call_it.down.sql
    printf 'SELECT 1;\n' >2_simple.sql
}$$;
CREATE EXTENSION pg_migrate;
SELECT * FROM migrate_load_directory('pg_migrate_tools', 'sqlx');
SELECT revision, statement, transactional, sql FROM migrate_plan();
SELECT up, down FROM migrate_show('1') \g (format=unaligned)
DROP EXTENSION pg_migrate;

-- dbmate.
COPY (SELECT) TO PROGRAM $$cat >/dev/null; rm -r pg_migrate_tools && mkdir pg_migrate_tools && cd pg_migrate_tools && {
    printf -- '-- first\n-- migrate:up\nCREATE TABLE t (i int);\n\n-- migrate:down\nDROP TABLE t;\n' >20240101_create_it.sql
    printf -- '-- migrate:up\nDO $x$ BEGIN END $x$;\n\n-- migrate:down transaction:false\nDO $x$ BEGIN END $x$;\n' >20240102_do_it.sql
    printf -- '-- migrate:up\nSELECT 1;\n' >20240103_no_way_back.sql
}$$;
CREATE EXTENSION pg_migrate;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
SELECT up, down FROM migrate_show('20240102') \g (format=unaligned)
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM migrate_downgrade('-1');
COPY (SELECT) TO PROGRAM $$cat >/dev/null; printf -- '-- migrate:up\nSELECT 1;\nSELECT nonsense from from;\n-- migrate:down\n' >pg_migrate_tools/20240104_x.sql$$;
\set VERBOSITY default
SELECT * FROM migrate_load_directory('pg_migrate_tools');
\set VERBOSITY terse
DROP TABLE t;
DROP EXTENSION pg_migrate;

-- What a script sets for the session ends with it.
COPY (SELECT) TO PROGRAM $$cat >/dev/null; rm -r pg_migrate_tools && mkdir pg_migrate_tools && cd pg_migrate_tools && {
    printf 'BEGIN; SET search_path = a; SET ROLE x; SET "Work_Mem" = 1000; COMMIT;\n' >1_a.sql
    printf 'SET LOCAL search_path = a; SET work_mem = 1000; RESET work_mem; SET ROLE x; SET ROLE NONE; SET lock_timeout TO DEFAULT;\n' >2_b.sql
    printf 'SET work_mem = 1000; SET ROLE x; RESET ALL;\n' >3_c.sql
    printf 'SET work_mem = 1000; SET TIME ZONE 0; SET SESSION AUTHORIZATION x; SET ROLE x; DISCARD ALL; SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; CREATE FUNCTION f() RETURNS int SET work_mem = 1000 RETURN 1;\n' >4_d.sql
}$$;
CREATE EXTENSION pg_migrate;
\set VERBOSITY default
SELECT * FROM migrate_load_directory('pg_migrate_tools');
-- Nothing is new.
SELECT * FROM migrate_load_directory('pg_migrate_tools');
-- Flyway puts them back itself.
COPY (SELECT) TO PROGRAM $$cat >/dev/null; cd pg_migrate_tools && rm * && echo 'SET search_path = a;' >V0__a.sql$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
\set VERBOSITY terse
DROP EXTENSION pg_migrate;

-- goose: statements that lack their semicolons, and what else it has.
COPY (SELECT) TO PROGRAM $$cat >/dev/null; rm -r pg_migrate_tools && mkdir pg_migrate_tools && cd pg_migrate_tools && {
    printf -- '-- +goose Up\n-- +goose StatementBegin\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $x$\nBEGIN\n    RETURN 1;\nEND;\n$x$\n-- +goose StatementEnd\n-- +goose StatementBegin\nCOMMENT ON FUNCTION f() IS $x$;$x$ -- about it;\n-- +goose StatementEnd\nSELECT 1;\n-- +goose Down\nDROP FUNCTION f();\n' >00001_function.sql
    printf -- '-- +goose NO TRANSACTION\n-- +goose Up\nDO $x$ BEGIN END $x$;\n-- +goose Down\n' >00002_do.sql
}$$;
CREATE EXTENSION pg_migrate;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
SELECT revision, statement, transactional, sql FROM migrate_plan();
SELECT count(DISTINCT revision) FROM migrate_upgrade();
SELECT count(*) FROM migrate_downgrade('base');
\set VERBOSITY default
COPY (SELECT) TO PROGRAM $$cat >/dev/null; printf -- '-- +goose Up\n-- +goose ENVSUB ON\nSELECT ${HOME};\n' >pg_migrate_tools/00003_x.sql$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
COPY (SELECT) TO PROGRAM 'cat >/dev/null; cd pg_migrate_tools && rm 00003_x.sql && touch 00003_x.go 00004_y.go';
SELECT * FROM migrate_load_directory('pg_migrate_tools');
DROP EXTENSION pg_migrate;

-- flyway: versions in their order, the way back, settings of a script.
COPY (SELECT) TO PROGRAM $$cat >/dev/null; rm -r pg_migrate_tools && mkdir -p pg_migrate_tools/2024 && cd pg_migrate_tools && {
    printf 'CREATE TABLE t (i int);\n' >V1__Create_it.sql
    printf 'DROP TABLE t;\n' >U1__Create_it.sql
    printf 'DO $x$ BEGIN END $x$; SELECT $x${y}$x$;\n' >2024/V1_10__Do_it.sql
    printf 'executeInTransaction=false\nplaceholderReplacement=false\n' >2024/V1_10__Do_it.sql.conf
    printf 'CREATE INDEX t_i ON t (i);\n' >2024/V1.9__Index_it.sql
    printf 'not read' >notes.conf
}$$;
CREATE EXTENSION pg_migrate;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
SELECT revision, statement, transactional, sql FROM migrate_plan();
SELECT count(DISTINCT revision) FROM migrate_upgrade('1.9');
SELECT * FROM migrate_downgrade('1');
SELECT * FROM migrate_plan('base', 'downgrade');
COPY (SELECT) TO PROGRAM 'cat >/dev/null; cd pg_migrate_tools && rm -r 2024 && mkdir x && touch R__views.sql x/R__a.sql';
SELECT * FROM migrate_load_directory('pg_migrate_tools');
COPY (SELECT) TO PROGRAM 'cat >/dev/null; cd pg_migrate_tools && rm -r R__views.sql x && touch beforeMigrate.sql';
SELECT * FROM migrate_load_directory('pg_migrate_tools');
COPY (SELECT) TO PROGRAM $$cat >/dev/null; cd pg_migrate_tools && printf 'SELECT 1,\n    ${name};\n' >V2__x.sql && rm beforeMigrate.sql$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
COPY (SELECT) TO PROGRAM 'cat >/dev/null; cd pg_migrate_tools && mv V2__x.sql V2_x.sql';
SELECT * FROM migrate_load_directory('pg_migrate_tools');
COPY (SELECT) TO PROGRAM $$cat >/dev/null; cd pg_migrate_tools && rm V2_x.sql && printf 'COPY t FROM stdin;\n1\n\\.\n' >V2__x.sql$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
DROP TABLE t;
DROP EXTENSION pg_migrate;

-- What is no migration is not read: a text in another encoding, a name in another encoding, a link to nowhere, what cannot be searched.
COPY (SELECT) TO PROGRAM $$cat >/dev/null; rm -r pg_migrate_tools && mkdir -p pg_migrate_tools/sub pg_migrate_tools/closed && cd pg_migrate_tools && {
    echo 'SELECT 1;' >1_a.up.sql
    printf -- '-- \351\n' >seed.sql
    printf -- '-- \351\n' >sub/1_x.sql
    touch "$(printf '\351.txt')"
    ln -s /nonexistent link
    ln -s sub more
    ln -s . loop
    chmod 0 closed
    mkfifo pipe
}$$;
CREATE EXTENSION pg_migrate;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
-- What is one is read, or an error; so is a directory that is not searched, where the format has migrations in them. The messages have the path of the data directory.
\set VERBOSITY sqlstate
COPY (SELECT) TO PROGRAM $$cat >/dev/null; cd pg_migrate_tools && mkfifo 2_b.up.sql$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
COPY (SELECT) TO PROGRAM $$cat >/dev/null; cd pg_migrate_tools && rm 2_b.up.sql && ln -s /nonexistent 2_b.up.sql$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
COPY (SELECT) TO PROGRAM $$cat >/dev/null; cd pg_migrate_tools && rm 2_b.up.sql && printf -- '-- \351\n' >2_b.up.sql$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
COPY (SELECT) TO PROGRAM $$cat >/dev/null; cd pg_migrate_tools && rm 2_b.up.sql && touch "$(printf '2_\351.up.sql')"$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
COPY (SELECT) TO PROGRAM $$cat >/dev/null; cd pg_migrate_tools && rm *.up.sql && mv sub/1_x.sql . && rmdir sub && mkdir V2__x.sql && echo 'SELECT 1;' >V1__a.sql$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools', 'flyway'); -- closed
COPY (SELECT) TO PROGRAM $$cat >/dev/null; cd pg_migrate_tools && rmdir closed$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools', 'flyway'); -- loop
COPY (SELECT) TO PROGRAM $$cat >/dev/null; cd pg_migrate_tools && rm loop$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools', 'flyway');
COPY (SELECT) TO PROGRAM $$cat >/dev/null; cd pg_migrate_tools && mkfifo V3__c.sql$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools', 'flyway');
COPY (SELECT) TO PROGRAM $$cat >/dev/null; cd pg_migrate_tools && mkdir real && ln -s real linked && rm V3__c.sql$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools', 'flyway');
SELECT * FROM migrate_load_directory('pg_migrate_tools', 'diesel');
SELECT * FROM migrate_load_directory('pg_migrate_tools', 'pg_migrate');
\set VERBOSITY default
DROP EXTENSION pg_migrate;

-- node-pg-migrate.
COPY (SELECT) TO PROGRAM $$cat >/dev/null; rm -r pg_migrate_tools && mkdir pg_migrate_tools && cd pg_migrate_tools && {
    printf -- '-- Up Migration\nCREATE TABLE t (i int);\n-- Down Migration\nDROP TABLE t' >1704067200001_create-it.sql
    printf -- 'SELECT 1' >20240101000000000_before-it.sql
}$$;
CREATE EXTENSION pg_migrate;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
SELECT count(*) FROM migrate_upgrade();
SELECT revision FROM migrate_downgrade('-1');
COPY (SELECT) TO PROGRAM 'cat >/dev/null; touch pg_migrate_tools/1704067200002_x.js';
SELECT * FROM migrate_load_directory('pg_migrate_tools');
-- Where no marker tells the tool, and a file that the tool would run first.
COPY (SELECT) TO PROGRAM 'cat >/dev/null; rm pg_migrate_tools/1704067200001_create-it.sql';
SELECT * FROM migrate_load_directory('pg_migrate_tools');
COPY (SELECT) TO PROGRAM $$cat >/dev/null; cd pg_migrate_tools && {
    rm 1704067200002_x.js
    printf -- '-- Up Migration\nCREATE TABLE t (i int);\n' >1704067200001_create-it.sql
    printf 'SELECT 1' >init.sql
}$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
-- A comment that reads like a marker divides nothing on a guess.
COPY (SELECT) TO PROGRAM $$cat >/dev/null; cd pg_migrate_tools && {
    rm *
    printf -- 'CREATE TABLE t (i int);\n-- up migration of the data\nINSERT INTO t VALUES (1);\n-- Down migration: drop it\nANALYZE t;\n' >1_a.sql
}$$;
SELECT * FROM migrate_load_directory('pg_migrate_tools');
SELECT * FROM migrate_load_directory('pg_migrate_tools', 'node-pg-migrate');
SELECT * FROM migrate_load_directory('pg_migrate_tools', 'sqlx');
SELECT statement, sql FROM migrate_plan(target => '1');
COPY (SELECT) TO PROGRAM 'cat >/dev/null; rm -r pg_migrate_tools';
DROP EXTENSION pg_migrate;

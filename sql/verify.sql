-- migrate_verify: up, down and up again, and nothing stays.

CREATE EXTENSION pg_migrate;
SET client_min_messages = warning;

-- Right in both directions; the second stands on the first.
SELECT migrate_revision('things', 'CREATE TABLE verify_things (id integer PRIMARY KEY, name text);', 'DROP TABLE verify_things;',
                        revision => 'v1', down_revision => 'base');
SELECT migrate_revision('size', 'ALTER TABLE verify_things ADD COLUMN size integer DEFAULT 0; CREATE INDEX CONCURRENTLY verify_size ON verify_things (size);',
                        'DROP INDEX CONCURRENTLY verify_size; ALTER TABLE verify_things DROP COLUMN size;', revision => 'v2', down_revision => 'v1');
-- The way back forgets the index and the comment.
SELECT migrate_revision('label', 'ALTER TABLE verify_things ADD COLUMN label text; CREATE TABLE verify_labels (label text);',
                        'ALTER TABLE verify_things DROP COLUMN label;', revision => 'v3', down_revision => 'v2');
-- There is none.
SELECT migrate_revision('no way back', 'COMMENT ON TABLE verify_things IS ''things''', revision => 'v4', down_revision => 'v3');
-- Nothing to do, nothing to undo.
SELECT migrate_revision('nothing', revision => 'v5', down_revision => 'v4');
-- The way back fails.
SELECT migrate_revision('bad way back', 'CREATE TABLE verify_bad (id integer);', 'DROP TABLE verify_worse;', revision => 'v6', down_revision => 'v5');
-- Not the same when it is done again.
SELECT migrate_revision('not twice', 'CREATE TABLE IF NOT EXISTS verify_twice (id integer); DO $$ BEGIN
    IF (SELECT count(*) FROM pg_class WHERE relname = ''verify_mark'') > 0 THEN ALTER TABLE verify_twice ADD COLUMN again boolean; END IF; END $$;
    CREATE TABLE IF NOT EXISTS verify_mark ();',
                        'DROP TABLE verify_twice;', revision => 'v7', down_revision => 'v6');
-- The way up fails: what comes after it cannot be tried.
SELECT migrate_revision('bad way up', 'CREATE TABLE verify_things (id integer);', '', revision => 'v8', down_revision => 'v7');
SELECT migrate_revision('never', 'SELECT 1', '', revision => 'v9', down_revision => 'v8');

SELECT * FROM migrate_verify('v2');
SELECT * FROM migrate_verify();
-- Nothing of it has stayed, no version, no log, no run, no table.
SELECT count(*) FROM migrate.version;
SELECT count(*) FROM migrate.log;
SELECT count(*) FROM migrate.run;
SELECT count(*) FROM pg_class WHERE relname LIKE 'verify%';

-- Only what is ahead.
SELECT count(*) FROM migrate_upgrade('v2');
SELECT revision, identical FROM migrate_verify('v3');
SELECT * FROM migrate_verify('v2');
-- In a transaction block, with what it has done itself.
BEGIN;
CREATE TABLE verify_labels (label text);
SELECT revision, up, difference FROM migrate_verify('v3');
ROLLBACK;

-- What is wrong with the call.
SELECT * FROM migrate_verify(NULL);
SELECT * FROM migrate_verify('nowhere');
SELECT * FROM migrate_verify('v3', schema => 'verify_nowhere');
-- What cannot be tried out.
SELECT migrate_revision('procedure', '-- pg_migrate: no-transaction
CALL verify_commits()', '', revision => 'w1', down_revision => 'base');
SELECT * FROM migrate_verify('w1');

-- The rights are those of the caller.
CREATE ROLE verify_operator;
SELECT migrate_grant('verify_operator', 'operator');
SET ROLE verify_operator;
SELECT * FROM migrate_verify('v3');
RESET ROLE;
SELECT migrate_revoke('verify_operator', 'operator');
REVOKE USAGE ON SCHEMA public FROM verify_operator;
DROP ROLE verify_operator;

SELECT count(*) FROM migrate_downgrade('base');
DROP EXTENSION pg_migrate;

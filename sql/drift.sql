-- migrate_drift: what has been changed beside the migrations.

CREATE EXTENSION pg_migrate;
SET client_min_messages = warning;
CREATE SCHEMA drift;
SELECT * FROM migrate_drift();
SELECT migrate_revision('things', 'CREATE TABLE drift.things (id integer NOT NULL, name text DEFAULT ''x'');', 'DROP TABLE drift.things;',
                        revision => 'r1', down_revision => 'base');
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_drift();
ALTER TABLE drift.things ADD COLUMN size integer;
ALTER TABLE drift.things ALTER COLUMN id DROP NOT NULL;
ALTER TABLE drift.things ALTER COLUMN name DROP DEFAULT;
CREATE TABLE drift.other (i integer);
COMMENT ON TABLE drift.things IS 'changed by hand';
SELECT * FROM migrate_drift();
-- Undone by hand.
ALTER TABLE drift.things DROP COLUMN size, ALTER COLUMN id SET NOT NULL, ALTER COLUMN name SET DEFAULT 'x';
DROP TABLE drift.other;
COMMENT ON TABLE drift.things IS NULL;
SELECT * FROM migrate_drift();
-- A run makes what it finds the standard.
CREATE TABLE drift.other (i integer);
SELECT count(*) FROM migrate_drift();
SELECT revision FROM migrate_stamp('base');
SELECT count(*) FROM migrate_drift();
-- A change that one catalogue alone knows of, and no other since the run.
ALTER TABLE drift.things ALTER COLUMN name SET STORAGE PLAIN;
SELECT object, change FROM migrate_drift();
ALTER TABLE drift.things ALTER COLUMN name SET STORAGE EXTENDED;
SELECT * FROM migrate_drift();
SELECT schema_name, run, length(content) > 0 AS content FROM migrate.snapshot;
-- In a transaction that is rolled back, so is what is remembered.
DROP TABLE drift.things;
SELECT object, change FROM migrate_drift() WHERE kind = 'table';
BEGIN;
SELECT revision FROM migrate_upgrade();
SELECT count(*) FROM migrate_drift();
ROLLBACK;
SELECT object, change FROM migrate_drift() WHERE kind = 'table';
-- Runs in workers: after the last revision, and after a failure.
SELECT migrate_revision('index', 'CREATE INDEX CONCURRENTLY drift_other ON drift.other (i);', 'DROP INDEX CONCURRENTLY drift.drift_other;', revision => 'r2', down_revision => 'r1');
SELECT migrate_revision('fails', 'CREATE TABLE drift.third (i integer); VACUUM drift.third; SELECT 1 / 0;', '', revision => 'r3', down_revision => 'r2');
SELECT revision FROM migrate_upgrade('r2');
SELECT count(*) FROM migrate_drift();
SELECT revision FROM migrate_upgrade('r3');
SELECT count(*) FROM migrate_drift();
SELECT migrate_resolve('r3', 'discard');
-- A tenant's line is about his schema.
CREATE SCHEMA drift_tenant;
SELECT migrate_revision('tenant', 'CREATE TABLE mine (i integer);', 'DROP TABLE mine;', revision => 't1', down_revision => 'base');
SELECT revision FROM migrate_upgrade('t1', schema => 'drift_tenant');
CREATE TABLE drift.unrelated (i integer);
SELECT count(*) FROM migrate_drift(schema => 'drift_tenant');
-- What its runs do there is no drift of the database, and what is done by hand is its own.
SELECT kind, object, change FROM migrate_drift() WHERE object LIKE '%tenant%';
ALTER TABLE drift_tenant.mine ADD COLUMN j integer;
SELECT * FROM migrate_drift(schema => 'drift_tenant');
SELECT kind, object, change FROM migrate_drift() WHERE object LIKE '%tenant%';
CREATE VIEW on_tenant AS SELECT i FROM drift_tenant.mine;
SELECT kind, object, change FROM migrate_drift() WHERE object LIKE '%tenant%';
DROP VIEW on_tenant;
SELECT * FROM migrate_drift(schema => 'drift_nowhere');
-- Not wanted.
SET pg_migrate.keep_snapshot = off;
SELECT revision FROM migrate_downgrade('t1@base', schema => 'drift_tenant');
SELECT * FROM migrate_drift(schema => 'drift_tenant');
RESET pg_migrate.keep_snapshot;

DROP SCHEMA drift, drift_tenant CASCADE;
DROP EXTENSION pg_migrate;

-- Version 0.1, as it was released.
\echo Use "CREATE EXTENSION pg_migrate" to load this file. \quit

-- The script may run as the bootstrap superuser for somebody who is none: nothing outside pg_catalog is looked up.
SET LOCAL search_path TO pg_catalog, pg_temp;
-- The catalogue. Everything in it belongs to the extension's owner and is written by the extension's functions only.

CREATE SCHEMA migrate;
ALTER SCHEMA migrate OWNER TO @extowner@;
REVOKE ALL ON SCHEMA migrate FROM PUBLIC;
COMMENT ON SCHEMA migrate IS 'pg_migrate: revisions, applied versions and the log of runs';

-- Not [:cntrl:] in the identifiers: it holds 80 to 9F, which under SQL_ASCII are bytes of other characters.
CREATE TABLE migrate.revision (
    revision text COLLATE "C" NOT NULL,
    down_revision text[] NOT NULL,
    depends_on text[] NOT NULL,
    message text NOT NULL,
    checksum text NOT NULL,
    created_at timestamptz NOT NULL,
    created_by name NOT NULL,
    up text,
    down text,
    derived_down text,
    CONSTRAINT revision_pkey PRIMARY KEY (revision),
    CONSTRAINT revision_is_an_identifier CHECK (
        revision <> '' AND octet_length(revision) <= 255
        AND revision !~ '[-@+:,[:space:]\u0001-\u001F\u007F]' AND revision NOT IN ('head', 'heads', 'base', 'current')),
    CONSTRAINT down_revision_is_a_list CHECK (
        coalesce(array_ndims(down_revision), 1) = 1 AND array_position(down_revision, NULL) IS NULL
        AND revision <> ALL (down_revision)),
    CONSTRAINT depends_on_is_a_list CHECK (
        coalesce(array_ndims(depends_on), 1) = 1 AND array_position(depends_on, NULL) IS NULL
        AND revision <> ALL (depends_on)),
    CONSTRAINT checksum_is_sha256 CHECK (checksum ~ '^[0-9a-f]{64}$')
);
-- Registering asks what refers to a revision; without an index that costs a scan each time, and with a list of pending entries nearly so.
CREATE INDEX revision_references_idx ON migrate.revision USING gin (down_revision, depends_on) WITH (fastupdate = off);
ALTER TABLE migrate.revision OWNER TO @extowner@;
COMMENT ON TABLE migrate.revision IS 'The revisions that are known here; a parent or dependency may be registered later than what refers to it';
COMMENT ON COLUMN migrate.revision.checksum IS 'SHA-256 of parents, dependencies, labels and the tokens of both scripts; white space and comments make no difference';
COMMENT ON COLUMN migrate.revision.down IS 'As registered; NULL: there is none';
COMMENT ON COLUMN migrate.revision.derived_down IS 'Computed from what the up script did; stands in for a down script that is not registered, and is no part of the checksum';

CREATE TABLE migrate.branch_label (
    branch_label text COLLATE "C" NOT NULL,
    revision text COLLATE "C" NOT NULL,
    CONSTRAINT branch_label_pkey PRIMARY KEY (branch_label),
    CONSTRAINT branch_label_revision_fkey FOREIGN KEY (revision) REFERENCES migrate.revision ON DELETE CASCADE,
    CONSTRAINT branch_label_is_an_identifier CHECK (
        branch_label <> '' AND octet_length(branch_label) <= 255
        AND branch_label !~ '[-@+:,[:space:]\u0001-\u001F\u007F]' AND branch_label NOT IN ('head', 'heads', 'base', 'current')
        AND branch_label <> revision)
);
CREATE INDEX branch_label_revision_idx ON migrate.branch_label (revision);
ALTER TABLE migrate.branch_label OWNER TO @extowner@;
COMMENT ON TABLE migrate.branch_label IS 'The branch labels, each with the revision that carries it';

CREATE TABLE migrate.version (
    schema_name name,
    revision text COLLATE "C" NOT NULL,
    applied_at timestamptz NOT NULL,
    applied_by name NOT NULL,
    run bigint NOT NULL,
    CONSTRAINT version_key UNIQUE NULLS NOT DISTINCT (schema_name, revision)
);
ALTER TABLE migrate.version OWNER TO @extowner@;
-- No key without NULL: where all tables are published, rows that have no identity could not be changed.
ALTER TABLE migrate.version REPLICA IDENTITY FULL;
COMMENT ON TABLE migrate.version IS 'What is applied: a row per head and schema; everything below a row counts as applied';
COMMENT ON COLUMN migrate.version.schema_name IS 'NULL: the version line of the database itself';

CREATE TABLE migrate.run (
    run bigint NOT NULL,
    operation text NOT NULL,
    target text,
    schema_name name,
    tag text,
    state text NOT NULL,
    outcome text,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    requested_by name NOT NULL,
    session_role name NOT NULL,
    application text,
    client_addr inet,
    pid integer NOT NULL,
    sqlstate text,
    error text,
    detail text,
    hint text,
    context text,
    CONSTRAINT run_pkey PRIMARY KEY (run),
    CONSTRAINT run_operation CHECK (operation IN ('upgrade', 'downgrade', 'stamp', 'script')),
    CONSTRAINT run_state CHECK (state IN ('queued', 'running', 'finished')),
    CONSTRAINT run_outcome CHECK ((state = 'finished') = (outcome IS NOT NULL AND finished_at IS NOT NULL)),
    CONSTRAINT run_outcomes CHECK (outcome IN ('done', 'failed', 'cancelled', 'interrupted')),
    CONSTRAINT run_error CHECK ((sqlstate IS NOT NULL) = coalesce(outcome IN ('failed', 'cancelled'), false)
                                AND (error IS NULL) = (sqlstate IS NULL))
);
CREATE INDEX run_unfinished_idx ON migrate.run (run) WHERE state <> 'finished';
ALTER TABLE migrate.run OWNER TO @extowner@;
COMMENT ON TABLE migrate.run IS 'A row per call that changed something: what was asked, by whom, and how it ended';
COMMENT ON COLUMN migrate.run.state IS 'queued: waits for its turn, or for the transaction that asked for it; running; finished';
COMMENT ON COLUMN migrate.run.outcome IS 'done, failed, cancelled, or interrupted: its process ended before the run did';
COMMENT ON COLUMN migrate.run.pid IS 'The process that ran it: the caller, or a background worker';

CREATE TABLE migrate.journal (
    schema_name name,
    revision text COLLATE "C" NOT NULL,
    direction text NOT NULL,
    run bigint NOT NULL,
    done integer NOT NULL,
    running integer,
    fingerprints text[] NOT NULL,
    objects_before oid[] NOT NULL,
    started_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT journal_key UNIQUE NULLS NOT DISTINCT (schema_name),
    CONSTRAINT journal_direction CHECK (direction IN ('upgrade', 'downgrade')),
    CONSTRAINT journal_done CHECK (done >= 0),
    CONSTRAINT journal_running CHECK (running = done + 1),
    CONSTRAINT journal_fingerprints CHECK (cardinality(fingerprints) = coalesce(running, done))
);
ALTER TABLE migrate.journal OWNER TO @extowner@;
ALTER TABLE migrate.journal REPLICA IDENTITY FULL;
COMMENT ON TABLE migrate.journal IS 'A row per version line with a revision that has been begun and is not complete; the next run of the line goes on there';
COMMENT ON COLUMN migrate.journal.done IS 'The statements 1 to done are complete and committed';
COMMENT ON COLUMN migrate.journal.running IS 'The statement that runs outside of a transaction, or ran when the run was interrupted';
COMMENT ON COLUMN migrate.journal.fingerprints IS 'The checksums of the statements up to the one that is running or done';
COMMENT ON COLUMN migrate.journal.objects_before IS 'What was there before the statement that is running, to tell what it has left';

CREATE TABLE migrate.log (
    run bigint NOT NULL,
    revision text COLLATE "C" NOT NULL,
    direction text NOT NULL,
    schema_name name,
    tag text,
    checksum text,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    outcome text NOT NULL,
    sqlstate text,
    error text,
    statement integer,
    applied_by name NOT NULL,
    session_role name NOT NULL,
    application text,
    client_addr inet,
    note text,
    CONSTRAINT log_direction CHECK (direction IN ('upgrade', 'downgrade', 'stamp')),
    CONSTRAINT log_outcome CHECK (outcome IN ('done', 'failed')),
    CONSTRAINT log_error CHECK ((outcome = 'failed') = (sqlstate IS NOT NULL AND error IS NOT NULL))
);
CREATE INDEX log_revision_idx ON migrate.log (revision);
ALTER TABLE migrate.log OWNER TO @extowner@;
ALTER TABLE migrate.log REPLICA IDENTITY FULL;
COMMENT ON TABLE migrate.log IS 'Every revision that was run or stamped, by whom, when, from where, and how it ended';
COMMENT ON COLUMN migrate.log.statement IS 'The number of statements run; for a failure, of the statement that failed';
COMMENT ON COLUMN migrate.log.note IS 'For a stamp the change of the version row; for a step run by a printed script, that it was';

CREATE TABLE migrate.snapshot (
    schema_name name,
    run bigint NOT NULL,
    taken_at timestamptz NOT NULL,
    fingerprint bigint NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT snapshot_key UNIQUE NULLS NOT DISTINCT (schema_name)
);
ALTER TABLE migrate.snapshot OWNER TO @extowner@;
ALTER TABLE migrate.snapshot REPLICA IDENTITY FULL;
ALTER TABLE migrate.snapshot ALTER COLUMN content SET STORAGE EXTERNAL; -- each run writes it: compressing it would take longer
COMMENT ON TABLE migrate.snapshot IS 'The schema as the last run of each version line left it, which migrate_drift compares with';
COMMENT ON COLUMN migrate.snapshot.fingerprint IS 'Of the system catalogues: as long as they have it, nothing has changed';
COMMENT ON COLUMN migrate.snapshot.content IS 'In a form of pg_migrate''s own';

CREATE SEQUENCE migrate.run_id;
ALTER SEQUENCE migrate.run_id OWNER TO @extowner@;
COMMENT ON SEQUENCE migrate.run_id IS 'Numbers the runs';

SELECT pg_catalog.pg_extension_config_dump('migrate.revision', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.branch_label', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.version', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.run', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.journal', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.log', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.snapshot', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.run_id', '');
-- Writing revisions.

CREATE FUNCTION @extschema@.migrate_revision(
    message text, up text DEFAULT NULL, down text DEFAULT NULL, revision text DEFAULT NULL,
    down_revision text DEFAULT 'head', branch_label text DEFAULT NULL, depends_on text DEFAULT NULL,
    splice boolean DEFAULT false)
    RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_revision';
ALTER FUNCTION @extschema@.migrate_revision(text, text, text, text, text, text, text, boolean) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_revision(text, text, text, text, text, text, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_revision(text, text, text, text, text, text, text, boolean) IS
    'Registers a revision and returns its id. With an explicit id it can be called again and again, in any order; without one the id is new and the parents are looked up now.';

CREATE FUNCTION @extschema@.migrate_merge(
    revisions text DEFAULT 'heads', message text DEFAULT 'merge', branch_label text DEFAULT NULL,
    revision text DEFAULT NULL, splice boolean DEFAULT false)
    RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_merge';
ALTER FUNCTION @extschema@.migrate_merge(text, text, text, text, boolean) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_merge(text, text, text, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_merge(text, text, text, text, boolean) IS
    'Registers an empty revision that has the given revisions (by default all heads) as its parents, and returns its id.';

CREATE FUNCTION @extschema@.migrate_edit(
    revision text, up text DEFAULT NULL, down text DEFAULT NULL, message text DEFAULT NULL)
    RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_edit';
ALTER FUNCTION @extschema@.migrate_edit(text, text, text, text) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_edit(text, text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_edit(text, text, text, text) IS
    'Changes the scripts or the message of a revision and returns its id; NULL leaves a part as it is, an empty text empties it. The up script of an applied revision cannot be changed.';

CREATE FUNCTION @extschema@.migrate_remove(revision text)
    RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_remove';
ALTER FUNCTION @extschema@.migrate_remove(text) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_remove(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_remove(text) IS
    'Removes a revision that is not applied and that nothing refers to, and returns its id.';
-- Running revisions.

CREATE FUNCTION @extschema@.migrate_upgrade(target text DEFAULT 'head', tag text DEFAULT NULL, schema name DEFAULT NULL)
    RETURNS TABLE (revision text, direction text, message text, statements integer, duration interval)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_upgrade';
ALTER FUNCTION @extschema@.migrate_upgrade(text, text, name) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_upgrade(text, text, name) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_upgrade(text, text, name) IS
    'Upgrades to the target, in the transaction of the caller where that can hold it, and returns a row per revision run. Targets are those of Alembic: head, heads, an id or a prefix of one, a branch label, label@head, +2, id+1.';

CREATE FUNCTION @extschema@.migrate_downgrade(target text, tag text DEFAULT NULL, schema name DEFAULT NULL)
    RETURNS TABLE (revision text, direction text, message text, statements integer, duration interval)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_downgrade';
ALTER FUNCTION @extschema@.migrate_downgrade(text, text, name) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_downgrade(text, text, name) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_downgrade(text, text, name) IS
    'Downgrades to the target, in the transaction of the caller where that can hold it, and returns a row per revision reverted. Targets are those of Alembic: base, -1, an id or a prefix of one, label@base, id-1.';

CREATE FUNCTION @extschema@.migrate_stamp(
    target text DEFAULT 'head', purge boolean DEFAULT false, schema name DEFAULT NULL)
    RETURNS TABLE (revision text, action text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_stamp';
ALTER FUNCTION @extschema@.migrate_stamp(text, boolean, name) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_stamp(text, boolean, name) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_stamp(text, boolean, name) IS
    'Writes the version rows as if the target had been reached, running nothing; purge deletes all rows of the version line first. Returns the rows written, and insert, update or delete.';

CREATE FUNCTION @extschema@.migrate_plan(
    target text DEFAULT 'head', direction text DEFAULT 'upgrade', schema name DEFAULT NULL)
    RETURNS TABLE (step integer, revision text, message text, statement integer, transactional boolean, sql text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_plan';
ALTER FUNCTION @extschema@.migrate_plan(text, text, name) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_plan(text, text, name) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_plan(text, text, name) IS
    'What migrate_upgrade or migrate_downgrade would run: a row per statement; an empty script has one row with statement 0.';

CREATE FUNCTION @extschema@.migrate_upgrade_sql(target text DEFAULT 'head', schema name DEFAULT NULL)
    RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_upgrade_sql';
ALTER FUNCTION @extschema@.migrate_upgrade_sql(text, name) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_upgrade_sql(text, name) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_upgrade_sql(text, name) IS
    'The upgrade as a script for psql, from the current version or, with a target from:to, from a given one.';

CREATE FUNCTION @extschema@.migrate_downgrade_sql(target text, schema name DEFAULT NULL)
    RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_downgrade_sql';
ALTER FUNCTION @extschema@.migrate_downgrade_sql(text, name) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_downgrade_sql(text, name) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_downgrade_sql(text, name) IS
    'The downgrade as a script for psql, from the current version or, with a target from:to, from a given one.';

CREATE FUNCTION @extschema@.migrate_record(
    revision text, direction text, schema name DEFAULT NULL, tag text DEFAULT NULL,
    checksum text DEFAULT NULL, check_only boolean DEFAULT false)
    RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_record';
ALTER FUNCTION @extschema@.migrate_record(text, text, name, text, text, boolean) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_record(text, text, name, text, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_record(text, text, name, text, text, boolean) IS
    'Records one step of a script that migrate_upgrade_sql or migrate_downgrade_sql printed: checks that it is the next one and that the revision still has the checksum (or the beginning of one) that it was printed with and, unless check_only, writes the version row and the log. Returns the id.';

CREATE FUNCTION @extschema@.migrate_start(
    target text DEFAULT 'head', direction text DEFAULT 'upgrade', tag text DEFAULT NULL, schema name DEFAULT NULL)
    RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_start';
ALTER FUNCTION @extschema@.migrate_start(text, text, text, name) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_start(text, text, text, name) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_start(text, text, text, name) IS
    'Queues an upgrade or downgrade, which a background worker begins when the current transaction commits, and returns the number of the run: see migrate.run, migrate_wait and migrate_cancel.';

CREATE FUNCTION @extschema@.migrate_wait(run bigint, timeout interval DEFAULT NULL)
    RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_wait';
ALTER FUNCTION @extschema@.migrate_wait(bigint, interval) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_wait(bigint, interval) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_wait(bigint, interval) IS
    'Waits until a run that migrate_start has queued has ended, and returns its outcome, or its state when the timeout is over. Raises the error of a run that failed.';

CREATE FUNCTION @extschema@.migrate_cancel(run bigint)
    RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_cancel';
ALTER FUNCTION @extschema@.migrate_cancel(bigint) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_cancel(bigint) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_cancel(bigint) IS
    'Cancels a run that a background worker executes. False if it has ended.';

CREATE FUNCTION @extschema@.migrate_resolve(revision text, action text, schema name DEFAULT NULL)
    RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_resolve';
ALTER FUNCTION @extschema@.migrate_resolve(text, text, name) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_resolve(text, text, name) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_resolve(text, text, name) IS
    'Says what has become of the statement that was running when the run of a revision was interrupted, where that cannot be told from the catalogue: run has it run again, done counts it as done; discard forgets that the revision was begun. Returns the id.';
-- Comparing schemas: models, derived down scripts, proof, drift.

CREATE FUNCTION @extschema@.migrate_autogenerate(
    message text, model text DEFAULT NULL, model_schema name DEFAULT NULL, revision text DEFAULT NULL,
    schemas text DEFAULT NULL, online boolean DEFAULT false, renames text DEFAULT NULL)
    RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_autogenerate';
ALTER FUNCTION @extschema@.migrate_autogenerate(text, text, name, text, text, boolean, text) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_autogenerate(text, text, name, text, text, boolean, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_autogenerate(text, text, name, text, text, boolean, text) IS
    'Compares the database with a model (the DDL of the whole schema as a text, or a schema that is laid out like it), registers a revision with the statements for both directions on top of the head, and returns its id; NULL when nothing differs. The database has to be at head. schemas: a comma separated list of those that are compared, all without. online: by statements that avoid long locks. renames: old_table:new_table, table.old_column:table.new_column.';

CREATE FUNCTION @extschema@.migrate_derive_down(revision text)
    RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_derive_down';
ALTER FUNCTION @extschema@.migrate_derive_down(text) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_derive_down(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_derive_down(text) IS
    'Computes the down script of a revision that is not applied, from what its up script does when it is run and rolled back; stores it and returns it.';

CREATE FUNCTION @extschema@.migrate_verify(target text DEFAULT 'head', schema name DEFAULT NULL)
    RETURNS TABLE (revision text, up boolean, down boolean, identical boolean, difference text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_verify';
ALTER FUNCTION @extschema@.migrate_verify(text, name) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_verify(text, name) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_verify(text, name) IS
    'Proves the revisions that an upgrade to the target would run: each is run up, down and up again, with the schema compared at each turn, and all of it is rolled back. A row per revision; identical says that both comparisons found nothing.';

CREATE FUNCTION @extschema@.migrate_check(model text DEFAULT NULL, model_schema name DEFAULT NULL, schemas text DEFAULT NULL)
    RETURNS TABLE (kind text, object text, change text, sql text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_check';
ALTER FUNCTION @extschema@.migrate_check(text, name, text) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_check(text, name, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_check(text, name, text) IS
    'What differs between the database and a model, as for migrate_autogenerate: a row per object, with the statements that would make the database the same. No rows: nothing differs.';

CREATE FUNCTION @extschema@.migrate_drift(schema name DEFAULT NULL)
    RETURNS TABLE (kind text, object text, change text, sql text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_drift';
ALTER FUNCTION @extschema@.migrate_drift(name) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_drift(name) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_drift(name) IS
    'What has been changed in the schema since the last revision was applied: a row per object, with the statements that would bring it back. No rows: nothing.';
-- Looking at revisions; all of it works in a read-only transaction and on a standby.

CREATE FUNCTION @extschema@.migrate_current(schema name DEFAULT NULL)
    RETURNS TABLE (revision text, message text, is_head boolean, applied_at timestamptz, applied_by text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_current';
ALTER FUNCTION @extschema@.migrate_current(name) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_current(name) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_current(name) IS
    'The version rows, and the branch tips that they imply by depends_on.';

CREATE FUNCTION @extschema@.migrate_history(range text DEFAULT NULL, schema name DEFAULT NULL)
    RETURNS TABLE (revision text, down_revision text[], depends_on text[], branch_labels text[], message text,
                   is_head boolean, is_branch_point boolean, is_merge_point boolean, is_current boolean,
                   is_applied boolean, created_at timestamptz, created_by text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_history';
ALTER FUNCTION @extschema@.migrate_history(text, name) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_history(text, name) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_history(text, name) IS
    'The revisions, newest first; a range is start:end, each side an id, a relative target or current, and either may be left out.';

CREATE FUNCTION @extschema@.migrate_heads(resolve_dependencies boolean DEFAULT false)
    RETURNS TABLE (revision text, down_revision text[], depends_on text[], branch_labels text[], message text,
                   is_head boolean, is_branch_point boolean, is_merge_point boolean, is_current boolean,
                   is_applied boolean, created_at timestamptz, created_by text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_heads';
ALTER FUNCTION @extschema@.migrate_heads(boolean) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_heads(boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_heads(boolean) IS
    'The revisions that are nobody''s parent; with resolve_dependencies only those that nothing depends on either.';

CREATE FUNCTION @extschema@.migrate_branches()
    RETURNS TABLE (revision text, down_revision text[], depends_on text[], branch_labels text[], message text,
                   is_head boolean, is_branch_point boolean, is_merge_point boolean, is_current boolean,
                   is_applied boolean, created_at timestamptz, created_by text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_branches';
ALTER FUNCTION @extschema@.migrate_branches() OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_branches() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_branches() IS
    'The branch points: the revisions with more than one child.';

CREATE FUNCTION @extschema@.migrate_show(target text)
    RETURNS TABLE (revision text, down_revision text[], depends_on text[], branch_labels text[], message text,
                   is_head boolean, is_branch_point boolean, is_merge_point boolean, is_current boolean,
                   is_applied boolean, created_at timestamptz, created_by text, up text, down text, checksum text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_show';
ALTER FUNCTION @extschema@.migrate_show(text) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_show(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_show(text) IS
    'A revision or several, with their scripts; current means what is applied.';

CREATE FUNCTION @extschema@.migrate_check_heads(schema name DEFAULT NULL)
    RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_check_heads';
ALTER FUNCTION @extschema@.migrate_check_heads(name) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_check_heads(name) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_check_heads(name) IS
    'True when the database is on all heads; an error otherwise.';

CREATE FUNCTION @extschema@.migrate_graph(format text DEFAULT 'text')
    RETURNS SETOF text
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_graph';
ALTER FUNCTION @extschema@.migrate_graph(text) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_graph(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_graph(text) IS
    'The graph of the revisions as text, dot or mermaid.';
-- What runs now.

CREATE FUNCTION @extschema@.migrate_progress()
    RETURNS TABLE (pid integer, run bigint, direction text, schema_name name, revision text, step integer, steps integer,
                   statement integer, statements integer, phase text, started_at timestamptz,
                   statement_started_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_progress';
ALTER FUNCTION @extschema@.migrate_progress() OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_progress() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_progress() IS
    'What migrate.progress shows of the runs themselves.';

-- With the rights of whoever looks: what the server's own views keep from a role is not shown to it here either. Of the counts of a command the
-- server puts back to zero what does not belong to its present phase.
CREATE VIEW migrate.progress (pid, run, direction, schema_name, revision, step, steps, statement, statements, phase, done, total,
                              wait_event_type, wait_event, blocked_by, started_at, statement_started_at)
    WITH (security_invoker = true) AS
    SELECT p.pid, p.run, p.direction, p.schema_name, p.revision, p.step, p.steps, p.statement, p.statements,
           CASE WHEN s.phase LIKE 'waiting%' THEN s.phase
                WHEN p.run IS NOT NULL AND b.blocked_by <> '{}' THEN 'waiting for lock'
                ELSE coalesce(s.phase, p.phase)
           END,
           s.done, s.total, a.wait_event_type, a.wait_event, b.blocked_by, p.started_at, p.statement_started_at
    FROM @extschema@.migrate_progress() AS p
    CROSS JOIN LATERAL (SELECT pg_blocking_pids(p.pid)) AS b (blocked_by)
    LEFT JOIN pg_stat_activity AS a ON a.pid = p.pid
    LEFT JOIN LATERAL (
        SELECT i.phase,
               CASE WHEN i.lockers_total > 0 THEN i.lockers_done
                    WHEN i.blocks_total > 0 THEN i.blocks_done
                    WHEN i.tuples_total > 0 THEN i.tuples_done
               END,
               CASE WHEN i.lockers_total > 0 THEN i.lockers_total
                    WHEN i.blocks_total > 0 THEN i.blocks_total
                    WHEN i.tuples_total > 0 THEN i.tuples_total
               END
        FROM pg_stat_progress_create_index AS i WHERE i.pid = p.pid
        UNION ALL
        SELECT v.phase, CASE v.phase WHEN 'vacuuming heap' THEN v.heap_blks_vacuumed ELSE v.heap_blks_scanned END, v.heap_blks_total
        FROM pg_stat_progress_vacuum AS v WHERE v.pid = p.pid
        UNION ALL
        SELECT c.phase,
               CASE c.phase WHEN 'seq scanning heap' THEN c.heap_blks_scanned
                            WHEN 'index scanning heap' THEN c.heap_tuples_scanned
                            WHEN 'writing new heap' THEN c.heap_tuples_written
                            WHEN 'rebuilding index' THEN c.index_rebuild_count
               END,
               CASE c.phase WHEN 'seq scanning heap' THEN c.heap_blks_total
                            WHEN 'writing new heap' THEN c.heap_tuples_scanned
               END
        FROM pg_stat_progress_cluster AS c WHERE c.pid = p.pid
        UNION ALL
        SELECT n.phase, n.sample_blks_scanned, n.sample_blks_total FROM pg_stat_progress_analyze AS n WHERE n.pid = p.pid
        UNION ALL
        SELECT NULL, y.bytes_processed, nullif(y.bytes_total, 0) FROM pg_stat_progress_copy AS y WHERE y.pid = p.pid
    ) AS s (phase, done, total) ON true;
ALTER VIEW migrate.progress OWNER TO @extowner@;
REVOKE ALL ON migrate.progress FROM PUBLIC;
COMMENT ON VIEW migrate.progress IS 'What runs or waits for its turn now, and how far it is; seen before it is committed';
-- Migration files.

CREATE FUNCTION @extschema@.migrate_export(range text DEFAULT NULL)
    RETURNS TABLE (file text, content text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_export';
ALTER FUNCTION @extschema@.migrate_export(text) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_export(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_export(text) IS
    'The revisions as migration files, in the form that psql and migrate_load_directory read; a range is that of migrate_history.';

CREATE FUNCTION @extschema@.migrate_load_directory(path text, format text DEFAULT NULL)
    RETURNS TABLE (revision text, message text, action text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_load_directory';
ALTER FUNCTION @extschema@.migrate_load_directory(text, text) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_load_directory(text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_load_directory(text, text) IS
    'Registers the revisions of a directory of migration files on the server. Formats: pg_migrate, diesel; NULL recognises it. Needs the rights of pg_read_server_files.';
-- Who may do what.

CREATE FUNCTION @extschema@.migrate_grant(role name, level text)
    RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_grant';
ALTER FUNCTION @extschema@.migrate_grant(name, text) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_grant(name, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_grant(name, text) IS
    'Grants a role one of the levels viewer (look), operator (run, and look) or author (write revisions, and look).';

CREATE FUNCTION @extschema@.migrate_revoke(role name, level text)
    RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_revoke';
ALTER FUNCTION @extschema@.migrate_revoke(name, text) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_revoke(name, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_revoke(name, text) IS
    'Takes a level from a role again; what another level of the same role needs stays.';
-- What default privileges of the installing role have granted to others is taken back, on every object: who may do what
-- is for migrate_grant to say.
DO $$
DECLARE
    grantee record;
BEGIN
    FOR grantee IN
        SELECT DISTINCT o.kind, o.name, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS role
        FROM pg_extension AS e
        JOIN pg_depend AS d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
        JOIN LATERAL (
            SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, c.relowner, c.relacl
            FROM pg_class AS c WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind IN ('r', 'v', 'S')
            UNION ALL
            SELECT 'FUNCTION', p.oid::regprocedure::text, p.proowner, p.proacl
            FROM pg_proc AS p WHERE d.classid = 'pg_proc'::regclass AND p.oid = d.objid
            UNION ALL
            SELECT 'SCHEMA', quote_ident(n.nspname), n.nspowner, n.nspacl
            FROM pg_namespace AS n WHERE d.classid = 'pg_namespace'::regclass AND n.oid = d.objid
        ) AS o (kind, name, owner, acl) ON true
        CROSS JOIN LATERAL aclexplode(o.acl) AS a
        WHERE e.extname = 'pg_migrate' AND a.grantee <> o.owner
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %s', grantee.kind, grantee.name, grantee.role);
    END LOOP;
END $$;

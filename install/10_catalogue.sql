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
    settings text[],
    temporary text[],
    search_path text,
    origin text,
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
COMMENT ON COLUMN migrate.journal.settings IS 'The settings that the statements which are done have changed in their session: name, value and the role that has set it, by turns; without a role: reset';
COMMENT ON COLUMN migrate.journal.temporary IS 'The temporary objects that they have left in it';
COMMENT ON COLUMN migrate.journal.search_path IS 'The search_path of the caller';
COMMENT ON COLUMN migrate.journal.origin IS 'The server and the database in which objects_before means something';

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

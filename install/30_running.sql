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

-- Running revisions.

CREATE FUNCTION @extschema@.migrate_upgrade(target text DEFAULT 'head', tag text DEFAULT NULL, schema name DEFAULT NULL)
    RETURNS TABLE (revision text, direction text, message text, statements integer, duration interval)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_upgrade';
ALTER FUNCTION @extschema@.migrate_upgrade(text, text, name) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_upgrade(text, text, name) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_upgrade(text, text, name) IS
    'Upgrades to the target in the transaction of the caller and returns a row per revision run. Targets are those of Alembic: head, heads, an id or a prefix of one, a branch label, label@head, +2, id+1.';

CREATE FUNCTION @extschema@.migrate_downgrade(target text, tag text DEFAULT NULL, schema name DEFAULT NULL)
    RETURNS TABLE (revision text, direction text, message text, statements integer, duration interval)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_downgrade';
ALTER FUNCTION @extschema@.migrate_downgrade(text, text, name) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_downgrade(text, text, name) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_downgrade(text, text, name) IS
    'Downgrades to the target in the transaction of the caller and returns a row per revision reverted. Targets are those of Alembic: base, -1, an id or a prefix of one, label@base, id-1.';

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

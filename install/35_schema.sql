-- Comparing schemas: models, derived down scripts, proof, drift.

CREATE FUNCTION @extschema@.migrate_autogenerate(
    message text, model text DEFAULT NULL, model_schema name DEFAULT NULL, revision text DEFAULT NULL,
    schemas text DEFAULT NULL, online boolean DEFAULT false, renames text DEFAULT NULL,
    down_revision text DEFAULT 'head', depends_on text DEFAULT NULL, branch_label text DEFAULT NULL)
    RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_autogenerate';
ALTER FUNCTION @extschema@.migrate_autogenerate(text, text, name, text, text, boolean, text, text, text, text) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_autogenerate(text, text, name, text, text, boolean, text, text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_autogenerate(text, text, name, text, text, boolean, text, text, text, text) IS
    'Compares the database with a model (the DDL of the whole schema as a text, or a schema that is laid out like it), registers a revision with the statements for both directions on top of the head, and returns its id; NULL when nothing differs. The database has to be at its heads. schemas: a comma separated list of those that are compared, all without. online: by statements that avoid long locks. renames: old_table:new_table, table.old_column:table.new_column. down_revision, depends_on, branch_label: as for migrate_revision.';

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

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

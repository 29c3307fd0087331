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

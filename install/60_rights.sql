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

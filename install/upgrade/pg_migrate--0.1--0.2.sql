\echo Use "ALTER EXTENSION pg_migrate UPDATE TO '0.2'" to load this file. \quit

SET LOCAL search_path TO pg_catalog, pg_temp;

CREATE FUNCTION @extschema@.migrate_import_alembic(upgrade_sql text, downgrade_sql text DEFAULT NULL)
    RETURNS TABLE (revision text, message text, action text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_import_alembic';
ALTER FUNCTION @extschema@.migrate_import_alembic(text, text) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_import_alembic(text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_import_alembic(text, text) IS
    'Registers the revisions of an Alembic project from what "alembic upgrade base:heads --sql" and "alembic downgrade ...:base --sql" print.';

ALTER TABLE migrate.journal ADD COLUMN settings text[], ADD COLUMN temporary text[], ADD COLUMN search_path text,
    ADD COLUMN origin text;
COMMENT ON COLUMN migrate.journal.settings IS 'The settings that the statements which are done have changed in their session: name, value and the role that has set it, by turns; without a role: reset';
COMMENT ON COLUMN migrate.journal.temporary IS 'The temporary objects that they have left in it';
COMMENT ON COLUMN migrate.journal.search_path IS 'The search_path of the caller';
COMMENT ON COLUMN migrate.journal.origin IS 'The server and the database in which objects_before means something';

DROP FUNCTION @extschema@.migrate_autogenerate(text, text, name, text, text, boolean, text);
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

COMMENT ON FUNCTION @extschema@.migrate_load_directory(text, text) IS
    'Registers the revisions of a directory of migration files on the server. Formats: pg_migrate, dbmate, diesel, flyway, golang-migrate, goose, node-pg-migrate, sqlx; NULL recognises it. Needs the rights of pg_read_server_files.';

-- What default privileges have granted is taken back. The levels are not granted here: to pg_dump it would be a part of the extension, and a restore
-- would lose it.
DO $$
DECLARE
    new record;
    grantee record;
    roles text;
BEGIN
    FOR new IN
        SELECT p.oid::regprocedure::text AS signature, p.proowner AS owner, p.proacl AS acl
        FROM pg_proc AS p
        JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
        JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND e.extname = 'pg_migrate'
        WHERE p.proname IN ('migrate_import_alembic', 'migrate_autogenerate')
    LOOP
        FOR grantee IN
            SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS role
            FROM aclexplode(new.acl) AS a WHERE a.grantee <> new.owner
        LOOP
            EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s', new.signature, grantee.role);
        END LOOP;
    END LOOP;
    SELECT string_agg(DISTINCT quote_ident(pg_get_userbyid(a.grantee)), ', ') INTO roles
    FROM pg_proc AS p
    JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND e.extname = 'pg_migrate'
    CROSS JOIN LATERAL aclexplode(p.proacl) AS a
    WHERE p.proname = 'migrate_revision' AND a.privilege_type = 'EXECUTE' AND a.grantee NOT IN (0, p.proowner);
    IF roles IS NOT NULL THEN
        RAISE WARNING 'new functions are not granted by an update' USING
            DETAIL = 'Authors so far: ' || roles || '.',
            HINT = 'Call migrate_grant(role, ''author'') for each who is to import or generate revisions.';
    END IF;
END $$;

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
    'Registers the revisions of a directory of migration files on the server. Formats: pg_migrate, dbmate, diesel, flyway, golang-migrate, goose, node-pg-migrate, sqlx; NULL recognises it. Needs the rights of pg_read_server_files.';

CREATE FUNCTION @extschema@.migrate_import_alembic(upgrade_sql text, downgrade_sql text DEFAULT NULL)
    RETURNS TABLE (revision text, message text, action text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_import_alembic';
ALTER FUNCTION @extschema@.migrate_import_alembic(text, text) OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_import_alembic(text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_import_alembic(text, text) IS
    'Registers the revisions of an Alembic project from what "alembic upgrade base:heads --sql" and "alembic downgrade ...:base --sql" print.';

BEGIN;
SELECT coalesce(string_agg(revision, ','), 'base') AS applied FROM migrate.version WHERE schema_name IS NULL \gset
SELECT * FROM migrate_stamp('base');
SELECT * FROM migrate_import_alembic(:'upgrades', :'downgrades');
SELECT * FROM migrate_stamp(:'applied');
COMMIT;

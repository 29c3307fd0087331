\set upgrades `alembic history --verbose; alembic upgrade base:heads --sql`
\set downgrades `alembic downgrade head:base --sql`
SELECT * FROM migrate_import_alembic(:'upgrades', :'downgrades');

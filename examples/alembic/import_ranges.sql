\set upgrades `alembic history --verbose; alembic upgrade base:1975ea83b712 --sql; alembic upgrade 27c6a30d7c24:heads --sql`
\set downgrades `alembic downgrade head:4b80e1672931 --sql; alembic downgrade 3adcfb8a1c55:27c6a30d7c24 --sql; alembic downgrade 1975ea83b712:base --sql`
SELECT * FROM migrate_import_alembic(:'upgrades', :'downgrades');
SELECT migrate_revision(
    revision => '27c6a30d7c24', down_revision => '1975ea83b712',
    message  => 'slugs of customers',
    up => $up$
        ALTER TABLE customer ADD COLUMN slug text;
        UPDATE customer SET slug = lower(name);
    $up$,
    down => 'ALTER TABLE customer DROP COLUMN slug');

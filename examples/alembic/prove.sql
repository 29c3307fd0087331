\set model `pg_dump -s --no-owner -T alembic_version old | grep -v '^\\'`
SELECT * FROM migrate_check(model => :'model');

-- One schema per tenant: each has a version line of its own, and comes first in search_path while its scripts run.
CREATE EXTENSION pg_migrate;
CREATE SCHEMA tenant_a;
CREATE SCHEMA tenant_b;

SELECT migrate_revision('initial schema', 'CREATE TABLE extractions (id bigint)', 'DROP TABLE extractions',
                        revision => '1975ea83b712', down_revision => 'base');
SELECT migrate_revision('add review_notes', 'ALTER TABLE extractions ADD COLUMN review_notes text',
                        'ALTER TABLE extractions DROP COLUMN review_notes', revision => '27c6a30d7c24');

SELECT revision, message FROM migrate_upgrade('head', schema => 'tenant_a');
SELECT revision, message FROM migrate_upgrade('+1', schema => 'tenant_b');

SELECT schema_name, revision FROM migrate.version ORDER BY schema_name;

\d tenant_a.extractions
\d tenant_b.extractions

SELECT count(*) AS applied FROM migrate_current();

SELECT revision, message FROM migrate_current(schema => 'tenant_b');

SELECT * FROM migrate_upgrade('head', schema => 'tenant_c');

DROP TABLE tenant_a.extractions, tenant_b.extractions;
DROP SCHEMA tenant_a, tenant_b;
DROP EXTENSION pg_migrate;

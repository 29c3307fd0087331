-- A transaction for each revision: what is done stays when a later revision fails, and no lock is held longer than its revision takes.
CREATE EXTENSION pg_migrate;
SELECT migrate_revision('initial schema', 'CREATE TABLE extractions (id bigint)', 'DROP TABLE extractions',
                        revision => '1975ea83b712', down_revision => 'base');
SELECT migrate_revision('refunds', 'CREATE TABLE refunds (id bigint)', 'DROP TABLE refunds',
                        revision => 'c3e609d42f57', down_revision => '1975ea83b712');
SELECT migrate_revision('refunds have a contract', 'ALTER TABLE refunds ADD contract_id bigint REFERENCES contracts', 'ALTER TABLE refunds DROP contract_id',
                        revision => 'd4f71ae53068', down_revision => 'c3e609d42f57');

SET pg_migrate.transaction_mode = 'per_revision';
SELECT revision, message FROM migrate_upgrade('head');

SELECT revision, message FROM migrate_current();
SELECT revision, outcome, sqlstate, error FROM migrate.log ORDER BY started_at;

-- The next call goes on where this one stopped.
CREATE TABLE contracts (id bigint PRIMARY KEY);
SELECT revision, message FROM migrate_upgrade('head');

SELECT revision FROM migrate_downgrade('base');
RESET pg_migrate.transaction_mode;
DROP TABLE contracts;
DROP EXTENSION pg_migrate;

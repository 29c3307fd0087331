-- Going up and down a line of four revisions, and looking around.
CREATE EXTENSION pg_migrate;
SELECT migrate_revision('contracts', 'CREATE TABLE contracts (id bigint)', 'DROP TABLE contracts', revision => 'a1c4e7b20d35');
SELECT migrate_revision('extractions', 'CREATE TABLE extractions (id bigint)', 'DROP TABLE extractions', revision => 'b2d5f8c31e46');
SELECT migrate_revision('refunds', 'CREATE TABLE refunds (id bigint)', 'DROP TABLE refunds', revision => 'c3e609d42f57');
SELECT migrate_revision('invoices', 'CREATE TABLE invoices (id bigint)', 'DROP TABLE invoices', revision => 'd4f71ae53068');

SELECT revision, message FROM migrate_upgrade('+1');

SELECT revision, message FROM migrate_upgrade('c3e609d42f57');

SELECT revision, message, is_head FROM migrate_current();

SELECT revision, down_revision, message, is_head, is_current, is_applied FROM migrate_history();

-- A range: from the second revision up to what is applied. An id may be abbreviated.
SELECT revision, message FROM migrate_history('b2d5:current');

\x on
SELECT revision, down_revision, message, is_current, up, down, checksum FROM migrate_show('current');
\x off

SELECT revision, message FROM migrate_downgrade('-1');

SELECT revision, message FROM migrate_downgrade('a1c4e7b20d35');

SELECT revision, message FROM migrate_upgrade('head');

SELECT revision, message FROM migrate_downgrade('base');

SELECT count(*) AS applied FROM migrate_current();

DROP EXTENSION pg_migrate;

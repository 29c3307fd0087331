-- Creating and dropping an index.
CREATE EXTENSION pg_migrate;
CREATE TABLE extractions (id bigint PRIMARY KEY, contract_id bigint, status text);
CREATE INDEX idx_old ON extractions (status);

SELECT migrate_revision(
    revision => 'd41f7a90b2c6',
    message => 'index extractions by contract',
    up   => 'CREATE INDEX idx_extractions_contract ON extractions (contract_id)',
    down => 'DROP INDEX idx_extractions_contract');

SELECT migrate_revision(
    revision => 'e52a8b01c3d7',
    message => 'drop idx_old',
    up   => 'DROP INDEX idx_old',
    down => 'CREATE INDEX idx_old ON extractions (status)');

SELECT revision, message FROM migrate_upgrade('head');

SELECT indexname FROM pg_indexes WHERE tablename = 'extractions' ORDER BY 1;

SELECT revision, message FROM migrate_downgrade('base');

SELECT indexname FROM pg_indexes WHERE tablename = 'extractions' ORDER BY 1;

DROP TABLE extractions;
DROP EXTENSION pg_migrate;

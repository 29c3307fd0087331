-- A foreign key: added unvalidated, and validated by a revision of its own, which lets writers go on meanwhile.
CREATE EXTENSION pg_migrate;
CREATE TABLE contracts (id bigint PRIMARY KEY);
CREATE TABLE extractions (id bigint PRIMARY KEY, contract_id bigint);

SELECT migrate_revision(
    revision => 'f63b9c12d4e8',
    message => 'extractions belong to contracts',
    up   => $up$
        ALTER TABLE extractions ADD CONSTRAINT fk_extractions_contract
            FOREIGN KEY (contract_id) REFERENCES contracts (id) NOT VALID;
    $up$,
    down => $down$
        ALTER TABLE extractions DROP CONSTRAINT fk_extractions_contract;
    $down$);

SELECT migrate_revision(
    revision => '074cad23e5f9',
    message => 'validate fk_extractions_contract',
    up   => 'ALTER TABLE extractions VALIDATE CONSTRAINT fk_extractions_contract',
    down => '');

SELECT revision, message, statements FROM migrate_upgrade('+1');

SELECT conname, convalidated FROM pg_constraint WHERE conname = 'fk_extractions_contract';

SELECT revision, message, statements FROM migrate_upgrade('+1');

SELECT conname, convalidated FROM pg_constraint WHERE conname = 'fk_extractions_contract';

SELECT revision, message, statements FROM migrate_downgrade('base');

SELECT count(*) FROM pg_constraint WHERE conname = 'fk_extractions_contract';

DROP TABLE extractions, contracts;
DROP EXTENSION pg_migrate;

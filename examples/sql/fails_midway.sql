-- A migration fails midway: nothing of it stays but its row in the log, so there is nothing to clean up.
CREATE EXTENSION pg_migrate;
CREATE TABLE extractions (id bigint PRIMARY KEY, contract_id bigint, status text);
INSERT INTO extractions VALUES (1, 10, 'done'), (2, 10, 'done');

SELECT migrate_revision(
    revision => '4b80e1672931', down_revision => 'base',
    message  => 'one extraction per contract',
    up => $up$
        ALTER TABLE extractions ADD COLUMN review_notes varchar(500);
        ALTER TABLE extractions ADD CONSTRAINT one_per_contract UNIQUE (contract_id);
    $up$,
    down => $down$
        ALTER TABLE extractions DROP CONSTRAINT one_per_contract;
        ALTER TABLE extractions DROP COLUMN review_notes;
    $down$);

SELECT revision, message, statements FROM migrate_upgrade('head');

-- The first statement is undone as well.
SELECT count(*) AS applied FROM migrate_current();
SELECT attname FROM pg_attribute WHERE attrelid = 'extractions'::regclass AND attnum > 0 ORDER BY attnum;
SELECT revision, outcome, statement, sqlstate, error FROM migrate.log;

-- Remedy 1: fix the data, and run it again.
BEGIN;
DELETE FROM extractions WHERE id = 2;
SELECT revision, message, statements FROM migrate_upgrade('head');
ROLLBACK;

-- Remedy 2: take the failing operation out of the revision, which is not applied yet, and bring it back in a new one.
SELECT migrate_edit(
    '4b80e1672931',
    up   => 'ALTER TABLE extractions ADD COLUMN review_notes varchar(500)',
    down => 'ALTER TABLE extractions DROP COLUMN review_notes');
SELECT migrate_revision(
    revision => '5c91f2783a42', down_revision => '4b80e1672931',
    message  => 'one extraction per contract, after removing duplicates',
    up => $up$
        DELETE FROM extractions AS e USING extractions AS older
        WHERE older.contract_id = e.contract_id AND older.id < e.id;
        ALTER TABLE extractions ADD CONSTRAINT one_per_contract UNIQUE (contract_id);
    $up$,
    down => 'ALTER TABLE extractions DROP CONSTRAINT one_per_contract');
SELECT revision, message, statements FROM migrate_upgrade('head');

-- Remedy 3: do the rest of a revision by hand, and mark it as applied.
SELECT revision, message FROM migrate_downgrade('4b80e1672931');
ALTER TABLE extractions ADD CONSTRAINT one_per_contract UNIQUE (contract_id);
SELECT * FROM migrate_stamp('head');
SELECT revision, message, is_head FROM migrate_current();

-- An applied revision cannot be changed any more.
SELECT migrate_edit('5c91f2783a42', up => 'SELECT 1');

DROP TABLE extractions;
DROP EXTENSION pg_migrate;

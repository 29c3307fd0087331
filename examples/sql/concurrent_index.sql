-- CREATE INDEX CONCURRENTLY cannot run in a transaction: a background worker runs such a plan, while the caller waits.
CREATE EXTENSION pg_migrate;
CREATE TABLE extractions (id bigint PRIMARY KEY, contract_id bigint, status text);
INSERT INTO extractions SELECT n, n % 10, 'pending' FROM generate_series(1, 100) AS n;

SELECT migrate_revision(
    revision => '3a7fd0561820', down_revision => 'base',
    message  => 'add custom index',
    up => $up$
        ALTER TABLE extractions ADD COLUMN reviewed boolean NOT NULL DEFAULT false;
        CREATE INDEX CONCURRENTLY idx_custom ON extractions (contract_id, status);
        COMMENT ON INDEX idx_custom IS 'for the list of open extractions';
    $up$,
    down => $down$
        DROP INDEX CONCURRENTLY idx_custom;
        ALTER TABLE extractions DROP COLUMN reviewed;
    $down$);

SELECT revision, statement, transactional, left(sql, 45) AS sql FROM migrate_plan();

SELECT revision, message, statements FROM migrate_upgrade('head');

\d extractions

SELECT revision, direction, outcome, statement AS statements FROM migrate.log;

-- In a transaction block it is refused at once, before anything is done.
BEGIN;
SELECT revision, message FROM migrate_downgrade('-1');
ROLLBACK;

SELECT revision, message FROM migrate_downgrade('-1');

DROP TABLE extractions;
DROP EXTENSION pg_migrate;

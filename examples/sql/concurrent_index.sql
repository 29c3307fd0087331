-- CREATE INDEX CONCURRENTLY cannot run in a transaction, and so not inside a function: it is run by a printed script.
\getenv output PG_ABS_BUILDDIR
\cd :output
CREATE EXTENSION pg_migrate;
CREATE TABLE extractions (id bigint PRIMARY KEY, contract_id bigint, status text);
INSERT INTO extractions SELECT n, n % 10, 'pending' FROM generate_series(1, 100) AS n;

SELECT migrate_revision(
    revision => '3a7fd0561820', down_revision => 'base',
    message  => 'add custom index',
    up => $up$
        CREATE INDEX CONCURRENTLY idx_custom ON extractions (contract_id, status);
    $up$,
    down => $down$
        DROP INDEX idx_custom;
    $down$);

SELECT revision, statement, transactional, sql FROM migrate_plan();

SELECT * FROM migrate_upgrade('head');

SELECT migrate_upgrade_sql('head') \g (format=unaligned tuples_only=on) upgrade.sql
\i upgrade.sql

SELECT revision, message, is_head FROM migrate_current();

\d extractions

SELECT revision, direction, note FROM migrate.log;

-- The way back needs no script: DROP INDEX without CONCURRENTLY is transactional.
SELECT revision, message FROM migrate_downgrade('-1');

DROP TABLE extractions;
DROP EXTENSION pg_migrate;

-- A run in the background, asked for in a transaction: it begins when that transaction commits.
CREATE EXTENSION pg_migrate;
CREATE TABLE extractions (id bigint PRIMARY KEY, contract_id bigint);
CREATE TABLE deployment (version text, run bigint);
SELECT migrate_revision(
    revision => '3adcfb8a1c55', down_revision => 'base',
    message  => 'index extractions by contract',
    up   => 'CREATE INDEX CONCURRENTLY extractions_contract_id_idx ON extractions (contract_id)',
    down => 'DROP INDEX CONCURRENTLY extractions_contract_id_idx');

BEGIN;
INSERT INTO deployment SELECT '1.7', migrate_start('head', tag => 'release 1.7');
COMMIT;

SELECT run FROM deployment \gset
SELECT migrate_wait(:run, timeout => '10 minutes');

SELECT operation, target, tag, state, outcome FROM migrate.run;

-- A transaction that is rolled back leaves no run.
BEGIN;
SELECT migrate_start('base', direction => 'downgrade') > 0 AS queued;
ROLLBACK;
SELECT count(*) AS runs FROM migrate.run;

-- What becomes of a run that fails: migrate_wait raises its error.
SELECT migrate_revision('cannot work', 'VACUUM no_such_table', revision => '6b8d10f2e4a7', down_revision => '3adcfb8a1c55');
SELECT migrate_start() AS run \gset
SELECT migrate_wait(:run);
SELECT operation, state, outcome, sqlstate, error FROM migrate.run ORDER BY run DESC LIMIT 1;

-- One that has ended cannot be cancelled any more.
SELECT migrate_cancel(:run);

DROP TABLE extractions, deployment;
DROP EXTENSION pg_migrate;

-- A unique index that is built concurrently meets duplicates: the run stops there, and the next one goes on.
CREATE EXTENSION pg_migrate;
SELECT migrate_revision('initial schema', 'CREATE TABLE extractions (id bigint PRIMARY KEY, contract_id bigint)', 'DROP TABLE extractions',
                        revision => '1975ea83b712', down_revision => 'base');
SELECT revision FROM migrate_upgrade('head');
INSERT INTO extractions VALUES (1, 10), (2, 10), (3, 30);
SELECT migrate_revision(
    revision => '4b80e1672931', down_revision => '1975ea83b712',
    message  => 'one extraction per contract',
    up => $up$
        ALTER TABLE extractions ALTER contract_id SET NOT NULL;
        CREATE UNIQUE INDEX CONCURRENTLY one_per_contract ON extractions (contract_id);
        ALTER TABLE extractions ADD CONSTRAINT one_per_contract UNIQUE USING INDEX one_per_contract;
    $up$,
    down => $down$
        ALTER TABLE extractions DROP CONSTRAINT one_per_contract;
        ALTER TABLE extractions ALTER contract_id DROP NOT NULL;
    $down$);

SELECT revision, message FROM migrate_upgrade('head');

-- The first statement is done. The invalid index that PostgreSQL leaves behind is gone.
SELECT revision, direction, done, running FROM migrate.journal;
SELECT indexrelid::regclass AS index, indisvalid FROM pg_index WHERE indrelid = 'extractions'::regclass;
SELECT run, revision, outcome, sqlstate, statement, error FROM migrate.log ORDER BY run;
SELECT revision, statement, transactional, left(sql, 50) AS sql FROM migrate_plan();

-- It has to be finished, or given up, before anything else of this version line is run.
SELECT revision FROM migrate_downgrade('base');

DELETE FROM extractions WHERE id = 2;
SELECT revision, message, statements FROM migrate_upgrade('head');

SELECT count(*) AS begun FROM migrate.journal;
SELECT run, revision, outcome, statement FROM migrate.log ORDER BY run;

SELECT revision FROM migrate_downgrade('base');

DROP EXTENSION pg_migrate;

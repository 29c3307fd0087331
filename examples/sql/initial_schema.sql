-- The first revision: registered, looked at, run.
CREATE EXTENSION pg_migrate;

SELECT migrate_revision(
    revision => '1975ea83b712', down_revision => 'base',
    message  => 'initial schema',
    up => $up$
        CREATE TABLE contracts (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            title text NOT NULL
        );
        CREATE TABLE extractions (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            contract_id bigint NOT NULL REFERENCES contracts,
            status varchar(20) NOT NULL DEFAULT 'pending'
        );
    $up$,
    down => $down$
        DROP TABLE extractions;
        DROP TABLE contracts;
    $down$);

SELECT step, revision, statement, transactional, left(sql, 30) AS sql FROM migrate_plan();

SELECT revision, direction, message, statements FROM migrate_upgrade('head');

SELECT revision, message, is_head FROM migrate_current();

-- A second call finds nothing to do.
SELECT revision, direction, message, statements FROM migrate_upgrade('head');

-- A mistake is reported when the revision is registered, not when it runs.
SELECT migrate_revision('a mistake', revision => '0badc0ffee00', up => $up$
    CREATE TABLE refunds (
        id bigint,
    );
$up$);

DROP TABLE extractions, contracts;
DROP EXTENSION pg_migrate;

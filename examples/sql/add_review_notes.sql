-- A column for extractions, in the database of initial_schema.sql: applied, looked at, taken back, applied again.
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

SELECT revision, message FROM migrate_upgrade('head');

SELECT migrate_revision(
    revision => '27c6a30d7c24', down_revision => '1975ea83b712',
    message  => 'add review_notes to extractions',
    up   => $up$   ALTER TABLE extractions ADD COLUMN review_notes varchar(500);   $up$,
    down => $down$ ALTER TABLE extractions DROP COLUMN review_notes;   $down$);

SELECT revision, direction, message, statements FROM migrate_upgrade('head');

\d extractions

SELECT revision, direction, message, statements FROM migrate_downgrade('-1');

\d extractions

SELECT revision, direction, message, statements FROM migrate_upgrade('head');

SELECT * FROM migrate_graph();

DROP TABLE extractions, contracts;
DROP EXTENSION pg_migrate;

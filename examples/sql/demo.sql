\set ON_ERROR_STOP on
\echo
\echo === The extension: its functions go where you say, its tables into the schema migrate
\echo
CREATE EXTENSION pg_migrate;

\echo
\echo === A migration is one call, kept in git as a plain SQL file
\echo
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
SELECT migrate_revision(
    revision => '27c6a30d7c24', down_revision => '1975ea83b712',
    message  => 'add review_notes to extractions',
    up   => $up$   ALTER TABLE extractions ADD COLUMN review_notes varchar(500);   $up$,
    down => $down$ ALTER TABLE extractions DROP COLUMN review_notes;               $down$);

\echo
\echo === alembic upgrade head
\echo
SELECT revision, direction, message, statements FROM migrate_upgrade('head');
\echo '\\d extractions'
\d extractions

\echo
\echo === alembic downgrade -1, and up again
\echo
SELECT revision, direction, message, statements FROM migrate_downgrade('-1');
SELECT revision, direction, message, statements FROM migrate_upgrade('head');

\echo
\echo === alembic current, alembic history
\echo
SELECT revision, message, is_head FROM migrate_current();
SELECT revision, down_revision, message, is_applied FROM migrate_history();

\echo
\echo === A run belongs to your transaction: ROLLBACK undoes it
\echo
BEGIN;
SELECT revision, direction FROM migrate_downgrade('base');
ROLLBACK;
SELECT revision, message, is_head FROM migrate_current();

\echo
\echo === A migration that fails midway leaves nothing behind
\echo
INSERT INTO contracts (title) VALUES ('Supply of paper');
INSERT INTO extractions (contract_id) VALUES (1), (1);
SELECT migrate_revision(
    revision => '4b80e1672931', down_revision => '27c6a30d7c24',
    message  => 'one extraction per contract',
    up => $up$
        ALTER TABLE extractions ADD COLUMN reviewed_at timestamptz;
        ALTER TABLE extractions ADD CONSTRAINT one_per_contract UNIQUE (contract_id);
    $up$,
    down => $down$
        ALTER TABLE extractions DROP CONSTRAINT one_per_contract;
        ALTER TABLE extractions DROP COLUMN reviewed_at;
    $down$);
\set ON_ERROR_STOP off
SELECT revision, message FROM migrate_upgrade('head');
\set ON_ERROR_STOP on
\echo
\echo ... so it is enough to mend the data, and to run it again
\echo
DELETE FROM extractions WHERE id = 2;
SELECT revision, message FROM migrate_upgrade('head');

\echo
\echo === Branches are joined by a merge, as in git
\echo
SELECT migrate_revision('contracts have an owner', 'ALTER TABLE contracts ADD COLUMN owner text',
                        'ALTER TABLE contracts DROP COLUMN owner',
                        revision => '8e0ac3d15f77', down_revision => '27c6a30d7c24');
SELECT migrate_merge(message => 'merge', revision => '9f1bd4e26088');
SELECT revision, message FROM migrate_upgrade('head');
SELECT * FROM migrate_graph();

\echo
\echo === What cannot run in a transaction is run by a background worker, and you wait for it as for any other
\echo
SELECT migrate_revision('find extractions by status', 'CREATE INDEX CONCURRENTLY by_status ON extractions (status)',
                        'DROP INDEX CONCURRENTLY by_status', revision => 'a3c5f7e91b20', down_revision => '9f1bd4e26088');
SELECT revision, message FROM migrate_upgrade('head');

\echo
\echo === What ran is on record
\echo
SELECT run, revision, direction, outcome, statement AS statements FROM migrate.log ORDER BY run, started_at, revision;

\echo
\echo === Or say what the schema is to be, as your schema.sql does, and the revision is written for you
\echo
CREATE TEMPORARY TABLE wanted AS SELECT $sql$
    CREATE TABLE contracts (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        title text NOT NULL,
        owner text,
        value numeric(12,2) CHECK (value >= 0)
    );
    CREATE TABLE extractions (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        contract_id bigint NOT NULL CONSTRAINT one_per_contract UNIQUE REFERENCES contracts,
        status varchar(20) NOT NULL DEFAULT 'pending',
        review_notes varchar(500),
        reviewed_at timestamptz
    );
    CREATE INDEX by_status ON extractions (status);
$sql$ AS schema;
SELECT migrate_autogenerate('contracts have a value', (SELECT schema FROM wanted), revision => 'b7e3d05a4c19');
SELECT up FROM migrate_show('b7e3d05a4c19') \g (format=unaligned tuples_only=on)
SELECT down FROM migrate_show('b7e3d05a4c19') \g (format=unaligned tuples_only=on)
\echo ... read it, and run it as any other; nothing differs then
\echo
SELECT revision, message, statements FROM migrate_upgrade('head');
SELECT * FROM migrate_check((SELECT schema FROM wanted));
SELECT revision, direction, message, statements FROM migrate_downgrade('-1');
DROP TABLE wanted;

\echo
\echo === And back to the empty database
\echo
SELECT revision, direction FROM migrate_downgrade('base');
\echo '\\d'
\d
DROP EXTENSION pg_migrate;

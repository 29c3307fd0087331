-- A revision whose way back nobody has written.
CREATE EXTENSION pg_migrate;
CREATE TABLE extractions (id bigint PRIMARY KEY, status text, notes text);
SELECT migrate_revision(
    revision => '4b80e1672931', down_revision => 'base',
    message  => 'extractions have a state',
    up => $up$
        ALTER TABLE extractions RENAME COLUMN status TO state;
        UPDATE extractions SET state = 'pending' WHERE state IS NULL;
        ALTER TABLE extractions ALTER COLUMN state SET NOT NULL, DROP COLUMN notes;
        CREATE INDEX CONCURRENTLY extractions_state ON extractions (state);
    $up$);

SELECT migrate_derive_down('4b80e1672931') \g (format=unaligned tuples_only=on)

SELECT * FROM migrate_verify('head');

SELECT revision, direction FROM migrate_upgrade('head');
SELECT revision, direction FROM migrate_downgrade('-1');
\d extractions

-- Or by each upgrade itself.
SET pg_migrate.derive_down = on;
SELECT migrate_revision(
    revision => '5c91f2783a42', down_revision => '4b80e1672931',
    message  => 'view of what is pending',
    up => $up$
        CREATE VIEW pending AS SELECT id FROM extractions WHERE state = 'pending';
    $up$);
SELECT revision, direction FROM migrate_upgrade('head');
SELECT down FROM migrate_show('5c91f2783a42') \g (format=unaligned tuples_only=on)
SELECT revision, direction FROM migrate_downgrade('-1');

RESET pg_migrate.derive_down;
SELECT count(*) AS steps FROM migrate_downgrade('base');
DROP TABLE extractions;
DROP EXTENSION pg_migrate;

-- Adding and dropping a column. Without an explicit id a new one is made; without down_revision the head is the parent.
CREATE EXTENSION pg_migrate;
CREATE TABLE extractions (id bigint PRIMARY KEY, legacy_code text);

SELECT migrate_revision(
    revision => 'b7a1c02f9d31',
    message => 'add new_field to extractions',
    up   => 'ALTER TABLE extractions ADD COLUMN new_field varchar(100)',
    down => 'ALTER TABLE extractions DROP COLUMN new_field');

SELECT migrate_revision(
    revision => 'c9d2e4f60a18',
    message => 'drop legacy_code from extractions',
    up   => 'ALTER TABLE extractions DROP COLUMN legacy_code',
    down => 'ALTER TABLE extractions ADD COLUMN legacy_code text');

SELECT revision, down_revision, message FROM migrate_history();

SELECT revision, message FROM migrate_upgrade('head');

SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = 'extractions'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum;

SELECT revision, message FROM migrate_downgrade('base');

SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = 'extractions'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum;

-- An id that pg_migrate makes has twelve hexadecimal digits.
SELECT migrate_revision('no explicit id', 'SELECT 1', 'SELECT 1') ~ '^[0-9a-f]{12}$' AS twelve_hexadecimal_digits;

DROP TABLE extractions;
DROP EXTENSION pg_migrate;

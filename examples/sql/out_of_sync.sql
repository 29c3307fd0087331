-- Two environments with the same files end with the same schema, whatever the order in which the files arrived.
CREATE EXTENSION pg_migrate;

-- This one got the second file first: that is accepted, and only a run that needs the first one complains.
SELECT migrate_revision(
    revision => '27c6a30d7c24', down_revision => '1975ea83b712',
    message  => 'add review_notes to extractions',
    up   => 'ALTER TABLE extractions ADD COLUMN review_notes varchar(500)',
    down => 'ALTER TABLE extractions DROP COLUMN review_notes');
SELECT * FROM migrate_upgrade('head');

SELECT migrate_revision(
    revision => '1975ea83b712', down_revision => 'base',
    message  => 'initial schema',
    up   => 'CREATE TABLE extractions (id bigint PRIMARY KEY)',
    down => 'DROP TABLE extractions');
SELECT revision, message FROM migrate_upgrade('head');

-- A file that this environment lacked arrives. What is applied, and what is not?
SELECT migrate_revision(
    revision => '3adcfb8a1c55', down_revision => '27c6a30d7c24',
    message  => 'index extractions by review_notes',
    up   => 'CREATE INDEX idx_extractions_notes ON extractions (review_notes)',
    down => 'DROP INDEX idx_extractions_notes');
SELECT revision, message FROM migrate_current();
SELECT revision, message, is_applied FROM migrate_history();
SELECT migrate_check_heads();
SELECT revision, message FROM migrate_upgrade('head');
SELECT migrate_check_heads();

-- The same revision with another content is found out when it is registered; environments can be compared by checksum.
SELECT migrate_revision(
    revision => '27c6a30d7c24', down_revision => '1975ea83b712',
    message  => 'add review_notes to extractions',
    up   => 'ALTER TABLE extractions ADD COLUMN review_notes text',
    down => 'ALTER TABLE extractions DROP COLUMN review_notes');
SELECT revision, left(checksum, 12) AS checksum FROM migrate.revision ORDER BY revision;

DROP TABLE extractions;
DROP EXTENSION pg_migrate;

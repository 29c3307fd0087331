-- A run is part of the transaction that calls it: application code can be tested against a schema that nobody else sees.
CREATE EXTENSION pg_migrate;
CREATE TABLE extractions (id bigint PRIMARY KEY);
INSERT INTO extractions VALUES (1);
SELECT migrate_revision(
    revision => '27c6a30d7c24', down_revision => 'base',
    message  => 'add review_notes to extractions',
    up   => 'ALTER TABLE extractions ADD COLUMN review_notes varchar(500)',
    down => 'ALTER TABLE extractions DROP COLUMN review_notes');

BEGIN;
SELECT revision, message FROM migrate_upgrade('head');
UPDATE extractions SET review_notes = 'looks right';
SELECT * FROM extractions;
ROLLBACK;

SELECT * FROM extractions;
SELECT count(*) AS applied FROM migrate_current();

DROP TABLE extractions;
DROP EXTENSION pg_migrate;

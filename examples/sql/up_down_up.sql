-- Testing a revision: up, down, up. In a transaction that is rolled back, nothing of it stays.
CREATE EXTENSION pg_migrate;
CREATE TABLE extractions (id bigint PRIMARY KEY);
SELECT migrate_revision(
    revision => '27c6a30d7c24', down_revision => 'base',
    message  => 'add review_notes to extractions',
    up   => 'ALTER TABLE extractions ADD COLUMN review_notes varchar(500)',
    down => 'ALTER TABLE extractions DROP COLUMN review_notes');

BEGIN;
SELECT revision, direction FROM migrate_upgrade('head');
SELECT revision, direction FROM migrate_downgrade('-1');
SELECT revision, direction FROM migrate_upgrade('head');
ROLLBACK;

SELECT count(*) AS applied FROM migrate_current();
SELECT count(*) AS logged FROM migrate.log;

DROP TABLE extractions;
DROP EXTENSION pg_migrate;

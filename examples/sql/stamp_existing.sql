-- A database that already has its schema: an empty first revision, and a stamp.
CREATE EXTENSION pg_migrate;
CREATE TABLE extractions (id bigint PRIMARY KEY);

SELECT migrate_revision('initial schema', revision => '1975ea83b712', down_revision => 'base');

SELECT * FROM migrate_stamp('head');

SELECT revision, message, is_head FROM migrate_current();

-- From here on it is migrated like any other.
SELECT migrate_revision(
    revision => '27c6a30d7c24', down_revision => '1975ea83b712',
    message  => 'add review_notes to extractions',
    up   => 'ALTER TABLE extractions ADD COLUMN review_notes varchar(500)',
    down => 'ALTER TABLE extractions DROP COLUMN review_notes');

SELECT revision, message FROM migrate_upgrade('head');

-- The log knows which revision was run and which was only stamped.
SELECT revision, direction, outcome, note FROM migrate.log ORDER BY run;

DROP TABLE extractions;
DROP EXTENSION pg_migrate;

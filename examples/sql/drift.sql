-- Somebody has changed the schema without a revision.
CREATE EXTENSION pg_migrate;
SELECT migrate_revision('initial schema', 'CREATE TABLE extractions (id bigint PRIMARY KEY, status text)', 'DROP TABLE extractions',
                        revision => '1975ea83b712', down_revision => 'base');
SELECT revision FROM migrate_upgrade('head');
SELECT * FROM migrate_drift();

ALTER TABLE extractions ALTER COLUMN status SET DEFAULT 'done';
CREATE INDEX by_hand ON extractions (status);

SELECT * FROM migrate_drift();

DROP TABLE extractions;
DROP EXTENSION pg_migrate;

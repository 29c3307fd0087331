-- For CI: a call that fails unless the database is where the files say.
CREATE EXTENSION pg_migrate;
SELECT migrate_revision('initial schema', 'CREATE TABLE extractions (id bigint)', 'DROP TABLE extractions',
                        revision => '1975ea83b712', down_revision => 'base');

SELECT migrate_check_heads();

SELECT revision, message FROM migrate_upgrade('head');

SELECT migrate_check_heads();

-- A second head is found before it reaches production.
SELECT migrate_revision('one', revision => '27c6a30d7c24', down_revision => '1975ea83b712');
SELECT migrate_revision('other', revision => '8e0ac3d15f77', down_revision => '1975ea83b712');
SELECT count(*) = 1 AS one_head FROM migrate_heads();

SELECT revision FROM migrate_downgrade('base');
DROP EXTENSION pg_migrate;

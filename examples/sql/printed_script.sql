-- The script of a run, for review or for a database that only psql may touch.
\getenv output PG_ABS_BUILDDIR
\cd :output
\setenv PGDATABASE :DBNAME
CREATE EXTENSION pg_migrate;
SELECT migrate_revision('initial schema', 'CREATE TABLE extractions (id bigint)', 'DROP TABLE extractions',
                        revision => '1975ea83b712', down_revision => 'base');
SELECT migrate_revision('refunds', 'CREATE TABLE refunds (id bigint)', 'DROP TABLE refunds',
                        revision => 'c3e609d42f57', down_revision => '1975ea83b712');

-- From what is applied up to the head.
SELECT migrate_upgrade_sql('head') \g (format=unaligned tuples_only=on)

-- From one revision to another, whatever is applied.
SELECT migrate_downgrade_sql('c3e609d42f57:1975ea83b712') \g (format=unaligned tuples_only=on)

-- The extension records each step, and checks that it is the next one: this script leaves out the first revision.
SELECT migrate_upgrade_sql('1975ea83b712:head') \g (format=unaligned tuples_only=on) second_only.sql
\! psql -X -q -f second_only.sql
SELECT to_regclass('refunds') AS refunds;

SELECT migrate_upgrade_sql('head') \g (format=unaligned tuples_only=on) upgrade.sql
\i upgrade.sql

SELECT revision, message FROM migrate_current();

SELECT revision, message FROM migrate_downgrade('base');
DROP EXTENSION pg_migrate;

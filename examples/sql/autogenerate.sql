-- A model in a file: the first revision and the next one are written by comparing it with the database.
\getenv examples PG_ABS_SRCDIR
\cd :examples
\cd models/1
CREATE EXTENSION pg_migrate;

-- The database is empty.
\set model `cat schema.sql`
SELECT migrate_autogenerate('initial schema', :'model', revision => '1975ea83b712');

SELECT up FROM migrate_show('1975ea83b712') \g (format=unaligned tuples_only=on)
SELECT down FROM migrate_show('1975ea83b712') \g (format=unaligned tuples_only=on)

SELECT revision, message, statements FROM migrate_upgrade('head');

-- Nothing differs any more, and no revision is written.
SELECT * FROM migrate_check(:'model');
SELECT migrate_autogenerate('initial schema', :'model');

-- A database that had all of it before pg_migrate came gets the same revision, and is stamped.
SELECT FROM migrate_stamp('base');
SELECT * FROM migrate_stamp('head');
SELECT count(*) AS differences FROM migrate_check(:'model');

-- The table extractions gets a column in the file.
\cd ../2
\set model `cat schema.sql`
SELECT * FROM migrate_check(:'model');

SELECT migrate_autogenerate('add review_notes to extractions', :'model', revision => '27c6a30d7c24');

SELECT up FROM migrate_show('27c6a30d7c24') \g (format=unaligned tuples_only=on)
SELECT down FROM migrate_show('27c6a30d7c24') \g (format=unaligned tuples_only=on)

SELECT * FROM migrate_verify('head');

SELECT revision, direction FROM migrate_upgrade('head');
\d extractions

SELECT revision, direction FROM migrate_downgrade('-1');
\d extractions

SELECT revision, direction FROM migrate_upgrade('head');
SELECT count(*) AS differences FROM migrate_check(:'model');

-- The column gets another name, which only its author can know, and there is an index, which is to be built while others write.
\cd ../3
\set model `cat schema.sql`
SELECT migrate_autogenerate('notes', :'model', revision => '3adcfb8a1c55',
                            renames => 'extractions.review_notes:extractions.notes', online => true);

SELECT up FROM migrate_show('3adcfb8a1c55') \g (format=unaligned tuples_only=on)
SELECT down FROM migrate_show('3adcfb8a1c55') \g (format=unaligned tuples_only=on)

SELECT revision, direction FROM migrate_upgrade('head');
SELECT count(*) AS differences FROM migrate_check(:'model');

SELECT count(*) AS steps FROM migrate_downgrade('base');
DROP EXTENSION pg_migrate;

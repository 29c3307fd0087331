# SPDX-License-Identifier: PostgreSQL
# Every statement that the server refuses in a transaction block, tried for real, and beside it what it accepts there: its verdict and ours.
# One entry for each call of PreventInTransactionBlock() in the servers 15 to 19, but for COMMIT PREPARED and ROLLBACK PREPARED, which a script may not
# hold, and the commands of the replication protocol.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# Subscriptions are enabled, and nobody is to connect for them.
my $node = new_server('blocks', conf => "max_logical_replication_workers = 0\nallow_in_place_tablespaces = on\nlog_min_messages = fatal\nmax_worker_processes = 16\n");
my $db = new_database($node, 'app');
my $version = $node->safe_psql('postgres', 'SHOW server_version_num') / 10000;
$node->safe_psql('postgres', "CREATE TABLESPACE elsewhere LOCATION ''");
$node->safe_psql('postgres', 'CREATE DATABASE victim');
$node->safe_psql($db, q{
	SET client_min_messages = error;
	CREATE EXTENSION pgm_test;
	CREATE TABLE plain (a int PRIMARY KEY, b text);
	CREATE INDEX plain_index ON plain (b);
	CLUSTER plain USING plain_pkey;
	CREATE TABLE parted (a int NOT NULL, b text) PARTITION BY RANGE (a);
	CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (10);
	CREATE TABLE part2 PARTITION OF parted FOR VALUES FROM (10) TO (20);
	CREATE INDEX parted_index ON parted (a);
	CREATE SUBSCRIPTION without_slot CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE);
	CREATE SUBSCRIPTION with_slot CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false);
	CREATE SUBSCRIPTION enabled CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false);
	ALTER SUBSCRIPTION enabled ENABLE;
});

# What the server refuses in a transaction block, and what it accepts.
my (@refused, @accepted);
sub pair { my ($refused, @counterparts) = @_; push @refused, $refused; push @accepted, @counterparts; }

# utility.c
pair(q{CREATE TABLESPACE s LOCATION ''}, q{ALTER TABLESPACE elsewhere SET (seq_page_cost = 1)}, q{CREATE TABLE in_space (a int) TABLESPACE elsewhere});
pair('DROP TABLESPACE elsewhere', 'ALTER TABLESPACE elsewhere RENAME TO somewhere');
pair('CREATE DATABASE d', 'CREATE SCHEMA d');
pair('DROP DATABASE victim', 'ALTER DATABASE victim RENAME TO d');
pair('DROP DATABASE IF EXISTS victim WITH (FORCE)', 'ALTER DATABASE victim OWNER TO CURRENT_USER');
pair(q{ALTER SYSTEM SET work_mem = '1MB'}, q{ALTER DATABASE victim SET work_mem = '1MB'}, q{ALTER ROLE CURRENT_USER SET work_mem = '1MB'});
pair('ALTER SYSTEM RESET ALL', 'ALTER DATABASE victim RESET ALL');
pair('ALTER TABLE parted DETACH PARTITION part CONCURRENTLY', 'ALTER TABLE parted DETACH PARTITION part');
pair('CREATE INDEX CONCURRENTLY i ON plain (b)', 'CREATE INDEX i ON plain (b)', 'CREATE INDEX i ON parted (b)');
pair('CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS plain_index ON plain (b)', 'CREATE UNIQUE INDEX IF NOT EXISTS plain_index ON plain (b)');
pair('DROP INDEX CONCURRENTLY plain_index', 'DROP INDEX plain_index');
pair('DROP INDEX CONCURRENTLY IF EXISTS nothing', 'DROP INDEX IF EXISTS nothing');
# dbcommands.c
pair('ALTER DATABASE victim SET TABLESPACE elsewhere', 'ALTER DATABASE victim CONNECTION LIMIT 5', 'ALTER DATABASE victim WITH ALLOW_CONNECTIONS true');
pair('ALTER DATABASE victim WITH TABLESPACE elsewhere');
# cluster.c, repack.c
pair('CLUSTER', 'CLUSTER plain', 'CLUSTER plain USING plain_index');
pair("CLUSTER (VERBOSE false)", "CLUSTER (VERBOSE false) plain") if $version >= 17;
pair('CLUSTER parted USING parted_index', 'CLUSTER part USING part_a_idx');
if ($version >= 19)
{
	pair('REPACK', 'REPACK plain', 'REPACK plain USING INDEX plain_index');
	pair('REPACK USING INDEX');
	pair('REPACK parted');
	pair('REPACK (CONCURRENTLY) plain', 'REPACK (CONCURRENTLY false) plain');
}
# vacuum.c
pair('VACUUM', 'ANALYZE');
pair('VACUUM plain', 'ANALYZE plain');
pair('VACUUM (FULL, ANALYZE) plain', 'ANALYZE (SKIP_LOCKED) parted');
# indexcmds.c
pair('REINDEX TABLE CONCURRENTLY plain', 'REINDEX TABLE plain');
pair('REINDEX (CONCURRENTLY) INDEX plain_index', 'REINDEX (CONCURRENTLY false) INDEX plain_index');
pair('REINDEX (CONCURRENTLY false, CONCURRENTLY on) INDEX plain_index', 'REINDEX (CONCURRENTLY on, CONCURRENTLY false) INDEX plain_index');
pair('REINDEX (TABLESPACE elsewhere) TABLE CONCURRENTLY part', 'REINDEX (TABLESPACE elsewhere) TABLE part');
pair('REINDEX TABLE parted', 'REINDEX TABLE part');
pair('REINDEX INDEX parted_index', 'REINDEX INDEX part_a_idx');
pair('REINDEX SCHEMA public');
pair("REINDEX DATABASE $db");
pair("REINDEX SYSTEM $db", 'REINDEX TABLE pg_catalog.pg_amop');
# subscriptioncmds.c
pair(q{CREATE SUBSCRIPTION s CONNECTION 'dbname=nowhere' PUBLICATION p}, q{CREATE SUBSCRIPTION s CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false)});
pair(q{CREATE SUBSCRIPTION s CONNECTION 'dbname=nowhere' PUBLICATION p WITH (create_slot, enabled = false)},
	q{CREATE SUBSCRIPTION s CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, create_slot = false, slot_name = NONE, enabled = off)});
pair('ALTER SUBSCRIPTION enabled SET PUBLICATION q', 'ALTER SUBSCRIPTION enabled SET PUBLICATION q WITH (refresh = false)');
pair('ALTER SUBSCRIPTION enabled ADD PUBLICATION q', 'ALTER SUBSCRIPTION with_slot ADD PUBLICATION q WITH (refresh = false)');
pair('ALTER SUBSCRIPTION enabled DROP PUBLICATION p');
$refused[-1] = 'ALTER SUBSCRIPTION two DROP PUBLICATION q';
push @accepted, 'ALTER SUBSCRIPTION two DROP PUBLICATION q WITH (refresh = off)';
pair('ALTER SUBSCRIPTION enabled REFRESH PUBLICATION', 'ALTER SUBSCRIPTION enabled DISABLE', 'ALTER SUBSCRIPTION without_slot RENAME TO other',
	q{ALTER SUBSCRIPTION with_slot CONNECTION 'dbname=elsewhere'}, 'ALTER SUBSCRIPTION with_slot SET (binary = true)');
pair('DROP SUBSCRIPTION with_slot', 'DROP SUBSCRIPTION without_slot');
pair('ALTER SUBSCRIPTION with_slot SET (failover = true)', 'ALTER SUBSCRIPTION with_slot SET (streaming = on)') if $version >= 17;
pair('ALTER SUBSCRIPTION with_slot SET (two_phase = false)') if $version >= 18;
$node->safe_psql($db, q{CREATE SUBSCRIPTION two CONNECTION 'dbname=nowhere' PUBLICATION p, q WITH (connect = false); ALTER SUBSCRIPTION two ENABLE});
# discard.c
pair('DISCARD ALL', 'DISCARD PLANS', 'DISCARD TEMP', 'DISCARD SEQUENCES');
# Refused nowhere, though they come near.
push @accepted, q{ALTER TYPE mood ADD VALUE 'merry'}, 'DROP TABLE parted', 'DROP SCHEMA public CASCADE', 'TRUNCATE plain', 'LOCK plain', 'NOTIFY x',
	'CREATE MATERIALIZED VIEW m AS SELECT 1', 'DO $$ BEGIN END $$', 'CHECKPOINT';
$node->safe_psql($db, q{CREATE TYPE mood AS ENUM ('sad')});

# What the server says in a block that a client has begun: an SQLSTATE for each statement.
sub verdicts
{
	my (@statements) = @_;
	my $script = join('', map { "BEGIN;\n$_;\n\\echo :SQLSTATE\nROLLBACK;\n" } @statements);
	my ($status, $output, $error) = $node->psql($db, "\\set QUIET on\n$script", on_error_stop => 0);
	return split(/\n/, $output);
}

my @server = verdicts(@refused, @accepted);
is(scalar @server, @refused + @accepted, 'an answer to each');
for my $i (0 .. $#server)
{
	my $should_be_refused = $i < @refused;
	my $sql = $should_be_refused ? $refused[$i] : $accepted[ $i - @refused ];
	# Whatever else an error says, the statement has not come as far as the question.
	is($server[$i], $should_be_refused ? '25001' : '00000', "the server " . ($should_be_refused ? 'refuses' : 'accepts') . ": $sql");
	is($node->safe_psql($db, "SELECT transactional FROM pgm_test_parse(\$sql\$$sql\$sql\$)"), $server[$i] eq '25001' ? 'f' : 't', '... and so do we');
}

# What is partitioned is only seen once it is there: when its turn comes.
my $later = q{CREATE TABLE made (a int NOT NULL) PARTITION BY RANGE (a);
CREATE TABLE made_1 PARTITION OF made FOR VALUES FROM (0) TO (10);
CREATE INDEX made_index ON made (a);
INSERT INTO made SELECT generate_series(0, 9);
SET work_mem = '7MB';
REINDEX TABLE made;
CREATE TABLE after_it AS SELECT current_setting('work_mem') AS work_mem, (SELECT count(*) FROM made) AS rows;
CLUSTER made USING made_index;
REINDEX INDEX made_index;
INSERT INTO after_it VALUES ('x', 0)};
$node->safe_psql($db, "SELECT migrate_revision('made', \$up\$$later\$up\$, revision => 'made', down_revision => 'base'), migrate_revision('next', 'CREATE TABLE next ()', revision => 'next', down_revision => 'made')");
is($node->safe_psql($db, q{SELECT count(*) FROM migrate_plan('head') WHERE NOT transactional}), '0', 'nothing in the plan says that it cannot run in a transaction');
fails($node, $db, q{SELECT migrate_upgrade('head')}, '25001', [ qr/HINT:  Before the run it could not be seen that this statement cannot run in a transaction\. Put the line "-- pg_migrate: no-transaction" above it\./, qr/revision "made", statement 6,/ ],
	'in the transaction of the caller there is no way');
is($node->safe_psql($db, q{SELECT to_regclass('made') IS NULL AND count(*) = 0 FROM migrate.journal}), 't', 'and nothing is left');
my ($status, $out, $err) = $node->psql($db, q{SET pg_migrate.transaction_mode = per_revision; SELECT revision, statements FROM migrate_upgrade('head')});
is($out, "made|10\nnext|1", 'in a worker it runs by itself') or diag($err);
is($node->safe_psql($db, 'SELECT * FROM after_it'), "7MB|10\nx|0", 'with what came before and after it, and the settings of the script');
is($node->safe_psql($db, q{SELECT (SELECT count(*) FROM migrate.journal) || ' ' || (SELECT string_agg(revision || coalesce(sqlstate, ''), ',' ORDER BY finished_at) FROM migrate.log WHERE sqlstate IS NULL)}), '0 made,next', 'and it is logged as any other');

# Marked as the hint says, it is planned like that.
$node->safe_psql($db, q{DROP TABLE made, after_it, next; DO $$ BEGIN PERFORM migrate_stamp('base', purge => true); PERFORM migrate_remove('next'); PERFORM migrate_remove('made'); END $$});
$later =~ s/^(REINDEX|CLUSTER)/-- pg_migrate: no-transaction\n$1/mg;
$node->safe_psql($db, "SELECT migrate_revision('made', \$up\$$later\$up\$, revision => 'made', down_revision => 'base')");
is($node->safe_psql($db, q{SELECT statements FROM migrate_upgrade('head')}), '10', 'with the mark it runs');

done_testing();

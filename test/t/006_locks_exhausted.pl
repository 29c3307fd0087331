# SPDX-License-Identifier: PostgreSQL
# A run keeps its locks to the end of the transaction: a plan that needs more than the lock table holds fails whole, says what to do, and
# what it says works.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('locks', conf => "max_locks_per_transaction = 10\nmax_connections = 10\nmax_worker_processes = 0\nmax_wal_senders = 0\n");
my $db = new_database($node, 'app');
register_chain($node, $db, 200,
	q{DO $d$ BEGIN FOR j IN 1..10 LOOP EXECUTE format('CREATE TABLE t_%%s_%%s (id int PRIMARY KEY)', %s, j); END LOOP; END $d$}, '');

fails($node, $db, 'SELECT count(*) FROM migrate_upgrade()', '53200',
	[ qr/out of shared memory/, qr/HINT:.*per_revision.*max_locks_per_transaction/s,
		qr/CONTEXT:.*revision "r00\d+", statement 1/s ],
	'2,000 tables in one transaction');
is($node->safe_psql($db, q{SELECT (SELECT count(*) FROM pg_class WHERE relname LIKE 't\_%'), (SELECT count(*) FROM migrate.version),
	(SELECT count(*) FROM migrate.log), (SELECT count(*) FROM migrate.run)}), '0|0|0|0', 'everything is rolled back');
is($node->safe_psql($db, 'SELECT count(*) FROM pg_locks WHERE pid <> pg_backend_pid()'), '0', 'no lock is left');

is( $node->safe_psql($db, "SELECT count(*) FROM migrate_upgrade('+2');\n" x 100),
	join("\n", ('2') x 100), 'in portions of two it works');
is($node->safe_psql($db, q{SELECT (SELECT count(*) FROM pg_class WHERE relname LIKE 't\_%' AND relkind = 'r'), (SELECT revision FROM migrate.version),
	(SELECT count(*) FROM migrate.run)}), '2000|r00200|100', 'with all the tables and a row for each portion');

done_testing();

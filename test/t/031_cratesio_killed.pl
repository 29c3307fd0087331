# SPDX-License-Identifier: PostgreSQL
# The whole history of crates.io, seven of its migrations non-transactional: what the upgrade leaves is what psql makes of the files, also when it is
# cut off again and again, anywhere. PG_MIGRATE_TEST_SEED repeats a sequence of moments and ways.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Crash;
use POSIX qw(:sys_wait_h);
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

my $data = $ENV{PG_MIGRATE_TEST_DATA};
plan skip_all => 'PG_MIGRATE_TEST_DATA does not name a directory with the migrations of crates.io'
  unless defined $data && -d "$data/cratesio";

my $kills = 20;
my $seed = $ENV{PG_MIGRATE_TEST_SEED} // time % 1_000_000;
srand($seed);
diag("PG_MIGRATE_TEST_SEED=$seed");

my $node = new_server('cratesio_killed', conf => crash_conf());
my %die_by = ways_to_die($node);

# psql's way: each file in a transaction of its own, unless it asks for none, and in a session of its own.
my %outside = map { $_ => 1 } qw(20240212120203 20240305120032 20240527142004 20241025112826 20250922090805 20250929161354
  202607301400000000);
opendir(my $handle, "$data/cratesio") or die "$data/cratesio: $!";
my $script = '';
my $count = 0;
foreach my $name (sort { ($a =~ s/-//gr) cmp($b =~ s/-//gr) } grep { -f "$data/cratesio/$_/up.sql" } readdir($handle))
{
	my ($version) = split(/_/, $name, 2);
	$version =~ tr/-//d;
	my $command = "\\i '$data/cratesio/$name/up.sql'\n";
	$script .= $outside{$version} ? $command : "BEGIN;\n${command}COMMIT;\n";
	$script .= "\\connect\n";
	++$count;
}
closedir($handle);
is($count, 285, 'migrations of crates.io');
$node->safe_psql('postgres', 'CREATE DATABASE by_files');
my (undef, undef, $errors) = $node->psql('by_files', $script, on_error_stop => 0);
is_deeply([ $errors =~ /ERROR:.*/g ], [], 'psql runs all up.sql');
my $expected = schema_of($node, 'by_files');

new_database($node, 'loaded');
is($node->safe_psql('loaded', "SELECT action, count(*) FROM migrate_load_directory('$data/cratesio') GROUP BY 1"), 'added|285', 'all are loaded');

# In one go: as many revisions in a transaction as there are between two that need to be outside of one, and each in its own.
my $whole_time;
foreach my $mode ('single', 'per_revision')
{
	my $database = "whole_$mode";
	$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE loaded");
	my $begin = time;
	is($node->safe_psql($database, "SET pg_migrate.transaction_mode = '$mode'; SELECT count(*), count(DISTINCT revision) FROM migrate_upgrade('head')"), '285|285',
		"$mode: all run in one call");
	$whole_time = time - $begin;
	is(schema_of($node, $database), $expected, "$mode: the schema that psql gets");
	check_log($database, "$mode: ");
	is($node->safe_psql($database, q{SELECT string_agg(outcome, ',') FROM migrate.run}), 'done', "$mode: one run");
}
note(sprintf('an undisturbed upgrade takes %.1f s', $whole_time));

sub check_log
{
	my ($database, $what) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is( $node->safe_psql($database, q{
			SELECT (SELECT count(*) || ' ' || count(DISTINCT revision) FROM migrate.log WHERE outcome = 'done' AND direction = 'upgrade'),
				(SELECT count(*) FROM migrate.run WHERE state <> 'finished'), (SELECT count(*) FROM migrate.journal),
				(SELECT count(*) FROM pg_index WHERE NOT indisvalid)}),
		'285 285|0|0|0',
		"${what}each revision once in the log, no run open, no journal, no invalid index");
	# The session of a pg_dump that has just ended may still be there.
	ok( $node->poll_query_until($database, q{
			SELECT count(*) = 0 FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()}),
		"${what}no lock");
}

# At any moment from the begin of a call to a tenth of the whole way: on average a twentieth is done between two blows.
my @ways = ('server stopped', 'worker killed', 'caller killed', 'postmaster killed', 'worker terminated', 'caller terminated');
my ($killed, $round) = (0, 0);
my %used;
while ($killed < $kills)
{
	my $database = 'killed_' . ++$round;
	$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE loaded");
	my ($failed, $is_done) = (0, 0);
	while ($killed < $kills && !$is_done)
	{
		my $way = $ways[ int(rand(@ways)) ];
		my $mode = $way !~ /worker/ && rand() < 0.25 ? 'single' : 'per_revision';
		my $child = start_call($node, $database, "SET pg_migrate.transaction_mode = '$mode'; SELECT count(*) FROM migrate_upgrade('head')");
		# It may have ended already, with little to do.
		until (waitpid($child, WNOHANG) != 0
			|| $node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE application_name = 'caller'}) > 0) { }
		usleep(1_000_000 * rand($whole_time / 10));
		$die_by{$way}->($child);
		$is_done = call_output($node, "call_$database") !~ /ERROR|FATAL|server closed the connection/;
		next if $is_done;
		++$killed;
		++$used{"$way, $mode"};
		my ($done, $distinct) = split(/\|/, $node->safe_psql($database, q{SELECT count(*), count(DISTINCT revision) FROM migrate.log WHERE outcome = 'done'}));
		note("$killed: $way, $mode: $done revisions are done");
		is($done, $distinct, "$way, $mode: no revision is done twice");
	}
	$node->safe_psql($database, q{SELECT count(*) FROM migrate_upgrade('head')});
	is(schema_of($node, $database), $expected, "$database: the schema that psql gets");
	check_log($database, "$database: ");
}
note("$_: $used{$_}") foreach sort keys %used;

done_testing();

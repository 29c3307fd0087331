# SPDX-License-Identifier: PostgreSQL
# pg_upgrade carries everything over: what is registered, applied, logged and granted, and a run that was interrupted.
#
# PG_MIGRATE_SERVERS has the directories of the servers from the oldest to the newest, each with bin, lib and an installed pg_migrate; without,
# it is this server, and itself.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Crash;
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my @servers = split(' ', $ENV{PG_MIGRATE_SERVERS} // '');
if (!@servers)
{
	my ($stdout) = run_command([ 'pg_config', '--bindir' ]);
	chomp $stdout;
	$stdout =~ s{/bin$}{};
	@servers = ($stdout, $stdout);
	note('PG_MIGRATE_SERVERS is unset: the upgrade is from this server to itself; make check-upgrade has several');
}
my @databases = ('shop', 'elsewhere', 'begun', 'first');

sub server
{
	my ($number, $home) = @_;
	my $node = PostgreSQL::Test::Cluster->new("server_$number", install_path => $home);
	# From 18 on there are checksums unless one wants none; the old server has none.
	my ($version) = run_command([ "$home/bin/postgres", '--version' ]);
	my @without_checksums = $version =~ / (\d+)/ && $1 >= 18 ? ('--no-data-checksums') : ();
	$node->init(extra => [ '--no-sync', @without_checksums ]);
	$node->append_conf('postgresql.conf', "fsync = off\nautovacuum = off\nmax_prepared_transactions = 10\nlog_line_prefix = '%m [%p] '\n");
	return $node;
}

my $old = server(0, $servers[0]);
$old->start;
$old->safe_psql('postgres', 'CREATE ROLE look; CREATE ROLE writes');
new_database($old, $_) foreach 'shop', 'begun';
foreach my $database ('elsewhere', 'first')
{
	$old->safe_psql('postgres', "CREATE DATABASE $database");
}
$old->safe_psql('elsewhere', 'CREATE SCHEMA "Tools"; CREATE EXTENSION pg_migrate SCHEMA "Tools"; ALTER DATABASE elsewhere SET search_path = public, "Tools"');
$old->safe_psql('first', q{CREATE EXTENSION pg_migrate VERSION '0.1'});
foreach my $database (@databases)
{
	register_chain($old, $database, 12, 'CREATE TABLE t%1$s (id int PRIMARY KEY, v text DEFAULT current_user); CREATE INDEX CONCURRENTLY t%1$s_v ON t%1$s (v); INSERT INTO t%1$s VALUES (%1$s)',
		'DROP TABLE t%1$s');
	$old->safe_psql($database, q{
		CREATE SCHEMA tenant;
		SELECT migrate_grant('look', 'viewer');
		SELECT migrate_grant('writes', 'author')});
	$old->safe_psql($database, q{SELECT migrate_upgrade('r00002', tag => 'v1')});
	$old->safe_psql($database, q{SELECT migrate_upgrade('r00001', schema => 'tenant')});
}
my $offset = -s $old->logfile;
my $child = start_call($old, 'begun', q{SET pg_migrate.fault_point = 'wait:statement_intended'; SELECT migrate_upgrade('head')});
wait_for_points($old, $offset, begun => 'statement_intended');
$old->stop('immediate');
wait_for_calls($child);
$old->start;

my $done = 2;
for my $number (1 .. $#servers)
{
	my $new = server($number, $servers[$number]);
	my %catalogue = map { $_ => catalogue_of($old, $_) } @databases;
	my $journal = 'SELECT count(*) FROM migrate.journal';
	my $entries = $old->safe_psql('begun', $journal);
	my $versions = $old->safe_psql('postgres', 'SHOW server_version') . ' to ' . $servers[$number];
	$old->stop;
	my @upgrade = (
		"$servers[$number]/bin/pg_upgrade", '--no-sync', '-d', $old->data_dir, '-D', $new->data_dir, '-b', "$servers[ $number - 1 ]/bin", '-B',
		"$servers[$number]/bin", '-s', $new->host, '-p', $old->port, '-P', $new->port);
	my $directory = PostgreSQL::Test::Utils::tempdir();
	chdir $directory;
	# Where an older server has no --no-sync, it is one option less.
	command_ok([ grep { $_ ne '--no-sync' } @upgrade ], "pg_upgrade from $versions") or diag(map { slurp_file($_) } glob($new->data_dir . '/pg_upgrade_output.d/*/log/*'));
	chdir $FindBin::Bin;
	$new->start;
	is($new->safe_psql('begun', $journal), $entries, "$versions: the journal is the same");
	foreach my $database (@databases)
	{
		is(catalogue_of($new, $database), $catalogue{$database}, "$versions: the catalogue of $database is the same");
		is($new->safe_psql($database, 'SELECT count(*) FROM migrate_drift()'), '0', "$versions: no drift in $database") if $database ne 'begun';
		is($new->safe_psql($database, 'SELECT count(*) FROM migrate.progress'), '0', "$versions: nothing runs in $database");
		my @next = map { sprintf('r%05d', $_) } $done + 1 .. $done + 2;
		is($new->safe_psql($database, qq{SELECT string_agg(revision, ',') FROM migrate_upgrade('$next[1]')}), join(',', @next), "$versions: $database goes on");
		is($new->safe_psql($database, q{SELECT string_agg(revision, ',') FROM migrate_upgrade('+1', schema => 'tenant')}), sprintf('r%05d', $number + 1),
			"$versions: so does the tenant of $database");
		is($new->safe_psql($database, 'SELECT count(*) FROM pg_index WHERE NOT indisvalid'), '0', "$versions: no invalid index in $database");
		is($new->safe_psql($database, q{SELECT string_agg(v::text, ',') FROM (SELECT count(*) AS v FROM t3 UNION ALL SELECT count(*) FROM t4) AS c}), '1,1',
			"$versions: nothing twice in $database");
		is($new->safe_psql($database, q{SET ROLE look; SELECT count(*) FROM migrate_history()}), '12', "$versions: the viewer of $database looks") if $database ne 'elsewhere';
		is($new->safe_psql($database, qq{SET ROLE writes; SELECT migrate_edit('r00012', message => 'on $number')}), 'r00012', "$versions: the author of $database writes")
		  if $database ne 'elsewhere';
	}
	$done += 2;
	$old = $new;
}
is($old->safe_psql('first', q{SELECT extversion FROM pg_extension WHERE extname = 'pg_migrate'}), '0.1', 'the first version is still there');
$old->safe_psql('first', 'ALTER EXTENSION pg_migrate UPDATE');
is($old->safe_psql($_, q{SELECT count(*) > 0 FROM migrate_downgrade('base')}), 't', "and back in $_") foreach @databases;

done_testing();

# SPDX-License-Identifier: PostgreSQL
# A primary is lost in the middle of runs, and its standby promoted: the next plain call there ends what was begun.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Crash;
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = new_server('lost', allows_streaming => 1, conf => crash_conf());
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('promoted');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

# Where the primary is lost; how far the log is (what the standby can see of the run is the same), and what is run on it again.
my %moment = (
	begun => { point => 'segment_run', seen => 'base / 0 / 0' },
	committed => { point => 'segment_committed', seen => 'base / 1 / 0' },
	intended => { point => 'statement_intended', seen => 'base / 1 / 0' },
	run => { point => 'statement_run', seen => 'base / 1 / 1' },
	confirmed => { point => 'statement_confirmed', seen => 'base / 1 / 1' },
	recorded => { point => 'run_finished', seen => 'r2 / 1 / 1' });
foreach my $database (sort keys %moment)
{
	new_database($primary, $database);
	$primary->safe_psql($database, q{
		CREATE TABLE marks (what text);
		SELECT migrate_revision('first', revision => 'r1', down_revision => 'base',
			up => 'CREATE TABLE t (id int, v int); INSERT INTO t SELECT i, i FROM generate_series(1, 1000) i; INSERT INTO marks VALUES (''first'');
				CREATE UNIQUE INDEX CONCURRENTLY t_id ON t (id); INSERT INTO marks VALUES (''second'')',
			down => 'DROP TABLE t');
		SELECT migrate_revision('second', revision => 'r2', down_revision => 'r1', up => 'INSERT INTO marks VALUES (''third'')', down => '')});
}
my $offset = -s $primary->logfile;
my @children = map { start_call($primary, $_, "SET pg_migrate.fault_point = 'wait:$moment{$_}{point}'; SELECT migrate_upgrade('head')") } sort keys %moment;
wait_for_points($primary, $offset, map { $_ => $moment{$_}{point} } keys %moment);
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));
foreach my $database (sort keys %moment)
{
	is( $standby->safe_psql($database, q{SELECT concat_ws(' / ', coalesce((SELECT string_agg(revision, ',') FROM migrate.version), 'base'), (SELECT count(*) FROM marks WHERE what = 'first'),
			(SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('t_id') AND indisvalid))}),
		$moment{$database}{seen}, "$database: what the standby has");
	fails($standby, $database, q{SELECT migrate_upgrade('head')}, '25006', [qr/./], "$database: it refuses to run") if $database ne 'recorded';
}
$primary->stop('immediate');
wait_for_calls(@children);

$standby->promote;
foreach my $database (sort keys %moment)
{
	my $progress = $standby->safe_psql($database, 'SELECT count(*) FROM migrate.progress');
	is($progress, '0', "$database: nothing runs there");
	my $rows = $standby->safe_psql($database, q{SELECT string_agg(revision, ',') FROM migrate_upgrade('head')});
	is($rows, $database eq 'recorded' ? '' : 'r1,r2', "$database: the next call goes on");
	is( $standby->safe_psql($database, q{SELECT concat_ws(' / ', (SELECT string_agg(what, ',') FROM marks), (SELECT count(*) FROM t), (SELECT string_agg(revision, ',') FROM migrate.version),
			(SELECT count(*) FROM pg_index WHERE NOT indisvalid), (SELECT count(*) FROM migrate.journal), (SELECT string_agg(DISTINCT revision, ',') FROM migrate.log WHERE outcome = 'done'))}),
		'first,second,third / 1000 / r2 / 0 / 0 / r1,r2', "$database: nothing twice, nothing lost");
	is($standby->safe_psql($database, 'SELECT count(*) FROM migrate.run WHERE outcome IS NULL'), '0', "$database: each run has an outcome");
	is($standby->safe_psql($database, q{SELECT string_agg(revision, ',') FROM migrate_downgrade('base')}), 'r2,r1', "$database: and back");
}

done_testing();

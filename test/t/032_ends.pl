# SPDX-License-Identifier: PostgreSQL
# A run that works in the background is ended: by whom it is asked, or its worker, is cancelled or terminated, and the client goes away, each at
# several moments. Nobody hangs, the catalogue says what has happened, and the next call finishes the job.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Calls;
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('ends');
my $db = new_database($node, 'app');
add_state_function($node, $db);
# Segments: [1, 2] 3 [4, 5] 6 [7].
query($node, $db, q{
	CREATE TABLE public.gate ();
	SELECT migrate_revision('one', revision => 'r1', down_revision => 'base', down => 'DROP TABLE t', up => $$
		CREATE TABLE t (id int);
		INSERT INTO t SELECT generate_series(1, 100);
		CREATE INDEX CONCURRENTLY t_a ON t (id);
		INSERT INTO t VALUES (101);
		LOCK TABLE public.gate IN ROW EXCLUSIVE MODE;
		CREATE INDEX CONCURRENTLY t_b ON t (id);
		INSERT INTO t VALUES (102)$$);
	SELECT migrate_revision('two', revision => 'r2', down_revision => 'r1', up => 'CREATE TABLE u (id int)', down => 'DROP TABLE u')});

# Holds what the run has to wait for: neither has a transaction id.
my $gate = open_session($node, $db);
my $old = open_session($node, $db);

# Where it is when it is ended, by name: how it is stopped there, and what that leaves.
my @moments = (
	# The row of the run is written with the plan.
	{ at => 'run_locked', journal => '-', log => '-', unborn => 1 },
	{ at => 'revision_begun', journal => '-', log => 'at 0' },
	{ at => 'segment_run', journal => '-', log => 'at 2' },
	{ at => 'segment_committed', journal => 'r1 2', log => 'at 2' },
	{ at => 'statement_intended', journal => 'r1 2 running 3', log => 'at 3' },
	# What has failed in an orderly way is cleaned up after, what is torn away is left in doubt.
	{ at => 'waiting for a transaction', lock => 'virtualxid', holder => $old, hold => 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1',
		journal => 'r1 2', torn => 'r1 2 running 3', invalid_if_torn => 1, log => 'at 3' },
	{ at => 'statement_run', journal => 'r1 2 running 3', log => 'at 3' },
	{ at => 'statement_confirmed', journal => 'r1 3', log => 'at 3' },
	{ at => 'in a transaction', lock => 'relation', holder => $gate, hold => 'BEGIN; LOCK TABLE public.gate IN EXCLUSIVE MODE', journal => 'r1 3', log => 'at 5' },
	{ at => 'revision_recorded', journal => '-', version => 'r1', log => '-' },
	{ at => 'run_finished', journal => '-', version => 'r2', log => '-', finished => 1 });
my %moment = map { $_->{at} => $_ } @moments;

my $schemas = 0;
# The call, come to its moment.
sub start_until
{
	my ($moment, $before, $sql) = @_;
	my $schema = 's' . ++$schemas;
	query($node, $db, "CREATE SCHEMA $schema");
	my $fault = $moment->{lock} ? '' : ";;\nSET pg_migrate.fault_point = 'wait:$moment->{at}'\n";
	$moment->{holder}->query_safe($moment->{hold}) if $moment->{lock};
	my $call = start_call($node, $db, "SET client_min_messages = error\n$fault;;\n$before\n;;\n" . sprintf($sql // q{SELECT count(*) FROM migrate_upgrade('head', schema => '%s')}, $schema));
	$moment->{lock} ? at_lock($call, $moment->{lock}) : at_fault_point($call, $moment->{at});
	$call->{schema} = $schema;
	return $call;
}

# The next call, and what is there after it.
sub finishes
{
	my ($call, $moment, $states, $name) = @_;
	my $schema = $call->{schema};
	query($node, $db, "SET client_min_messages = error; SELECT migrate_upgrade('head', schema => '$schema')");
	my $log = join(', ', grep { $_ ne '-' } $states->{log}, 'r1 done', 'r2 done');
	$log = join(', ', 'r1 done', grep { $_ ne '-' } $states->{log}, 'r2 done') if ($moment->{version} // '') ne '';
	my $runs = join(',', grep { $_ ne '-' } $states->{runs}, $moment->{finished} ? '-' : 'done');
	is(state_of($node, $db, $schema), "version r2 | runs $runs | journal - | log $log | invalid 0", "$name: the next call finishes it");
	is(query($node, $db, "SELECT count(*), sum(id), (SELECT count(*) FROM $schema.u),
			(SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relnamespace = '$schema'::regnamespace AND relkind = 'i') FROM $schema.t"),
		'102|5253|0|t_a,t_b', "$name: everything is there once");
}

my %actions = (
	'cancelled caller' => {
		act => sub { query($node, 'postgres', 'SELECT pg_cancel_backend(' . backend_of($_[0]) . ')') },
		error => qr/^(?:psql:\S+ )?ERROR:  57014: canceling statement due to user request$/m },
	'Ctrl-C' => { act => sub { kill('INT', $_[0]{child}) }, error => qr/ERROR:  57014: canceling statement due to user request$/m },
	'terminated caller' => {
		act => sub { query($node, 'postgres', 'SELECT pg_terminate_backend(' . backend_of($_[0]) . ')') },
		error => qr/FATAL:  57P01: terminating connection due to administrator command$/m },
	'cancelled worker' => {
		act => sub { query($node, 'postgres', 'SELECT pg_cancel_backend(' . worker_of($_[0]) . ')') },
		error => qr/ERROR:  57014: canceling statement due to user request$/m },
	'terminated worker' => {
		torn => 1,
		act => sub { query($node, 'postgres', 'SELECT pg_terminate_backend(' . worker_of($_[0]) . ')') },
		error => qr/ERROR:  57P01: terminating background worker "pg_migrate" due to administrator command\nHINT:  The next call resumes where this run has stopped\.$/m });

sub ended
{
	my ($action, $at) = @_;
	my $how = $actions{$action};
	my $moment = $moment{$at};
	my $name = "$action, $at";
	my $call = start_until($moment, $how->{before} // 'SELECT');
	$how->{act}->($call);
	like(end_of($call), $how->{error}, "$name: the error");
	no_workers($node);
	my ($journal, $invalid, $log, $runs) = ($moment->{journal}, 0, $moment->{log}, 'cancelled');
	$log = "r1 57014 $log" if $log ne '-';
	if ($how->{torn})
	{
		$journal = $moment->{torn} // $journal;
		$invalid = $moment->{invalid_if_torn} // 0;
		$runs = $moment->{unborn} ? '-' : 'running';
		$log = '-';
	}
	$runs = 'done' if $moment->{finished};
	my $version = $moment->{version} // '-';
	my $logged = join(', ', grep { $_ ne '-' } ($version eq '-' ? () : 'r1 done'), ($version eq 'r2' ? 'r2 done' : ()), $log);
	is(state_of($node, $db, $call->{schema}), "version $version | runs $runs | journal $journal | log " . ($logged || '-') . " | invalid $invalid", "$name: what is left");
	$moment->{holder}->query_safe('ROLLBACK') if $moment->{lock};
	# Who finishes it writes down that it was interrupted.
	if ($runs eq 'running')
	{
		$runs = 'interrupted';
		$log = $journal eq '-' ? '-' : 'r1 MG019 at ' . substr($journal, -1);
	}
	finishes($call, $moment, { runs => $runs, log => $log }, $name);
}

ended('cancelled caller', $_->{at}) foreach @moments;
ended('terminated worker', $_->{at}) foreach @moments;
foreach my $action ('Ctrl-C', 'terminated caller', 'cancelled worker')
{
	ended($action, $_) foreach 'waiting for a transaction', 'in a transaction';
}
ended($_, 'statement_intended') foreach 'Ctrl-C', 'terminated caller', 'cancelled worker';

# The time is up; on a slow machine perhaps on the way.
foreach my $at ('waiting for a transaction', 'in a transaction')
{
	my $moment = $moment{$at};
	my $schema = 's' . ++$schemas;
	query($node, $db, "CREATE SCHEMA $schema");
	$moment->{holder}->query_safe($moment->{hold});
	my $call = start_call($node, $db, "SET client_min_messages = error\n;;\nSET statement_timeout = '2s'\n;;\nSELECT count(*) FROM migrate_upgrade('head', schema => '$schema')");
	like(end_of($call), qr/^ERROR:  57014: canceling statement due to statement timeout$/m, "statement_timeout, $at: the error");
	no_workers($node);
	$moment->{holder}->query_safe('ROLLBACK');
	like(state_of($node, $db, $schema), qr/^version - \| runs (cancelled|-) /, "statement_timeout, $at: the run counts as cancelled");
	query($node, $db, "SET client_min_messages = error; SELECT migrate_upgrade('head', schema => '$schema')");
	like(state_of($node, $db, $schema), qr/^version r2 \| runs (cancelled,)?done \| journal - \| log (r1 57014 at \d, )?r1 done, r2 done \| invalid 0$/, "statement_timeout, $at: the next call finishes it");
}

# The client goes away while the worker waits, in the middle of a segment or of a statement that runs alone; then the wait is over.
sub client_gone
{
	my ($at, $before, $sql, $state, $log, $name) = @_;
	my $moment = $moment{$at};
	$name .= ", $at";
	my $call = start_until($moment, $before, $sql);
	my $queued = defined $sql; # then the client has gone by itself
	my $backend = $queued ? 0 : backend_of($call);
	kill('KILL', $call->{child}) if !$queued;
	waitpid($call->{child}, 0);
	wait_until($node, 'postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $backend") if $before ne '';
	is(query($node, 'postgres', "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'pg_migrate'"), '1', "$name: the worker is still there");
	$moment->{holder}->query_safe('ROLLBACK');
	no_workers($node);
	is(state_of($node, $db, $call->{schema}), "$state | invalid 0", "$name: what is left");
	finishes($call, { finished => $state =~ /version r2/ }, { runs => $state =~ /version r2/ ? 'done' : 'cancelled', log => $log }, $name);
	wait_until($node, 'postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $backend");
}

# The server looks for its client while it waits only when it is told to.
my $look = q{SET client_connection_check_interval = '50ms'};
client_gone('waiting for a transaction', $look, undef, 'version - | runs cancelled | journal r1 3 | log r1 57014 at 3', 'r1 57014 at 3', 'lost client');
client_gone('in a transaction', $look, undef, 'version - | runs cancelled | journal r1 5 | log r1 57014 at 5', 'r1 57014 at 5', 'lost client');
my $complete = 'version r2 | runs done | journal - | log r1 done, r2 done';
my $queue = q{SELECT migrate_start('head', schema => '%s')};
foreach my $at ('waiting for a transaction', 'in a transaction')
{
	client_gone($at, '', undef, $complete, '-', 'lost client that is not looked for');
	client_gone($at, '', $queue, $complete, '-', 'client of a run that was queued');
}

done_testing();

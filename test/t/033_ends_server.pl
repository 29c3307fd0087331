# SPDX-License-Identifier: PostgreSQL
# What the server does to a run that works in the background: no slot for its worker, a worker that ends before it is there, a shutdown, a database that
# is dropped; and queued runs whose transaction does not commit.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Calls;
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use POSIX ();
use Test::More;
use Time::HiRes qw(time);

# One slot is taken by the launcher of logical replication.
my $node = new_server('ends_server', conf => "max_worker_processes = 3\nmax_parallel_workers = 0\nmax_prepared_transactions = 2\nrestart_after_crash = on\n");

sub new_app
{
	my ($name) = @_;
	new_database($node, $name);
	add_state_function($node, $name);
	query($node, $name, q{
		CREATE TABLE public.gate ();
		SELECT migrate_revision('one', revision => 'r1', down_revision => 'base', up => $$
			CREATE TABLE t (id int);
			INSERT INTO t SELECT generate_series(1, 100);
			CREATE INDEX CONCURRENTLY t_a ON t (id);
			LOCK TABLE public.gate IN ROW EXCLUSIVE MODE;
			INSERT INTO t VALUES (101)$$);
		SELECT migrate_revision('two', revision => 'r2', down_revision => 'r1', up => 'CREATE TABLE u (id int)')});
	return $name;
}

my $db = new_app('app');
my $nothing = 'version - | runs - | journal - | log - | invalid 0';
my $complete = 'version r2 | runs %s | journal - | log %s | invalid 0';
my $schemas = 0;

sub new_schema
{
	my ($database) = @_;
	my $schema = 's' . ++$schemas;
	query($node, $database // $db, "CREATE SCHEMA $schema");
	return $schema;
}

sub upgrade { return "SELECT count(*) FROM migrate_upgrade('r2', schema => '$_[0]')"; }
sub queue { return "SELECT migrate_start('r2', schema => '$_[0]')"; }

# The call at a fault point.
sub start_at
{
	my ($point, $sql, $database) = @_;
	my $call = start_call($node, $database // $db, "SET client_min_messages = error\n;;\nSET pg_migrate.fault_point = 'wait:$point'\n;;\n$sql");
	at_fault_point($call, $point);
	return $call;
}

sub left
{
	my ($schema, $state, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is(state_of($node, $db, $schema), $state, $name);
}

sub finishes
{
	my ($schema, $runs, $log, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	query($node, $db, 'SET client_min_messages = error; ' . upgrade($schema));
	is(state_of($node, $db, $schema), sprintf($complete, $runs, $log), "$name: the next call finishes it");
	is(query($node, $db, "SELECT count(*), sum(id), (SELECT count(*) FROM $schema.u) FROM $schema.t"), '101|5151|0', "$name: everything is there once");
}

sub end_workers
{
	query($node, 'postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'pg_migrate'});
	no_workers($node);
}

# No free slot. Nothing is done, and what needs no worker works.
my $other = new_schema();
query($node, $db, q{
	SELECT migrate_revision('fails', revision => 'f1', down_revision => 'base', branch_label => 'side', splice => true, up => 'SELECT 1/0');
	SELECT migrate_revision('works', revision => 'w1', down_revision => 'base', branch_label => 'plain', splice => true, up => 'SELECT 1')});
query($node, $db, "SET pg_migrate.fault_point = 'wait:run_locked'; " . queue($_)) foreach $other, new_schema();
my $schema = new_schema();
foreach my $call (upgrade($schema), queue($schema))
{
	fails($node, $db, $call, '53400', [ qr/no background worker is free to run the migration/, qr/DETAIL:  Nothing has been done\./, qr/HINT:  Raise max_worker_processes/ ], 'no slot');
	left($schema, $nothing, 'no slot: nothing is done');
}
fails($node, $db, "SELECT migrate_upgrade('side\@head', schema => '$schema')", '22012', [ qr/division by zero/, qr/The failure could not be logged: no background worker is free/ ],
	'no slot: an error says that it could not be logged');
left($schema, $nothing, 'no slot: the error has left nothing');
is(query($node, $db, "SET client_min_messages = error; SELECT count(*) FROM migrate_upgrade('plain\@head', schema => '$schema')"), '1', 'no slot: what needs no worker runs');
query($node, $db, "SELECT migrate_stamp('base', schema => '$schema')");
end_workers();
my $runs = query($node, $db, "SELECT max(run) FROM migrate.run");
query($node, $db, 'SET client_min_messages = error; ' . upgrade($schema));
is(state_of($node, $db, $schema, $runs), sprintf($complete, 'done', 'r1 done, r2 done'), 'a slot is free again: the call works');
# The terminated runs held their locks, and the next call notices.
finishes($other, 'interrupted,done', 'r1 done, r2 done', 'terminated before it began');

# A worker that ends before it is there. Where the server looks for the library, there is none; or one that is never read to its end.
# (Where 18 looks for the functions too; a session of this database looks as ever.)
query($node, 'postgres', "ALTER DATABASE $db SET dynamic_library_path = '\$libdir'");
my $library = PostgreSQL::Test::Utils::tempdir() . '/lib';
mkdir($library) or die "mkdir: $!";
sub look_for_library_in
{
	my ($path) = @_;
	query($node, 'postgres', "ALTER SYSTEM SET dynamic_library_path = '$path'");
	query($node, 'postgres', 'SELECT pg_reload_conf()');
	wait_until($node, 'postgres', "SELECT current_setting('dynamic_library_path') = '$path'");
}
look_for_library_in($library);
$schema = new_schema();
fails($node, $db, upgrade($schema), 'MG019', [ qr/the background worker ended before it was connected/, qr/HINT:  The server log may say why\./ ], 'worker that cannot be loaded');
fails($node, $db, queue($schema), 'MG019', [ qr/the background worker ended before it was connected/ ], 'worker of a queued run that cannot be loaded');
left($schema, $nothing, 'worker that cannot be loaded: nothing is done');

# Another build of the library is installed while the session keeps the one that it has loaded: here the same one under another build ID, the note "GNU"
# of type 3 with a description of 20 bytes.
my $other_build = slurp_file($node->config_data('--pkglibdir') . '/pg_migrate.so');
is($other_build =~ s/(\Q@{[ pack('L3 a4', 4, 20, 3, "GNU") ]}\E)(.)/$1 . ($2 ^ "\x01")/es, 1, 'the library has a build ID');
open(my $file, '>:raw', "$library/pg_migrate.so") or die "open: $!";
print $file $other_build or die "write: $!";
close($file) or die "close: $!";
my $log_start = -s $node->logfile;
fails($node, $db, upgrade($schema), 'MG019', [ qr/the background worker ended before it was connected/, qr/HINT:  .* When pg_migrate has been installed anew since this session began, connect again\./ ], 'worker of another build');
like(slurp_file($node->logfile, $log_start), qr/LOG:  a background worker of pg_migrate has not begun its work\n.*DETAIL:  The library has been installed anew since the session that started it loaded it\./, 'worker of another build: the log knows why');
fails($node, $db, queue($schema), 'MG019', [ qr/the background worker ended before it was connected/ ], 'worker of a queued run of another build');
left($schema, $nothing, 'worker of another build: nothing is done');
unlink("$library/pg_migrate.so") or die "unlink: $!";

POSIX::mkfifo("$library/pg_migrate.so", 0600) or die "mkfifo: $!";
# Ends the reading, by which the worker ends.
sub let_worker_go
{
	local $SIG{ALRM} = sub { die 'nobody reads the library' };
	alarm(patience());
	open(my $pipe, '>', "$library/pg_migrate.so") or die "open: $!";
	close($pipe);
	alarm(0);
	no_workers($node);
}
# A process that has not attached is no backend yet.
sub unattached_worker
{
	my $postmaster = (split(/\n/, slurp_file($node->data_dir . '/postmaster.pid')))[0];
	my $until = time + patience();
	while (time < $until)
	{
		my ($line) = grep { /pg_migrate worker/ } split(/\n/, `ps --ppid $postmaster -o pid=,args=`);
		return $1 if defined $line && $line =~ /^\s*(\d+)/;
		Time::HiRes::usleep(10_000);
	}
	die 'no worker has been started';
}
my $call = start_call($node, $db, upgrade($schema));
unattached_worker();
query($node, 'postgres', 'SELECT pg_cancel_backend(' . backend_of($call) . ')');
like(end_of($call), qr/ERROR:  57014: canceling statement due to user request/, 'caller of a worker that has not attached can be cancelled');
let_worker_go();
$call = start_call($node, $db, "SET statement_timeout = '1s'\n;;\n" . queue($schema));
unattached_worker();
like(end_of($call), qr/ERROR:  57014: canceling statement due to statement timeout/, 'so can one that queues a run');
let_worker_go();
$call = start_call($node, $db, upgrade($schema));
unattached_worker();
let_worker_go();
like(end_of($call), qr/ERROR:  MG019: the background worker ended before it was connected/, 'a worker that fails before it has attached is noticed');
left($schema, $nothing, 'worker that has not attached: nothing is done');
$call = start_call($node, $db, upgrade($schema));
kill('KILL', unattached_worker());
like(end_of($call), qr/57P02|server closed the connection|connection to server was lost/, 'a worker that is killed before it has attached takes the server with it, and the client knows');
ok(comes_back($node), 'the server comes back');
look_for_library_in('$libdir');
finishes($schema, 'done', 'r1 done, r2 done', 'after that');

# A queued run whose transaction does not commit.
$schema = new_schema();
fails($node, $db, "BEGIN; " . queue($schema) . "; PREPARE TRANSACTION 'queued'", '0A000', [ qr/cannot PREPARE a transaction that has called migrate_start/ ], 'prepared transaction');
no_workers($node);
query($node, $db, 'BEGIN; ' . queue($schema) . '; ROLLBACK');
no_workers($node);
query($node, $db, 'BEGIN; SAVEPOINT a; ' . queue($schema) . '; ROLLBACK TO a; COMMIT');
no_workers($node);
foreach my $how ('terminated', 'killed client')
{
	$call = start_call($node, $db, "SET client_connection_check_interval = '50ms'\n;;\nBEGIN; " . queue($schema) . '; SELECT pg_sleep(600); COMMIT');
	wait_until($node, 'postgres', "SELECT count(*) = 2 FROM pg_stat_activity WHERE application_name = '$call->{name}' AND wait_event IN ('PgSleep', 'transactionid')");
	if ($how eq 'terminated')
	{
		query($node, 'postgres', 'SELECT pg_terminate_backend(' . backend_of($call) . ')');
		end_of($call);
	}
	else
	{
		kill('KILL', $call->{child});
		waitpid($call->{child}, 0);
	}
	no_workers($node);
}
left($schema, $nothing, 'no transaction that was not committed has left a run');
query($node, $db, "BEGIN; SELECT migrate_start('r1', schema => '$schema'); COMMIT");
no_workers($node);
left($schema, 'version r1 | runs done | journal - | log r1 done | invalid 0', 'one that is committed runs');

# Pipelines: the first statement can wait, those behind it are in its transaction. (pgbench says the message of an error only.)
sub pipeline
{
	my (@statements) = @_;
	my $file = $node->basedir . '/pipeline_' . ++$schemas . '.sql';
	write_file_in($node->basedir, "pipeline_$schemas.sql", "\\startpipeline\n" . join('', map { "$_;\n" } @statements) . "\\endpipeline\n");
	my ($out, $error) = run_command([ 'pgbench', '-n', '-t', '1', '-M', 'extended', '-f', $file, $node->connstr($db) ]);
	return $error;
}
$schema = new_schema();
# For 18 they are a transaction block, if an implicit one.
my $reason = $node->pg_version >= 18 ? 'The session is in a transaction block' : 'The call is in a pipeline';
like(pipeline('SELECT 1', upgrade($schema)), qr/ERROR:  statement 3 of revision "r1" cannot run in a transaction block\n(?:.*\n)*DETAIL:  .*$reason/, 'behind another statement of a pipeline');
left($schema, $nothing, 'behind another statement of a pipeline: nothing is done');
unlike(pipeline(upgrade($schema), 'SELECT 1', 'SELECT 2'), qr/ERROR/, 'first in a pipeline');
left($schema, sprintf($complete, 'done', 'r1 done, r2 done'), 'first in a pipeline: done');
$schema = new_schema();
unlike(pipeline('SELECT 1', queue($schema), 'SELECT 2'), qr/ERROR/, 'queued in a pipeline');
no_workers($node);
left($schema, sprintf($complete, 'done', 'r1 done, r2 done'), 'queued in a pipeline: done');

# Two databases, each with a run.
my $second = new_app('second');
my $gate = open_session($node, $db);
$gate->query_safe('BEGIN; LOCK TABLE public.gate IN EXCLUSIVE MODE');
$schema = new_schema();
$call = start_call($node, $db, upgrade($schema));
at_lock($call, 'relation');
is(query($node, $second, 'SET client_min_messages = error; ' . "SELECT count(*) FROM migrate_upgrade('r2')"), '2', 'a run in another database is not held up');
is(state_of($node, $second), sprintf($complete, 'done', 'r1 done, r2 done'), 'and is complete');
$gate->query_safe('ROLLBACK');
end_of($call);
left($schema, sprintf($complete, 'done', 'r1 done, r2 done'), 'so is the first');

# A database that is dropped while runs are under way.
foreach my $sql ("SELECT migrate_upgrade('r2')", "SELECT migrate_start('r2')")
{
	my $dropped = new_app('dropped');
	$call = start_at('statement_run', $sql, $dropped);
	end_of($call) if $sql =~ /start/;
	fails($node, 'postgres', 'DROP DATABASE dropped', '55006', [ qr/database "dropped" is being accessed by other users/ ], "$sql: DROP DATABASE is refused");
	query($node, 'postgres', 'DROP DATABASE dropped WITH (FORCE)');
	like(end_of($call), qr/FATAL:  57P01:/, "$sql: by force it ends") if $sql !~ /start/;
	no_workers($node);
}

# The server is stopped. Smart: it waits for its clients, and so for the runs that they wait for.
$schema = new_schema();
$gate->query_safe('BEGIN; LOCK TABLE public.gate IN EXCLUSIVE MODE');
$call = start_call($node, $db, upgrade($schema));
at_lock($call, 'relation');
my $log_offset = -s $node->logfile;
command_ok([ 'pg_ctl', '-D', $node->data_dir, '-m', 'smart', '--no-wait', 'stop' ], 'smart stop');
$node->wait_for_log(qr/received smart shutdown request/, $log_offset);
$gate->query_safe('ROLLBACK');
unlike(end_of($call), qr/ERROR|FATAL/, 'smart stop: the call that is waited for succeeds');
is($call->{status}, 0, 'smart stop: and returns');
$gate->quit;
sub stopped
{
	my $until = time + patience();
	while (-e $node->data_dir . '/postmaster.pid')
	{
		die 'the server does not stop' if time > $until;
		Time::HiRes::usleep(10_000);
	}
	$node->stop('fast', fail_ok => 1); # knows then that it has stopped
	$node->start;
}
stopped();
left($schema, sprintf($complete, 'done', 'r1 done, r2 done'), 'smart stop: the run is complete');

# A run that nobody waits for does not keep it, and is gone on with.
$schema = new_schema();
end_of(start_at('statement_run', queue($schema)));
$node->stop('smart');
$node->start;
left($schema, 'version - | runs running | journal r1 2 running 3 | log - | invalid 0', 'smart stop with a queued run');
finishes($schema, 'interrupted,done', 'r1 MG019 at 3, r1 done, r2 done', 'smart stop with a queued run');

# Fast: it ends all of them.
my $waiting = new_schema();
$schema = new_schema();
$call = start_at('statement_run', upgrade($waiting));
end_of(start_at('statement_confirmed', queue($schema)));
$node->stop('fast');
like(end_of($call), qr/57P01/, 'fast stop: the caller is told');
$node->start;
left($waiting, 'version - | runs running | journal r1 2 running 3 | log - | invalid 0', 'fast stop with a waiting caller');
finishes($waiting, 'interrupted,done', 'r1 MG019 at 3, r1 done, r2 done', 'fast stop with a waiting caller');
left($schema, 'version - | runs running | journal r1 3 | log - | invalid 0', 'fast stop with a queued run');
finishes($schema, 'interrupted,done', 'r1 MG019 at 3, r1 done, r2 done', 'fast stop with a queued run');

# The index build is under way.
$schema = new_schema();
my $old = open_session($node, $db);
$old->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
$call = start_call($node, $db, upgrade($schema));
at_lock($call, 'virtualxid');
$node->stop('fast');
end_of($call);
$node->start;
left($schema, 'version - | runs running | journal r1 2 running 3 | log - | invalid 1', 'fast stop while an index is built');
finishes($schema, 'interrupted,done', 'r1 MG019 at 3, r1 done, r2 done', 'fast stop while an index is built');
eval { $old->quit };

done_testing();

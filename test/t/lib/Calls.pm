# SPDX-License-Identifier: PostgreSQL
# Calls that run while the test does something to them: none is waited for longer than a slow machine may need.
package Calls;

use strict;
use warnings;

use Exporter 'import';
use PgMigrate;
use PostgreSQL::Test::Utils;
use POSIX ':sys_wait_h';
use Test::More;
use Time::HiRes qw(usleep time);

our @EXPORT = qw(patience query start_call backend_of worker_of end_of wait_until at_fault_point at_lock open_session no_workers add_state_function state_of seconds_of);

# After so many seconds whatever is waited for counts as hanging.
sub patience { return 180; }

sub query
{
	my ($node, $database, $sql) = @_;
	return $node->safe_psql($database, $sql, timeout => patience());
}

# psql in the background, as a session that is known by its application_name; so is the worker that it asks for. Statements are
# separated by lines of `;;`, for those that must not be sent together.
my $calls = 0;
sub start_call
{
	my ($node, $database, $sql, %options) = @_;
	my $name = 'call ' . ++$calls;
	my $file = $node->basedir . "/call_$calls";
	my @commands = map { ('-c', $_) } split(/^;;$/m, $sql);
	my $call = { node => $node, database => $database, name => $name, file => $file, log_offset => -s $node->logfile, began => time };
	open(my $output, '>', $file) or die "$file: $!";
	$call->{child} = fork() // die "fork: $!";
	if ($call->{child} == 0)
	{
		open(STDOUT, '>&', $output);
		open(STDERR, '>&', $output);
		my $user = $options{user} ? " user=$options{user}" : '';
		exec('psql', '-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose', '-d', $node->connstr($database) . " application_name='$name'$user", @commands);
	}
	return $call;
}

sub process_of
{
	my ($call, $type) = @_;
	my $condition = "FROM pg_stat_activity WHERE application_name = '$call->{name}' AND backend_type = '$type'";
	wait_until($call->{node}, 'postgres', "SELECT count(*) = 1 $condition");
	return query($call->{node}, 'postgres', "SELECT pid $condition");
}

# The process ids in the server.
sub backend_of { return process_of($_[0], 'client backend'); }
sub worker_of { return process_of($_[0], 'pg_migrate'); }

# What it has said, when it has ended; that has to come by itself.
sub end_of
{
	my ($call) = @_;
	my $until = time + patience();
	while (waitpid($call->{child}, WNOHANG) == 0)
	{
		if (time > $until)
		{
			kill('KILL', $call->{child});
			waitpid($call->{child}, 0);
			die "hangs: $call->{name}, having said: " . slurp_file($call->{file});
		}
		usleep(10_000);
	}
	$call->{status} = $?;
	$call->{seconds} = time - $call->{began};
	return slurp_file($call->{file});
}

sub wait_until
{
	my ($node, $database, $query) = @_;
	wait_for($node, $database, $query);
}

# Waits until the call's server says that it waits at the fault point.
sub at_fault_point
{
	my ($call, $name) = @_;
	my $until = time + patience();
	while (slurp_file($call->{node}->logfile, $call->{log_offset}) !~ /fault point \Q$name\E$/m)
	{
		my $said = slurp_file($call->{file});
		die "not at fault point $name: $said" if time > $until || $said =~ /ERROR: |FATAL: /;
		usleep(10_000);
	}
}

# Waits until a process of the call, its worker or (`type`) another one, waits for a lock.
sub at_lock
{
	my ($call, $event, $type) = @_;
	$type //= 'pg_migrate';
	wait_until($call->{node}, 'postgres',
		"SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = '$call->{name}' AND backend_type = '$type' AND wait_event_type = 'Lock' AND wait_event = '$event'");
}

# A session that lives as long as the test wants, each of its queries with a time limit of its own.
sub open_session
{
	my ($node, $database, %options) = @_;
	my $session = $node->background_psql($database, on_error_stop => 0, timeout => patience(), extra_params => $options{user} ? [ '-U', $options{user} ] : []);
	$session->set_query_timer_restart;
	return $session;
}

sub no_workers
{
	my ($node) = @_;
	wait_until($node, 'postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'pg_migrate'});
}

# What the catalogue says of the version line of a schema, in one line; `from` leaves out what earlier runs have written.
sub add_state_function
{
	my ($node, $database) = @_;
	$node->safe_psql($database, q{
		CREATE FUNCTION state_of(schema name, from_run bigint DEFAULT 0) RETURNS text LANGUAGE sql AS $state$
			SELECT concat_ws(' | ',
				'version ' || coalesce((SELECT string_agg(revision, ',' ORDER BY revision) FROM migrate.version WHERE schema_name IS NOT DISTINCT FROM schema), '-'),
				'runs ' || coalesce((SELECT string_agg(coalesce(outcome, state), ',' ORDER BY run) FROM migrate.run
					WHERE schema_name IS NOT DISTINCT FROM schema AND run > from_run), '-'),
				'journal ' || coalesce((SELECT revision || ' ' || done || coalesce(' running ' || running, '') FROM migrate.journal
					WHERE schema_name IS NOT DISTINCT FROM schema), '-'),
				'log ' || coalesce((SELECT string_agg(revision || ' ' || coalesce(sqlstate || ' at ' || statement, outcome), ', ' ORDER BY finished_at, ctid) FROM migrate.log
					WHERE schema_name IS NOT DISTINCT FROM schema AND run > from_run), '-'),
				'invalid ' || (SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
					WHERE NOT i.indisvalid AND (schema IS NULL OR c.relnamespace = schema::text::regnamespace)))
		$state$});
}

sub state_of
{
	my ($node, $database, $schema, $from_run) = @_;
	return query($node, $database, sprintf('SELECT state_of(%s, %d)', defined $schema ? "'$schema'" : 'NULL', $from_run // 0));
}

1;

# SPDX-License-Identifier: PostgreSQL
# Sessions that are killed, all of a server at once: calls in the background, waiting for what they come to, the ways to die.
package Crash;

use strict;
use warnings;

use Exporter 'import';
use PgMigrate ();
use POSIX qw(:sys_wait_h);
use PostgreSQL::Test::Utils;
use Time::HiRes qw(usleep time);

our @EXPORT = qw(crash_conf start_call wait_for_calls call_output run_calls wait_for_points wait_for_unconnected ways_to_die end_workers $look_around $forget_past);

my $patience = 180;

# What is there after a run: one line. The marks are a table of the test.
our $look_around = q{SELECT concat_ws(' / ',
	'version ' || coalesce((SELECT string_agg(revision, ',') FROM migrate.version), 'base'),
	'marks ' || coalesce((SELECT string_agg(what || '=' || n, ',' ORDER BY what) FROM marks), ''),
	'runs ' || coalesce((SELECT string_agg(coalesce(outcome, state), ',' ORDER BY run) FROM migrate.run), ''),
	'log ' || coalesce((SELECT string_agg(concat_ws(' ', revision, outcome, sqlstate), ', ' ORDER BY finished_at, ctid) FROM migrate.log), ''),
	'invalid indexes ' || (SELECT count(*) FROM pg_index WHERE NOT indisvalid),
	'journal ' || (SELECT count(*) FROM migrate.journal),
	'locks ' || (SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database() AND l.pid <> pg_backend_pid()),
	'workers ' || (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'pg_migrate'));
};

# For the next round in the same database: log and runs of the past are none of its.
our $forget_past = q{DELETE FROM migrate.log; DELETE FROM migrate.run; DELETE FROM marks;
};

sub crash_conf
{
	return "restart_after_crash = on\nlog_line_prefix = '%m [%p] '\nmax_connections = 160\nmax_worker_processes = 80\n"
	  . "max_parallel_workers = 0\nmax_prepared_transactions = 20\nshared_buffers = 32MB\nmax_wal_size = 2GB\n";
}

# psql in the background, with a script.
sub start_call
{
	my ($node, $database, $sql, %options) = @_;
	my $name = $options{name} // "call_$database";
	my $base = $node->basedir . "/$name";
	open(my $file, '>', "$base.sql") or die "$base.sql: $!";
	print $file $sql;
	close($file) or die "$base.sql: $!";
	my $child = fork() // die "fork: $!";
	return $child if $child != 0;
	open(STDIN, '<', '/dev/null');
	open(STDOUT, '>', "$base.out");
	open(STDERR, '>&', \*STDOUT);
	exec('psql', '-X', '-q', '-A', '-t', '-v', 'VERBOSITY=verbose', '-d',
		$node->connstr($database) . ' application_name=' . ($options{application} // 'caller'), '-f', "$base.sql");
}

sub call_output
{
	my ($node, $name) = @_;
	return slurp_file($node->basedir . "/$name.out");
}

# The exit status of each.
sub wait_for_calls
{
	my (@children) = @_;
	my @status;
	my $end = time + $patience;
	foreach my $child (@children)
	{
		while (waitpid($child, WNOHANG) == 0)
		{
			if (time > $end)
			{
				kill('KILL', $child);
				waitpid($child, 0);
				die "a call does not come to its end";
			}
			usleep(5_000);
		}
		push @status, $?;
	}
	return @status;
}

# Scripts by database, a few at a time. What they print, by database.
sub run_calls
{
	my ($node, %script_of) = @_;
	my (%running, %output);
	my @waiting = sort keys %script_of;
	my $end = time + 2 * $patience;
	while (@waiting || %running)
	{
		while (@waiting && keys(%running) < 4)
		{
			my $database = shift @waiting;
			my $child = start_call($node, $database, $script_of{$database}, name => "run_$database", application => 'runner');
			$running{$child} = $database;
		}
		foreach my $child (keys %running)
		{
			next if waitpid($child, WNOHANG) == 0;
			my $database = delete $running{$child};
			$output{$database} = call_output($node, "run_$database");
		}
		die 'still running: ' . join(' ', sort values %running) if time > $end;
		usleep(2_000);
	}
	return %output;
}

# Waits until each worker has come to its fault point: names by database. The log says where a process is, and the server in which database.
sub wait_for_points
{
	my ($node, $offset, %wanted) = @_;
	my $end = time + $patience;
	my %missing = %wanted;
	while (%missing)
	{
		usleep(20_000);
		my %point_of = slurp_file($node->logfile, $offset) =~ /\[(\d+)\] LOG:  pg_migrate: fault point (\w+)$/mg;
		next if keys(%point_of) < keys(%wanted) && time <= $end;
		%missing = %wanted;
		foreach my $line (split(/\n/, query($node, q{SELECT pid, datname FROM pg_stat_activity WHERE backend_type = 'pg_migrate'})))
		{
			my ($pid, $database) = split(/\|/, $line);
			delete $missing{$database} if defined $database && ($point_of{$pid} // '') eq ($missing{$database} // '?');
		}
		die 'not come to their points: ' . join(', ', map { "$_ ($missing{$_})" } sort keys %missing) if %missing && time > $end;
	}
}

# The process of a worker that comes to its fault point before it is connected: only the log knows it.
sub wait_for_unconnected
{
	my ($node, $offset, $point) = @_;
	my $end = time + $patience;
	while (time < $end)
	{
		return $1 if slurp_file($node->logfile, $offset) =~ /\[(\d+)\] LOG:  pg_migrate: fault point $point$/m;
		usleep(10_000);
	}
	die "no worker has come to $point";
}

sub query
{
	my ($node, $sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

# The server restarts its processes by itself, after one of them was killed. It takes a moment to notice, in which it still takes connections.
sub come_back
{
	my ($node, $offset) = @_;
	my $end = time + $patience;
	until (slurp_file($node->logfile, $offset) =~ /all server processes terminated; reinitializing/)
	{
		die 'the server does not notice' if time > $end;
		usleep(10_000);
	}
	PgMigrate::comes_back($node) or die 'the server does not come back';
}

# After the postmaster was killed: its processes notice, but that takes a moment, and holds the shared memory.
sub start_again
{
	my ($node) = @_;
	my $end = time + $patience;
	until ($node->start(fail_ok => 1))
	{
		die 'the server does not start' if time > $end;
		usleep(50_000);
		$node->stop('fast', fail_ok => 1);    # or the next attempt finds one that has only been slow
	}
}

my $workers = q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'pg_migrate'};
my $callers = q{SELECT pid FROM pg_stat_activity WHERE application_name = 'caller' AND backend_type = 'client backend'};

sub end_workers
{
	my ($node) = @_;
	$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM ($workers) w") or die 'a worker is left';
}

sub kill_all
{
	my ($node, $processes, $children) = @_;
	my $offset = -s $node->logfile;
	my $count = kill('KILL', @$processes);
	# Without a call that fails, the killed process had ended just before.
	my @failed = grep { $_ != 0 } wait_for_calls(@$children);
	come_back($node, $offset) if $count > 0 && @failed;
}

sub terminate_all
{
	my ($node, $processes, $children) = @_;
	kill('TERM', @$processes);
	wait_for_calls(@$children);
	end_workers($node);
}

# The processes of the workers: the connected ones, and those that the test has found in the log.
our @unconnected = ();

sub worker_processes
{
	my ($node) = @_;
	return [ split(/\n/, query($node, $workers)), @unconnected ];
}

sub caller_processes
{
	my ($node) = @_;
	return [ split(/\n/, query($node, $callers)) ];
}

# By name: how the end comes over all calls that are running (the processes of psql are given), after which all of them have ended and the server
# is there. To terminate is what pg_terminate_backend() does.
sub ways_to_die
{
	my ($node) = @_;
	return (
		'server stopped' => sub { $node->stop('immediate'); wait_for_calls(@_); $node->start },
		'worker killed' => sub { kill_all($node, worker_processes($node), \@_) },
		'caller killed' => sub { kill_all($node, caller_processes($node), \@_) },
		'postmaster killed' => sub { $node->kill9; wait_for_calls(@_); start_again($node) },
		'worker terminated' => sub { terminate_all($node, worker_processes($node), \@_) },
		'caller terminated' => sub { terminate_all($node, caller_processes($node), \@_) });
}

1;

# SPDX-License-Identifier: PostgreSQL
# Statements that are cut off where they wait for other transactions, with what they leave: invalid indexes, _ccnew and _ccold, a pending detach.
# The next plain call ends them.
#
# Where a statement waits is chosen by what it has to wait for. All wait at the same time, each in a database of its own; one blow ends them together.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Crash;
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $node = new_server('crash_within', conf => crash_conf());
my %die_by = ways_to_die($node);
my @ways = ('server stopped', 'worker killed', 'caller killed', 'postmaster killed', 'worker terminated', 'caller terminated');

$node->safe_psql('postgres', 'CREATE DATABASE blank');
$node->safe_psql('blank', q{
	CREATE EXTENSION pg_migrate;
	CREATE TABLE marks (what text PRIMARY KEY, n int NOT NULL);
	CREATE FUNCTION mark(name text) RETURNS void LANGUAGE sql AS $$
		INSERT INTO public.marks VALUES (name, 1) ON CONFLICT (what) DO UPDATE SET n = marks.n + 1 $$;
	CREATE TABLE t (id int, v int);
	INSERT INTO t SELECT i, i % 10 FROM generate_series(1, 1000) i;
	CREATE INDEX t_v ON t (v);
	CREATE TABLE elsewhere (id int);
	CREATE TABLE parts (id int) PARTITION BY RANGE (id);
	CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
	INSERT INTO parts SELECT generate_series(0, 99)});

# What others do. Prepared transactions have locks and no snapshot; a session that sleeps has a snapshot.
my $write = 'INSERT INTO t VALUES (0, 0)';
my $read = 'SELECT count(*) FROM t';
my $snapshot = 'a snapshot';

my @create = ('CREATE INDEX CONCURRENTLY t_id ON t (id)', 'DROP INDEX t_id');
my @unnamed = ('CREATE UNIQUE INDEX CONCURRENTLY ON t (id, v)', 'DROP INDEX t_id_v_idx');
my @reindex = ('REINDEX INDEX CONCURRENTLY t_v', 'SELECT 1');
my @reindex_table = ('REINDEX TABLE CONCURRENTLY t', 'SELECT 1');
my @drop = ('DROP INDEX CONCURRENTLY t_v', 'CREATE INDEX t_v ON t (v)');
my @detach = ('ALTER TABLE parts DETACH PARTITION parts_1 CONCURRENTLY', 'ALTER TABLE parts ATTACH PARTITION parts_1 FOR VALUES FROM (0) TO (100)');

# The statement and the way back; what is open before it begins; what begins when it waits for that, whereupon the first ends; how it is waiting then;
# what a crash leaves: indexes that are not valid, partitions that are pending.
my @places = (
	[ @create, $write, undef, 'waiting for writers before build', 1, 0 ],
	[ @create, $write, $write, 'waiting for writers before validation', 1, 0 ],
	[ @create, $snapshot, undef, 'waiting for old snapshots', 1, 0 ],
	[ @unnamed, $snapshot, undef, 'waiting for old snapshots', 1, 0 ],
	[ @reindex, $write, undef, 'waiting for writers before build', 1, 0 ],
	[ @reindex, $write, $write, 'waiting for writers before validation', 1, 0 ],
	[ @reindex, $snapshot, undef, 'waiting for old snapshots', 1, 0 ],
	[ @reindex, $read, undef, 'waiting for readers before marking dead', 1, 0 ],
	[ @reindex, $read, $read, 'waiting for readers before dropping', 1, 0 ],
	[ @reindex_table, $snapshot, undef, 'waiting for old snapshots', 1, 0 ],
	[ @drop, $read, undef, 'Lock', 1, 0 ],
	[ @drop, $read, $read, 'Lock', 1, 0 ],
	[ @detach, 'SELECT count(*) FROM parts', undef, 'Lock', 0, 1 ]);

my @cases;
foreach my $i (0 .. $#places)
{
	my %case = (database => sprintf('place_%02d', $i));
	@case{qw(sql back first second phase invalid pending)} = @{ $places[$i] };
	$case{name} = "$case{sql}, $case{phase}" . (defined $case{second} ? ' of the second' : '');
	push @cases, \%case;
	$node->safe_psql('postgres', "CREATE DATABASE $case{database} TEMPLATE blank");
}
my $forward = q{SELECT count(*) FROM migrate_upgrade('head');};
my $back = q{SELECT count(*) FROM migrate_downgrade('base');};
my %said = run_calls($node, map {
		$_->{database} => "SELECT migrate_revision('plan', revision => 'plan', up => \$up\$SELECT mark('a'); $_->{sql}; SELECT mark('b')\$up\$, down => \$down\$$_->{back}\$down\$);"
		  . $forward . $look_around } @cases);
my $calm = 'version plan / marks a=1,b=1 / runs done / log plan done / invalid indexes 0 / journal 0 / locks 0 / workers 0';
like($said{$_->{database}}, qr/^\Q$calm\E$/m, "$_->{name}: undisturbed") foreach @cases;
my %schema = map { $_->{database} => schema_of($node, $_->{database}) } @cases;
run_calls($node, map { $_->{database} => $back } @cases);

# What others have open: number 1 and 2 of a database. Of the databases, all together.
sub open_transactions
{
	my ($number, %sql_of) = @_;
	my @children;
	foreach my $database (sort keys %sql_of)
	{
		my $sql = $sql_of{$database};
		my $script = $sql eq $snapshot
		  ? 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM elsewhere; SELECT pg_sleep(600)'
		  : "BEGIN; $sql; PREPARE TRANSACTION '$database $number'";
		my $child = start_call($node, $database, $script, name => "other_${database}_$number", application => 'other');
		push @children, $child;
		wait_for_calls($child) if $sql ne $snapshot;
	}
	my @sleeping = grep { $_ eq $snapshot } values %sql_of;
	wait_for($node, 'postgres', q{SELECT count(*) >= } . @sleeping . q{ FROM pg_stat_activity WHERE application_name = 'other' AND wait_event = 'PgSleep'});
	return @children;
}

sub end_transactions
{
	my ($like) = @_;
	my $prepared = $node->safe_psql('postgres', "SELECT database, gid FROM pg_prepared_xacts WHERE gid LIKE '$like'");
	foreach my $line (split(/\n/, $prepared))
	{
		my ($database, $gid) = split(/\|/, $line);
		$node->safe_psql($database, "ROLLBACK PREPARED '$gid'");
	}
}

# By database, how its worker waits.
sub wait_for_phases
{
	my (%phase_of) = @_;
	my $end = time + 120;
	my %missing = %phase_of;
	while (%missing)
	{
		my %now = map { split(/\|/, $_) } split(/\n/, $node->safe_psql('postgres', q{
			SELECT a.datname, coalesce(p.phase, 'Lock') FROM pg_stat_activity a LEFT JOIN pg_stat_progress_create_index p USING (pid)
			WHERE a.backend_type = 'pg_migrate' AND a.wait_event_type = 'Lock'}));
		%missing = map { ($now{$_} // '') eq $phase_of{$_} ? () : ($_ => $phase_of{$_} . ', but ' . ($now{$_} // 'does not wait')) } keys %phase_of;
		die 'not come to their places: ' . join('; ', map { "$_: $missing{$_}\n" . call_output($node, "call_$_") } sort keys %missing)
		  if %missing && time > $end;
		usleep(20_000) if %missing;
	}
}

my %first_phase = ($write => 'waiting for writers before build', $read => 'waiting for readers before marking dead');

foreach my $way (@ways)
{
	my @others = open_transactions(1, map { $_->{database} => $_->{first} } @cases);
	my @calls = map { start_call($node, $_->{database}, $forget_past . $forward) } @cases;
	my @twice = grep { defined $_->{second} } @cases;
	wait_for_phases(map { $_->{database} => defined $_->{second} && $_->{phase} ne 'Lock' ? $first_phase{ $_->{first} } : $_->{phase} } @cases);
	open_transactions(2, map { $_->{database} => $_->{second} } @twice);
	end_transactions("$_->{database} 1") foreach @twice;
	wait_for_phases(map { $_->{database} => $_->{phase} } @cases);

	my $is_cancelled = $way eq 'caller terminated';
	if ($is_cancelled)
	{
		# The worker is about to remove what is left, and waits for the same transactions.
		$node->safe_psql('postgres', q{SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'caller' AND backend_type = 'client backend'});
		wait_for_calls(@calls);
	}
	else
	{
		$die_by{$way}->(@calls);
	}
	end_transactions('%');
	$node->safe_psql('postgres', q{SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'other'});
	wait_for_calls(grep { kill(0, $_) } @others);
	end_workers($node);

	my %left = run_calls($node, map { $_->{database} => q{SELECT 'left ' || (SELECT count(*) FROM pg_index WHERE NOT indisvalid) || ' ' || (SELECT count(*) FROM pg_inherits WHERE inhdetachpending);} } @cases);
	my %got = run_calls($node, map { $_->{database} => $forward . $look_around } @cases);
	my $expected = $calm;
	$expected =~ s{runs done / log}{$is_cancelled ? 'runs cancelled,done / log plan failed 57014,' : 'runs interrupted,done / log plan failed MG019,'}e;
	foreach my $case (@cases)
	{
		# What is left is removed unless that takes too long.
		my $invalid = $is_cancelled && $case->{sql} !~ /DROP/ ? "[0$case->{invalid}]" : $case->{invalid};
		like($left{ $case->{database} }, qr/^left $invalid $case->{pending}$/m, "$case->{name}, $way: what is left");
		like($got{ $case->{database} }, qr/^\Q$expected\E$/m, "$case->{name}, $way: the next call");
		is(schema_of($node, $case->{database}), $schema{ $case->{database} }, "$case->{name}, $way: the schema");
	}
	run_calls($node, map { $_->{database} => $back } @cases);
}

done_testing();

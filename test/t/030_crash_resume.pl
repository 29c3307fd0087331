# SPDX-License-Identifier: PostgreSQL
# Every place at which a run in a background worker can be cut off, and every way for that to happen: the next plain call ends what was begun.
#
# Each case has a database of its own. All of them come to their places, then one blow ends them together, then each is called again. A place is a
# fault point, that a session sets before its call, or that the script sets where it calls mark(). PG_MIGRATE_TEST_ALL_CRASHES: each case with each
# way to die, which takes minutes; without, each with two of them.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Crash;
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('crash_resume', conf => crash_conf());
my %die_by = ways_to_die($node);
my @ways = ('server stopped', 'worker killed', 'caller killed', 'postmaster killed', 'worker terminated', 'caller terminated');

# What the scripts find. mark() counts how often a transaction has been carried out to its end, and sets the next fault point.
$node->safe_psql('postgres', 'CREATE DATABASE blank');
$node->safe_psql('blank', q{
	CREATE EXTENSION pg_migrate;
	CREATE TABLE marks (what text PRIMARY KEY, n int NOT NULL);
	CREATE TABLE arm (at text, point text);
	CREATE FUNCTION mark(name text) RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO public.marks VALUES (name, 1) ON CONFLICT (what) DO UPDATE SET n = marks.n + 1;
		PERFORM set_config('pg_migrate.fault_point', 'wait:' || point, false) FROM public.arm WHERE at = name;
	END $$;
	CREATE PROCEDURE commits_twice() LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO public.marks VALUES ('called', 1) ON CONFLICT (what) DO UPDATE SET n = marks.n + 1;
		COMMIT;
		INSERT INTO public.marks VALUES ('called again', 1) ON CONFLICT (what) DO UPDATE SET n = marks.n + 1;
		COMMIT;
	END $$;
	CREATE SCHEMA app;
	CREATE TABLE base (id int, v int);
	INSERT INTO base SELECT i, i % 10 FROM generate_series(1, 1000) i;
	CREATE INDEX base_v ON base (v);
	CREATE TABLE parts (id int) PARTITION BY RANGE (id);
	CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
	CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (100) TO (200);
	INSERT INTO parts SELECT generate_series(0, 199);
	CREATE TYPE mood AS ENUM ('old')});

# The scripts of a plan and the marks that they set. What is set in the first segment has to be set for the last one.
my $indexes = {
	up => q{SET search_path = app, public;
		CREATE TABLE items (id int, v int);
		INSERT INTO items SELECT i, i % 10 FROM generate_series(1, 100) i;
		SELECT mark('a');
		CREATE INDEX CONCURRENTLY items_v ON items (v);
		ALTER TABLE items ADD COLUMN w int DEFAULT 7;
		SELECT mark('b');
		CREATE UNIQUE INDEX CONCURRENTLY ON items (id);
		CREATE VIEW seen AS SELECT id, w FROM items;
		SELECT mark('c')},
	down => q{SET search_path = app, public;
		DROP VIEW seen;
		SELECT mark('d');
		DROP INDEX CONCURRENTLY items_id_idx;
		ALTER TABLE items DROP COLUMN w;
		SELECT mark('e');
		DROP INDEX CONCURRENTLY items_v;
		DROP TABLE items;
		SELECT mark('f')},
	up_marks => 'a=1,after=1,b=1,c=1', down_marks => 'before=1,d=1,e=1,f=1' };

# A plan of one statement that runs alone, each way.
sub alone
{
	my ($up, $down) = @_;
	return { up => "SELECT mark('a'); $up; SELECT mark('b')", down => "SELECT mark('d'); $down; SELECT mark('e')",
		up_marks => 'a=1,after=1,b=1', down_marks => 'before=1,d=1,e=1' };
}

# Up, where the transactional part comes after ALTER TYPE ... ADD VALUE.
my $enum = alone(q{ALTER TYPE mood ADD VALUE 'new'; CREATE TABLE moods (m mood DEFAULT 'new')}, 'DROP TABLE moods; VACUUM base; DROP TYPE mood; CREATE TYPE mood AS ENUM (\'old\')');
my $procedure = alone("\n-- pg_migrate: no-transaction\nCALL commits_twice()", "\n-- pg_migrate: no-transaction\nCALL commits_twice()");
$procedure->{up_marks} = 'a=1,after=1,b=1,called=1,called again=1';
$procedure->{down_marks} = 'before=1,called=1,called again=1,d=1,e=1';

# What there is when the end comes:
#   nothing   no run has been written down
#   locked    nor here; but a worker that is cancelled writes one down
#   between   the run, and no revision that is begun
#   first     the run; the first transaction of a revision, of which a crash leaves nothing, and a worker that is cancelled the failure
#   begun     the run and the journal
#   complete  all of it
my @first_points = ([ '', 'worker_connected', 'nothing' ], [ '', 'run_locked', 'locked' ], [ '', 'revision_begun', 'first' ]);
my @alone_points = ([ '', 'statement_intended', 'begun' ], [ '', 'statement_run', 'begun' ], [ '', 'statement_confirmed', 'begun' ]);
my @last_points = ([ 'after', 'segment_run', 'first', 'after' ], [ 'after', 'revision_recorded', 'complete' ], [ '', 'run_finished', 'complete' ]);
my @up_points = (
	@first_points, [ '', 'segment_run', 'first' ], [ '', 'segment_committed', 'begun' ], @alone_points,
	[ 'b', 'segment_run', 'begun' ], [ 'b', 'segment_committed', 'begun' ], [ 'b', 'statement_intended', 'begun' ],
	[ 'b', 'statement_run', 'begun' ], [ 'b', 'statement_confirmed', 'begun' ], [ 'c', 'segment_run', 'begun' ],
	[ 'c', 'revision_recorded', 'between' ], @last_points);
my @down_points = (
	@first_points[0, 1], [ '', 'revision_begun', 'first', 'after' ], [ '', 'segment_run', 'first', 'after' ], [ '', 'revision_recorded', 'between' ],
	@alone_points, [ 'd', 'segment_run', 'first' ], [ 'd', 'segment_committed', 'begun' ],
	[ 'e', 'segment_run', 'begun' ], [ 'e', 'segment_committed', 'begun' ], [ 'e', 'statement_intended', 'begun' ],
	[ 'e', 'statement_run', 'begun' ], [ 'e', 'statement_confirmed', 'begun' ], [ 'f', 'segment_run', 'begun' ],
	[ 'f', 'revision_recorded', 'complete' ], [ '', 'run_finished', 'complete' ]);

my @cases;
my %undisturbed;    # a database per plan

sub add_cases
{
	my ($name, $plan, $ups, $downs, %options) = @_;
	$undisturbed{$name} = "${name}_undisturbed";
	for (my $i = 0; $i < @$ups || $i < @$downs; ++$i)
	{
		my $database = sprintf('%s_%02d', $name, $i);
		push @cases, { database => $database, name => $name, plan => $plan, up => $ups->[$i], down => $downs->[$i],
			word => $options{words} ? $options{words}[$i] : $database, %options };
	}
}

add_cases('indexes', $indexes, \@up_points, \@down_points);
add_cases('reindex', alone('REINDEX INDEX CONCURRENTLY base_v', 'REINDEX TABLE CONCURRENTLY base'), \@alone_points, \@alone_points);
add_cases('drop_index', alone('DROP INDEX CONCURRENTLY base_v', 'CREATE INDEX CONCURRENTLY base_v ON base (v)'), \@alone_points, \@alone_points);
add_cases('detach', alone('ALTER TABLE parts DETACH PARTITION parts_1 CONCURRENTLY', 'ALTER TABLE parts ATTACH PARTITION parts_1 FOR VALUES FROM (0) TO (100); VACUUM parts'),
	\@alone_points, \@alone_points);
add_cases('maintenance', alone('VACUUM base', 'CLUSTER'), \@alone_points, \@alone_points);
add_cases('other_database', alone('CREATE DATABASE made_by_%s TEMPLATE template0', 'DROP DATABASE made_by_%s'), \@alone_points, \@alone_points,
	left => q{SELECT count(*) FROM pg_database WHERE datname = 'made_by_%s'});
add_cases('setting', alone('ALTER SYSTEM SET %s = 2', 'ALTER SYSTEM RESET %s'), \@alone_points, \@alone_points,
	left => q{SELECT count(*) FROM pg_file_settings WHERE name = '%s'}, words => [qw(seq_page_cost random_page_cost parallel_setup_cost)]);
add_cases('enum', $enum, [ [ '', 'segment_run', 'first' ], [ '', 'segment_committed', 'begun' ] ], [ @alone_points[0, 1] ]);
add_cases('procedure', $procedure, \@alone_points, \@alone_points, opaque => 1);
add_cases('by_revision', { up => "SELECT mark('a')", down => "SELECT mark('d')", up_marks => 'a=1,after=1', down_marks => 'before=1,d=1' },
	[ [ '', 'revision_recorded', 'between' ], [ '', 'segment_run', 'first' ], $last_points[2] ],
	[ [ '', 'revision_recorded', 'between' ], [ '', 'segment_run', 'first', 'after' ], $last_points[2] ],
	settings => q{SET pg_migrate.transaction_mode = 'per_revision';});
add_cases('started', $indexes,
	[ [ '', 'run_locked', 'first', '-' ], [ '', 'segment_run', 'first' ], [ '', 'statement_run', 'begun' ], [ 'c', 'segment_run', 'begun' ], $last_points[1] ],
	[ [ '', 'run_locked', 'first', '-' ], [ 'd', 'segment_run', 'first' ], [ '', 'statement_run', 'begun' ], [ 'f', 'segment_run', 'begun' ] ],
	started => 1);

foreach my $name (keys %undisturbed)
{
	my ($like) = grep { $_->{name} eq $name } @cases;
	push @cases, { %$like, database => $undisturbed{$name}, word => $like->{words} ? 'parallel_tuple_cost' : $undisturbed{$name}, undisturbed => 1 };
}

my %script_of;
foreach my $case (@cases)
{
	$node->safe_psql('postgres', "CREATE DATABASE $case->{database} TEMPLATE blank");
	my ($up, $down) = map { my $text = $_; $text =~ s/%s/$case->{word}/g; $text } @{ $case->{plan} }{qw(up down)};
	my $vacuum = $case->{settings} ? '' : '; VACUUM base';
	$script_of{ $case->{database} } = qq{
		SELECT migrate_revision('the plan', revision => 'plan', up => \$up\$$up\$up\$, down => \$down\$$down\$down\$);
		SELECT migrate_revision('what follows', revision => 'after', up => 'SELECT mark(''after'')$vacuum', down => 'SELECT mark(''before'')')};
	$case->{left} =~ s/%s/$case->{word}/g if defined $case->{left};
}
my %registered = run_calls($node, %script_of);
is_deeply([ grep { $registered{$_} =~ /ERROR/ } sort keys %registered ], [], 'the revisions are registered');

sub call_of
{
	my ($case, $direction) = @_;
	return $direction eq 'up' ? q{SELECT 'steps ' || count(*) FROM migrate_upgrade('head');} : q{SELECT 'steps ' || count(*) FROM migrate_downgrade('base');};
}

sub interrupted_call
{
	my ($case, $direction) = @_;
	my ($at, $point) = @{ $case->{$direction} };
	my $target = $direction eq 'up' ? "migrate_start('head')" : "migrate_start('base', 'downgrade')";
	my $arm = $at eq '' ? "SET pg_migrate.fault_point = 'wait:$point';" : "INSERT INTO arm VALUES ('$at', '$point');";
	return $forget_past . 'DELETE FROM arm;' . ($case->{settings} // '') . $arm . ($case->{started} ? "SELECT $target;" : call_of($case, $direction));
}

sub expected_text
{
	my ($case, $direction, $way) = @_;
	my ($place, $failed) = @{ $case->{$direction} }[ 2, 3 ];
	my $cancelled = $way eq 'caller terminated' && !$case->{started};
	$failed //= 'plan';
	my $failure = "$failed failed " . ($cancelled ? '57014' : 'MG019');
	my @order = $direction eq 'up' ? qw(plan after) : qw(after plan);
	my @log = map { "$_ done" } @order;
	my $is_logged = $failed ne '-' && ($place eq 'begun' || ($place eq 'first' && $cancelled));
	splice(@log, $failed eq $order[0] ? 0 : 1, 0, $failure) if $is_logged;
	my @runs = ('done');
	unshift @runs, $cancelled ? 'cancelled' : 'interrupted' if $place =~ /^(between|first|begun)$/ || ($place eq 'locked' && $cancelled);
	my $version = $direction eq 'up' ? 'after' : 'base';
	return "version $version / marks $case->{plan}{\"${direction}_marks\"} / runs " . join(',', @runs) . ' / log ' . join(', ', @log)
	  . ' / invalid indexes 0 / journal 0 / locks 0 / workers 0';
}

# What is in doubt and can be told by nobody but the author: the call says so, and both answers are good.
sub check_in_doubt
{
	my ($direction, @doubted) = @_;
	my %calls;
	foreach my $case (@doubted)
	{
		my $answer = $case->{$direction}[1] eq 'statement_intended' ? 'run' : 'done';
		$calls{ $case->{database} } = 'DELETE FROM arm;' . call_of($case, $direction) . "SELECT migrate_resolve('plan', '$answer');";
	}
	my %said = run_calls($node, %calls);
	foreach my $case (@doubted)
	{
		like($said{ $case->{database} }, qr/ERROR:  MG022: statement 2 of revision "plan" cannot be gone on with\n.*DETAIL:  The statement \(CALL\) was begun.*'run'.*'done'/s,
			"$case->{database}, $direction: says that the statement is in doubt");
	}
}

sub check_round
{
	my ($way, $direction, @round) = @_;
	my $offset = -s $node->logfile;
	my (%arrived, @children);
	foreach my $case (@round)
	{
		my $point = $case->{$direction}[1];
		push @children, start_call($node, $case->{database}, interrupted_call($case, $direction));
		$arrived{ $case->{database} } = $point;
	}
	wait_for_points($node, $offset, %arrived);
	$die_by{$way}->(@children);

	check_in_doubt($direction, grep { $_->{opaque} && $_->{$direction}[1] ne 'statement_confirmed' } @round);
	my %calls = map { $_->{database} => 'DELETE FROM arm;' . call_of($_, $direction) . $look_around . ($_->{left} // '') } @round;
	my %got = run_calls($node, %calls);
	my %schema = map { $_->{database} => schema_of($node, $_->{database}) } @round;
	foreach my $case (@round)
	{
		my $place = join(' ', grep { $_ ne '' } @{ $case->{$direction} }[ 0, 1 ]);
		my $what = "$case->{name}, $direction: $way at $place";
		my $text = $got{ $case->{database} };
		my ($steps) = $text =~ /^steps (\d)$/m;
		my $is_left = $text =~ /^1$/m ? 1 : 0;
		my ($line) = $text =~ m{^(version .*)$}m;
		is($line // $text, expected_resume($case, $direction, $way), $what);
		is($schema{ $case->{database} }, schema_of_undisturbed($case, $direction), "$what: the schema");
		is($is_left, $direction eq 'up' ? 1 : 0, "$what: what is outside of the database") if defined $case->{left};
	}
}

# The statement in doubt that has been resolved is closed by the resolving call; one more failure and run stand for the call that was refused.
sub expected_resume
{
	my ($case, $direction, $way) = @_;
	my $text = expected_text($case, $direction, $way);
	if ($case->{opaque} && $case->{$direction}[1] ne 'statement_confirmed')
	{
		$text =~ s/runs (\w+),done/runs $1,failed,done/;
		$text =~ s/(plan failed \w+)/$1, plan failed MG022/;
	}
	return $text;
}

my %schemas;

sub schema_of_undisturbed
{
	my ($case, $direction) = @_;
	return $schemas{"$case->{name} $direction"};
}

# The undisturbed ones first: twice up and down, since a second time may find what the first has left.
foreach my $direction ('up', 'down', 'up', 'down')
{
	my @calm = grep { $_->{undisturbed} } @cases;
	my %got = run_calls($node, map { $_->{database} => $forget_past . ($_->{settings} // '') . call_of($_, $direction) . $look_around } @calm);
	foreach my $case (@calm)
	{
		my ($line) = $got{ $case->{database} } =~ m{^(version .*)$}m;
		my $expected = expected_text({ %$case, $direction => [ '', '', 'complete' ] }, $direction, '');
		is($line // $got{ $case->{database} }, $expected, "$case->{name}, $direction: undisturbed");
		my $schema = schema_of($node, $case->{database});
		is($schema, $schemas{"$case->{name} $direction"} // $schema, "$case->{name}, $direction: always the same schema");
		$schemas{"$case->{name} $direction"} = $schema;
	}
}

my @disturbed = grep { !$_->{undisturbed} } @cases;
foreach my $i (0 .. $#ways)
{
	my $way = $ways[$i];
	my @chosen = $way =~ /caller/ ? grep { !$_->{started} } @disturbed : @disturbed;
	@chosen = map { ($_ + $i) % 5 == 0 ? $chosen[$_] : () } 0 .. $#chosen unless $ENV{PG_MIGRATE_TEST_ALL_CRASHES};
	foreach my $direction ('up', 'down')
	{
		check_round($way, $direction, grep { defined $_->{$direction} } @chosen);
		run_calls($node, map { $_->{database} => call_of($_, $direction) } grep { !defined $_->{$direction} } @chosen);
	}
}

# After a failure, when what the statement has left is removed: the index on a column with duplicates.
$node->safe_psql('postgres', 'CREATE DATABASE duplicates TEMPLATE blank');
$node->safe_psql('duplicates', q{
	SELECT migrate_revision('the plan', revision => 'plan', down => 'DROP INDEX base_id',
		up => $$SELECT mark('a'); CREATE UNIQUE INDEX CONCURRENTLY base_id ON base (id); SELECT mark('b')$$)});
foreach my $way (@ways)
{
	my $offset = -s $node->logfile;
	my $child = start_call($node, 'duplicates', "INSERT INTO base VALUES (0, 0), (0, 0); SET pg_migrate.fault_point = 'wait:statement_cleaned';" . $forget_past
		  . q{SELECT count(*) FROM migrate_upgrade('head')});
	wait_for_points($node, $offset, duplicates => 'statement_cleaned');
	$die_by{$way}->($child);
	my %got = run_calls($node, duplicates => q{DELETE FROM base WHERE id = 0; SELECT 'invalid ' || count(*) FROM pg_index WHERE NOT indisvalid;
		SELECT count(*) FROM migrate_upgrade('head');} . $look_around . q{SELECT count(*) FROM migrate_downgrade('base')});
	like($got{duplicates}, qr/^invalid 0$/m, "$way after cleaning up: no invalid index is left");
	my ($run, $failure) = $way eq 'caller terminated' ? ('failed', '23505') : ('interrupted', 'MG019');
	my ($line) = $got{duplicates} =~ m{^(version .*)$}m;
	is($line // $got{duplicates}, "version plan / marks a=1,b=1 / runs $run,done / log plan failed $failure, plan done / invalid indexes 0 / journal 0 / locks 0 / workers 0",
		"$way after cleaning up");
}

# Before the worker has the settings of its caller: the fault point is one of the server.
foreach my $way (@ways)
{
	my ($case) = grep { $_->{database} eq 'indexes_00' } @cases;
	my $file = $node->data_dir . '/fault_point.conf';
	$node->append_conf('postgresql.conf', "include_if_exists = '$file'\n") if $way eq $ways[0];
	append_to_file($file, "pg_migrate.fault_point = 'wait:worker_attached'\n");
	$node->reload;
	my $offset = -s $node->logfile;
	my $child = start_call($node, $case->{database}, $forget_past . call_of($case, 'up'));
	local @Crash::unconnected = (wait_for_unconnected($node, $offset, 'worker_attached'));
	unlink($file) or die "$file: $!";
	$node->reload;
	$die_by{$way}->($child);
	my %got = run_calls($node, $case->{database} => call_of($case, 'up') . $look_around);
	my ($line) = $got{ $case->{database} } =~ m{^(version .*)$}m;
	is($line, expected_text({ %$case, up => [ '', '', 'nothing' ] }, 'up', $way), "$way before the worker is connected");
	$node->safe_psql($case->{database}, "SELECT migrate_downgrade('base')");
}

done_testing();

# SPDX-License-Identifier: PostgreSQL
# Whoever waits for a migration is passed over by its index builds: the index may lack rows that his statement sees. He must get them nevertheless.
# PG_MIGRATE_TEST_SECONDS: how long indexes are built under load (15).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PgMigrate;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seconds = $ENV{PG_MIGRATE_TEST_SECONDS} // 15;
my $python = $ENV{PYTHON} // '/usr/bin/python3';
my $node = new_server('right_answers', conf => "max_worker_processes = 16\nclient_min_messages = warning\nmax_connections = 60\nrestart_after_crash = on\n");
my $database = new_database($node, 'answers');
my $work = PostgreSQL::Test::Utils::tempdir();

sub query { return $node->safe_psql($database, $_[0]); }
sub until_true { wait_for($node, $database, $_[0]); }

# Runs the script in the background.
my $scripts = 0;
sub start_script
{
	my ($script) = @_;
	my $path = $work . '/script' . ++$scripts;
	write_file_in($work, "script$scripts", $script);
	my $handle = IPC::Run::start(
		[ 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose', '-d', $node->connstr($database), '-f', $path ],
		'>', "$path.out", '2>', "$path.error");
	return { handle => $handle, path => $path };
}

# What it has printed, or the SQLSTATE and text of its error.
sub result_of
{
	my ($run) = @_;
	$run->{handle}->finish;
	return $1 if slurp_file("$run->{path}.error") =~ /(?:ERROR|FATAL):  ([^\n]*)/;
	return 'no connection any more' if slurp_file("$run->{path}.error") =~ /server closed the connection|terminating connection/;
	return join(' ', grep { $_ ne '' } split(/\n/, slurp_file("$run->{path}.out")));
}

# A gate is an advisory lock that a session of its own holds.
sub close_gate
{
	my ($key) = @_;
	my $session = $node->background_psql($database);
	$session->query_safe("SELECT pg_advisory_lock($key)");
	return $session;
}

sub at_gate { my ($key) = @_; until_true("SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = $key AND NOT granted"); }

# A table of 1,000 rows, a function that counts them by an index where it may use one, and a revision that stops at gate 7 and then builds.
my $tables = 0;
my $last = 'base';
sub new_table
{
	my ($build) = @_;
	my $table = 't' . ++$tables;
	my $up = "SELECT pg_advisory_xact_lock(7); " . sprintf($build->{build}, $table);
	query(qq{
		CREATE TABLE $table (id int, v text);
		INSERT INTO $table SELECT i, 'x' || i FROM generate_series(1, 1000) i;
		CREATE FUNCTION count_$table() RETURNS bigint LANGUAGE plpgsql STABLE SET enable_seqscan = off AS
			'BEGIN RETURN (SELECT count(*) FROM $table WHERE $build->{condition}); END'});
	query(sprintf($build->{before}, $table)) if defined $build->{before};
	query(qq{SELECT migrate_revision('$table', \$up\$$up\$up\$, revision => '$table', down_revision => '$last')});
	$last = $table;
	return $table;
}

query('CREATE FUNCTION slow(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(9); RETURN i; END $$');
my %builds = (
	plain => { condition => 'id BETWEEN 1 AND 1000', build => 'CREATE INDEX CONCURRENTLY %1$s_i ON %1$s (id)' },
	expression => { condition => 'id + 1 BETWEEN 2 AND 1001', build => 'CREATE INDEX CONCURRENTLY %1$s_i ON %1$s ((id + 1))' },
	partial => { condition => "id > 0 AND v >= ''x''", build => 'CREATE INDEX CONCURRENTLY %1$s_i ON %1$s (v) WHERE id > 0' },
	unique => { condition => 'id BETWEEN 1 AND 1000', build => 'CREATE UNIQUE INDEX CONCURRENTLY %1$s_i ON %1$s (id)' },
	reindex => { condition => 'id BETWEEN 1 AND 1000', before => 'CREATE INDEX %1$s_i ON %1$s (id)', build => 'REINDEX INDEX CONCURRENTLY %1$s_i' },
	'reindex of a table' => { condition => 'id BETWEEN 1 AND 1000', before => 'ALTER TABLE %1$s ADD CONSTRAINT %1$s_i PRIMARY KEY (id)', build => 'REINDEX TABLE CONCURRENTLY %1$s' },
	'reindex of a schema' => { condition => 'id BETWEEN 1 AND 1000', before => 'CREATE INDEX %1$s_i ON %1$s (id)', build => 'REINDEX SCHEMA CONCURRENTLY public' },
	slow => { condition => 'id BETWEEN 1 AND 1000 AND slow(id) > 0', build => 'CREATE INDEX CONCURRENTLY %1$s_i ON %1$s (id) WHERE slow(id) > 0' });

# One session runs it and two more wait for it, all with snapshots that see every row.
sub start_callers
{
	my ($table, $setup) = @_;
	my @callers = start_script("$setup SELECT (migrate_upgrade('$table')).revision, count_$table();");
	at_gate(7);
	push @callers, map { start_script("SELECT (SELECT count(*) FROM migrate_upgrade('$table')), count_$table();") } 1 .. 2;
	until_true(q{SELECT count(*) = 2 FROM pg_locks WHERE locktype = 'object' AND NOT granted});
	return @callers;
}

sub check_index
{
	my ($table, $rows, $how) = @_;
	is(query("SELECT indisvalid FROM pg_index WHERE indexrelid = '${table}_i'::regclass"), 't', "$how: the index is valid");
	is(query("SELECT count_$table()"), $rows, "$how: later statements see what is left");
	like(query("SET enable_seqscan = off; EXPLAIN SELECT FROM $table WHERE id BETWEEN 1 AND 1000 AND slow(id) > 0 AND id + 1 BETWEEN 2 AND 1001 AND v >= 'x'"),
		qr/Index.* ${table}_i/, "$how: by the index");
	is(query('SELECT count(*) FROM migrate.journal'), '0', "$how: nothing is left in the journal");
}

# All rows are deleted before the build begins, or while it goes on.
foreach my $kind (sort keys %builds)
{
	my $table = new_table($builds{$kind});
	my ($gate, $building) = (close_gate(7), $kind eq 'slow' ? close_gate(9) : undef);
	my @callers = start_callers($table, '');
	if (defined $building)
	{
		query("DELETE FROM $table WHERE id <= 500");
		$gate->quit;
		at_gate(9);
		query("DELETE FROM $table");
		$building->quit;
	}
	else
	{
		query("DELETE FROM $table");
		$gate->quit;
	}
	is(result_of($callers[0]), "$table|1000", "$kind: the caller sees the rows that his statement began with");
	is(result_of($callers[$_]), '0|1000', "$kind: so does one who has waited for him") foreach 1 .. 2;
	check_index($table, 0, $kind);
	query("DROP TABLE $table CASCADE");
}

# A reader with an older snapshot is waited for. One that begins while the build waits sees the state of then.
{
	my $table = new_table($builds{plain});
	my $gate = close_gate(7);
	my ($old, $new) = map { $node->background_psql($database) } 1 .. 2;
	$old->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ');
	is($old->query_safe("SELECT count_$table()"), '1000', 'readers: one begins before the build');
	my @callers = start_callers($table, '');
	query("DELETE FROM $table WHERE id > 100");
	$gate->quit;
	until_true("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted)");
	$new->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ');
	is($new->query_safe("SELECT count_$table()"), '100', 'readers: another begins when the build waits for the first');
	my $late = start_script("SELECT (SELECT count(*) FROM migrate_upgrade('$table')), count_$table();");
	until_true(q{SELECT count(*) = 3 FROM pg_locks WHERE locktype = 'object' AND NOT granted});
	query("DELETE FROM $table WHERE id > 50");
	is($old->query_safe("SELECT count_$table()"), '1000', 'readers: the first sees what it saw');
	$old->query_safe('COMMIT');
	is(result_of($callers[0]), "$table|1000", 'readers: the caller sees the rows that his statement began with');
	is(result_of($callers[$_]), '0|1000', 'readers: so does one who has waited for him') foreach 1 .. 2;
	is(result_of($late), '0|100', 'readers: and one who came later');
	is($new->query_safe("SELECT count_$table()"), '100', 'readers: the second reader sees what it saw');
	$_->quit foreach $old, $new;
	check_index($table, 50, 'readers');
	query("DROP TABLE $table CASCADE");
}

# Workers of a parallel query plan what its functions run by themselves. The plan of the query is older than the wait.
{
	my $table = new_table($builds{plain});
	my $forced = query('SHOW server_version_num') >= 160000 ? 'debug_parallel_query' : 'force_parallel_mode';
	query(qq{ALTER FUNCTION count_$table() PARALLEL SAFE;
		CREATE TABLE one AS SELECT 1 AS i;
		CREATE FUNCTION count_in_parallel() RETURNS SETOF bigint LANGUAGE plpgsql STABLE SET $forced = on AS
			'BEGIN RETURN QUERY SELECT count_$table() FROM one; END'});
	my $gate = close_gate(7);
	my $caller = start_script("SELECT count_in_parallel(); SELECT (SELECT count(*) FROM migrate_upgrade('$table')), count_in_parallel(); SELECT count_in_parallel();");
	at_gate(7);
	query("DELETE FROM $table");
	$gate->quit;
	is(result_of($caller), '1000 1|1000 0', 'a parallel query: its workers see the rows that the statement began with');
	query("DROP TABLE $table CASCADE; DROP FUNCTION count_in_parallel()");
}

# Another version line: who waits for that is passed over by the build too, and goes on while the build does.
{
	my $table = new_table($builds{plain});
	query('CREATE SCHEMA other');
	my ($gate, $second) = (close_gate(7), close_gate(8));
	my ($old, $run) = map { $node->background_psql($database) } 1 .. 2;
	$old->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ');
	$old->query_safe('SELECT 1');
	$run->query_safe('BEGIN');
	$run->query_safe("SELECT count(*) FROM migrate_stamp('$table', schema => 'other')");
	my $waiter = start_script("SELECT (SELECT count(*) FROM migrate_upgrade('$table', schema => 'other')), pg_advisory_lock_shared(8), count_$table();");
	until_true(q{SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'object' AND NOT granted});
	my $caller = start_script("SELECT (migrate_upgrade('$table')).revision, count_$table();");
	at_gate(7);
	query("DELETE FROM $table");
	$gate->quit;
	until_true("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted)");
	$run->query_safe('COMMIT');
	at_gate(8);
	is(query("SELECT indisready, indisvalid FROM pg_index WHERE indexrelid = '${table}_i'::regclass"), 't|f', 'another line: one has waited, and the build is not at its end');
	$old->quit;
	is(result_of($caller), "$table|1000", 'another line: the caller sees the rows that his statement began with');
	$second->quit;
	is(result_of($waiter), '0||1000', 'another line: so does the one who has waited for it');
	$run->quit;
	check_index($table, 0, 'another line');
	query("DROP TABLE $table CASCADE; DROP SCHEMA other");
}

# The worker ends between the build and the record of it. The caller gets an error; who has waited for him goes on where the worker stopped.
foreach my $end ('exit', 'kill', 'terminate')
{
	my $table = new_table($builds{plain});
	my $gate = close_gate(7);
	my $point = $end eq 'terminate' ? 'wait' : $end;
	my @callers = start_callers($table, "SET pg_migrate.fault_point = '$point:statement_run';");
	query("DELETE FROM $table WHERE id > 100");
	$gate->quit;
	if ($end eq 'terminate')
	{
		until_true("SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = '${table}_i'::regclass AND indisvalid)");
		query(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'pg_migrate'});
	}
	my ($of_caller, @of_others) = map { result_of($_) } @callers;
	like($of_caller, $end eq 'kill' ? qr/^(57P02|no connection)/ : qr/^(MG\d+|57P01|XX000):/, "worker gone ($end): the caller gets an error");
	if ($end eq 'kill')
	{
		like($_, qr/^(57P02|no connection)/, "worker gone ($end): so does one who has waited for him") foreach @of_others;
		comes_back($node);
		is(query('SELECT count(*) FROM migrate.journal WHERE running IS NOT NULL'), '1', "worker gone ($end): the statement is in doubt");
		is(query("SELECT (migrate_upgrade('$table')).revision, count_$table()"), "$table|100", "worker gone ($end): the next call ends it, and sees what is there");
	}
	else
	{
		is(join(' ', sort @of_others), '0|1000 1|1000', "worker gone ($end): of those who have waited for him one goes on, and both see the rows that their statements began with");
	}
	check_index($table, 100, "worker gone ($end)");
	query("DROP TABLE $table CASCADE");
}

# Under load.
{
	my $under_load = new_database($node, 'under_load');
	my ($output, $error) = ('', '');
	IPC::Run::run([ $python, "$FindBin::Bin/lib/under_load.py", $node->connstr($under_load), $seconds ], '>', \$output, '2>', \$error)
	  or die "under_load.py: $error";
	my $done = decode_json($output);
	is(join("\n", @{ $done->{failures} }), '', 'under load: all answers are right, and no index has an error');
	cmp_ok($done->{counts}{$_}, '>', 0, "under load: there were $_") foreach sort keys %{ $done->{counts} };
	note(join(', ', map { "$done->{counts}{$_} $_" } sort keys %{ $done->{counts} }));
}

$node->stop;
done_testing();

# SPDX-License-Identifier: PostgreSQL
# A session that waits flagged is passed over by concurrent index builds. What that would do to its answers, and what keeps them right.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PgMigrate;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('safe_wait');
my $database = 'safe_wait';
my $work = PostgreSQL::Test::Utils::tempdir();
$node->safe_psql('postgres', "CREATE DATABASE $database");
$node->safe_psql($database, 'CREATE EXTENSION pgm_test');

# Runs the script in the background.
my $scripts = 0;
sub start_script
{
	my ($script) = @_;
	my $path = $work . '/script' . ++$scripts;
	write_file_in($work, "script$scripts", $script);
	my $handle = IPC::Run::start(
		[ 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose', '-d', $node->connstr($database), '-f', $path ],
		'>', "$path.out", '2>', "$path.error", IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return { handle => $handle, path => $path };
}

# What it has printed, empty lines aside, or the SQLSTATE and text of its error.
sub result_of
{
	my ($run) = @_;
	$run->{handle}->finish;
	return $1 if slurp_file("$run->{path}.error") =~ /ERROR:  ([^\n]*)/;
	return join(' ', grep { $_ ne '' } split(/\n/, slurp_file("$run->{path}.out")));
}

sub query { return $node->safe_psql($database, $_[0]); }
sub until_true { wait_for($node, $database, $_[0]); }

# A gate is an advisory lock that a session of its own holds.
sub close_gate
{
	my ($key) = @_;
	my $session = $node->background_psql($database);
	$session->query_safe("SELECT pg_advisory_lock($key)");
	return $session;
}

sub at_gate { my ($key, $count) = @_; until_true("SELECT count(*) = $count FROM pg_locks WHERE locktype = 'advisory' AND objid = $key AND NOT granted"); }

# A table with 1,000 rows, and a function that counts them through an index if there is one it may use.
my $tables = 0;
sub new_table
{
	my ($condition) = @_;
	my $table = 't' . ++$tables;
	query(qq{
		CREATE TABLE $table (id int, v text);
		INSERT INTO $table SELECT i, 'x' || i FROM generate_series(1, 1000) i;
		CREATE FUNCTION count_$table() RETURNS bigint LANGUAGE plpgsql STABLE SET enable_seqscan = off AS
			'BEGIN RETURN (SELECT count(*) FROM $table WHERE $condition); END'});
	return $table;
}

my $deleted = 'DELETE FROM %s';
my %builds = (
	plain => { condition => 'id BETWEEN 1 AND 1000', build => 'CREATE INDEX CONCURRENTLY %1$s_i ON %1$s (id)' },
	expression => { condition => 'id + 1 BETWEEN 2 AND 1001', build => 'CREATE INDEX CONCURRENTLY %1$s_i ON %1$s ((id + 1))' },
	partial => { condition => "id > 0 AND v >= ''x''", build => "CREATE INDEX CONCURRENTLY %1\$s_i ON %1\$s (v) WHERE id > 0" },
	unique => { condition => 'id BETWEEN 1 AND 1000', build => 'CREATE UNIQUE INDEX CONCURRENTLY %1$s_i ON %1$s (id)' },
	reindex => { condition => 'id BETWEEN 1 AND 1000', before => 'CREATE INDEX %1$s_i ON %1$s (id)', build => 'REINDEX INDEX CONCURRENTLY %1$s_i' },
	'reindex of a table' => { condition => 'id BETWEEN 1 AND 1000', before => 'ALTER TABLE %1$s ADD CONSTRAINT %1$s_i PRIMARY KEY (id)', build => 'REINDEX TABLE CONCURRENTLY %1$s' });

# Somebody waits, all rows are deleted and an index is built meanwhile; he reads on with his old snapshot.
sub outcome
{
	my ($kind, $isolation, %with) = @_;
	my $build = $builds{$kind};
	my $table = new_table($build->{condition});
	query(sprintf($build->{before}, $table)) if defined $build->{before};
	my $gate = close_gate(7);
	my $wait = 'pgm_test_wait(7, true, ' . ($with{check} ? 'true' : 'false') . ')';
	my $script = $isolation eq 'read committed'
	  ? "SELECT $wait, count_$table();"
	  : "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 'began'; SELECT $wait; SELECT count_$table(); COMMIT;";
	my $waiter = start_script($script);
	at_gate(7, 1);
	my $horizon = query('SELECT pgm_test_next_transaction()');
	query(sprintf($deleted, $table));
	query(sprintf($build->{build}, $table));
	is(query("SELECT indisvalid FROM pg_index WHERE indexrelid = '${table}_i'::regclass"), 't', "$kind, $isolation: built while he waits");
	query("SELECT pgm_test_hide_new_indexes('$horizon')") if $with{hide};
	$gate->quit;
	my $result = result_of($waiter);
	is(query("SET enable_seqscan = off; SELECT count(*) FROM $table WHERE id BETWEEN 1 AND 1000"), '0', "$kind, $isolation: nothing is left");
	query("DROP TABLE $table CASCADE; DROP FUNCTION count_$table()");
	(my $told = $result) =~ s/t\d+_i/INDEX/;
	return $told;
}

my $refused = '40001: index "INDEX" has become usable while this statement was waiting';
foreach my $kind (sort keys %builds)
{
	is(outcome($kind, 'read committed'), '|0', "$kind, READ COMMITTED: the wrong answer that there is without protection");
	is(outcome($kind, 'read committed', hide => 1), '|1000', "$kind, READ COMMITTED: the mark makes it right");
	is(outcome($kind, 'read committed', hide => 1, check => 1), '|1000', "$kind, READ COMMITTED: with the mark the check has nothing to say");
	is(outcome($kind, 'read committed', check => 1), $refused, "$kind, READ COMMITTED: without it there is an error");
}
is(outcome('plain', 'repeatable read'), 'began 0', 'REPEATABLE READ: the wrong answer');
is(outcome('plain', 'repeatable read', hide => 1, check => 1), 'began 1000', 'REPEATABLE READ: the mark makes it right');
is(outcome('plain', 'repeatable read', check => 1), $refused, 'REPEATABLE READ: without it there is an error');
is(outcome('reindex', 'repeatable read', hide => 1, check => 1), 'began 1000', 'REPEATABLE READ: the mark makes it right for REINDEX');

# The mark hides an index from old snapshots only.
{
	my $table = new_table('id BETWEEN 1 AND 1000');
	my $horizon = query('SELECT pgm_test_next_transaction()');
	query("CREATE INDEX CONCURRENTLY ${table}_i ON $table (id)");
	query("SELECT pgm_test_hide_new_indexes('$horizon')");
	like(query("SET enable_seqscan = off; EXPLAIN SELECT FROM $table WHERE id = 1"), qr/Index.* ${table}_i/, 'later transactions use the index');
}

# Unflagged, the build waits: the hang that the flag is for. And whoever waits finds out that it is for himself.
{
	my $table = new_table('id BETWEEN 1 AND 1000');
	my $gate = close_gate(7);
	my $waiter = start_script("SELECT pgm_test_wait(7, false, false), count_$table();");
	at_gate(7, 1);
	query(sprintf($deleted, $table));
	my $builder = start_script("CREATE INDEX CONCURRENTLY ${table}_i ON $table (id);");
	my $waiting = "SELECT pid FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted";
	until_true("SELECT EXISTS ($waiting)");
	is(query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND pid = ANY (pg_blocking_pids(($waiting)))"), '1',
		'a build waits for a session that waits without the flag');
	$gate->quit;
	is(result_of($waiter), '|1000', 'whose answer is right');
	is(result_of($builder), '', 'the build ends after it');
}

# A build that has passed over the session, and becomes valid only after the wait.
foreach my $check ('false', 'true')
{
	my $table = new_table('id BETWEEN 1 AND 1000');
	my ($gate, $second) = (close_gate(7), close_gate(8));
	my $waiter = start_script("SELECT pgm_test_wait(7, true, $check), pgm_test_wait(8, false, false), count_$table();");
	at_gate(7, 1);
	my $old = $node->background_psql($database);
	$old->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ');
	$old->query_safe('SELECT 1');
	query(sprintf($deleted, $table));
	my $builder = start_script("CREATE INDEX CONCURRENTLY ${table}_i ON $table (id);");
	until_true("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted)");
	$gate->quit;
	if ($check eq 'true')
	{
		is(result_of($waiter), qq{40001: index "${table}_i" is about to become usable while this statement was waiting}, 'with the check there is an error');
	}
	at_gate(8, 1) if $check eq 'false';
	$old->quit;
	is(result_of($builder), '', 'the build ends when the old snapshot is gone');
	$second->quit;
	is(result_of($waiter), '||0', 'a build that ends after the wait: the wrong answer') if $check eq 'false';
}

# One that has not come so far will wait for the session, and is no reason to refuse.
foreach my $reporting ('on', 'off')
{
	my $table = new_table('id BETWEEN 1 AND 1000');
	my ($gate, $second, $building) = (close_gate(7), close_gate(8), close_gate(9));
	query('CREATE OR REPLACE FUNCTION slow(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(9); RETURN i; END $$');
	my $waiter = start_script("SELECT pgm_test_wait(7), pgm_test_wait(8, false, false), count_$table();");
	at_gate(7, 1);
	my $builder = start_script("SET track_activities = $reporting; CREATE INDEX CONCURRENTLY ${table}_i ON $table (id) WHERE slow(id) > 0;");
	at_gate(9, 1);
	# A writer that came after the build began: it is waited for when all rows are in and the index is ready.
	my $writer = $node->background_psql($database);
	$writer->query_safe('BEGIN');
	$writer->query_safe("DELETE FROM $table");
	$building->quit;
	until_true("SELECT indisready AND NOT indisvalid FROM pg_index WHERE indexrelid = '${table}_i'::regclass");
	until_true("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted)");
	$gate->quit;
	if ($reporting eq 'on')
	{
		at_gate(8, 1);
		$writer->query_safe('COMMIT');
		until_true("SELECT EXISTS (SELECT FROM pg_locks b WHERE b.locktype = 'virtualxid' AND NOT b.granted AND EXISTS (SELECT FROM pg_locks w WHERE w.locktype = 'advisory' AND NOT w.granted AND w.pid = ANY (pg_blocking_pids(b.pid))))");
		pass('the build waits for the session from then on');
		$second->quit;
		is(result_of($waiter), '||1000', 'a build that has not come to its wait is no reason to refuse');
	}
	else
	{
		like(result_of($waiter), qr/^40001: .* is about to become usable/, 'unless it does not report how far it is');
		$writer->query_safe('COMMIT');
		$second->quit;
	}
	$writer->quit;
	is(result_of($builder), '', 'the build ends');
}

# No reason to refuse either: what a build that failed has left behind, a table that is newer, an index that was built without CONCURRENTLY
# or was there before.
{
	my $table = new_table('id BETWEEN 1 AND 1000');
	my $old = $node->background_psql($database);
	$old->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ');
	$old->query_safe('SELECT 1');
	my $builder = start_script("CREATE INDEX CONCURRENTLY ${table}_i ON $table (id);");
	until_true("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted)");
	query("SELECT pg_cancel_backend(pid) FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted");
	like(result_of($builder), qr/^57014/, 'a build is cancelled in its last wait');
	$old->quit;
	is(query("SELECT indisready AND NOT indisvalid FROM pg_index WHERE indexrelid = '${table}_i'::regclass"), 't', 'it leaves an index that is ready and not valid');
	query("CREATE INDEX ${table}_old ON $table (v)");
	my $gate = close_gate(7);
	my $waiter = start_script("SELECT pgm_test_wait(7), count_$table();");
	at_gate(7, 1);
	query('CREATE TABLE newer (id int)');
	query('CREATE INDEX CONCURRENTLY newer_i ON newer (id)');
	query("CREATE INDEX ${table}_plain ON $table (id)");
	query("ALTER TABLE $table CLUSTER ON ${table}_old");
	$gate->quit;
	is(result_of($waiter), '|1000', 'none of these ends the wait with an error');
}

# An index whose table somebody else has locked is left alone.
{
	my $table = new_table('id BETWEEN 1 AND 1000');
	my $horizon = query('SELECT pgm_test_next_transaction()');
	query("CREATE INDEX CONCURRENTLY ${table}_i ON $table (id)");
	my $other = $node->background_psql($database);
	$other->query_safe('BEGIN');
	$other->query_safe("LOCK TABLE $table IN SHARE UPDATE EXCLUSIVE MODE");
	query("SELECT pgm_test_hide_new_indexes('$horizon')");
	is(query("SELECT indcheckxmin FROM pg_index WHERE indexrelid = '${table}_i'::regclass"), 'f', 'a table that is locked is not waited for');
	$other->quit;
	is(query("BEGIN; LOCK TABLE $table IN SHARE UPDATE EXCLUSIVE MODE; SELECT pgm_test_hide_new_indexes('$horizon'); COMMIT; SELECT indcheckxmin FROM pg_index WHERE indexrelid = '${table}_i'::regclass") =~ s/^\n//r,
		't', 'one that the session itself has locked is no obstacle');
}

# Who waits for the session, directly and through others.
{
	my $table = new_table('id BETWEEN 1 AND 1000');
	my $mine = $node->background_psql($database, on_error_stop => 0);
	my $me = $mine->query_safe('SELECT pg_backend_pid()');
	$mine->query_safe('BEGIN');
	$mine->query_safe("SELECT count(*) FROM $table");
	my $changer = start_script("ALTER TABLE $table ADD COLUMN w int;");
	my $of_changer = "SELECT pid FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'";
	until_true("SELECT EXISTS ($of_changer)");
	my $first = query($of_changer);
	my $reader = start_script("SELECT count(*) FROM $table;");
	my $of_reader = "SELECT pid FROM pg_locks WHERE NOT granted AND mode = 'AccessShareLock'";
	until_true("SELECT EXISTS ($of_reader)");
	my $second = query($of_reader);
	is($mine->query_safe("SELECT pgm_test_waits_for_this_backend($first), pgm_test_waits_for_this_backend($second), pgm_test_waits_for_this_backend($me)"),
		't|t|f', 'directly and through another');
	is(query("SELECT pgm_test_waits_for_this_backend($first)"), 'f', 'for another session the answer is another');
	$mine->query("\\set VERBOSITY verbose\nSELECT pgm_test_refuse_self_block($second);");
	my $error = $mine->{stderr};
	like($error, qr/ERROR:  55006: the migration waits for a lock that this session holds/, 'the error');
	like($error, qr/Process $second waits for AccessShareLock on relation public\.$table; blocked by process $first\.\nProcess $first waits for AccessExclusiveLock on relation public\.$table; blocked by process $me, this session\./,
		'names the locks and the processes');
	$mine->quit;
	is(result_of($changer), '', 'the change goes on');
	is(result_of($reader), '1000', 'and who waited behind it');
}

$node->stop;
done_testing();

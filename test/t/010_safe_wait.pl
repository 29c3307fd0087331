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

my $protection = 'SELECT pgm_test_install_index_filter();';

# Somebody waits, all rows are deleted and an index is built meanwhile; he reads on with his old snapshot.
sub outcome
{
	my ($kind, $isolation, %with) = @_;
	my $build = $builds{$kind};
	my $table = new_table($build->{condition});
	query(sprintf($build->{before}, $table)) if defined $build->{before};
	my $gate = close_gate(7);
	my $wait = 'pgm_test_wait(7)';
	my $script = $isolation eq 'read committed'
	  ? "SELECT $wait, count_$table();"
	  : "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 'began'; SELECT $wait; SELECT count_$table(); COMMIT;";
	my $condition = $build->{condition} =~ s/''/'/gr;
	my $later = "SET enable_seqscan = off; SELECT 'later', count(*) FROM $table WHERE $condition; EXPLAIN (COSTS OFF) SELECT FROM $table WHERE $condition;";
	my $waiter = start_script(($with{protection} ? $protection : '') . $script . $later);
	at_gate(7, 1);
	query(sprintf($deleted, $table));
	query(sprintf($build->{build}, $table));
	is(query("SELECT indisvalid FROM pg_index WHERE indexrelid = '${table}_i'::regclass"), 't', "$kind, $isolation: built while he waits");
	is(query("SET enable_seqscan = off; SELECT count(*) FROM $table WHERE id BETWEEN 1 AND 1000"), '0', "$kind, $isolation: nothing is left");
	like(query("SET enable_seqscan = off; EXPLAIN (COSTS OFF) SELECT FROM $table WHERE $condition"), qr/${table}_i/, "$kind, $isolation: others use the index at once");
	$gate->quit;
	my $result = result_of($waiter);
	like($result, qr/later\|0 .*${table}_i/, "$kind, $isolation: so does the session in its next transaction");
	query("DROP TABLE $table CASCADE; DROP FUNCTION count_$table()");
	return $result =~ s/ ?later.*//r;
}

foreach my $kind (sort keys %builds)
{
	is(outcome($kind, 'read committed'), '|0', "$kind, READ COMMITTED: the wrong answer that there is without protection");
	is(outcome($kind, 'read committed', protection => 1), '|1000', "$kind, READ COMMITTED: the right answer");
}
is(outcome('plain', 'repeatable read'), 'began 0', 'REPEATABLE READ: the wrong answer');
is(outcome('plain', 'repeatable read', protection => 1), 'began 1000', 'REPEATABLE READ: the right answer');
is(outcome('reindex', 'repeatable read', protection => 1), 'began 1000', 'REPEATABLE READ: the right answer for REINDEX');

# Unflagged, the build waits: the hang that the flag is for. And whoever waits finds out that it is for himself.
{
	my $table = new_table('id BETWEEN 1 AND 1000');
	my $gate = close_gate(7);
	my $waiter = start_script("SELECT pgm_test_wait(7, false), count_$table();");
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
foreach my $prefix ('', $protection)
{
	my $table = new_table('id BETWEEN 1 AND 1000');
	my ($gate, $second) = (close_gate(7), close_gate(8));
	my $waiter = start_script("$prefix SELECT pgm_test_wait(7), pgm_test_wait(8, false), count_$table();");
	at_gate(7, 1);
	my $old = $node->background_psql($database);
	$old->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ');
	$old->query_safe('SELECT 1');
	query(sprintf($deleted, $table));
	my $builder = start_script("CREATE INDEX CONCURRENTLY ${table}_i ON $table (id);");
	until_true("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted)");
	$gate->quit;
	at_gate(8, 1);
	$old->quit;
	is(result_of($builder), '', 'the build ends when the old snapshot is gone');
	$second->quit;
	is(result_of($waiter), $prefix eq '' ? '||0' : '||1000', 'a build that ends after the wait: ' . ($prefix eq '' ? 'the wrong answer' : 'the right one'));
}

# One that comes to its wait after the session has ended its own waits for the session.
{
	my $table = new_table('id BETWEEN 1 AND 1000');
	my ($gate, $second) = (close_gate(7), close_gate(8));
	my $waiter = start_script("SELECT pgm_test_wait(7), pgm_test_wait(8, false), count_$table();");
	at_gate(7, 1);
	$gate->quit;
	at_gate(8, 1);
	query(sprintf($deleted, $table));
	my $builder = start_script("CREATE INDEX CONCURRENTLY ${table}_i ON $table (id);");
	until_true("SELECT EXISTS (SELECT FROM pg_locks b WHERE b.locktype = 'virtualxid' AND NOT b.granted AND EXISTS (SELECT FROM pg_locks w WHERE w.locktype = 'advisory' AND NOT w.granted AND w.pid = ANY (pg_blocking_pids(b.pid))))");
	pass('the build waits for the session from then on');
	$second->quit;
	is(result_of($waiter), '||1000', 'whose answer is right without further protection');
	is(result_of($builder), '', 'the build ends');
}

# One that has come to its wait before the session begins to wait goes on: the session lets go of what it waits for.
{
	my $table = new_table('id BETWEEN 1 AND 1000');
	my ($gate, $second) = (close_gate(7), close_gate(8));
	my $waiter = start_script("$protection SELECT pgm_test_wait(8, false), pgm_test_wait(7), count_$table();");
	at_gate(8, 1);
	query(sprintf($deleted, $table));
	my $builder = start_script("CREATE INDEX CONCURRENTLY ${table}_i ON $table (id);");
	until_true("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted)");
	$second->quit;
	is(result_of($builder), '', 'a build that waited before the wait began goes on');
	at_gate(7, 1);
	$gate->quit;
	is(result_of($waiter), '||1000', 'and the answer is right');
}

# What is not kept from the planner: an index that was built without CONCURRENTLY, or was there before.
{
	my $table = new_table('id BETWEEN 1 AND 1000');
	query("CREATE INDEX ${table}_old ON $table (v)");
	my $gate = close_gate(7);
	query("CREATE FUNCTION plan(query text) RETURNS text LANGUAGE plpgsql SET enable_seqscan = off AS 'DECLARE line text; plan text := \$\$\$\$; BEGIN FOR line IN EXECUTE \$\$EXPLAIN (COSTS OFF) \$\$ || query LOOP plan := plan || line; END LOOP; RETURN plan; END'");
	my $waiter = start_script("$protection SELECT pgm_test_wait(7), plan('SELECT FROM $table WHERE id = 1'), plan('SELECT FROM $table WHERE v = \$\$x\$\$');");
	at_gate(7, 1);
	query("CREATE INDEX ${table}_plain ON $table (id)");
	query("ALTER TABLE $table CLUSTER ON ${table}_old");
	$gate->quit;
	like(result_of($waiter), qr/${table}_plain.*${table}_old/, 'indexes that lack nothing are used');
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

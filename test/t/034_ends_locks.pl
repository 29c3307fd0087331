# SPDX-License-Identifier: PostgreSQL
# Locks that a run in the background meets: held by its own caller, by others, in a circle; and statements that do not come to an end by themselves.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Calls;
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $node = new_server('ends_locks');
my $db = new_database($node, 'app');
add_state_function($node, $db);
query($node, $db, 'CREATE TABLE public.gate (); CREATE TABLE idle (); CREATE TABLE a (id int); CREATE TABLE b (id int)');
my $quiet = 'SET client_min_messages = error; ';

# Each case is a revision with a version line of its own, in the schema of the same name.
my $revisions = 0;
sub new_case
{
	my ($up) = @_;
	my $name = 'x' . ++$revisions;
	query($node, $db, "CREATE SCHEMA $name; SELECT migrate_revision('case', revision => '$name', down_revision => 'base', splice => true, up => \$up\$$up\$up\$)");
	return $name;
}

sub upgrade { return "migrate_upgrade('$_[0]', schema => '$_[0]')"; }
sub run { query($node, $db, $quiet . 'SELECT count(*) FROM ' . upgrade($_[0])); }

sub left
{
	my ($case, $state, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	no_workers($node);
	$state =~ s/\bREVISION\b/$case/g;
	is(state_of($node, $db, $case), "$state | invalid 0", $name);
}

sub finishes
{
	my ($case, $runs, $log, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	run($case);
	left($case, "version REVISION | runs $runs | journal - | log $log", "$name: the next call finishes it");
}

# The caller itself holds what its worker needs. It is told within about a second; the bound leaves room for slow machines.
query($node, $db, 'INSERT INTO a VALUES (1)');
my $alter = "CREATE TABLE t (id int); VACUUM public.idle; ALTER TABLE public.a ADD COLUMN %s int";
my @own = (
	{ what => 'table in the same query', up => sprintf($alter, 'c1'), call => 'SELECT count(*) FROM a, %s',
		lock => qr/AccessExclusiveLock on relation public\.a; blocked by process \d+, this session\./, statement => 3, done => 2 },
	{ what => 'table in a subquery', up => sprintf($alter, 'c2'), call => 'SELECT (SELECT id FROM a LIMIT 1), u.* FROM %s u',
		lock => qr/AccessExclusiveLock on relation public\.a; blocked by process \d+, this session\./, statement => 3, done => 2 },
	{ what => 'statement that runs alone', up => 'VACUUM (FULL) public.a', call => 'SELECT count(*) FROM a, %s',
		lock => qr/AccessExclusiveLock on relation public\.a; blocked by process \d+, this session\./, statement => 1, done => undef },
	{ what => 'advisory lock of the session', up => 'VACUUM public.idle; SELECT pg_advisory_xact_lock(42)', call => 'SELECT * FROM %s', before => 'SELECT pg_advisory_lock(42)',
		lock => qr/ExclusiveLock on advisory lock \[\d+,0,42,1\]; blocked by process \d+, this session\./, statement => 2, done => 1 });
foreach my $own (@own)
{
	my $case = new_case($own->{up});
	my $call = start_call($node, $db, "$quiet\n;;\n" . ($own->{before} // 'SELECT') . "\n;;\nSELECT 'begins at ' || extract(epoch FROM clock_timestamp())\n;;\n" . sprintf($own->{call}, upgrade($case)) . "\n;;\n");
	my $said = end_of($call);
	like($said, qr/ERROR:  55006: the migration waits for a lock that this session holds\nDETAIL:  Process \d+ waits for /, "$own->{what}: SQLSTATE 55006");
	like($said, $own->{lock}, "$own->{what}: the lock is named");
	my $journal = defined $own->{done} ? "REVISION $own->{done}" : '-';
	left($case, "version - | runs cancelled | journal $journal | log REVISION 57014 at $own->{statement}", "$own->{what}: what is left");
	# By the clock of the server: nothing but the run itself.
	cmp_ok(query($node, $db, "SELECT extract(epoch FROM finished_at - started_at) < 30 FROM migrate.run WHERE schema_name = '$case'"), 'eq', 't', "$own->{what}: it did not take long");
	finishes($case, 'cancelled,done', "REVISION 57014 at $own->{statement}, REVISION done", $own->{what});
}

# A page that the caller's query uses while it calls: VACUUM waits for those, and no lock shows it. The same from another session that waits for its turn.
query($node, $db, 'CREATE TABLE rows (id int) WITH (autovacuum_enabled = off); INSERT INTO rows VALUES (1), (2)');
my $freeze = new_case('VACUUM (FREEZE) public.rows');
my $reads = "$quiet\n;;\nSELECT (SELECT count(*) FROM " . upgrade($freeze) . ') FROM rows LIMIT 1';
my $page = qr/ERROR:  55006: the migration waits for a page that this session uses\nDETAIL:  Process \d+ waits for a page that others use; this session has AccessShareLock on relation public\.rows\./;
my $reader = start_call($node, $db, $reads);
like(end_of($reader), $page, 'a page of the caller: it is named');
left($freeze, 'version - | runs cancelled | journal - | log REVISION 57014 at 1', 'a page of the caller: what is left');
my $door = open_session($node, $db);
$door->query_safe('BEGIN; LOCK TABLE rows IN SHARE UPDATE EXCLUSIVE MODE');
my $first = start_call($node, $db, "$quiet\n;;\nSELECT count(*) FROM " . upgrade($freeze));
at_lock($first, 'relation');
$reader = start_call($node, $db, $reads);
at_lock($reader, 'object', 'client backend');
$door->query_safe('COMMIT');
like(end_of($reader), $page, 'a page of another one that waits: that one is told so');
like(end_of($first), qr/^1$/m, 'a page of another one that waits: the run goes on');
left($freeze, 'version REVISION | runs cancelled,done | journal - | log REVISION 57014 at 1, REVISION done', 'a page of another one that waits: what is left');
$door->quit;

# Held by somebody who waits for the caller.
my $gate = open_session($node, $db);
my $close_gate = 'BEGIN; LOCK TABLE public.gate IN EXCLUSIVE MODE';
my $pass_gate = 'LOCK TABLE public.gate IN ROW EXCLUSIVE MODE';
$gate->query_safe($close_gate);
my $case = new_case("VACUUM public.idle; $pass_gate; SELECT count(*) FROM public.a");
my $call = start_call($node, $db, "$quiet\n;;\nSELECT count(*) FROM a, " . upgrade($case));
at_lock($call, 'relation');
my $other = start_call($node, $db, 'ALTER TABLE a ADD COLUMN third int');
at_lock($other, 'relation', 'client backend');
$gate->query_safe('ROLLBACK');
like(end_of($call),
	qr/ERROR:  55006: .*\nDETAIL:  Process \d+ waits for AccessShareLock on relation public\.a; blocked by process (\d+)\.\nProcess \1 waits for AccessExclusiveLock on relation public\.a; blocked by process \d+, this session\./,
	'a third session between the worker and its caller: the chain is shown');
end_of($other);
is($other->{status}, 0, 'the third session goes on');
left($case, 'version - | runs cancelled | journal REVISION 1 | log REVISION 57014 at 3', 'a third session in between: what is left');
finishes($case, 'cancelled,done', 'REVISION 57014 at 3, REVISION done', 'a third session in between');

# Deadlocks. Who closes the circle finds it, when its deadlock_timeout is over; that of the other one never is.
my $circle = "VACUUM public.idle; LOCK TABLE public.b; $pass_gate; LOCK TABLE public.a";
my ($soon, $never) = map { "SET deadlock_timeout = '$_'" } '10ms', '1h';
foreach my $retries (0, 5)
{
	my $name = "worker as victim, $retries retries";
	$case = new_case($circle);
	$gate->query_safe($close_gate);
	$call = start_call($node, $db, "$soon\n;;\nSET pg_migrate.lock_retries = $retries\n;;\nSELECT count(*) FROM " . upgrade($case));
	at_lock($call, 'relation');
	$other = start_call($node, $db, "$never\n;;\nBEGIN; LOCK TABLE a; LOCK TABLE b; COMMIT");
	at_lock($other, 'relation', 'client backend');
	$gate->query_safe('ROLLBACK');
	my $said = end_of($call);
	end_of($other);
	is($other->{status}, 0, "$name: the other one goes on");
	if ($retries == 0)
	{
		like($said, qr/ERROR:  40P01: deadlock detected\nDETAIL:  Process \d+ waits for AccessExclusiveLock on relation \d+ of database \d+; blocked by process \d+\./, "$name: the error");
		left($case, 'version - | runs failed | journal REVISION 1 | log REVISION 40P01 at 4', "$name: what is left");
		finishes($case, 'failed,done', 'REVISION 40P01 at 4, REVISION done', $name);
	}
	else
	{
		like($said, qr/NOTICE:  00000: attempt 2 of 6 follows after: deadlock detected/, "$name: it is tried again");
		left($case, 'version REVISION | runs done | journal - | log REVISION done', "$name: and works");
	}
}
$case = new_case($circle);
$gate->query_safe($close_gate);
$call = start_call($node, $db, "$never\n;;\nSELECT count(*) FROM " . upgrade($case));
at_lock($call, 'relation');
my $holder = open_session($node, $db);
$holder->query_safe("$soon; BEGIN; LOCK TABLE a");
$gate->query_safe('ROLLBACK');
wait_until($node, $db, q{SELECT count(*) = 1 FROM pg_locks WHERE relation = 'a'::regclass AND NOT granted});
$holder->query('LOCK TABLE b; ROLLBACK');
like($holder->{stderr}, qr/ERROR:  deadlock detected/, 'the other one as victim: its error');
unlike(end_of($call), qr/ERROR/, 'the other one as victim: the worker goes on');
left($case, 'version REVISION | runs done | journal - | log REVISION done', 'the other one as victim: the run is complete');
$holder->quit;

# Locks of statements in a transaction, and the one that a statement that runs alone begins with.
my %waits = (
	'in a transaction' => { up => 'VACUUM public.idle; ALTER TABLE public.a ADD COLUMN %s int', hold => 'BEGIN; LOCK TABLE a IN ACCESS SHARE MODE', number => 2, journal => 'REVISION 1' },
	'before CREATE INDEX CONCURRENTLY' => { up => 'CREATE INDEX CONCURRENTLY %s ON public.a (id)', hold => 'BEGIN; LOCK TABLE a IN SHARE UPDATE EXCLUSIVE MODE', number => 1, journal => '-' });
my $objects = 0;
foreach my $where (sort keys %waits)
{
	my $wait = $waits{$where};
	my $short = "SET pg_migrate.lock_timeout = '50ms'";
	$gate->query_safe($wait->{hold});
	$case = new_case(sprintf($wait->{up}, 'l' . ++$objects));
	$call = start_call($node, $db, "$short\n;;\nSELECT count(*) FROM " . upgrade($case));
	like(end_of($call), qr/ERROR:  55P03: canceling statement due to lock timeout/, "lock timeout $where");
	left($case, "version - | runs failed | journal $wait->{journal} | log REVISION 55P03 at $wait->{number}", "lock timeout $where: what is left");
	$call = start_call($node, $db, "$short; SET pg_migrate.lock_retries = 2\n;;\nSELECT count(*) FROM " . upgrade($case));
	my $said = end_of($call);
	is(join(',', $said =~ /attempt (\d+) of 3 follows/g), '2,3', "lock timeout $where: as many attempts as are allowed");
	like($said, qr/ERROR:  55P03: /, "lock timeout $where, after all attempts");
	$call = start_call($node, $db, "$short; SET pg_migrate.lock_retries = 1000\n;;\nSELECT count(*) FROM " . upgrade($case));
	my $until = time + patience();
	Time::HiRes::usleep(10_000) while slurp_file($call->{file}) !~ /attempt 2 of 1001 follows|ERROR/ && time < $until;
	$gate->query_safe('ROLLBACK');
	unlike(end_of($call), qr/ERROR/, "lock timeout $where: the attempt after that works");
	my $failures = join(', ', ("REVISION 55P03 at $wait->{number}") x 2);
	left($case, "version REVISION | runs failed,failed,done | journal - | log $failures, REVISION done", "lock timeout $where: it is complete");
}

# What is left of a revision could run in the transaction of the caller, but for what its statements have set before.
query($node, $db, 'CREATE SCHEMA elsewhere; CREATE ROLE somebody; GRANT ALL ON SCHEMA elsewhere TO somebody; CREATE TABLE divisor AS SELECT 0 AS value; GRANT SELECT ON divisor TO somebody');
$case = new_case('SET search_path TO elsewhere; SET LOCAL work_mem = 77; SET ROLE somebody; RESET ROLE; SET ROLE somebody;
	-- pg_migrate: no-transaction
	SELECT 1; SELECT 1 / (SELECT value FROM public.divisor); CREATE TABLE resumed ()');
fails($node, $db, 'SELECT ' . upgrade($case), '22012', [ qr/statement 7/ ], 'a revision that sets something fails behind that');
left($case, 'version - | runs failed | journal REVISION 6 | log REVISION 22012 at 7', 'a revision that sets something: what is left');
query($node, $db, 'UPDATE divisor SET value = 1');
fails($node, $db, 'BEGIN; SELECT ' . upgrade($case), '25001', [ qr/goes on with settings that its statements have made/, qr/HINT:  Commit or roll back, then call it by itself/ ], 'a revision that sets something, in a transaction block');
finishes($case, 'failed,done', 'REVISION 22012 at 7, REVISION done', 'a revision that sets something');
is(query($node, $db, q{SELECT schemaname, tableowner FROM pg_tables WHERE tablename = 'resumed'}), 'elsewhere|somebody', 'a revision that sets something goes on with it');

# The waits within CREATE INDEX CONCURRENTLY are long, and not what the timeout is for.
my $index = 'l' . ++$objects;
$case = new_case("CREATE INDEX CONCURRENTLY $index ON public.a (id)");
$gate->query_safe('BEGIN; INSERT INTO a VALUES (2)');
$call = start_call($node, $db, "SET lock_timeout = '50ms'; SET pg_migrate.lock_timeout = '50ms'\n;;\nSELECT count(*) FROM " . upgrade($case));
my $worker = worker_of($call);
wait_until($node, $db, "SELECT count(*) = 1 FROM pg_locks WHERE pid = $worker AND NOT granted AND waitstart < clock_timestamp() - interval '500 ms'");
$gate->query_safe('COMMIT');
unlike(end_of($call), qr/ERROR/, 'the lock timeout is not for the waits within CREATE INDEX CONCURRENTLY');
left($case, 'version REVISION | runs done | journal - | log REVISION done', 'so it is built');

# What a cancelled build has left cannot be removed while somebody reads the table, and the worker does not wait for that.
$index = 'l' . ++$objects;
$case = new_case("CREATE INDEX CONCURRENTLY $index ON public.a (id)");
$gate->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM a');
$call = start_call($node, $db, "$quiet\n;;\nSELECT count(*) FROM " . upgrade($case));
at_lock($call, 'virtualxid');
query($node, 'postgres', 'SELECT pg_cancel_backend(' . backend_of($call) . ')');
like(end_of($call), qr/ERROR:  57014: /, 'cancelled while a reader is there');
no_workers($node);
is(state_of($node, $db, $case), "version - | runs cancelled | journal $case 0 running 1 | log $case 57014 at 1 | invalid 0", 'cancelled while a reader is there: in doubt');
is(query($node, $db, "SELECT indisvalid FROM pg_index WHERE indexrelid = '$index'::regclass"), 'f', 'cancelled while a reader is there: an invalid index');
$gate->query_safe('ROLLBACK');
finishes($case, 'cancelled,done', 'REVISION 57014 at 1, REVISION done', 'cancelled while a reader is there');
is(query($node, $db, "SELECT indisvalid FROM pg_index WHERE indexrelid = '$index'::regclass"), 't', 'cancelled while a reader is there: built in the end');
$gate->quit;

# What never ends by itself can be cancelled.
query($node, $db, q{
	CREATE FUNCTION turn() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
		WHILE (SELECT count(*) FROM endless) > 0 LOOP
			BEGIN
				PERFORM 1;
			EXCEPTION WHEN OTHERS THEN
				NULL;
			END;
		END LOOP;
	END $$;
	CREATE PROCEDURE turn_and_commit() LANGUAGE plpgsql AS $$ BEGIN
		WHILE (SELECT count(*) FROM endless) > 0 LOOP
			COMMIT;
		END LOOP;
	END $$;
	CREATE TABLE endless (); INSERT INTO endless DEFAULT VALUES});
my %endless = (
	'in a transaction' => { up => q{VACUUM public.idle; SELECT public.turn(); VACUUM public.idle}, number => 2, journal => 'REVISION 1' },
	'alone' => { up => "-- pg_migrate: no-transaction\nCALL public.turn_and_commit()", number => 1, journal => '-' });
foreach my $where (sort keys %endless)
{
	my $case = new_case($endless{$where}{up});
	my ($number, $journal) = @{ $endless{$where} }{qw(number journal)};
	foreach my $who ('caller', 'worker', 'migrate_cancel')
	{
		my $sql = $who eq 'migrate_cancel' ? "SELECT migrate_start('$case', schema => '$case')\n;;\nSELECT migrate_wait(max(run)) FROM migrate.run" : 'SELECT count(*) FROM ' . upgrade($case);
		$call = start_call($node, $db, "$quiet\n;;\n$sql");
		my $worker = worker_of($call);
		wait_until($node, $db, "SELECT count(*) = 1 FROM migrate.progress WHERE revision = '$case' AND statement = $number");
		query($node, $db, $who eq 'migrate_cancel' ? 'SELECT migrate_cancel(max(run)) FROM migrate.run'
			: "SELECT pg_cancel_backend(" . ($who eq 'worker' ? $worker : backend_of($call)) . ')');
		like(end_of($call), qr/ERROR:  57014: canceling statement due to user request/, "endless $where, cancelled by $who");
		no_workers($node);
	}
	my $failures = join(', ', ("REVISION 57014 at $number") x 3);
	left($case, "version - | runs cancelled,cancelled,cancelled | journal $journal | log $failures", "endless $where: what is left");
	query($node, $db, 'DELETE FROM endless');
	finishes($case, 'cancelled,cancelled,cancelled,done', "$failures, REVISION done", "endless $where");
	query($node, $db, 'INSERT INTO endless DEFAULT VALUES');
}

done_testing();

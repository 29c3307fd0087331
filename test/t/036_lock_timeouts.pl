# SPDX-License-Identifier: PostgreSQL
# Lock timeouts and statement timeouts of scripts: what is tried again, what is not, and what an error tells of those in the way.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $node = new_server('locks', conf => "max_prepared_transactions = 5\nmax_worker_processes = 16\nlog_min_messages = fatal\n");
my $db = new_database($node, 'app');
$node->safe_psql($db, q{
	CREATE TABLE t (a int);
	INSERT INTO t SELECT generate_series(1, 100);
	CREATE TABLE other (a int);
	CREATE ROLE plain LOGIN;
	CREATE ROLE watcher LOGIN;
	GRANT pg_read_all_stats TO watcher;
	SELECT migrate_grant('plain', 'operator'), migrate_grant('watcher', 'operator');
	GRANT ALL ON SCHEMA public TO PUBLIC;
	GRANT ALL ON t, other TO PUBLIC;
});

# A session that does $sql and stays until release() ends it. $ready: a query that is true when it is where it should be.
my $sessions = 0;
sub hold
{
	my ($sql, $ready) = @_;
	my $name = 'blocker' . ++$sessions;
	my $child = fork() // die "fork: $!";
	if ($child == 0)
	{
		open(STDOUT, '>', '/dev/null');
		open(STDERR, '>', '/dev/null');
		exec('psql', '-X', '-d', $node->connstr($db) . " application_name=$name", '-c', $sql, '-c', 'SELECT pg_sleep(600) /* secret */');
	}
	wait_for($node, 'postgres', $ready // "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = '$name' AND wait_event = 'PgSleep'");
	my $pid = $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE application_name = '$name'");
	return { name => $name, pid => $pid, child => $child };
}

sub release
{
	my ($session) = @_;
	$node->safe_psql('postgres', "SELECT pg_terminate_backend($session->{pid})");
	waitpid($session->{child}, 0);
	wait_for($node, 'postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $session->{pid}");
}

# Releases the session $seconds from now, while the test goes on.
sub release_later
{
	my ($session, $seconds) = @_;
	my $helper = fork() // die "fork: $!";
	if ($helper == 0)
	{
		open(STDOUT, '>', '/dev/null');
		exec('psql', '-X', '-d', $node->connstr('postgres'), '-c', "SELECT pg_sleep($seconds)", '-c', "SELECT pg_terminate_backend($session->{pid})");
	}
	return sub { waitpid($helper, 0); waitpid($session->{child}, 0); };
}

# Replaces the only revision by one with this script.
sub script
{
	my ($up) = @_;
	$node->safe_psql($db, q{
		DO $$ BEGIN
			IF EXISTS (SELECT FROM migrate_history()) THEN
				PERFORM migrate_stamp('base', purge => true);
				PERFORM migrate_remove('r');
			END IF;
		END $$;
		SELECT migrate_revision('r', } . "\$up\$$up\$up\$" . q{, revision => 'r', down_revision => 'base')});
}

# The ways to run it: what to set, for a script that can run in a transaction.
my %ways = (caller => '', worker => 'SET pg_migrate.transaction_mode = per_revision;');
my $call = q{SELECT migrate_upgrade('head');};
my $short = q{SET pg_migrate.lock_timeout = '200ms';};

sub in_doubt_or_left
{
	return $node->safe_psql($db, q{SELECT (SELECT count(*) FROM migrate.journal) || ' ' || (SELECT count(*) FROM pg_index WHERE NOT indisvalid)});
}

# Who is in the way.
script('ALTER TABLE t ADD b int');
for my $way (sort keys %ways)
{
	my $blocker = hold('BEGIN; SELECT 1 FROM t LIMIT 1');
	my @who = (
		qr/^DETAIL:  It was AccessExclusiveLock on relation public\.t that was waited for\.$/m,
		qr/^Process $blocker->{pid} \(user \w+, application $blocker->{name}\) holds AccessShareLock; its transaction has lasted 00:00:\d\d\.$/m);
	fails($node, $db, "$short $ways{$way} $call", '55P03',
		[ @who, qr/^Process $blocker->{pid} is running its statement for 00:00:\d\d: SELECT pg_sleep\(600\) \/\* secret \*\/$/m, qr/^CONTEXT:.*revision "r", statement 1, line 1$/ms ],
		"$way: the lock, and who holds it");
	release($blocker);
}

# The owner of the table has to be the role that runs the script, and so may see what those of the same role do; the blocker is another.
$node->safe_psql($db, 'CREATE TABLE theirs (a int); ALTER TABLE theirs OWNER TO plain; CREATE ROLE owners; GRANT owners TO plain, watcher; ALTER TABLE theirs OWNER TO owners');
script('ALTER TABLE theirs ADD b int');
for my $way (sort keys %ways)
{
	my $blocker = hold('BEGIN; LOCK theirs IN SHARE MODE');
	my $seen = fails($node, $db, "SET SESSION AUTHORIZATION plain; $short $ways{$way} SET pg_migrate.lock_retries = 1; $call", '55P03',
		[ qr/^Process $blocker->{pid} \(user \w+, application $blocker->{name}\) holds ShareLock; its transaction has lasted/m ], "$way: without rights to see others' activity");
	unlike($seen, qr/secret|is running/, "$way: the query is not told");
	my ($status, $out, $all) = $node->psql($db, "SET SESSION AUTHORIZATION plain; $short $ways{$way} SET pg_migrate.lock_retries = 1; $call");
	like($all, qr/NOTICE:  attempt 2 of 2 follows after: canceling statement due to lock timeout/, "$way: the notice of the retry comes");
	unlike($all, qr/secret/, "$way: and does not tell it either");
	fails($node, $db, "SET SESSION AUTHORIZATION watcher; $short $ways{$way} $call", '55P03', [ qr/^Process $blocker->{pid} is running its statement for .*secret/m ],
		"$way: a member of pg_read_all_stats is told");
	release($blocker);
}
my $stored = $node->safe_psql($db, q{SELECT string_agg(detail, ' ') FROM migrate.run});
like($stored, qr/holds ShareLock/, 'what is stored of a failure names who was in the way');
unlike($stored, qr/secret/, 'but not the query');

# Not a holder, but somebody who waits in front.
{
	my $holder = hold('BEGIN; SELECT 1 FROM t LIMIT 1');
	my $waiter = hold('BEGIN; LOCK t', q{SELECT count(*) = 1 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'});
	script('SELECT count(*) FROM t');
	my $seen = fails($node, $db, "$short $call", '55P03',
		[ qr/It was AccessShareLock on relation public\.t/, qr/^Process $waiter->{pid} \(user \w+, application $waiter->{name}\) waits in front for AccessExclusiveLock; its transaction has lasted/m ],
		'somebody waits in front');
	unlike($seen, qr/Process $holder->{pid}/, 'a holder that does not conflict is not named');
	release($holder);
	release($waiter);
}

# A row that somebody has updated, and a prepared transaction.
{
	my $blocker = hold('BEGIN; UPDATE t SET a = a WHERE a = 1');
	script('UPDATE t SET a = a WHERE a = 1');
	fails($node, $db, "$short $call", '55P03', [ qr/It was ShareLock on transaction \d+ that/, qr/^Process $blocker->{pid} .* holds ExclusiveLock/m, qr/while updating tuple/ ], 'a row lock');
	release($blocker);
	$node->safe_psql($db, q{BEGIN; LOCK t IN SHARE MODE; PREPARE TRANSACTION 'p'});
	script('ALTER TABLE t ADD b int');
	fails($node, $db, "$short $call", '55P03', [ qr/^A prepared transaction holds ShareLock; pg_prepared_xacts has those\.$/m ], 'a prepared transaction');
	$node->safe_psql($db, q{ROLLBACK PREPARED 'p'});
}

# An error that is none of a timeout does not name the lock of a timeout before it.
{
	my $blocker = hold('BEGIN; LOCK other IN SHARE MODE');
	script(q{DO $$ BEGIN LOCK other; EXCEPTION WHEN lock_not_available THEN NULL; END $$; LOCK other NOWAIT});
	unlike(fails($node, $db, "$short $call", '55P03', [ qr/could not obtain lock on relation "other"/ ], 'NOWAIT'), qr/waited for/, 'NOWAIT has waited for nothing');
	release($blocker);
}

# Tried again until the one in the way is gone.
my @scripts = (
	[ 'caller', 'ALTER TABLE t ADD b int; ALTER TABLE t DROP b', 'transaction' ],
	[ 'worker', 'ALTER TABLE t ADD b int; ALTER TABLE t DROP b', 'segment' ],
	[ 'caller', 'CREATE INDEX CONCURRENTLY i ON t (a)', 'relation lock' ],
	[ 'caller', 'DROP INDEX CONCURRENTLY i', 'relation lock' ],
	[ 'caller', 'VACUUM FULL t', 'statement alone' ]);
for my $case (@scripts)
{
	my ($way, $sql, $what) = @$case;
	script($sql);
	my $blocker = hold('BEGIN; LOCK t');
	my $finish = release_later($blocker, 1);
	my ($status, $out, $err) = $node->psql($db, "$short $ways{$way} SET pg_migrate.lock_retries = 100; $call");
	$finish->();
	is($status, 0, "$what ($sql): succeeds when the lock is free");
	like($err, qr/attempt 2 of 101 follows after: canceling statement due to lock timeout\nDETAIL:  It was \w+ on relation public\.t .*\nProcess $blocker->{pid} /, 'after attempts that have failed');
	is(in_doubt_or_left(), '0 0', 'nothing is left');
}

# ... but not for ever, and never without the setting.
for my $case ([ 'caller', 'ALTER TABLE t ADD b int' ], [ 'worker', 'ALTER TABLE t ADD b int' ], [ 'caller', 'CREATE INDEX CONCURRENTLY i ON t (a)' ], [ 'caller', 'VACUUM t' ])
{
	my ($way, $sql) = @$case;
	script($sql);
	my $blocker = hold('BEGIN; LOCK t');
	for my $retries (0, 3)
	{
		my ($status, $out, $err) = $node->psql($db, "$short $ways{$way} SET pg_migrate.lock_retries = $retries; $call");
		my @attempts = $err =~ /attempt (\d+) of \d+ follows/g;
		is("@attempts", $retries == 0 ? '' : '2 3 4', "$way, $sql: $retries retries");
		like($err, qr/ERROR:  canceling statement due to lock timeout\nDETAIL:  It was .*\nProcess $blocker->{pid} /, 'the error names who is in the way');
		is(in_doubt_or_left(), '0 0', 'nothing is left');
	}
	release($blocker);
}

# A deadlock: the other one gets its lock when ours is rolled back.
for my $way (sort keys %ways)
{
	# Each takes its first lock, and asks for the second when the other one has done so.
	script(q{DO $$ BEGIN
		LOCK other;
		LOOP
			EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE relation = 'other'::regclass AND NOT granted)
				OR NOT EXISTS (SELECT FROM pg_locks WHERE relation = 't'::regclass AND mode = 'AccessExclusiveLock');
			PERFORM pg_sleep(0.05);
		END LOOP;
		LOCK t;
	END $$});
	my $other = hold(q{SET deadlock_timeout = '10min'; BEGIN; LOCK t;
		DO $$ BEGIN
			WHILE NOT EXISTS (SELECT FROM pg_locks WHERE relation = 'other'::regclass AND mode = 'AccessExclusiveLock') LOOP
				PERFORM pg_sleep(0.05);
			END LOOP;
		END $$;
		LOCK other; COMMIT}, q{SELECT count(*) = 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted});
	my ($status, $out, $err) = $node->psql($db, "SET deadlock_timeout = '100ms'; $ways{$way} SET pg_migrate.lock_retries = 5; $call");
	is($status, 0, "$way: a deadlock is tried again") or diag($err);
	like($err, qr/attempt 2 of 6 follows after: deadlock detected\nDETAIL:  Process \d+ waits for AccessExclusiveLock/, "$way: and told");
	release($other);
}

# The long waits within CONCURRENTLY are none for a lock.
for my $sql ('CREATE INDEX CONCURRENTLY i ON t (a)', 'REINDEX INDEX CONCURRENTLY i', 'DROP INDEX CONCURRENTLY i')
{
	script($sql);
	my $blocker = hold('BEGIN; UPDATE t SET a = a WHERE a = 1');
	my $begun = time();
	my $finish = release_later($blocker, 2);
	my ($status, $out, $err) = $node->psql($db, "$short SET lock_timeout = '100ms'; $call");
	$finish->();
	is($status, 0, "$sql is not hit by lock_timeout") or diag($err);
	cmp_ok(time() - $begun, '>=', 1.5, 'though it waits');
}

# migrate_start: a caller that takes its time is no lock that is missed; another run of the line is.
{
	script('CREATE TABLE started ()');
	my $outcome = $node->safe_psql($db, q{
		SET lock_timeout = '100ms';
		BEGIN;
		SELECT migrate_start('head') AS run \gset
		SELECT pg_sleep(1);
		COMMIT;
		SELECT 'outcome ' || migrate_wait(:run)});
	like($outcome, qr/^outcome done$/m, 'a queued run waits for its caller, whatever lock_timeout is');
	$node->safe_psql($db, 'DROP TABLE started');
	script('CREATE TABLE started ()');
	my $runner = hold(q{BEGIN; SELECT migrate_upgrade('head')});
	fails($node, $db, qq{SET pg_migrate.lock_timeout = '300ms'; SELECT migrate_start('head') AS run \\gset\nSELECT migrate_wait(:run);}, '55P03',
		[ qr/It was ExclusiveLock on a version line that was waited for/, qr/^Process $runner->{pid} .* holds ExclusiveLock/m ], 'a queued run waits no longer than pg_migrate.lock_timeout for another');
	release($runner);
}

# statement_timeout.
my $limit = q{SET pg_migrate.statement_timeout = '1s';};
my $hint = qr/^HINT:  pg_migrate\.statement_timeout allows each statement of a script 1000 ms\.$/m;
for my $way (sort keys %ways)
{
	script('SELECT pg_sleep(0.4); SELECT pg_sleep(0.4); SELECT pg_sleep(0.4)');
	$node->safe_psql($db, "$ways{$way} $limit $call");
	pass("$way: statements that are each short enough");
	script("SELECT 1;\nSELECT pg_sleep(60)");
	fails($node, $db, "$ways{$way} $limit $call", '57014', [ qr/canceling statement due to statement timeout/, $hint, qr/revision "r", statement 2, line 2/ ], "$way: one that is not");
	is($node->safe_psql($db, "$ways{$way} $limit SET pg_migrate.lock_retries = 3;
		DO \$\$ BEGIN PERFORM migrate_upgrade('head'); EXCEPTION WHEN query_canceled THEN PERFORM pg_sleep(1); END \$\$; SELECT 'alive'"), 'alive',
		"$way: the time is up for the statement only") if $way eq 'caller';
	unlike(error_of($node, $db, "$ways{$way} SET pg_migrate.statement_timeout = '1min'; SET statement_timeout = '500ms'; $call"), qr/HINT:  pg_migrate/, "$way: the session's own is shorter");
}
script('SELECT pg_sleep(1); SELECT pg_sleep(1); SELECT pg_sleep(1); SELECT pg_sleep(1)');
unlike(fails($node, $db, "SET pg_migrate.statement_timeout = '1500ms'; SET statement_timeout = '2500ms'; $call", '57014', [ qr/statement timeout/, qr/statement 3,/ ], q{the session's own goes on behind each statement}),
	qr/HINT:  pg_migrate/, 'and is the one that ends the call');

# A statement outside of a transaction, with its wait for the relation and its own waits.
for my $holds ('LOCK t', 'UPDATE t SET a = a WHERE a = 1')
{
	script('CREATE INDEX CONCURRENTLY i ON t (a)');
	my $blocker = hold("BEGIN; $holds");
	my $begun = time();
	fails($node, $db, "$limit $call", '57014', [ qr/canceling statement due to statement timeout/, $hint ], "CREATE INDEX CONCURRENTLY while others hold: $holds");
	cmp_ok(time() - $begun, '<', 10, 'comes to its end, although the other is still there');
	is(in_doubt_or_left(), $holds eq 'LOCK t' ? '0 0' : '1 1', 'what is left cannot always be removed then');
	release($blocker);
	$node->safe_psql($db, $call);
	is(in_doubt_or_left(), '0 0', 'but by the next call');
	is($node->safe_psql($db, q{SELECT string_agg(relname, ' ') FROM pg_class WHERE relkind = 'i' AND relnamespace = 'public'::regnamespace}), 'i', 'which builds the index');
	$node->safe_psql($db, 'DROP INDEX i');
}

# A queued run: nobody waits for it whose time could be up, so the session's setting counts, and that of the script.
script('SELECT pg_sleep(0.4); SELECT pg_sleep(0.4); SELECT pg_sleep(0.4); SELECT pg_sleep(60)');
my $wait = qq{SELECT migrate_start('head') AS run \\gset\nRESET statement_timeout;\nSELECT migrate_wait(:run);};
fails($node, $db, "SET statement_timeout = '1s'; $wait", '57014', [ qr/^HINT:  statement_timeout allows each statement of a script 1000 ms\.$/m, qr/statement 4,/ ], 'a queued run obeys statement_timeout for each statement');
script(q{SET statement_timeout = '500ms'; SELECT pg_sleep(60)});
fails($node, $db, $wait, '57014', [ qr/^HINT:  statement_timeout allows each statement of a script 500 ms\.$/m ], 'or what the script sets');
$node->safe_psql($db, 'CREATE PROCEDURE endless() LANGUAGE plpgsql AS $$ BEGIN LOOP PERFORM pg_sleep(0.1); COMMIT; END LOOP; END $$');
script(qq{-- pg_migrate: no-transaction\nCALL endless()});
fails($node, $db, "SET statement_timeout = '1s'; $wait", '57014', [ qr/^HINT:  statement_timeout allows/m ], 'a procedure that ends transactions');
fails($node, $db, "$limit $call", '57014', [ $hint ], 'and one with a caller that waits');

# A commit that takes long, as on a slow disk: what is committed is done, though its time was up by then, or a cancel came.
$node->append_conf('postgresql.conf', "fsync = on\n");
$node->reload;
$node->safe_psql($db, 'CREATE TABLE once (at text)');
my $slow = 'SET pg_migrate.keep_snapshot = off; SET commit_delay = 100000; SET commit_siblings = 0;';
for my $limits ("SET pg_migrate.statement_timeout = '150ms'", map { "SET pg_migrate.statement_timeout = '1h'; SET statement_timeout = $_" } 150, 250, 350)
{
	$node->safe_psql($db, 'TRUNCATE once');
	script("SELECT 1;\n-- pg_migrate: no-transaction\nINSERT INTO once VALUES ('here');\nSELECT 2");
	$node->psql($db, "$slow $limits; $call", stdout => \my $out, stderr => \my $err) for 1 .. 2;
	my $rc = $node->psql($db, $call, stdout => \my $rest, stderr => \my $error);
	# A cancel that comes while it is written down that the statement is done leaves it in doubt.
	ok($rc == 0 || ($limits =~ /1h/ && $error =~ /MG022|may have been applied/), "$limits: the next call finishes it, or asks") or diag($error);
	my $rows = $node->safe_psql($db, 'SELECT count(*) FROM once');
	$rc == 0 ? is($rows, '1', 'it has run once') : cmp_ok($rows, '<=', 1, 'it has not run twice');
}

done_testing();

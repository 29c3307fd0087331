# SPDX-License-Identifier: PostgreSQL
# Background workers and what can happen to them, to their callers and to the server around.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

# One slot is taken by the launcher of logical replication.
my $node = new_server('worker', conf => "max_worker_processes = 2\nmax_parallel_workers = 0\nlog_min_messages = warning\n");
my $db = 'app';
$node->safe_psql('postgres', "CREATE DATABASE $db");
$node->safe_psql($db, 'CREATE EXTENSION pgm_test; CREATE TABLE done (what text); GRANT ALL ON done TO PUBLIC; GRANT CREATE ON SCHEMA public TO PUBLIC');
my $version = $node->safe_psql('postgres', 'SHOW server_version_num');

sub no_workers
{
	my ($how) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'pg_migrate'}), "$how: no worker is left");
}

# psql in the background: its process, the server's process, and the file of what it says.
sub start_call
{
	my ($sql, %options) = @_;
	my $output = $node->basedir . '/call_' . ($options{name} // 'any');
	my $child = fork() // die "fork: $!";
	if ($child == 0)
	{
		open(STDOUT, '>', $output);
		open(STDERR, '>&', \*STDOUT);
		exec('psql', '-X', '-d', $node->connstr($options{database} // $db) . ' application_name=caller', '-c', $sql);
	}
	wait_for($node, 'postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'pg_migrate' AND wait_event IN ('PgSleep', 'relation')})
		unless $options{unwatched};
	wait_for($node, 'postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'caller' AND backend_type = 'client backend'});
	my $backend = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE application_name = 'caller' AND backend_type = 'client backend'});
	return ($child, $backend, $output);
}

# Ten thousand messages, all and in order.
my ($stdout, $stderr);
$node->psql($db, q{SELECT pgm_test_worker('DO $$ BEGIN FOR i IN 1 .. 10000 LOOP RAISE NOTICE ''message %'', i; END LOOP; END $$')}, stderr => \$stderr);
is(join(',', $stderr =~ /^(?:psql:\S+ )?NOTICE:  message (\d+)$/mg), join(',', 1 .. 10000), 'ten thousand notices arrive in order');
unlike($stderr, qr/left out/, 'and none is left out');

# A client that takes no messages: the worker does its work nevertheless.
my ($child, $backend, $output) = start_call(
	q{SELECT pgm_test_worker('DO $$ BEGIN PERFORM pg_sleep(1); FOR i IN 1 .. 20000 LOOP RAISE NOTICE ''%'', repeat(''x'', 1000); END LOOP; INSERT INTO done VALUES (''flooded''); END $$')},
	name => 'flood');
kill('STOP', $child);
ok($node->poll_query_until($db, q{SELECT count(*) = 1 FROM done WHERE what = 'flooded'}), 'a client that takes no messages does not keep the worker from its work');
kill('CONT', $child);
waitpid($child, 0);
is($?, 0, 'the call succeeds');
my $said = slurp_file($output);
my $arrived = () = $said =~ /^NOTICE:  x{1000}$/mg;
like($said, qr/^WARNING:  (\d+) messages of the background worker have been left out$/m, 'the client is told of what it did not take');
my ($left_out) = $said =~ /(\d+) messages of/;
is($arrived + ($left_out // 0), 20000, 'and nothing else is missing');
no_workers('flood');

# An error is the last message, and is not left out with the notices before it.
($child, $backend, $output) = start_call(
	q{SELECT pgm_test_worker('DO $$ BEGIN PERFORM pg_sleep(1); FOR i IN 1 .. 20000 LOOP RAISE NOTICE ''%'', repeat(''x'', 1000); END LOOP; INSERT INTO done VALUES (''rolled back''); RAISE ''the end''; END $$')},
	name => 'flood');
kill('STOP', $child);
ok($node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'pg_migrate' AND xact_start IS NULL}), 'the worker waits with its error');
kill('CONT', $child);
waitpid($child, 0);
$said = slurp_file($output);
like($said, qr/messages of the background worker have been left out\n(?:DETAIL: [^\n]*\n)?ERROR:  the end$/m, 'the error arrives after all');
no_workers('error after a flood');

# Bytes of another encoding, both ways.
{
	local $ENV{PGCLIENTENCODING} = 'LATIN1';
	$node->psql($db, "SELECT pgm_test_worker('DO \$\$ BEGIN RAISE NOTICE ''gr\xFC\xDFe %'', length(''gr\xFC\xDFe''); END \$\$')", stderr => \$stderr);
	like($stderr, qr/NOTICE:  gr\xFC\xDFe 5$/m, 'texts keep their characters through LATIN1');
}

# Errors are logged once: by the caller, with the statement that has caused them.
my $offset = -s $node->logfile;
$node->psql($db, q{SELECT pgm_test_worker('SELECT 1/0')});
my $log = slurp_file($node->logfile, $offset);
is(() = $log =~ /ERROR:  division by zero/g, 1, 'an error of a worker is logged once');
like($log, qr/STATEMENT:  SELECT pgm_test_worker/, 'with the statement of the caller');
$offset = -s $node->logfile;
$node->safe_psql($db, q{SELECT pgm_test_independent_worker('SELECT 1/pg_backend_pid()*0/(length(pg_sleep(0.2)::text))')});
no_workers('independent worker');
$log = slurp_file($node->logfile, $offset);
is(() = $log =~ /ERROR:  division by zero/g, 1, 'an error without a caller is logged by the worker');

# No free slot: nothing is done.
$node->safe_psql($db, q{SELECT pgm_test_independent_worker('SELECT pg_sleep(600)')});
fails($node, $db, q{SELECT pgm_test_worker('INSERT INTO done VALUES (''too many'')')}, '53400', [ qr/no background worker is free/, qr/HINT:  Raise max_worker_processes/ ], 'no free slot');
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'pg_migrate'});
no_workers('terminated');
is($node->safe_psql($db, q{SELECT pgm_test_worker('INSERT INTO done VALUES (''again'')')}), '0', 'a free slot is used');
# The slot of a worker is free when the call returns.
is($node->safe_psql($db, q{SELECT sum(pgm_test_worker('SELECT 1')) FROM generate_series(1, 100)}), '0', 'workers one after the other need one slot');

# A role that may no longer log in. From version 17 on nobody asks the worker that.
$node->safe_psql('postgres', 'CREATE ROLE visitor LOGIN');
my $as_visitor = $node->connstr($db) . ' user=visitor';
my ($result, $out, $err) = (0, '', '');
$result = $node->psql($db, q{
	SELECT pgm_test_worker('INSERT INTO done SELECT current_user');
	\! psql -X -q -d postgres -c 'ALTER ROLE visitor NOLOGIN'
	\set VERBOSITY verbose
	SELECT pgm_test_worker('INSERT INTO done SELECT current_user || '' without login''')},
	connstr => $as_visitor, stderr => \$err, on_error_stop => 1);
if ($version < 170000)
{
	like($err, qr/ERROR:  28000: role "visitor" is not permitted to log in/, 'a role that may not log in: the error of the worker');
	is($node->safe_psql($db, q{SELECT string_agg(what, ',') FROM done WHERE what LIKE 'visitor%'}), 'visitor', 'and nothing is done');
}
else
{
	is($node->safe_psql($db, q{SELECT string_agg(what, ',') FROM done WHERE what LIKE 'visitor%'}), 'visitor,visitor without login', 'a role that may not log in has a worker');
}
no_workers('role without login');

# The caller is terminated.
($child, $backend) = start_call(q{SELECT pgm_test_worker('SELECT pg_sleep(600)')});
is($node->safe_psql('postgres', "SELECT pg_terminate_backend($backend)"), 't', 'the caller is terminated');
waitpid($child, 0);
no_workers('terminated caller');

# The caller is cancelled while the worker waits for a lock.
$node->safe_psql($db, 'CREATE TABLE gate ()');
my $holder = start_holder();
($child, $backend) = start_call(q{SELECT pgm_test_worker('LOCK TABLE gate')});
is($node->safe_psql('postgres', "SELECT pg_cancel_backend($backend)"), 't', 'the caller is cancelled');
waitpid($child, 0);
no_workers('cancelled caller, worker waiting for a lock');
kill('KILL', $holder);
waitpid($holder, 0);

sub start_holder
{
	my $process = fork() // die "fork: $!";
	if ($process == 0)
	{
		open(STDOUT, '>', '/dev/null');
		exec('psql', '-X', '-d', $node->connstr($db) . ' application_name=holder', '-c', "SET client_connection_check_interval = '100ms'", '-c', 'BEGIN; LOCK TABLE gate; SELECT pg_sleep(600)');
	}
	wait_for($node, 'postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'holder' AND wait_event = 'PgSleep'});
	return $process;
}

# The client is gone: the worker ends its statement.
($child, $backend) = start_call(q{SET client_connection_check_interval = '50ms'; SELECT pgm_test_worker('INSERT INTO done SELECT ''orphan'' FROM pg_sleep(3)')});
kill('KILL', $child);
waitpid($child, 0);
wait_for($node, 'postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $backend");
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'pg_migrate'}), '1', 'the worker outlives a caller whose client is gone');
no_workers('lost client');
is($node->safe_psql($db, q{SELECT count(*) FROM done WHERE what = 'orphan'}), '1', 'and ends its statement');

# Callers that give up at any moment of the life of their workers.
$node->psql($db, join('', map { "SET statement_timeout = '${_}ms'; SELECT pgm_test_worker('SELECT pg_sleep(0.01)');\n" } (1 .. 30) x 3), on_error_stop => 0);
no_workers('statement_timeout anywhere');
is($node->safe_psql($db, q{SELECT pgm_test_worker('SELECT 1')}), '0', 'and the slot is free');

# Other sessions are not kept waiting by a worker and a caller that wait: each of these asks every process of the server to answer.
($child, $backend) = start_call(q{SELECT pgm_test_worker('SELECT pg_sleep(600)')});
$node->safe_psql('postgres', 'CREATE DATABASE other');
my $begin = time;
$node->safe_psql('postgres', "SET statement_timeout = '60s'; DROP DATABASE other");
cmp_ok(time - $begin, '<', 30, 'the database of nobody can be dropped');
isnt(($node->psql('postgres', "DROP DATABASE $db"))[0], 0, 'that of a worker cannot');
$node->safe_psql('postgres', "CREATE DATABASE other TEMPLATE template0");
is(($node->psql('postgres', "SET statement_timeout = '60s'; DROP DATABASE $db WITH (FORCE)"))[0], 0, 'but by force');
waitpid($child, 0);
no_workers('dropped database');

# The server stops.
$db = 'other';
$node->safe_psql($db, 'CREATE EXTENSION pgm_test');
($child, $backend) = start_call(q{SELECT pgm_test_worker('SELECT pg_sleep(600)')});
$begin = time;
$node->stop('fast');
cmp_ok(time - $begin, '<', 60, 'a fast stop is not held up');
waitpid($child, 0);
$node->start;
($child, $backend) = start_call(q{SELECT pgm_test_worker('SELECT pg_sleep(600)')});
$node->stop('immediate');
waitpid($child, 0);
$node->start;
no_workers('immediate stop');
is($node->safe_psql($db, q{SELECT pgm_test_worker('SELECT 1')}), '0', 'after that all works');

# The worker is killed: the server restarts, the caller notices.
($child, $backend, $output) = start_call(q{SELECT pgm_test_worker('SELECT pg_sleep(600)')}, name => 'killed');
$node->append_conf('postgresql.conf', "restart_after_crash = on\n");
$node->reload;
my $worker = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'pg_migrate'});
kill('KILL', $worker);
waitpid($child, 0);
isnt($?, 0, 'the client of a killed worker notices');
ok(comes_back($node), 'the server comes back');
no_workers('killed worker');

done_testing();

# SPDX-License-Identifier: PostgreSQL
# Scratch databases: whatever ends a call, no database, no worker and nothing else of it is left.

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
my $node = new_server('scratch', allows_streaming => 1,
	conf => "max_worker_processes = 3\nmax_parallel_workers = 0\nrestart_after_crash = on\nmax_prepared_transactions = 2\nlog_min_messages = warning\n");
my $db = 'app';
$node->safe_psql('postgres', "CREATE DATABASE $db");
$node->safe_psql($db, 'CREATE EXTENSION pgm_test');
my $version = $node->safe_psql('postgres', 'SHOW server_version_num');
my $works = q{SELECT pgm_test_scratch('CREATE TABLE public.t ()', 'SELECT relname FROM pg_class WHERE oid >= 16384')};
my $endless = q{SELECT pgm_test_scratch('CREATE TABLE t (); SELECT pg_sleep(1e6)', 'SELECT 1')};
my $loading = q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'pg_migrate' AND wait_event = 'PgSleep'};

sub nothing_left
{
	my ($how) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok( $node->poll_query_until('postgres',
			q{SELECT NOT EXISTS (SELECT FROM pg_database WHERE datname LIKE 'pg\_migrate\_scratch%') AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'pg_migrate')}),
		"$how: no database and no worker is left");
	my @directories = glob($node->data_dir . '/base/*');
	my $known = $node->safe_psql('postgres', 'SELECT count(*) FROM pg_database');
	is(scalar(grep { m{/\d+$} } @directories), $known, "$how: no directory is left");
}

sub works
{
	my ($how) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($node->safe_psql($db, $works), 't', "$how: the next call works");
}

# psql in the background: its process, the server's process, and the file of what it says.
sub start_call
{
	my ($sql, %options) = @_;
	my $output = $node->basedir . '/call_output';
	my $child = fork() // die "fork: $!";
	if ($child == 0)
	{
		open(STDOUT, '>', $output);
		open(STDERR, '>&', \*STDOUT);
		exec('psql', '-X', '-v', 'VERBOSITY=verbose', '-d', $node->connstr($options{database} // $db) . ' application_name=caller' . ($options{connstr} // ''), '-c', $sql);
	}
	wait_for($node, 'postgres', $options{until} // $loading);
	my $backend = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE application_name = 'caller' AND backend_type = 'client backend'});
	return ($child, $backend, $output);
}

sub keeper
{
	return $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'pg_migrate' AND wait_event IS DISTINCT FROM 'PgSleep'});
}

sub loader
{
	return $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'pg_migrate' AND wait_event = 'PgSleep'});
}

works('at first');
nothing_left('success');

# The caller ends.
my ($child, $backend, $output) = start_call($endless);
my $scratch = $node->safe_psql('postgres', q{SELECT datname FROM pg_database WHERE datname LIKE 'pg\_migrate\_scratch%'});
like($scratch, qr/^pg_migrate_scratch_${backend}_[0-9a-f]+$/, 'the database has the process of the caller in its name');
my ($status, undef, $refusal) = $node->psql($scratch, 'SELECT 1');
like($refusal, qr/is not currently accepting connections/, 'nobody can connect to it, not even a superuser');
is($node->safe_psql('postgres', "SELECT pg_cancel_backend($backend)"), 't', 'the caller is cancelled');
waitpid($child, 0);
like(slurp_file($output), qr/ERROR:  57014: canceling statement due to user request/, 'and says so');
nothing_left('cancelled caller');

($child, $backend, $output) = start_call($endless);
is($node->safe_psql('postgres', "SELECT pg_terminate_backend($backend)"), 't', 'the caller is terminated');
waitpid($child, 0);
nothing_left('terminated caller');

# Not by start_call: on a slow machine the time is up before the text runs.
like(error_of($node, $db, "SET statement_timeout = '2s'; $endless"), qr/^57014: canceling statement due to statement timeout/m, 'the statement_timeout of the caller');
nothing_left('statement_timeout');

($child, $backend, $output) = start_call("SET client_connection_check_interval = '50ms'; $endless");
kill('KILL', $child);
waitpid($child, 0);
nothing_left('lost client');

# At any moment.
$node->psql($db, join('', map { "SET statement_timeout = '" . ($_ * 20) . "ms'; $works;\n" } 1 .. 30), on_error_stop => 0);
nothing_left('statement_timeout anywhere');
works('statement_timeout anywhere');

# A worker is told to end.
($child, $backend, $output) = start_call($endless);
my $keeper = keeper();
is($node->safe_psql('postgres', "SELECT pg_terminate_backend($keeper)"), 't', 'the keeper is terminated');
waitpid($child, 0);
like(slurp_file($output), qr/ERROR:  57P01: terminating .*due to administrator command/, 'which ends the loader');
nothing_left('terminated keeper');
($child, $backend, $output) = start_call($endless);
is($node->safe_psql('postgres', "SELECT pg_terminate_backend(${\loader()})"), 't', 'the loader is terminated');
waitpid($child, 0);
like(slurp_file($output), qr/ERROR:  57P01: terminating .*due to administrator command/, 'and the caller told');
nothing_left('terminated loader');
($child, $backend, $output) = start_call($endless);
is($node->safe_psql('postgres', "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE backend_type = 'pg_migrate' ORDER BY pid DESC LIMIT 1"), 't', 'the loader is cancelled');
waitpid($child, 0);
like(slurp_file($output), qr/ERROR:  57014: canceling statement due to user request/, 'and the caller told');
nothing_left('cancelled loader');

# A worker is killed: the server restarts, and so does the keeper, which cleans up.
for my $victim ('keeper', 'loader', 'caller')
{
	($child, $backend, $output) = start_call($endless);
	kill('KILL', $victim eq 'keeper' ? keeper() : $victim eq 'loader' ? loader() : $backend);
	waitpid($child, 0);
	isnt($?, 0, "killed $victim: the client notices");
	ok(comes_back($node), 'the server comes back');
	nothing_left("killed $victim");
	works("killed $victim");
}

# The server is stopped.
($child, $backend, $output) = start_call($endless);
my $begin = time;
$node->stop('fast');
cmp_ok(time - $begin, '<', 60, 'a fast stop is not held up');
waitpid($child, 0);
$node->start;
nothing_left('fast stop');

($child, $backend, $output) = start_call($endless);
$scratch = $node->safe_psql('postgres', q{SELECT datname FROM pg_database WHERE datname LIKE 'pg\_migrate\_scratch%'});
$node->stop('immediate');
waitpid($child, 0);
$node->start;
is($node->safe_psql('postgres', q{SELECT datname FROM pg_database WHERE datname LIKE 'pg\_migrate\_scratch%'}), $scratch, 'an immediate stop leaves the database');
# What only looks like one is not touched.
$node->safe_psql('postgres', 'CREATE DATABASE pg_migrate_scratch_1_1 ALLOW_CONNECTIONS false');
$node->safe_psql('postgres', q{CREATE DATABASE pg_migrate_scratch_01_1; COMMENT ON DATABASE pg_migrate_scratch_01_1 IS 'pg_migrate: scratch database'});
works('immediate stop');
is($node->safe_psql('postgres', q{SELECT string_agg(datname, ',' ORDER BY datname) FROM pg_database WHERE datname LIKE 'pg\_migrate\_scratch%'}),
	'pg_migrate_scratch_01_1,pg_migrate_scratch_1_1', 'the next call drops it, and nothing else');
$node->safe_psql('postgres', 'DROP DATABASE pg_migrate_scratch_1_1');
$node->safe_psql('postgres', 'DROP DATABASE pg_migrate_scratch_01_1');
nothing_left('immediate stop');

# One that is in use is not dropped by another call.
$node->append_conf('postgresql.conf', "max_worker_processes = 5\n");
$node->restart;
($child, $backend, $output) = start_call($endless);
$scratch = $node->safe_psql('postgres', q{SELECT datname FROM pg_database WHERE datname LIKE 'pg\_migrate\_scratch%'});
works('another call is under way');
is($node->safe_psql('postgres', q{SELECT datname FROM pg_database WHERE datname LIKE 'pg\_migrate\_scratch%'}), $scratch, 'and keeps its database');
is($node->safe_psql('postgres', $loading), 't', 'and its loader');

# Too few workers: for the keeper, and for the loader.
my ($second, $second_backend) = start_call($endless, until => q{SELECT count(*) = 2 FROM pg_stat_activity WHERE backend_type = 'pg_migrate' AND wait_event = 'PgSleep'});
fails($node, $db, $works, '53400', [ qr/no background worker is free to load the model/, qr/HINT:  Raise max_worker_processes/ ], 'no free slot');
$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'caller'});
waitpid($_, 0) for $child, $second;
nothing_left('no free slot');
$node->append_conf('postgresql.conf', "max_worker_processes = 2\n");
$node->restart;
fails($node, $db, $works, '53400', [ qr/no background worker is free to load the model/ ], 'one free slot');
nothing_left('one free slot');
$node->append_conf('postgresql.conf', "max_worker_processes = 8\n");
$node->restart;

# Many at once.
my @children;
for my $number (1 .. 3)
{
	my $process = fork() // die "fork: $!";
	if ($process == 0)
	{
		open(STDOUT, '>', $node->basedir . "/parallel_$number");
		open(STDERR, '>&', \*STDOUT);
		exec('psql', '-XAtq', '-d', $node->connstr($db), '-c', "SELECT string_agg(pgm_test_scratch('CREATE TABLE public.t' || i || ' ()', 'SELECT relname FROM pg_class WHERE oid >= 16384'), ',') FROM generate_series(1, 5) AS i");
	}
	push(@children, $process);
}
waitpid($_, 0) for @children;
is(slurp_file($node->basedir . "/parallel_$_"), "t1,t2,t3,t4,t5\n", "three at once: $_") for 1 .. 3;
nothing_left('three at once');

# A worker that will not be cancelled.
($child, $backend, $output) = start_call(q{SELECT pgm_test_scratch('DO $$ BEGIN LOOP BEGIN PERFORM pg_sleep(1e6); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$', 'SELECT 1')});
$node->safe_psql('postgres', "SELECT pg_cancel_backend($backend)");
waitpid($child, 0);
nothing_left('a text that catches cancels');

# The database of the caller is dropped meanwhile.
$node->safe_psql('postgres', 'CREATE DATABASE doomed');
$node->safe_psql('doomed', 'CREATE EXTENSION pgm_test');
($child, $backend, $output) = start_call($endless, database => 'doomed');
isnt(($node->psql('postgres', 'DROP DATABASE doomed'))[0], 0, 'the database of the caller cannot be dropped');
is(($node->psql('postgres', "SET statement_timeout = '60s'; DROP DATABASE doomed WITH (FORCE)"))[0], 0, 'but by force');
waitpid($child, 0);
nothing_left('dropped database');
# And the scratch database itself.
($child, $backend, $output) = start_call($endless);
$scratch = $node->safe_psql('postgres', q{SELECT datname FROM pg_database WHERE datname LIKE 'pg\_migrate\_scratch%'});
is(($node->psql('postgres', "DROP DATABASE $scratch WITH (FORCE)"))[0], 0, 'the scratch database is dropped by force');
waitpid($child, 0);
like(slurp_file($output), qr/ERROR:  57P01: terminating .*due to administrator command/, 'which its caller notices');
nothing_left('dropped scratch database');
# Somebody has come in.
($child, $backend, $output) = start_call($endless);
$scratch = $node->safe_psql('postgres', q{SELECT datname FROM pg_database WHERE datname LIKE 'pg\_migrate\_scratch%'});
$node->safe_psql('postgres', "ALTER DATABASE $scratch ALLOW_CONNECTIONS true");
my $inside = fork() // die "fork: $!";
if ($inside == 0)
{
	open(STDERR, '>', '/dev/null');
	exec('psql', '-X', '-d', $node->connstr($scratch), '-c', 'SELECT pg_sleep(600)');
}
wait_for($node, 'postgres', "SELECT count(*) = 2 FROM pg_stat_activity WHERE datname = '$scratch' AND wait_event = 'PgSleep'");
$node->safe_psql('postgres', "SELECT pg_cancel_backend($backend)");
waitpid($_, 0) for $child, $inside;
nothing_left('somebody in the scratch database');

# Encodings: the scratch database has that of the caller's.
for my $encoding ([ 'LATIN1', 'C' ], [ 'SQL_ASCII', 'C' ], [ 'EUC_JP', 'C' ], [ 'UTF8', 'C' ])
{
	my ($name, $locale) = @$encoding;
	my $database = 'in_' . lc($name);
	$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0 ENCODING '$name' LC_COLLATE '$locale' LC_CTYPE '$locale'");
	$node->safe_psql($database, 'CREATE EXTENSION pgm_test');
	local $ENV{PGCLIENTENCODING} = $name eq 'SQL_ASCII' ? 'SQL_ASCII' : 'UTF8';
	my $word = $name eq 'EUC_JP' ? "\xE6\x97\xA5\xE6\x9C\xAC" : "gr\xC3\xB6\xC3\x9Fe";
	is($node->safe_psql($database, qq{SELECT pgm_test_scratch('SET client_encoding = "UTF8"; CREATE TABLE public."$word" (); COMMENT ON TABLE public."$word" IS ''$word''', 'SELECT relname || obj_description(oid) || current_setting(''server_encoding'') FROM pg_class WHERE oid >= 16384')}),
		"$word$word$name", "$name: names and texts keep their characters");
	my $error = error_of($node, $database, qq{SELECT pgm_test_scratch('CREATE TABLE "$word" (a "$word")', '')});
	like($error, qr/^42704: type "\Q$word\E" does not exist/m, "$name: so do errors");
	my $column = 15 + ($name eq 'SQL_ASCII' ? length($word) : $name eq 'EUC_JP' ? 2 : 5) + 5;
	like($error, qr/Line 1, column $column of the model/, "$name: columns are counted in characters");
}
SKIP:
{
	my ($failed) = $node->psql('postgres', q{CREATE DATABASE in_icu TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de-u-kn' ENCODING 'UTF8'});
	skip 'the server has no ICU', 1 if $failed != 0;
	$node->safe_psql('in_icu', 'CREATE EXTENSION pgm_test');
	is($node->safe_psql('in_icu', q{SELECT pgm_test_scratch('', 'SELECT string_agg(x, '','' ORDER BY x) FROM unnest(ARRAY[''a10'', ''a9'']) AS x')}), 'a9,a10', 'a database with a locale of ICU');
}
nothing_left('encodings');

# Sizes: 20 MB of small statements, and in one.
my $path = $node->basedir . '/large.sql';
{
	open(my $file, '>', $path) or die "$path: $!";
	print $file q{SELECT length(pgm_test_scratch($ddl$} . "SET client_min_messages = error; CREATE TABLE public.t ();\n";
	print $file "COMMENT ON TABLE public.t IS '" . ('x' x 10000) . "';\n" for 1 .. 1000;
	print $file "CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS 'SELECT ''" . ('y' x 10_000_000) . "''';\n";
	print $file q{$ddl$, 'SELECT public.f()'));} . "\n";
	close($file);
}
$begin = time;
is(run_psql_file($path), '10000000', '20 MB are loaded');
diag(sprintf('20 MB: %.1f s', time - $begin));
{
	open(my $file, '>', $path) or die "$path: $!";
	print $file q{SELECT pgm_test_scratch($ddl$};
	print $file "CREATE TABLE t$_ (id int, name text);\n" for 1 .. 2000;
	print $file "CREATE TABL x ();\n";
	print $file q{$ddl$, '')} . "\n";
	close($file);
}
like(run_psql_file($path), qr/Line 2001, column 8 of the model: CREATE TABL x \(\);/, 'an error at the end of a large text is found before anything runs');
nothing_left('sizes');

sub run_psql_file
{
	my ($file) = @_;
	my ($out, $err) = run_command([ 'psql', '-XAtq', '-d', $node->connstr($db), '-f', $file ]);
	return $out . $err;
}

# A dump of one's own.
$node->safe_psql('postgres', 'CREATE DATABASE origin');
$node->safe_psql('origin', q{
	CREATE EXTENSION pg_migrate;
	CREATE ROLE somebody;
	CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('a', 'b');
	CREATE TABLE app.t (id serial PRIMARY KEY, m app.mood DEFAULT 'a', parent int REFERENCES app.t) ;
	CREATE FUNCTION app.f(x int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN x + 1; END $$;
	CREATE VIEW app.v AS SELECT id, app.f(id) FROM app.t;
	ALTER TABLE app.t OWNER TO somebody; GRANT SELECT ON app.v TO somebody; SELECT migrate_grant('somebody', 'viewer')});
my $dump = $node->basedir . '/dump.sql';
run_command([ 'pg_dump', '--schema-only', '-f', $dump, '-d', $node->connstr('origin') ]);
{
	open(my $file, '>', $path) or die "$path: $!";
	print $file q{SELECT pgm_test_scratch($whole_dump$} . slurp_file($dump) . q{$whole_dump$, 'SELECT string_agg(relname || '' '' || relowner::regrole, '','' ORDER BY relname) FROM pg_class WHERE relnamespace::regnamespace::text = ''app''')} . "\n";
	close($file);
}
is(run_psql_file($path), 't somebody,t_id_seq somebody,t_pkey somebody,v ' . $node->safe_psql('origin', 'SELECT current_user'), 'a pg_dump, with the rights that migrate_grant() has granted');
nothing_left('a pg_dump');

done_testing();

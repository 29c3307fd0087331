# SPDX-License-Identifier: PostgreSQL
# Large scripts, many statements, many revisions: they run, in bounded memory, and cancel, timeouts and termination are obeyed at once.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $node = new_server('sizes', conf => "max_wal_size = 4GB\nmax_locks_per_transaction = 256\nclient_min_messages = warning\n");
my $db = new_database($node, 'sizes');
my $work = PostgreSQL::Test::Utils::tempdir();

# Runs SQL in one session, with the seconds it took and by how many megabytes the largest memory that its process ever had exceeds what a
# fresh process has. Shared memory does not count: it is the server's.
sub measured
{
	my ($database, $sql) = @_;
	my $read = q{substring(pg_read_file('/proc/self/status') FROM '%s:\s*(\d+) kB')::int};
	my $private = sprintf("$read - $read - $read", 'VmRSS', 'RssShmem', 'RssFile');
	my $begin = time;
	my $out = $node->safe_psql($database, qq{
		SELECT $private AS before \\gset
		$sql
		SELECT (${\sprintf($read, 'VmHWM')} - :before - ${\sprintf($read, 'RssShmem')} - ${\sprintf($read, 'RssFile')}) / 1024}, timeout => 300);
	my @lines = split(/\n/, $out);
	my $memory = pop @lines;
	note sprintf('%.1f s, %d MB', time - $begin, $memory);
	return (join("\n", @lines), $memory, time - $begin);
}

my ($out, $memory, $seconds);

# 50 MB in one literal.
($out, $memory, $seconds) = measured($db, q{
	SELECT migrate_revision('large literal', revision => 'literal', down_revision => 'base', down => 'DROP TABLE large',
		up => 'CREATE TABLE large AS SELECT length(''' || repeat('0123456789', 5000000) || ''') AS n') IS NULL;});
cmp_ok($memory, '<', 700, 'a literal of 50 MB is registered in less than 700 MB');
($out, $memory, $seconds) = measured($db, 'SELECT statements FROM migrate_upgrade();');
is($out, '1', 'and run');
cmp_ok($memory, '<', 700, 'in less than 700 MB');
is($node->safe_psql($db, 'SELECT n FROM large'), '50000000', 'as one value');

# 200,000 statements, 14 MB.
($out, $memory, $seconds) = measured($db, q{
	SELECT migrate_revision('many inserts', revision => 'inserts', down_revision => 'literal', down => '',
		up => 'CREATE TABLE many (id int, t text);' || string_agg(format('INSERT INTO many VALUES (%s, ''some text, number %1$s'');%s', i, chr(10)), ''))
		IS NULL FROM generate_series(1, 200000) i;});
cmp_ok($memory, '<', 300, '200,000 statements are registered in less than 300 MB');
($out, $memory, $seconds) = measured($db, 'SELECT statements FROM migrate_upgrade();');
is($out, '200001', 'and run');
cmp_ok($memory, '<', 300, 'in less than 300 MB');
is($node->safe_psql($db, 'SELECT count(*), sum(id) FROM many'), '200000|20000100000', 'each of them');
is($node->safe_psql($db, "SELECT count(*) FROM migrate_plan('-1', 'downgrade')"), '1', 'the plan back has one row, for an empty script');
is($node->safe_psql($db, 'SELECT count(*) FROM migrate_downgrade(\'literal\')'), '1', 'which runs');
is($node->safe_psql($db, "SELECT count(*), count(DISTINCT sql), max(statement) FROM migrate_plan()"), '200001|200001|200001', 'a plan shows each statement');
$node->safe_psql($db, 'DROP TABLE many, large; DROP EXTENSION pg_migrate; CREATE EXTENSION pg_migrate');

# 5,000 statements that each change the schema.
$node->safe_psql($db, q{
	SELECT migrate_revision('columns', revision => 'columns', down_revision => 'base', down => string_agg(format('DROP TABLE wide%s;', i), ' '),
		up => string_agg(format('CREATE TABLE wide%s (id int);', i)
			|| (SELECT string_agg(format('ALTER TABLE wide%s ADD COLUMN c%s int; ALTER TABLE wide%1$s DROP COLUMN c%2$s;', i, j), ' ') FROM generate_series(1, 15) j), ' '))
	FROM generate_series(1, 100) i;
	SELECT migrate_revision('types', revision => 'types', down_revision => 'columns',
		up => string_agg(format('CREATE TYPE ty%s AS (a int);', i), ' '), down => string_agg(format('DROP TYPE ty%s;', i), ' '))
	FROM generate_series(1, 2000) i});
($out, $memory, $seconds) = measured($db, q{SELECT statements FROM migrate_upgrade(); SELECT statements FROM migrate_downgrade('base');});
is($out, "3100\n2000\n2000\n100", '5,000 statements of DDL there and back');
cmp_ok($memory, '<', 300, 'in less than 300 MB');
$node->safe_psql($db, 'DROP EXTENSION pg_migrate; CREATE EXTENSION pg_migrate');

# 10,000 revisions.
($out, $memory, $seconds) = measured($db, q{
	SELECT count(migrate_revision(format('number %s', i), format('SELECT %s', i), format('SELECT -%s', i), revision => 'n' || i,
		down_revision => CASE WHEN i = 1 THEN 'base' ELSE 'n' || (i - 1) END)) FROM generate_series(1, 10000) i;});
is($out, '10000', '10,000 revisions are registered in one transaction');
cmp_ok($memory, '<', 200, 'in less than 200 MB');
note sprintf('registered in %.1f s', $seconds);
($out, $memory, $seconds) = measured($db, 'SELECT count(*) FROM migrate_upgrade();');
is($out, '10000', 'and run in one call');
cmp_ok($memory, '<', 200, 'in less than 200 MB');
($out, $memory, $seconds) = measured($db, "SELECT count(*) FROM migrate_downgrade('base');");
is($out, '10000', 'and back');
cmp_ok($memory, '<', 200, 'in less than 200 MB');

# 100,000 revisions, put there by the owner, as one line; the checksums only look like such.
$node->safe_psql($db, q{
	TRUNCATE migrate.revision CASCADE;
	INSERT INTO migrate.revision (revision, down_revision, depends_on, message, checksum, created_at, created_by, up, down)
	SELECT 'n' || lpad(i::text, 6, '0'), CASE WHEN i = 1 THEN '{}' ELSE ARRAY['n' || lpad((i - 1)::text, 6, '0')] END, '{}', 'number ' || i,
		encode(sha256(i::text::bytea), 'hex'), now(), current_user, 'CREATE TABLE x' || i || ' (a int, b text)', 'DROP TABLE x' || i
	FROM generate_series(1, 100000) i;
	ANALYZE migrate.revision});
($out, $memory, $seconds) = measured($db, 'SELECT count(*), count(DISTINCT revision) FROM migrate_plan();');
is($out, '100000|100000', 'a plan over 100,000 revisions');
cmp_ok($memory, '<', 600, 'in less than 600 MB');
my $plan_seconds = $seconds;

# Signals the process of a call after the given time. When the signal was sent, or undef if the call had ended by then.
sub obeys
{
	my ($delay, $call, $signal, $expected) = @_;
	my $file = "$work/out";
	my $marker = "obey$$" . int($delay * 1000);
	my $pid = fork() // die "fork: $!";
	if ($pid == 0)
	{
		open(STDOUT, '>', $file);
		open(STDERR, '>', "$file.error");
		exec('psql', '-X', '-v', 'VERBOSITY=verbose', '-d', $node->connstr($db) . " application_name=$marker", '-c', $call);
	}
	wait_for($node, $db, "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = '$marker' AND state = 'active'");
	Time::HiRes::sleep($delay);
	my $sent = $node->safe_psql($db, qq{SELECT $signal(pid), clock_timestamp() FROM pg_stat_activity WHERE application_name = '$marker' AND state = 'active'});
	my $signalled = time;
	waitpid($pid, 0);
	my $error = slurp_file("$file.error");
	# It had ended, or was about to: the process is shown as active until it has sent the last row.
	return undef if $sent eq '' || ($error eq '' && time - $signalled < 0.2);
	like($error, $expected, "$signal after ${delay} s: the error");
	return ($sent =~ /\|(.*)/)[0];
}

# When the server wrote the error, by its log: the client takes time to print it.
sub milliseconds_to_error
{
	my ($sent, $message) = @_;
	my @lines = grep { /ERROR|FATAL/ && /$message/ } split(/\n/, slurp_file($node->logfile));
	my ($logged) = ($lines[-1] // '') =~ /^(\S+ \S+ \S+) /;
	return $node->safe_psql($db, "SELECT round(extract(epoch FROM '$logged'::timestamptz - '$sent'::timestamptz) * 1000)::int");
}

my @delays;
foreach my $part (1 .. 12)
{
	my $delay = $plan_seconds * $part / 14;
	my $sent = obeys($delay, 'SELECT count(*) FROM migrate_plan()', 'pg_cancel_backend', qr/ERROR:  57014: canceling statement due to user request/);
	next unless defined $sent;
	my $milliseconds = milliseconds_to_error($sent, 'canceling statement due to user request');
	note sprintf('cancelled after %.3f s: %d ms', $delay, $milliseconds);
	push @delays, $milliseconds;
}
@delays = sort { $a <=> $b } @delays;
cmp_ok(scalar(@delays), '>=', 3, 'plans were cancelled at several moments');
# The median, since the machine may be busy with something else at any one moment.
cmp_ok($delays[@delays / 2], '<=', 100, "a plan over 100,000 revisions obeys a cancel within 100 ms (@delays)");
cmp_ok($delays[-1], '<', 1000, 'and never comes near a second');

my $begin = time;
like(error_of($node, $db, q{SET statement_timeout = '60ms'; SELECT count(*) FROM migrate_plan()}), qr/^57014:.*statement timeout/m, 'so it does statement_timeout');
cmp_ok(time - $begin, '<', 2, 'soon');

# Terminated in the middle of a run, nothing is left.
my $sent = obeys(0.8, "SELECT count(*) FROM migrate_upgrade('n003000')", 'pg_terminate_backend', qr/FATAL:  57P01: terminating connection due to administrator command/);
ok(defined $sent, 'the run was terminated while it ran');
wait_for($node, $db, q{SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name LIKE 'obey%'});
is($node->safe_psql($db, q{SELECT (SELECT count(*) FROM migrate.version), (SELECT count(*) FROM pg_class WHERE relname LIKE 'x%' AND relkind = 'r'),
	(SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND classid IN ('pg_extension'::regclass, 'pg_namespace'::regclass))}), '0|0|0',
	'neither tables nor versions nor locks are left of a terminated run');
is($node->safe_psql($db, "SELECT count(*) FROM migrate_upgrade('n000010')"), '10', 'and it can be started again');

done_testing();

# SPDX-License-Identifier: PostgreSQL
# Many sessions migrate at once, some of a plan with statements outside of transactions: one of them runs, nobody hangs, nobody fails who need not.
# PG_MIGRATE_TEST_REPEAT: how often the crowds of a hundred come (3).
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
use Time::HiRes qw(time usleep);

my $repeat = $ENV{PG_MIGRATE_TEST_REPEAT} // 3;
my $python = $ENV{PYTHON} // '/usr/bin/python3';
my $node = new_server('crowd', conf => "max_connections = 150\nmax_worker_processes = 16\nclient_min_messages = warning\n");
$node->safe_psql('template1', 'CREATE EXTENSION pg_migrate');

my $call = q{SELECT count(*) FROM migrate_upgrade('head')};

# See crowd.py.
sub crowd
{
	my ($database, @sessions) = @_;
	my ($output, $error) = ('', '');
	IPC::Run::run([ $python, "$FindBin::Bin/lib/crowd.py", $node->connstr($database) ], '<', \encode_json(\@sessions), '>', \$output, '2>', \$error)
	  or die "crowd.py: $error";
	return @{ decode_json($output) };
}

# Errors, and warnings, of which there ought to be none either.
sub failures { return join("\n", map { ($_->{sqlstate} eq "" ? () : "$_->{name}: $_->{sqlstate} $_->{message}", @{ $_->{warnings} }) } @_); }
sub applied { return join(' ', sort { $b <=> $a } map { $_->{rows}[0][0] // -1 } grep { $_->{sqlstate} eq '' } @_); }

sub largest
{
	my $most = 0;
	foreach (@_) { $most = $_ if $_ > $most; }
	return $most;
}

# A copy of the template: fast enough for each repetition to have its own.
my $databases = 0;
sub new_copy
{
	my $name = 'crowd' . ++$databases;
	$node->safe_psql('postgres', "CREATE DATABASE $name TEMPLATE template1");
	return $name;
}

# A table that is older than the run, and a revision [tx][CIC][tx][CIC].
sub four_segments
{
	my ($database) = @_;
	$node->safe_psql($database, q{
		CREATE TABLE crowd (id int, v text);
		INSERT INTO crowd SELECT i, md5(i::text) FROM generate_series(1, 50000) i;
		SELECT migrate_revision('four segments', $up$
			ALTER TABLE crowd ADD COLUMN w int;
			UPDATE crowd SET w = id WHERE id <= 1000;
			CREATE INDEX CONCURRENTLY crowd_id ON crowd (id);
			INSERT INTO crowd SELECT i, md5(i::text), i FROM generate_series(50001, 60000) i;
			CREATE UNIQUE INDEX CONCURRENTLY crowd_v ON crowd (v);
		$up$, revision => 'four')});
}

sub check_four_segments
{
	my ($database, $how) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($node->safe_psql($database, q{SELECT string_agg(indexrelid::regclass || ' ' || indisvalid, ', ' ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid = 'crowd'::regclass}),
		'crowd_id true, crowd_v true', "$how: both indexes are there and valid");
	is($node->safe_psql($database, 'SELECT (SELECT count(*) FROM crowd), (SELECT count(*) FROM migrate.log), (SELECT count(*) FROM migrate.version), (SELECT count(*) FROM migrate.journal)'),
		'60000|1|1|0', "$how: run once, with nothing left in the journal");
	is($node->safe_psql($database, q{SELECT string_agg(outcome, ',') FROM migrate.run}), 'done', "$how: one run");
}

my (@behind, @alone, @refused);
foreach my $round (1 .. $repeat)
{
	my $database = new_copy();
	four_segments($database);
	my @results = crowd($database, { name => 'caller', sql => [$call], times => 100 });
	is(failures(@results), '', "a hundred callers, round $round: none fails");
	is(applied(@results), join(' ', 1, (0) x 99), "a hundred callers, round $round: one applies");
	check_four_segments($database, "a hundred callers, round $round");
	my ($runner) = grep { ($_->{rows}[0][0] // 0) == 1 } @results;
	push @alone, $runner->{end};
	push @behind, largest(map { $_->{end} } @results) - $runner->{end};
	cmp_ok($behind[-1], '<', 20, "a hundred callers, round $round: the last is not far behind the runner");
	$node->safe_psql('postgres', "DROP DATABASE $database");
}
note(sprintf("a hundred callers: the runner took %.2f to %.2f s; the last came back %s s after it",
	(sort { $a <=> $b } @alone)[ 0, -1 ], join(', ', map { sprintf('%.2f', $_) } @behind)));

# One of them is in a transaction block, which has begun to read before the others start.
(@behind, @alone) = ();
foreach my $round (1 .. $repeat)
{
	my $database = new_copy();
	four_segments($database);
	my @results = crowd($database,
		{ name => 'caller', sql => [$call], times => 99 },
		{ name => 'in a block', setup => [ 'BEGIN', 'SELECT count(*) FROM crowd' ], sql => [$call] });
	my ($in_block) = grep { $_->{name} eq 'in a block' } @results;
	my @callers = grep { $_->{name} eq 'caller' } @results;
	like($in_block->{sqlstate}, qr/^(25001|55P03)$/, "one of them in a block, round $round: is refused ($in_block->{message})");
	is(failures(@callers), '', "one of them in a block, round $round: the others do not fail");
	is(applied(@callers), join(' ', 1, (0) x 98), "one of them in a block, round $round: one of the others applies");
	check_four_segments($database, "one of them in a block, round $round");
	my ($runner) = grep { ($_->{rows}[0][0] // 0) == 1 } @callers;
	push @alone, $runner->{end};
	push @behind, largest(map { $_->{end} } @callers) - $runner->{end};
	push @refused, $in_block->{end};
	cmp_ok($in_block->{end}, '<', 10, "one of them in a block, round $round: at once");
	cmp_ok($behind[-1], '<', 20, "one of them in a block, round $round: the last is not far behind the runner");
	$node->safe_psql('postgres', "DROP DATABASE $database");
}
note(sprintf("one of them in a block: refused after %s s; the runner took %.2f to %.2f s; the last came back %s s after it",
	join(', ', map { sprintf('%.2f', $_) } @refused), (sort { $a <=> $b } @alone)[ 0, -1 ], join(', ', map { sprintf('%.2f', $_) } @behind)));

# As psycopg is by default: in a transaction block. The plan is transactional.
foreach my $round (1 .. $repeat)
{
	my $database = new_copy();
	register_chain($node, $database, 10, 'CREATE TABLE c%s (id int); INSERT INTO c%1$s SELECT generate_series(1, 1000)', 'DROP TABLE c%1$s');
	my @results = crowd($database, { name => 'instance', block => JSON::PP::true, sql => [ 'SELECT 1', $call ], times => 20 });
	is(failures(@results), '', "twenty in transaction blocks, round $round: all commit");
	is(applied(@results), join(' ', 10, (0) x 19), "twenty in transaction blocks, round $round: one applies");
	is($node->safe_psql($database, 'SELECT count(*), count(DISTINCT revision), (SELECT count(*) FROM migrate.run) FROM migrate.log'), '10|10|1',
		"twenty in transaction blocks, round $round: each revision once, in one run");
	$node->safe_psql('postgres', "DROP DATABASE $database");
}

# Tenants side by side, each with a crowd of its own. Who has waited while an index was built for somebody else may be told to run the statement again.
{
	my $tenants = 6;
	my $database = new_copy();
	$node->safe_psql($database, qq{
		SELECT format('CREATE SCHEMA tenant%s', i) FROM generate_series(1, $tenants) i \\gexec
		SELECT format('CREATE TABLE tenant%s.item AS SELECT i AS id, md5(i::text) AS v FROM generate_series(1, 5000) i', t) FROM generate_series(1, $tenants) t \\gexec
		SELECT migrate_revision('tenant', 'ALTER TABLE item ADD COLUMN w int; CREATE INDEX CONCURRENTLY item_id ON item (id); UPDATE item SET w = id; CREATE INDEX CONCURRENTLY item_w ON item (w)', revision => 'tenant')});
	my @results = crowd($database, map { { name => "tenant$_", sql => [qq{SELECT count(*) FROM migrate_upgrade('head', schema => 'tenant$_')}], times => 8 } } 1 .. $tenants);
	is(failures(@results), '', 'tenants side by side: none fails');
	foreach my $tenant (1 .. $tenants)
	{
		is(applied(grep { $_->{name} eq "tenant$tenant" } @results), '1 0 0 0 0 0 0 0', "tenants side by side: one applies for tenant $tenant");
	}
	is($node->safe_psql($database, q{SELECT count(*), bool_and(indisvalid) FROM pg_index WHERE indexrelid::regclass::text ~ '^tenant\d+\.item_'}), 2 * $tenants . '|t',
		'tenants side by side: all indexes are there');
	is($node->safe_psql($database, 'SELECT count(*), count(DISTINCT schema_name) FROM migrate.log'), "$tenants|$tenants", 'tenants side by side: each once');
	note(sprintf('tenants side by side: %.2f s', largest(map { $_->{end} } @results)));
}

# Runs that are queued go one behind the other; several sessions wait for each.
{
	my $database = new_copy();
	$node->safe_psql($database, 'CREATE TABLE queued AS SELECT i AS id FROM generate_series(1, 5000) i');
	register_chain($node, $database, 5, 'ALTER TABLE queued ADD COLUMN c%s int; CREATE INDEX CONCURRENTLY queued_%1$s ON queued (id, c%1$s)', 'SELECT 1');
	my @starts = crowd($database, map { { name => "start $_", block => JSON::PP::true, sql => ["SELECT migrate_start('r0000$_')"] } } 1 .. 5);
	is(failures(@starts), '', 'queued runs: all are taken');
	my @runs = map { $_->{rows}[0][0] } @starts;
	my @waits = crowd($database,
		(map { { name => "wait for $_", sql => ["SELECT migrate_wait($_)"], times => 4 } } @runs),
		{ name => 'caller', sql => [$call], times => 4 });
	is(failures(@waits), '', 'queued runs: nobody who waits for them fails');
	is(join(' ', map { $_->{rows}[0][0] } grep { $_->{name} =~ /^wait/ } @waits), join(' ', ('done') x 20), 'queued runs: all are done');
	is($node->safe_psql($database, q{SELECT count(*), string_agg(DISTINCT outcome, ',') FROM migrate.run WHERE run IN (} . join(', ', @runs) . ')'), '5|done', 'queued runs: each as a run of its own');
	is($node->safe_psql($database, q{SELECT string_agg(revision, ' ' ORDER BY finished_at) FROM migrate.log}), 'r00001 r00002 r00003 r00004 r00005', 'queued runs: each revision once, in order');
	is($node->safe_psql($database, q{SELECT count(*) FROM pg_index WHERE indrelid = 'queued'::regclass AND indisvalid}), '5', 'queued runs: all indexes are there');
}

# A session in a transaction block waits behind one whose plan is transactional; then comes a worker whose index build would wait for it.
{
	my $database = new_copy();
	$node->safe_psql($database, q{
		CREATE TABLE behind AS SELECT i AS id FROM generate_series(1, 5000) i;
		SELECT migrate_revision('first', 'CREATE TABLE first (id int)', revision => 'r1');
		SELECT migrate_revision('second', 'CREATE INDEX CONCURRENTLY behind_id ON behind (id)', revision => 'r2')});
	my $first = $node->background_psql($database, on_error_stop => 0);
	my $waiter = $node->background_psql($database, on_error_stop => 0);
	$first->query_safe('BEGIN');
	is($first->query_safe(q{SELECT count(*) FROM migrate_upgrade('r1')}), '1', 'behind a transactional run: it runs');
	$waiter->query_safe('BEGIN');
	is($waiter->query_safe('SELECT count(*) FROM behind'), '5000', 'behind a transactional run: a session is in a block');
	my $of_waiter = $waiter->query_safe('SELECT pg_backend_pid()');
	$waiter->query_until(qr/begun/, "\\echo begun\nSELECT count(*) FROM migrate_upgrade('r1');\n\\echo error :SQLSTATE\n");
	wait_for($node, $database, "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = $of_waiter AND NOT granted)");
	# Queued behind the session, and before it from its next attempt on.
	my $run = $node->safe_psql($database, q{SELECT migrate_start('head')});
	wait_for($node, $database, q{SELECT count(*) = 2 FROM pg_locks WHERE locktype = 'object' AND NOT granted});
	usleep(600_000);
	$first->query_safe('COMMIT');
	is($node->safe_psql($database, "SELECT migrate_wait($run)"), 'done', 'behind a transactional run: the worker that comes next is done');
	$waiter->query_until(qr/error \S+/, "\\echo\n");
	like($waiter->{stdout} . $waiter->{stderr}, qr/a migration is running that would have to wait for this transaction/, 'behind a transactional run: the session is refused');
	is($node->safe_psql($database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'behind_id'::regclass"), 't', 'behind a transactional run: the index is built');
	$first->quit;
	$waiter->quit;
}

# Who has waited in a transaction block and found nothing to do is not in the way of others, though his transaction goes on.
{
	my $database = new_copy();
	register_chain($node, $database, 2, 'CREATE TABLE c%s (id int)', 'DROP TABLE c%1$s');
	my ($first, $waiter) = map { $node->background_psql($database) } 1 .. 2;
	$_->query_safe('BEGIN') foreach $first, $waiter;
	is($first->query_safe(q{SELECT count(*) FROM migrate_upgrade('r00001')}), '1', 'nothing to do: one runs');
	$waiter->query_until(qr/begun/, "\\echo begun\nSELECT 'found ' || count(*) FROM migrate_upgrade('r00001');\n");
	wait_for($node, $database, q{SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'object' AND NOT granted});
	$first->query_safe('COMMIT');
	$waiter->query_until(qr/found 0/, "\\echo\n");
	is($node->safe_psql($database, q{SET lock_timeout = '10s'; SELECT count(*) FROM migrate_upgrade('head')}), '1', 'nothing to do: the next one runs');
	is($waiter->{stderr}, '', 'nothing to do: without a warning');
	$waiter->query_safe('COMMIT');
	$_->quit foreach $first, $waiter;
}

# Authors at work, in blocks and not, while revisions with index builds are run.
{
	my $database = new_copy();
	$node->safe_psql($database, 'CREATE TABLE authored AS SELECT i AS id FROM generate_series(1, 5000) i');
	register_chain($node, $database, 6, 'ALTER TABLE authored ADD COLUMN c%s int; CREATE INDEX CONCURRENTLY authored_%1$s ON authored (id, c%1$s)', 'SELECT 1');
	$node->safe_psql($database, q{SELECT migrate_revision('draft', '', revision => 'draft', down_revision => 'base', splice => true)});
	my @results = crowd($database,
		{ name => 'runner', sql => [ map { "SELECT count(*) FROM migrate_upgrade('r0000$_')" } 1 .. 6 ], times => 2 },
		{ name => 'adds in a block', block => JSON::PP::true, times => 3,
			sql => [ "SELECT migrate_revision('new', 'SELECT 1', down_revision => 'draft', splice => true)", 'SELECT pg_sleep(0.2)' ] },
		{ name => 'adds', times => 3, sql => [ ("SELECT migrate_revision('new', 'SELECT 1', down_revision => 'draft', splice => true)") x 5 ] },
		{ name => 'edits', times => 2, sql => [ ("SELECT migrate_edit('draft', up => 'SELECT ' || (random() * 1000)::int)") x 3 ] },
		{ name => 'edits in a block', block => JSON::PP::true, times => 2, sql => [ "SELECT migrate_edit('draft', up => 'SELECT 2')", 'SELECT pg_sleep(0.2)' ] });
	is(failures(grep { $_->{name} =~ /^(runner|adds)/ } @results), '', 'authors: neither runs nor new revisions fail');
	is(join(' ', grep { $_ !~ /^(|55P03|40001)$/ } map { $_->{sqlstate} } @results), '', 'authors: who edits is done, or told to try again')
	  or diag(failures(@results));
	is($node->safe_psql($database, q{SELECT string_agg(revision, ' ' ORDER BY finished_at) FROM migrate.log}), 'r00001 r00002 r00003 r00004 r00005 r00006', 'authors: each revision is run once');
	is($node->safe_psql($database, q{SELECT count(*) FROM migrate.revision WHERE message = 'new'}), '18', 'authors: all new revisions are there');
	note('authors: ' . (failures(@results) || 'no edit was refused'));
}

# Who adds a revision in a transaction block is not refused because somebody else waits, to edit one, for a run that waits for transactions.
{
	my $database = new_copy();
	$node->safe_psql($database, q{
		CREATE TABLE added AS SELECT i AS id FROM generate_series(1, 5000) i;
		SELECT migrate_revision('index', 'CREATE INDEX CONCURRENTLY added_id ON added (id)', revision => 'r1');
		SELECT migrate_revision('draft', '', revision => 'draft', down_revision => 'base', splice => true)});
	my ($reader, $runner, $editor, $adder) = map { $node->background_psql($database, on_error_stop => 0) } 1 .. 4;
	$reader->query_safe('BEGIN');
	$reader->query_safe('LOCK TABLE added IN ROW EXCLUSIVE MODE');
	$runner->query_until(qr/begun/, "\\echo begun\nSELECT 'ran ' || count(*) FROM migrate_upgrade('r1');\n");
	wait_for($node, $database, q{SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted)});
	$editor->query_until(qr/begun/, "\\echo begun\nSELECT 'edited ' || migrate_edit('draft', up => 'SELECT 1');\n");
	wait_for($node, $database, q{SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'object' AND mode = 'AccessExclusiveLock' AND NOT granted)});
	foreach my $number (1 .. 5)
	{
		$adder->query_safe('BEGIN');
		is($adder->query_safe("SELECT migrate_revision('new', 'SELECT 1', revision => 'new$number', down_revision => 'draft', splice => true)"), "new$number",
			"added while an edit waits for a run: revision $number");
		$adder->query_safe('COMMIT');
	}
	$reader->query_safe('COMMIT');
	$runner->query_until(qr/ran 1/, "\\echo\n");
	$editor->query_until(qr/edited/, "\\echo\n");
	$_->quit foreach $reader, $runner, $editor, $adder;
}

# A caller that looks at his worker when that has ended already is told what it has done.
{
	my $database = new_copy();
	$node->safe_psql($database, q{
		CREATE TABLE late AS SELECT i AS id FROM generate_series(1, 10) i;
		SELECT migrate_revision('index', 'CREATE INDEX CONCURRENTLY late_id ON late (id)', revision => 'r1')});
	my $offset = -s $node->logfile;
	$node->append_conf('postgresql.conf', "pg_migrate.fault_point = 'pause:worker_attached'");
	$node->reload;
	my $caller = $node->background_psql($database);
	my $pid = $caller->query_safe('SELECT pg_backend_pid()');
	$caller->query_until(qr/begun/, "\\echo begun\nSELECT 'ran ' || count(*) FROM migrate_upgrade('r1');\n");
	until (slurp_file($node->logfile, $offset) =~ /fault point worker_attached/) { usleep(10_000); }
	kill('STOP', $pid);
	wait_for($node, $database, q{SELECT count(*) = 1 FROM migrate.run WHERE outcome = 'done'});
	wait_for($node, $database, q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'pg_migrate'});
	kill('CONT', $pid);
	like($caller->query_until(qr/ran \d/, "\\echo\n"), qr/ran 1/, 'late: the caller is told what his worker has done');
	$caller->quit;
	$node->append_conf('postgresql.conf', "pg_migrate.fault_point = ''");
	$node->reload;
}

# The last of them has told its caller what became of the run, and may yet be about to exit.
ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'pg_migrate'}), 'no worker is left');
$node->stop;
done_testing();

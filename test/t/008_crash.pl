# SPDX-License-Identifier: PostgreSQL
# A process or a server that dies in the middle of an upgrade: after the restart nothing of it is there, and the upgrade works.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('crash', conf => "restart_after_crash = on\n");
my $db = new_database($node, 'app');

# Twenty revisions have run when the next one waits for a lock that a prepared transaction of nobody holds: no sleeping, no luck.
$node->append_conf('postgresql.conf', "max_prepared_transactions = 2\n");
$node->restart;
$node->safe_psql($db, 'CREATE TABLE gate (id int)');
register_chain($node, $db, 20, 'CREATE TABLE t%s (id int); INSERT INTO t%1$s SELECT generate_series(1, 1000)', 'DROP TABLE t%1$s');
$node->safe_psql($db, q{
	SELECT migrate_revision('waits', up => 'ALTER TABLE gate ADD COLUMN passed int', down => '', revision => 'waits', down_revision => 'r00020');
	SELECT migrate_upgrade('r00005')});

sub close_gate
{
	$node->safe_psql($db, q{BEGIN; LOCK TABLE gate; PREPARE TRANSACTION 'gate'});
}

# The process id of an upgrade that has come to the gate, and the process that waits for it.
sub start_upgrade
{
	my ($call) = @_;
	my $child = fork() // die "fork: $!";
	if ($child == 0)
	{
		open(STDOUT, '>', '/dev/null');
		open(STDERR, '>', '/dev/null');
		exec('psql', '-X', '-d', $node->connstr($db) . ' application_name=upgrade', '-c', $call);
	}
	wait_for($node, $db, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'upgrade' AND wait_event_type = 'Lock'});
	return ($child, $node->safe_psql($db, q{SELECT pid FROM pg_stat_activity WHERE application_name = 'upgrade'}));
}

sub nothing_happened
{
	my ($how) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($node->safe_psql($db, q{SELECT (SELECT string_agg(revision, ',') FROM migrate.version), (SELECT count(*) FROM migrate.log), (SELECT count(*) FROM migrate.run),
		(SELECT count(*) FROM pg_class WHERE relname ~ '^t\d+$' AND relkind = 'r')}), 'r00005|5|1|5', "$how: nothing of the run is there");
	is($node->safe_psql($db, q{SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND objsubid <> 0}), '0', "$how: no lock of a run is held");
	is($node->safe_psql($db, q{SELECT count(*) FROM migrate.run WHERE state <> 'finished'}), '0', "$how: no run counts as running");
}

my $call = "SELECT count(*) FROM migrate_upgrade('head')";

# The process is killed, as the kernel does when memory is short: the server restarts all of its processes.
close_gate();
my ($child, $backend) = start_upgrade($call);
is(kill('KILL', $backend), 1, 'the process of the upgrade is killed');
waitpid($child, 0);
isnt($?, 0, 'its client notices');
ok(comes_back($node), 'the server comes back');
nothing_happened('killed process');

# The server is stopped without a checkpoint, as by a power cut. The gate is still closed: prepared transactions survive.
($child, $backend) = start_upgrade("BEGIN; $call; COMMIT");
$node->stop('immediate');
waitpid($child, 0);
$node->start;
nothing_happened('immediate stop');

# A fast stop terminates the process.
($child, $backend) = start_upgrade($call);
$node->stop('fast');
waitpid($child, 0);
$node->start;
nothing_happened('fast stop');

# The client goes away. The server looks for that while it waits only when told to.
($child, $backend) = start_upgrade("SET client_connection_check_interval = '50ms'; $call");
is(kill('KILL', $child), 1, 'the client is killed');
waitpid($child, 0);
wait_for($node, $db, qq{SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $backend});
nothing_happened('lost client');

$node->safe_psql($db, q{ROLLBACK PREPARED 'gate'});
is($node->safe_psql($db, $call), '16', 'after all that the upgrade works');
is($node->safe_psql($db, q{SELECT (SELECT string_agg(revision, ',') FROM migrate.version), (SELECT count(*) FROM migrate.log), (SELECT count(*) FROM migrate.run),
	(SELECT count(*) FROM pg_class WHERE relname ~ '^t\d+$' AND relkind = 'r'), (SELECT count(*) FROM t20)}), 'waits|21|2|20|1000', 'and has done everything once');

# What is committed stays, whatever comes after.
$node->safe_psql($db, q{SELECT count(*) FROM migrate_downgrade('r00010')});
$node->stop('immediate');
$node->start;
is($node->safe_psql($db, 'SELECT revision FROM migrate.version'), 'r00010', 'a finished run survives a crash');

done_testing();

# SPDX-License-Identifier: PostgreSQL
# An error takes all locks from the worker that it ends. Who has waited for the line goes on before the worker has written down how its run has ended:
# the failure is recorded once, as what it was.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Calls;
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('failure_and_next');
my $db = new_database($node, 'app');
add_state_function($node, $db);
query($node, $db, q{
	CREATE TABLE public.trouble ();
	SELECT migrate_revision('one', revision => 'r1', down_revision => 'base', up => $$
		CREATE TABLE t (id int);
		CREATE INDEX CONCURRENTLY t_a ON t (id);
		INSERT INTO t SELECT 1 / (2 - count(*)) FROM pg_class WHERE oid = to_regclass('public.trouble') OR oid = 't'::regclass;
		CREATE TABLE u (id int)$$)});

my $schemas = 0;

# A queued run that has failed at statement 3, and has not yet written that down.
sub failing_run
{
	my ($action) = @_;
	my $schema = 's' . ++$schemas;
	query($node, $db, "CREATE SCHEMA $schema; CREATE TABLE IF NOT EXISTS public.trouble ()");
	my $call = start_call($node, $db, "SET pg_migrate.fault_point = '$action:failure_known'\n;;\nSELECT migrate_start('r1', schema => '$schema')");
	$call->{schema} = $schema;
	end_of($call);
	at_fault_point($call, 'failure_known');
	query($node, $db, 'DROP TABLE public.trouble');
	return $call;
}

sub next_call
{
	my ($call, $before) = @_;
	my $next = start_call($node, $db, "SET client_min_messages = error\n;;\n$before\n;;\nSELECT count(*) FROM migrate_upgrade('head', schema => '$call->{schema}')");
	my $said = end_of($next);
	like($said, qr/^1$/m, 'the next call goes on');
	no_workers($node);
}

my $complete = 'version r1 | runs %s,done | journal - | log %s, r1 done | invalid 0';

foreach my $mode ('single', 'per_revision')
{
	my $call = failing_run('pause');
	next_call($call, "SET pg_migrate.transaction_mode = $mode");
	is(state_of($node, $db, $call->{schema}), sprintf($complete, 'failed', 'r1 22012 at 3'), "$mode: the failure is written down by whom it has come to");
}

# One that does not come to write it.
my $call = failing_run('wait');
my $worker = worker_of($call);
my $next = start_call($node, $db, "SET client_min_messages = error\n;;\nSELECT count(*) FROM migrate_upgrade('head', schema => '$call->{schema}')");
query($node, 'postgres', "SELECT pg_sleep(0.5), pg_terminate_backend($worker)");
like(end_of($next), qr/^1$/m, 'a worker that ends before it has written: the next call goes on');
no_workers($node);
is(state_of($node, $db, $call->{schema}), sprintf($complete, 'interrupted', 'r1 MG019 at 2'), 'a worker that ends before it has written: it counts as interrupted');

done_testing();

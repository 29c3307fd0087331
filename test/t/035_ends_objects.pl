# SPDX-License-Identifier: PostgreSQL
# Runs in the background that end, or must not, because of what is there already: duplicates, invalid indexes, indexes of the same name, a partition
# half detached; and because of roles: dropped, without login, with all of their connections in use.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Calls;
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('ends_objects');
my $db = new_database($node, 'app');
add_state_function($node, $db);
my $version = query($node, 'postgres', 'SHOW server_version_num');
my $quiet = 'SET client_min_messages = error; ';

my $revisions = 0;
sub new_case
{
	my ($up) = @_;
	my $name = 'x' . ++$revisions;
	query($node, $db, "CREATE SCHEMA $name; SELECT migrate_revision('case', revision => '$name', down_revision => 'base', splice => true, up => \$up\$$up\$up\$)");
	return $name;
}

sub upgrade { return "SELECT count(*) FROM migrate_upgrade('$_[0]', schema => '$_[0]')"; }

sub left
{
	my ($case, $state, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	no_workers($node);
	$state =~ s/\bREVISION\b/$case/g;
	is(state_of($node, $db, $case), $state, $name);
}

sub finishes
{
	my ($case, $runs, $log, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	query($node, $db, $quiet . upgrade($case));
	left($case, "version REVISION | runs $runs | journal - | log $log | invalid 0", "$name: the next call finishes it");
}

sub definition
{
	my ($index) = @_;
	return query($node, $db, "SELECT pg_get_indexdef(indexrelid) || ' ' || indisvalid FROM pg_index WHERE indexrelid = '$index'::regclass");
}

# Duplicates. No invalid index stays, and when the duplicates are gone the next call goes on.
my $case = new_case(q{CREATE TABLE t AS SELECT i % 10 AS id FROM generate_series(1, 11) i; CREATE UNIQUE INDEX CONCURRENTLY t_id ON t (id); CREATE TABLE u ()});
fails($node, $db, upgrade($case), '23505', [ qr/could not create unique index "t_id"/, qr/DETAIL:  Key \(id\)=\(1\) is duplicated\./, qr/statement 2/ ], 'duplicates');
left($case, 'version - | runs failed | journal REVISION 1 | log REVISION 23505 at 2 | invalid 0', 'duplicates: what is left');
is(query($node, $db, "SELECT to_regclass('$case.t_id') IS NULL AND to_regclass('$case.u') IS NULL"), 't', 'duplicates: no index, and nothing behind it');
query($node, $db, "DELETE FROM $case.t WHERE ctid = '(0,11)'");
finishes($case, 'failed,done', 'REVISION 23505 at 2, REVISION done', 'duplicates');
is(definition("$case.t_id"), "CREATE UNIQUE INDEX t_id ON $case.t USING btree (id) true", 'duplicates: the index is there');

# Duplicates that come while the index is built.
my $holder = open_session($node, $db);
$case = new_case(q{CREATE UNIQUE INDEX CONCURRENTLY t_id ON t (id)});
query($node, $db, "CREATE TABLE $case.t (id int); INSERT INTO $case.t VALUES (1)");
$holder->query_safe("BEGIN; INSERT INTO $case.t VALUES (1)");
my $call = start_call($node, $db, upgrade($case));
at_lock($call, 'virtualxid');
$holder->query_safe('COMMIT');
like(end_of($call), qr/ERROR:  23505: could not create unique index "t_id"/, 'duplicates that come later');
left($case, 'version - | runs failed | journal - | log REVISION 23505 at 1 | invalid 0', 'duplicates that come later: what is left');
is(query($node, $db, "SELECT to_regclass('$case.t_id') IS NULL"), 't', 'duplicates that come later: no index');
query($node, $db, "DELETE FROM $case.t WHERE ctid = '(0,2)'");
finishes($case, 'failed,done', 'REVISION 23505 at 1, REVISION done', 'duplicates that come later');

# An invalid index of somebody else: IF NOT EXISTS takes it for none, without that the name is taken.
sub leave_invalid_index
{
	my ($schema, $index) = @_;
	query($node, $db, "CREATE TABLE $schema.t (id int); INSERT INTO $schema.t VALUES (1), (1)");
	isnt(($node->psql($db, $index))[0], 0, 'a build that fails');
	query($node, $db, "DELETE FROM $schema.t WHERE ctid = '(0,2)'");
}
$case = new_case('CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_id ON t (id)');
leave_invalid_index($case, "CREATE UNIQUE INDEX CONCURRENTLY t_id ON $case.t (id)");
like(definition("$case.t_id"), qr/false$/, 'it has left an invalid index');
my ($status, $out, $error) = $node->psql($db, upgrade($case));
is($status, 0, "IF NOT EXISTS over an invalid index: $error");
left($case, 'version REVISION | runs done | journal - | log REVISION done | invalid 0', 'IF NOT EXISTS over an invalid index: it is built');
is(definition("$case.t_id"), "CREATE UNIQUE INDEX t_id ON $case.t USING btree (id) true", 'IF NOT EXISTS over an invalid index: the index is there');

# Of another definition: one that is valid stops the run, which shows both; one that is not serves nobody, and gives way.
$case = new_case('CREATE INDEX CONCURRENTLY IF NOT EXISTS t_id ON t (id, a)');
query($node, $db, "CREATE TABLE $case.t (id int, a int); CREATE INDEX t_id ON $case.t (id)");
fails($node, $db, upgrade($case), 'MG022', [ qr/statement 1 of revision "$case" cannot be gone on with/, qr/DETAIL:  .*t_id/, qr/\(id, a\)/, qr/USING btree \(id\)/ ],
	'a valid index of the same name with another definition');
left($case, 'version - | runs failed | journal - | log REVISION MG022 at 1 | invalid 0', 'another definition: what is left');
is(definition("$case.t_id"), "CREATE INDEX t_id ON $case.t USING btree (id) true", 'another definition: the index stays');
query($node, $db, "DROP INDEX $case.t_id");
finishes($case, 'failed,done', 'REVISION MG022 at 1, REVISION done', 'another definition');
$case = new_case('CREATE INDEX CONCURRENTLY IF NOT EXISTS t_id ON t ((id + 1))');
leave_invalid_index($case, "CREATE UNIQUE INDEX CONCURRENTLY t_id ON $case.t (id)");
finishes($case, 'done', 'REVISION done', 'an invalid index with another definition');
is(definition("$case.t_id"), "CREATE INDEX t_id ON $case.t USING btree (((id + 1))) true", 'an invalid index with another definition: replaced');
$case = new_case('CREATE INDEX CONCURRENTLY t_id ON t (id, a)');
query($node, $db, "CREATE TABLE $case.t (id int, a int); CREATE INDEX t_id ON $case.t (id)");
fails($node, $db, upgrade($case), '42P07', [ qr/relation "t_id" already exists/ ], 'the same without IF NOT EXISTS');
left($case, 'version - | runs failed | journal - | log REVISION 42P07 at 1 | invalid 0', 'the same without IF NOT EXISTS: what is left');
is(definition("$case.t_id"), "CREATE INDEX t_id ON $case.t USING btree (id) true", 'the same without IF NOT EXISTS: the index of somebody else stays');
query($node, $db, "DROP INDEX $case.t_id");
finishes($case, 'failed,done', 'REVISION 42P07 at 1, REVISION done', 'the same without IF NOT EXISTS');

# A partition half detached: by somebody else, and by a call that was cancelled.
foreach my $who ('somebody else', 'a call')
{
	$case = new_case('ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY; ALTER TABLE p DETACH PARTITION p2 CONCURRENTLY');
	query($node, $db, "CREATE TABLE $case.p (id int) PARTITION BY LIST (id); CREATE TABLE $case.p1 PARTITION OF $case.p FOR VALUES IN (1); CREATE TABLE $case.p2 PARTITION OF $case.p FOR VALUES IN (2)");
	$holder->query_safe("BEGIN; SELECT count(*) FROM $case.p");
	$call = start_call($node, $db, "$quiet\n;;\n" . ($who eq 'a call' ? upgrade($case) : "ALTER TABLE $case.p DETACH PARTITION $case.p1 CONCURRENTLY"));
	at_lock($call, 'virtualxid', $who eq 'a call' ? 'pg_migrate' : 'client backend');
	query($node, 'postgres', 'SELECT pg_cancel_backend(' . backend_of($call) . ')');
	like(end_of($call), qr/ERROR:  57014:/, "detaching is cancelled in $who");
	no_workers($node);
	$holder->query_safe('COMMIT');
	is(query($node, $db, "SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = '$case.p1'::regclass"), 't', "detaching is pending in $who");
	if ($who eq 'a call')
	{
		left($case, 'version - | runs cancelled | journal REVISION 0 running 1 | log REVISION 57014 at 1 | invalid 0', 'half detached: what is left');
		finishes($case, 'cancelled,done', 'REVISION 57014 at 1, REVISION done', 'half detached by a call');
	}
	else
	{
		my ($status, $out, $error) = $node->psql($db, upgrade($case));
		like($error, qr/NOTICE:  detaching partition $case\.p1 from $case\.p was interrupted; it is completed/, 'half detached by somebody else: completed');
		left($case, 'version REVISION | runs done | journal - | log REVISION done | invalid 0', 'half detached by somebody else: done');
	}
	is(query($node, $db, "SELECT count(*) FROM pg_inherits WHERE inhparent = '$case.p'::regclass"), '0', "both partitions are detached in $who");
}
$holder->quit;

# Roles. Rights come by membership, so that nothing in the database keeps a role from being dropped.
query($node, $db, q{CREATE ROLE runners; SELECT migrate_grant('runners', 'operator'); GRANT CREATE, USAGE ON SCHEMA public TO runners});
sub new_role
{
	my ($name, $options) = @_;
	query($node, $db, "CREATE ROLE $name IN ROLE runners " . ($options // 'LOGIN'));
	return $name;
}
sub role_case
{
	my ($role) = @_;
	my $case = new_case("CREATE TABLE t AS SELECT 1 AS id; CREATE INDEX CONCURRENTLY t_id ON t (id); CREATE TABLE u AS SELECT current_user::text AS name");
	query($node, $db, "GRANT ALL ON SCHEMA $case TO runners");
	return $case;
}

# A current role that may not log in.
new_role('worker_role', 'NOLOGIN');
new_role('member');
query($node, $db, 'GRANT worker_role TO member');
$case = role_case();
$call = start_call($node, $db, "$quiet\n;;\nSET ROLE worker_role\n;;\n" . upgrade($case), user => 'member');
like(end_of($call), qr/^1$/m, 'SET ROLE to a role without login');
left($case, 'version REVISION | runs done | journal - | log REVISION done | invalid 0', 'SET ROLE to a role without login: done');
is(query($node, $db, "SELECT name, (SELECT tableowner FROM pg_tables WHERE schemaname = '$case' AND tablename = 't') FROM $case.u"), 'worker_role|worker_role', 'as that role');

# A session user that may not log in any more: from version 17 on nobody asks a worker that. Or has no connection left: in newer minor versions that is not
# for workers; in older ones it is an error, before anything is done.
my %limits = (
	'role without login' => { take => 'ALTER ROLE %s NOLOGIN', give => 'ALTER ROLE %s LOGIN', error => qr/ERROR:  28000: role "%s" is not permitted to log in/, required => $version < 170000 },
	'connections of the role' => { take => 'ALTER ROLE %s CONNECTION LIMIT 0', give => 'ALTER ROLE %s CONNECTION LIMIT -1', error => qr/ERROR:  53300: too many connections for role "%s"/ },
	'connections of the database' => { take => "ALTER DATABASE $db CONNECTION LIMIT 0", give => "ALTER DATABASE $db CONNECTION LIMIT -1", error => qr/ERROR:  53300: too many connections for database "$db"/ });
my $limited_roles = 0;
foreach my $limit (sort keys %limits)
{
	my $how = $limits{$limit};
	my $role = new_role('limited' . ++$limited_roles);
	foreach my $function ('migrate_upgrade', 'migrate_start')
	{
		$case = role_case();
		my $session = open_session($node, $db, user => $role);
		$session->query_safe("\\set VERBOSITY verbose");
		$session->query_safe("${quiet}SELECT 1");
		query($node, 'postgres', sprintf($how->{take}, $role));
		$session->query("SELECT $function('$case', schema => '$case')");
		my $said = $session->{stderr};
		if ($how->{required} || $said ne '')
		{
			my $error = sprintf($how->{error}, $role);
			like($said, qr/$error/, "$limit, $function: the error");
			left($case, 'version - | runs - | journal - | log - | invalid 0', "$limit, $function: nothing is done");
		}
		else
		{
			left($case, 'version REVISION | runs done | journal - | log REVISION done | invalid 0', "$limit, $function: done");
		}
		query($node, 'postgres', sprintf($how->{give}, $role));
		$session->quit;
		query($node, $db, $quiet . upgrade($case));
		is(query($node, $db, "SELECT count(*) FROM $case.u"), '1', "$limit, $function: after that it is done");
	}
}
# Exactly as many connections as are allowed: the worker is none of them.
my $role = new_role('just_enough', 'LOGIN CONNECTION LIMIT 1');
$case = role_case();
$call = start_call($node, $db, "$quiet\n;;\n" . upgrade($case), user => $role);
like(end_of($call), qr/^1$/m, 'a worker needs no connection beside that of its caller');

# A role that loses its rights, or is dropped, while its run is queued.
my %losses = ('loses its rights' => 'REVOKE runners FROM %s', 'is dropped' => 'DROP ROLE %s');
my $lost_roles = 0;
foreach my $loss (sort keys %losses)
{
	$role = new_role('lost' . ++$lost_roles);
	$case = role_case();
	my $session = open_session($node, $db, user => $role);
	$session->query_safe('BEGIN');
	my $run = $session->query_safe("SELECT migrate_start('$case', schema => '$case')");
	query($node, $db, sprintf($losses{$loss}, $role));
	$session->query('COMMIT');
	$session->quit;
	left($case, 'version - | runs failed | journal - | log - | invalid 0', "a role that $loss while its run is queued: it fails");
	fails($node, $db, "SELECT migrate_wait($run)", '42501', [ qr/permission denied for function migrate_start/ ], "a role that $loss while its run is queued: why");
	is(query($node, $db, "SELECT requested_by FROM migrate.run WHERE run = $run"), $role, "a role that $loss while its run is queued: who it was");
	finishes($case, 'failed,done', 'REVISION done', "a role that $loss while its run is queued");
}

# And while it runs. The table belongs to the role that it is a member of.
my $gate = open_session($node, $db);
foreach my $loss (sort keys %losses)
{
	$role = new_role('lost' . ++$lost_roles);
	$case = new_case('CREATE INDEX CONCURRENTLY t_id ON t (id); INSERT INTO t VALUES (1)');
	query($node, $db, "CREATE TABLE $case.t (id int); ALTER TABLE $case.t OWNER TO runners; GRANT ALL ON SCHEMA $case TO runners");
	$gate->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
	$call = start_call($node, $db, "$quiet\n;;\n" . upgrade($case), user => $role);
	at_lock($call, 'virtualxid');
	query($node, $db, sprintf($losses{$loss}, $role));
	$gate->query_safe('ROLLBACK');
	like(end_of($call), qr/ERROR:  42501: permission denied for function migrate_upgrade/, "a role that $loss while it runs something: the error");
	# Who cannot be named any more cannot be logged either; the next call sees that the process is gone.
	my ($runs, $log) = $loss eq 'is dropped' ? ('running', '-') : ('failed', 'REVISION 42501 at 1');
	left($case, "version - | runs $runs | journal REVISION 0 running 1 | log $log | invalid 0", "a role that $loss while it runs something: what is left");
	($runs, $log) = ('interrupted', 'REVISION MG019 at 1') if $loss eq 'is dropped';
	finishes($case, "$runs,done", "$log, REVISION done", "a role that $loss while it runs something");
	is(query($node, $db, "SELECT count(*) FROM $case.t"), '1', "a role that $loss while it runs something: everything is there once");
}
$gate->quit;

done_testing();

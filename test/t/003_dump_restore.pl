# SPDX-License-Identifier: PostgreSQL
# pg_dump and restore keep everything that pg_migrate knows, and the restored database goes on; dropping the extension leaves nothing.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Crash;
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('dumped', conf => "log_line_prefix = '%m [%p] '\n");
my $work = PostgreSQL::Test::Utils::tempdir();
$node->safe_psql('postgres', 'CREATE ROLE look; CREATE ROLE run; CREATE ROLE writes');

sub fill
{
	my ($database) = @_;
	register_chain($node, $database, 4, 'CREATE TABLE t%s (id int PRIMARY KEY)', 'DROP TABLE t%1$s');
	$node->safe_psql($database, q{
		CREATE SCHEMA tenant;
		SELECT migrate_revision('side; "quoted" é', up => 'SELECT ''a\b''', revision => 'side1', down_revision => 'r00001',
			branch_label => 'side,other', depends_on => 'r00002');
		SELECT migrate_upgrade('r00003', tag => 'v1');
		SELECT migrate_upgrade('side@head');
		SELECT migrate_upgrade('r00001', schema => 'tenant');
		SELECT migrate_downgrade('r00002');
		SELECT migrate_stamp('r00002', schema => 'tenant');
		SELECT migrate_grant('look', 'viewer');
		SELECT migrate_grant('run', 'operator');
		SELECT migrate_grant('writes', 'author')});
}

sub goes_on
{
	my ($database, $how) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($node->safe_psql($database, q{SELECT string_agg(revision, ',') FROM migrate_upgrade('heads')}), 'r00003,r00004', "$how: the upgrade goes on");
	is( $node->safe_psql($database, q{SELECT string_agg(revision, ',' ORDER BY revision) FROM migrate_upgrade('heads', schema => 'tenant')}),
		'r00003,r00004,side1', "$how: so does that of the tenant");
	is($node->safe_psql($database, 'SELECT count(*) = count(DISTINCT run) FROM migrate.run'), 't', "$how: no number of a run is given twice");
	is($node->safe_psql($database, q{SET ROLE look; SELECT count(*) FROM migrate_history()}), '5', "$how: the viewer may look");
	fails($node, $database, q{SET ROLE look; SELECT migrate_upgrade()}, '42501', [qr/permission denied/], "$how: and no more");
	is($node->safe_psql($database, q{SET ROLE writes; SELECT migrate_revision('x', revision => 'x1', down_revision => 'r00004')}), 'x1',
		"$how: the author may write");
}

new_database($node, 'original');
fill('original');
my $original = catalogue_of($node, 'original');
my $schema = schema_of($node, 'original');
my $source = $node->connstr('original');

# Plain text through psql.
command_ok([ 'pg_dump', '-d', $source, '-f', "$work/plain.sql" ], 'pg_dump, plain');
$node->safe_psql('postgres', 'CREATE DATABASE plain');
command_ok([ 'psql', '-X', '-q', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('plain'), '-f', "$work/plain.sql" ], 'restored');
is(catalogue_of($node, 'plain'), $original, 'plain: the catalogue is the same');
is(schema_of($node, 'plain'), $schema, 'plain: the schema is the same');
goes_on('plain', 'plain');

# The custom format.
command_ok([ 'pg_dump', '-Fc', '-d', $source, '-f', "$work/custom.dump" ], 'pg_dump, custom');
$node->safe_psql('postgres', 'CREATE DATABASE custom');
command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('custom'), "$work/custom.dump" ], 'restored');
is(catalogue_of($node, 'custom'), $original, 'custom: the catalogue is the same');
is($node->safe_psql('custom', q{SELECT string_agg(indexrelid::regclass::text, ' ') FROM pg_index WHERE NOT indisvalid}), '', 'custom: all indexes are valid');
goes_on('custom', 'custom');

# The schema first and the data later, in parallel.
command_ok([ 'pg_dump', '--schema-only', '-d', $source, '-f', "$work/schema.sql" ], 'pg_dump, schema only');
command_ok([ 'pg_dump', '--data-only', '-Fd', '-j2', '-d', $source, '-f', "$work/data" ], 'pg_dump, data only');
$node->safe_psql('postgres', 'CREATE DATABASE parts');
command_ok([ 'psql', '-X', '-q', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('parts'), '-f', "$work/schema.sql" ], 'schema restored');
is($node->safe_psql('parts', 'SELECT count(*) FROM migrate.revision'), '0', 'parts: without data there are no revisions');
command_ok([ 'pg_restore', '--data-only', '--exit-on-error', '-d', $node->connstr('parts'), "$work/data" ], 'data restored');
is(catalogue_of($node, 'parts'), $original, 'parts: the catalogue is the same');
goes_on('parts', 'parts');

# A copy by template, too.
$node->safe_psql('postgres', 'CREATE DATABASE copied TEMPLATE original');
is(catalogue_of($node, 'copied'), $original, 'a copy by template has the same catalogue');

# The functions in a schema of their own, and dumped from there.
$node->safe_psql('postgres', 'CREATE DATABASE elsewhere');
my $objects = q{
	SELECT classid::regclass, pg_describe_object(classid, objid, 0) FROM pg_depend WHERE classid <> 'pg_type'::regclass
		AND refclassid = 'pg_namespace'::regclass AND refobjid NOT IN (SELECT oid FROM pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema', 'pg_toast'))
	UNION ALL SELECT 'pg_namespace', nspname FROM pg_namespace UNION ALL SELECT 'pg_extension', extname FROM pg_extension
	UNION ALL SELECT 'pg_default_acl', oid::text FROM pg_default_acl UNION ALL SELECT 'pg_seclabel', objoid::text FROM pg_seclabel
	UNION ALL SELECT 'pg_init_privs', i.objoid::text FROM pg_init_privs i WHERE i.objoid >= 16384 ORDER BY 1, 2};
my $clean = $node->safe_psql('elsewhere', $objects);
$node->safe_psql('elsewhere', 'CREATE SCHEMA ext; CREATE EXTENSION pg_migrate SCHEMA ext');
is($node->safe_psql('elsewhere', q{SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'migrate%'}), '0', 'nothing in public');
$node->safe_psql('elsewhere', q{
	SELECT ext.migrate_revision('one', up => 'CREATE TABLE one (id int)', down => 'DROP TABLE one', revision => 'a1', down_revision => 'base');
	SELECT ext.migrate_revision('two', up => 'CREATE TABLE two (id int)', down => 'DROP TABLE two', revision => 'a2', down_revision => 'a1');
	SELECT ext.migrate_upgrade('a1')});
append_to_file("$work/printed.sql", $node->safe_psql('elsewhere', q{SELECT ext.migrate_upgrade_sql('a2')}));
like(slurp_file("$work/printed.sql"), qr/SELECT ext\.migrate_record\('a2'/, 'a printed script calls the function where it is');
my $elsewhere = catalogue_of($node, 'elsewhere');
command_ok([ 'pg_dump', '-Fc', '-d', $node->connstr('elsewhere'), '-f', "$work/elsewhere.dump" ], 'pg_dump with the functions elsewhere');
$node->safe_psql('postgres', 'CREATE DATABASE elsewhere2');
command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('elsewhere2'), "$work/elsewhere.dump" ], 'restored');
is(catalogue_of($node, 'elsewhere2'), $elsewhere, 'elsewhere: the catalogue is the same');
command_ok([ 'psql', '-X', '-q', '-o', '/dev/null', '-d', $node->connstr('elsewhere2'), '-f', "$work/printed.sql" ], 'the printed script runs there');
is($node->safe_psql('elsewhere2', 'SELECT revision FROM ext.migrate_current()'), 'a2', 'elsewhere: it goes on');
fails($node, 'elsewhere', 'ALTER EXTENSION pg_migrate SET SCHEMA public', '0A000', [qr/does not support SET SCHEMA/], 'the functions cannot be moved');

# Dropping it.
$node->safe_psql('elsewhere', 'DROP TABLE one; DROP EXTENSION pg_migrate; DROP SCHEMA ext');
is($node->safe_psql('elsewhere', $objects), $clean, 'DROP EXTENSION leaves nothing behind');
$node->safe_psql('elsewhere', 'CREATE EXTENSION pg_migrate');
is($node->safe_psql('elsewhere', 'SELECT count(*) FROM migrate_history()'), '0', 'and it can be created again');

# In one session: what was prepared for the old tables is not used for the new ones.
is($node->safe_psql('elsewhere', q{
	SELECT count(*) FROM migrate_upgrade();
	DROP EXTENSION pg_migrate;
	CREATE EXTENSION pg_migrate;
	SELECT migrate_revision('again', up => 'CREATE TABLE again (id int)', revision => 'g1', down_revision => 'base');
	SELECT revision FROM migrate_upgrade();
	SELECT revision FROM migrate_current()}), "0\ng1\ng1\ng1", 'dropped and created again within one session');

# A dump in the middle of a run: it has what is committed, and the restored database goes on there.
new_database($node, 'running');
$node->safe_psql('running', q{
	SELECT migrate_revision('in three parts', revision => 'r1', down_revision => 'base',
		up => 'CREATE TABLE t (id int); INSERT INTO t VALUES (1); CREATE INDEX CONCURRENTLY t_id ON t (id); INSERT INTO t VALUES (2)', down => 'DROP TABLE t')});
my $offset = -s $node->logfile;
my $child = start_call($node, 'running', q{SET pg_migrate.fault_point = 'wait:statement_intended'; SELECT migrate_upgrade('head')});
wait_for_points($node, $offset, running => 'statement_intended');
command_ok([ 'pg_dump', '-Fc', '-d', $node->connstr('running'), '-f', "$work/running.dump" ], 'pg_dump during a run');
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'pg_migrate'});
wait_for_calls($child);
$node->safe_psql('postgres', 'CREATE DATABASE went_on');
command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('went_on'), "$work/running.dump" ], 'restored');
is($node->safe_psql('went_on', q{SELECT count(*) FROM migrate.progress}), '0', 'during a run: nothing runs in the copy');
foreach my $database ('running', 'went_on')
{
	is($node->safe_psql($database, q{SELECT string_agg(revision, ',') FROM migrate_upgrade('head')}), 'r1', "$database: the next call ends it");
	is($node->safe_psql($database, q{SELECT string_agg(id::text, ',') FROM t}), '1,2', "$database: nothing twice, nothing lost");
	is($node->safe_psql($database, q{SELECT indisvalid FROM pg_index WHERE indexrelid = 't_id'::regclass}), 't', "$database: the index is valid");
}

# The same for what is told by the OID of what was there.
new_database($node, 'dropping');
$node->safe_psql('dropping', q{
	CREATE TABLE t (id int); CREATE INDEX t_id ON t (id);
	CREATE TABLE p (id int) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
	SELECT migrate_revision('two drops', revision => 'r1', down_revision => 'base',
		up => 'DROP INDEX CONCURRENTLY t_id; ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY; CREATE TABLE after ()')});
foreach my $point ('statement_intended', 'statement_run')
{
	error_of($node, 'dropping', "SET pg_migrate.fault_point = 'error:$point'; SELECT migrate_upgrade('head')");
	is($node->safe_psql('dropping', q{SELECT done || ' ' || running FROM migrate.journal}), '0 1', "$point: a statement is in doubt");
	my $copy = "copy_$point";
	$node->safe_psql('postgres', "CREATE DATABASE $copy");
	system_or_bail('pg_dump', '-Fc', '-d', $node->connstr('dropping'), '-f', "$work/$copy.dump");
	# So that the OIDs of then are those of something else.
	$node->safe_psql($copy, 'CREATE TABLE other ()');
	system_or_bail('pg_restore', '--exit-on-error', '-d', $node->connstr($copy), "$work/$copy.dump");
	is($node->safe_psql($copy, q{SELECT string_agg(revision, ',') FROM migrate_upgrade('head')}), 'r1', "$point: the restored database goes on");
	is($node->safe_psql($copy, q{SELECT concat_ws(' ', to_regclass('t_id'), (SELECT count(*) FROM pg_inherits), to_regclass('after'))}), '0 after', "$point: to the end");
}
# Where the table has another name there, it cannot be known.
$node->safe_psql('postgres', 'CREATE DATABASE detaching');
$node->safe_psql('detaching', q{
	CREATE EXTENSION pg_migrate;
	CREATE TABLE p (id int) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
	SELECT migrate_revision('detaches', revision => 'r1', down_revision => 'base', up => 'ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY')});
error_of($node, 'detaching', q{SET pg_migrate.fault_point = 'error:statement_intended'; SELECT migrate_upgrade('head')});
foreach my $name ('renamed', 'replaced')
{
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	system_or_bail('pg_dump', '-Fc', '-d', $node->connstr('detaching'), '-f', "$work/$name.dump");
	system_or_bail('pg_restore', '--exit-on-error', '-d', $node->connstr($name), "$work/$name.dump");
	$node->safe_psql($name, 'ALTER TABLE p RENAME TO px' . ($name eq 'replaced' ? '; CREATE TABLE p (id int) PARTITION BY LIST (id)' : ''));
	fails($node, $name, q{SELECT migrate_upgrade('head')}, 'MG022', [ qr/begun on public\.px/ ], "a table that is $name");
}

done_testing();

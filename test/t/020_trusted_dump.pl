# SPDX-License-Identifier: PostgreSQL
# A role that is no superuser creates the extension, dumps its database and restores it: tables, sequence, levels, owners.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('trusted');
my $work = PostgreSQL::Test::Utils::tempdir();
$node->safe_psql('postgres', 'CREATE ROLE deployer LOGIN; CREATE ROLE look LOGIN; CREATE ROLE run LOGIN');

sub as_role
{
	my ($role, $database, $sql) = @_;
	return $node->safe_psql($database, $sql, extra_params => [ '-U', $role ]);
}

# All of the catalogue, whose it is, and who may do what.
sub catalogue_of
{
	my ($database) = @_;
	my $text = '';
	foreach my $table (qw(revision branch_label version run log))
	{
		$text .= "$table\n" . as_role('deployer', $database, "SELECT t::text FROM migrate.$table t ORDER BY 1") . "\n";
	}
	$text .= as_role('deployer', $database, 'SELECT last_value, is_called FROM migrate.run_id') . "\n";
	$text .= as_role('deployer', $database, q{SELECT extowner::regrole, extnamespace::regnamespace FROM pg_extension WHERE extname = 'pg_migrate'}) . "\n";
	$text .= as_role('deployer', $database, q{
		SELECT proname, proowner::regrole, (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(proacl) a)
		FROM pg_proc WHERE proname LIKE 'migrate\_%' ORDER BY 1}) . "\n";
	$text .= as_role('deployer', $database, q{
		SELECT relname, relowner::regrole, (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(relacl) a)
		FROM pg_class WHERE relnamespace = 'migrate'::regnamespace AND relkind IN ('r', 'S') ORDER BY 1}) . "\n";
	$text .= as_role('deployer', $database, q{SELECT nspowner::regrole, nspacl FROM pg_namespace WHERE nspname = 'migrate'}) . "\n";
	return $text;
}

# `schema`: where the functions are.
sub dumps_and_restores
{
	my ($source, $target, $schema, $format) = @_;
	as_role('deployer', $source, qq{
		SET search_path = $schema;
		SELECT migrate_revision(revision => 'a', down_revision => 'base', branch_label => 'label', message => 'first',
			up => 'CREATE TABLE first (i int)', down => 'DROP TABLE first');
		SELECT migrate_revision(revision => 'b', message => 'second', up => 'CREATE TABLE second (i int)', down => 'DROP TABLE second');
		SELECT migrate_upgrade('a', tag => 'v1');
		SELECT migrate_grant('look', 'viewer');
		SELECT migrate_grant('run', 'operator')});
	my $before = catalogue_of($source);
	like($before, qr/\brun=X\/deployer/, "$source: the level is granted by the owner");
	my $file = "$work/$source.dump";
	$node->command_ok([ 'pg_dump', '-U', 'deployer', '-d', $node->connstr($source), "-F$format", '-f', $file ], "$source: dumped by its owner");
	my @restore = $format eq 'p'
	  ? ('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-U', 'deployer', '-d', $node->connstr($target), '-f', $file)
	  : ('pg_restore', '--exit-on-error', '-U', 'deployer', '-d', $node->connstr($target), $file);
	$node->command_ok(\@restore, "$target: restored by its owner");
	is(catalogue_of($target), $before, "$target: the same catalogue, owners and rights");
	is(as_role('look', $target, "SELECT revision FROM $schema.migrate_current()"), 'a', "$target: a viewer still looks");
	is(as_role('deployer', $target, "SET search_path = $schema; SELECT revision FROM migrate_upgrade()"), 'b', "$target: the upgrade goes on");
	is(as_role('deployer', $target, 'SELECT run FROM migrate.log ORDER BY run'), "1\n2", "$target: with the next number");
}

# His own database, the functions in public.
$node->safe_psql('postgres', 'CREATE DATABASE own OWNER deployer; CREATE DATABASE own_copy OWNER deployer');
as_role('deployer', 'own', 'CREATE EXTENSION pg_migrate');
dumps_and_restores('own', 'own_copy', 'public', 'c');

# Somebody else's, in which he has CREATE, the functions in a schema of his.
foreach my $database (qw(guest guest_copy))
{
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql('postgres', "GRANT CREATE ON DATABASE $database TO deployer");
}
as_role('deployer', 'guest', 'CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO look, run; CREATE EXTENSION pg_migrate SCHEMA app');
dumps_and_restores('guest', 'guest_copy', 'app', 'p');

# A superuser dumps what is the owner's and restores it. The extension becomes his, as PostgreSQL is made: a dump does not say whose an
# extension is. It works for him and for those with a level.
$node->safe_psql('postgres', 'CREATE DATABASE by_superuser');
$node->command_ok([ 'pg_dump', '-d', $node->connstr('own'), '-Fc', '-f', "$work/superuser.dump" ], 'dumped by a superuser');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('by_superuser'), "$work/superuser.dump" ], 'restored by a superuser');
is($node->safe_psql('by_superuser', 'SELECT revision FROM migrate_current()'), 'a', 'a superuser goes on');
is(as_role('look', 'by_superuser', 'SELECT revision FROM migrate_current()'), 'a', 'a viewer goes on');

done_testing();

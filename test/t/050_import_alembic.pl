# SPDX-License-Identifier: PostgreSQL
# Projects of Alembic, printed by Alembic itself and imported: the same schema, the same versions, the way back, and the next revision.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $python = $ENV{PYTHON} // '/usr/bin/python3';
plan skip_all => "Alembic is not installed for $python"
  unless system("$python -c 'import alembic, psycopg2, sqlalchemy' 2>/dev/null") == 0;

my $node = new_server('import_alembic', conf => "max_worker_processes = 16\n");
$ENV{PGUSER} = $node->safe_psql('postgres', 'SELECT current_user');
foreach my $seed (1 .. 6)
{
	new_database($node, $_) foreach "ours_$seed", "theirs_$seed";
	my ($stdout, $stderr) = run_command(
		[ $python, "$FindBin::Bin/lib/import_alembic.py", $seed, $node->host, $node->port, "ours_$seed", "theirs_$seed",
			PostgreSQL::Test::Utils::tempdir() . "/project" ]);
	like($stdout, qr/^\d+ revisions: as they were$/m, "project $seed: imported and run") or diag("$stdout\n$stderr");
	$node->safe_psql("theirs_$seed", 'DROP TABLE IF EXISTS alembic_version; DROP SCHEMA IF EXISTS audit CASCADE');
	is(schema_of($node, "ours_$seed"), schema_of($node, "theirs_$seed"), "project $seed: the same schema");
	is( $node->safe_psql("ours_$seed", q(SELECT query_to_xml(format('SELECT * FROM %s ORDER BY 1', c.oid::regclass), true, true, '') FROM pg_class c WHERE relkind = 'r' AND relname LIKE 't\_%' ORDER BY relname)),
		$node->safe_psql("theirs_$seed", q(SELECT query_to_xml(format('SELECT * FROM %s ORDER BY 1', c.oid::regclass), true, true, '') FROM pg_class c WHERE relkind = 'r' AND relname LIKE 't\_%' ORDER BY relname)),
		"project $seed: the same rows");
	foreach my $database ("ours_$seed", "theirs_$seed")
	{
		$node->safe_psql($database, q(SELECT migrate_downgrade('base')));
		is($node->safe_psql($database, q(SELECT count(*) FROM pg_class WHERE relname LIKE 't\_%')), '0', "project $seed: nothing is left in $database");
	}
}

# A project made by the tool, moved over by the commands of the manual.
my $project = PostgreSQL::Test::Utils::tempdir() . '/shop';
new_database($node, 'shop');
my $examples = "$FindBin::Bin/../../examples/alembic";
mkdir $project;
chdir $project;
# The command itself is in a package of its own.
write_file_in($project, 'bin/alembic', qq(#!/bin/sh\nexec $python -m alembic "\$@"\n));
chmod 0755, 'bin/alembic';
$ENV{PATH} = "$project/bin:$ENV{PATH}";
run_command([ $python, '-m', 'alembic', 'init', 'migrations' ]);
my $ini = slurp_file('alembic.ini');
$ini =~ s{^sqlalchemy.url = .*}{"sqlalchemy.url = postgresql+psycopg2://$ENV{PGUSER}\@/shop?host=" . $node->host . '&port=' . $node->port}me;
write_file_in($project, 'alembic.ini', $ini);
my $parent = 'base';
foreach my $table ('customer', 'orders')
{
	run_command([ $python, '-m', 'alembic', 'revision', '-m', "create $table", '--rev-id', "${table}01" ]);
	my ($file) = glob("migrations/versions/${table}01*.py");
	my $code = slurp_file($file);
	$code =~ s/(def upgrade.*?:\n) {4}pass/$1    op.create_table('$table', sa.Column('id', sa.Integer, primary_key=True), sa.Column('rate', sa.String, server_default='5%'))/;
	$code =~ s/(def downgrade.*?:\n) {4}pass/$1    op.drop_table('$table')/;
	write_file_in($project, $file, $code);
}
run_command([ $python, '-m', 'alembic', 'upgrade', 'customer01' ]);
is($node->safe_psql('shop', slurp_file("$examples/import.sql")), "customer01|create customer|added\norders01|create orders|added", 'imported by the commands of the manual');
like($node->safe_psql('shop', slurp_file("$examples/stamp.sql")), qr/^customer01\|create customer\|f$/m, 'and stamped');
$node->safe_psql('shop', q(SELECT migrate_upgrade('head')));
is($node->safe_psql('shop', q(INSERT INTO orders DEFAULT VALUES RETURNING *)), '1|5%', 'and run');
chdir $FindBin::Bin;

done_testing();

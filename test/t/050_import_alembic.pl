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
my $examples = "$FindBin::Bin/../../examples/alembic";
# The command itself is in a package of its own.
my $bin = PostgreSQL::Test::Utils::tempdir() . '/bin';
mkdir $bin;
write_file_in($bin, 'alembic', qq(#!/bin/sh\nexec $python -m alembic "\$@"\n));
chmod 0755, "$bin/alembic";
$ENV{PATH} = "$bin:$ENV{PATH}";

# An empty project for a database; its directory is the current one then.
sub new_project
{
	my ($database) = @_;
	my $project = PostgreSQL::Test::Utils::tempdir() . "/$database";
	mkdir $project;
	chdir $project;
	run_command([ 'alembic', 'init', 'migrations' ]);
	my $ini = slurp_file('alembic.ini');
	$ini =~ s{^sqlalchemy.url = .*}{"sqlalchemy.url = postgresql+psycopg2://$ENV{PGUSER}\@/$database?host=" . $node->host . '&port=' . $node->port}me;
	write_file_in($project, 'alembic.ini', $ini);
	return $project;
}

my $project = new_project(new_database($node, 'shop'));
foreach my $table ('customer', 'orders')
{
	run_command([ 'alembic', 'revision', '-m', "create $table", '--rev-id', "${table}01" ]);
	my ($file) = glob("migrations/versions/${table}01*.py");
	my $code = slurp_file($file);
	$code =~ s/(def upgrade.*?:\n(?: {4}""".*?"""\n)?) {4}pass/$1    op.create_table('$table', sa.Column('id', sa.Integer, primary_key=True), sa.Column('rate', sa.String, server_default='5%'))/;
	$code =~ s/(def downgrade.*?:\n(?: {4}""".*?"""\n)?) {4}pass/$1    op.drop_table('$table')/;
	write_file_in($project, $file, $code);
}
run_command([ 'alembic', 'upgrade', 'customer01' ]);
is($node->safe_psql('shop', slurp_file("$examples/import.sql")), "customer01|create customer|added\norders01|create orders|added", 'imported by the commands of the manual');
# No abbreviation is taken for what Alembic has run, and nothing for base.
foreach my $version ('customer', 'head')
{
	my $error;
	$node->psql('shop', "BEGIN; UPDATE alembic_version SET version_num = '$version';" . slurp_file("$examples/stamp.sql"), stderr => \$error);
	like($error, qr/ERROR:  Alembic has run $version, which is not registered/, "\"$version\" is no revision");
}
is($node->safe_psql('shop', 'BEGIN; DELETE FROM alembic_version;' . slurp_file("$examples/stamp.sql")), '', 'nothing is run, and nothing is stamped');
like($node->safe_psql('shop', slurp_file("$examples/stamp.sql")), qr/^customer01\|create customer\|f$/m, 'and stamped');
$node->safe_psql('shop', q(SELECT migrate_upgrade('head')));
is($node->safe_psql('shop', q(INSERT INTO orders DEFAULT VALUES RETURNING *)), '1|5%', 'and run');
like($node->safe_psql('shop', slurp_file("$examples/stamp.sql")), qr/^orders01\|create orders\|t$/m, 'and not stamped back');

# One that Alembic cannot print as a whole.
$project = new_project(new_database($node, 'old'));
sub revision
{
	my ($id, $parent, $docstring, $up, $down) = @_;
	s/^(?=.)/    /mg foreach $up, $down;
	write_file_in($project, "migrations/versions/$id.py",
		qq("""$docstring"""\nfrom alembic import op\nimport sqlalchemy as sa\nrevision = '$id'\ndown_revision = $parent\ndef upgrade():\n$up\ndef downgrade():\n$down\n));
}
revision('1975ea83b712', 'None', 'customers',
	q(op.create_table('customer', sa.Column('id', sa.Integer, primary_key=True), sa.Column('name', sa.Text, server_default='C:\\\\temp'))), q(op.drop_table('customer')));
revision('27c6a30d7c24', q('1975ea83b712'), 'slugs of customers',
	qq(op.add_column('customer', sa.Column('slug', sa.Text))\nfor row in op.get_bind().execute(sa.text('SELECT id FROM customer')).fetchall():\n    pass),
	q(op.drop_column('customer', 'slug')));
revision('3adcfb8a1c55', q('27c6a30d7c24'), "orders\n\nWith a paragraph.", q(op.create_table('orders', sa.Column('id', sa.Integer, primary_key=True))), q(op.drop_table('orders')));
revision('4b80e1672931', q('3adcfb8a1c55'), 'rates', q(op.add_column('orders', sa.Column('rate', sa.Text))), 'raise NotImplementedError');
revision('5c91f2783a42', q('4b80e1672931'), 'names of orders',
	qq(op.execute("UPDATE orders SET rate = ''")\nop.execute("COMMIT")\nop.add_column('orders', sa.Column('name', sa.Text))), q(op.drop_column('orders', 'name')));
run_command([ 'alembic', 'upgrade', 'heads' ]);
my $import = slurp_file("$examples/import_ranges.sql");
is( $node->safe_psql('old', $import),
	"1975ea83b712|customers|added\n3adcfb8a1c55|orders|added\n4b80e1672931|rates|added\n5c91f2783a42|names of orders|added\n27c6a30d7c24",
	'the ranges around what cannot be printed');
like($node->safe_psql('old', slurp_file("$examples/stamp.sql")), qr/^5c91f2783a42\|names of orders\|t$/m, 'and stamped');
is($node->safe_psql('old', q(SELECT revision FROM migrate_history() WHERE NOT is_applied)), '', 'with all below it');
is($node->safe_psql('old', q(SELECT revision FROM migrate.revision WHERE down IS NULL)), '4b80e1672931', 'what raises an error has no way back');
like($node->safe_psql('old', q(SELECT up FROM migrate_show('5c91f2783a42'))), qr/UPDATE.*-- pg_migrate: commit\nALTER/s, 'COMMIT is a mark');

# The wrong default is stamped by now: printed with two backslashes.
my $env = slurp_file('migrations/env.py');
$env =~ s/(dialect_opts=.*?\n    \)\n)/$1    context.get_context().dialect._backslash_escapes = False\n/s or die 'env.py is another one';
write_file_in($project, 'migrations/env.py', $env);
fails($node, 'old', $import, 'MG007', [], 'what is stamped cannot be imported anew');
my ($print) = $import =~ /^((?:\\set.*\n)+)/;
like($node->safe_psql('old', $print . slurp_file("$examples/mend.sql")), qr/^1975ea83b712\|customers\|replaced$/m, 'but stamped anew');
is($node->safe_psql('old', 'SELECT revision FROM migrate_current()'), '5c91f2783a42', 'as it was');

new_database($node, 'moved');
$node->safe_psql('moved', $import);
like($node->safe_psql('moved', slurp_file("$examples/prove.sql")), qr/^table\|public.customer\|added\|/m, 'the proof finds what is missing');
$node->safe_psql('moved', q(SELECT migrate_upgrade('heads')));
is($node->safe_psql('moved', slurp_file("$examples/prove.sql")), '', 'and nothing in what has been upgraded');
is($node->safe_psql('moved', 'INSERT INTO customer DEFAULT VALUES RETURNING name'), 'C:\temp', 'a backslash is one');
chdir $FindBin::Bin;

done_testing();

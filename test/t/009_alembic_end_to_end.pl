# SPDX-License-Identifier: PostgreSQL
# Alembic itself, against a server, beside pg_migrate: the same random graphs, the same commands, the same version rows and the same schemas.
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

my $node = new_server('alembic');
foreach my $seed (1 .. 6)
{
	my ($status, $output) = (0, '');
	$node->safe_psql('postgres', "CREATE DATABASE ours_$seed");
	$node->safe_psql('postgres', "CREATE DATABASE theirs_$seed");
	$node->safe_psql("ours_$seed", 'CREATE EXTENSION pg_migrate');
	my ($stdout, $stderr) = run_command(
		[ $python, "$FindBin::Bin/lib/beside_alembic.py", $seed, $node->host, $node->port, "ours_$seed", "theirs_$seed", PostgreSQL::Test::Utils::tempdir() ]);
	like($stdout, qr/^\d+ commands agree, (\d+) of them errors$/m, "graph $seed: version rows and errors agree after each command")
	  or diag("$stdout\n$stderr");
	my $theirs = join("\n", grep { !/alembic_version/ } split(/\n/, schema_of($node, "theirs_$seed", '--exclude-table=alembic_version')));
	is(schema_of($node, "ours_$seed"), "$theirs\n", "graph $seed: so do the schemas in the end");
}

done_testing();

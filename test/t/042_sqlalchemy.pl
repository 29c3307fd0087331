# SPDX-License-Identifier: PostgreSQL
# The tutorial's example with the models of SQLAlchemy: what autogenerate writes for them is what the manual shows, and leaves what SQLAlchemy itself makes.
use strict;
use warnings;
use File::Copy;
use FindBin;
use lib "$FindBin::Bin/lib";
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $python = $ENV{PYTHON} // '/usr/bin/python3';
plan skip_all => "SQLAlchemy (python3-sqlalchemy) or psycopg2 (python3-psycopg2) is not installed for $python"
  unless system("$python -c 'import psycopg2, sqlalchemy' 2>/dev/null") == 0;

my $examples = "$FindBin::Bin/../../examples/sqlalchemy";
my $work = PostgreSQL::Test::Utils::tempdir();
my $node = new_server('sqlalchemy');
new_database($node, 'app');

# A program looks for its modules where it is.
copy("$examples/autogenerate.py", "$work/autogenerate.py") or die "copy: $!";

sub use_models
{
	my ($file) = @_;
	copy("$examples/$file", "$work/models.py") or die "copy: $!";
}

# Runs a program with the models of the moment; what it prints.
sub python
{
	my ($database, @arguments) = @_;
	local $ENV{PGHOST} = $node->host;
	local $ENV{PGPORT} = $node->port;
	local $ENV{PGDATABASE} = $database;
	local $ENV{PYTHONPATH} = $work;
	local $ENV{PYTHONDONTWRITEBYTECODE} = 1;
	my ($output, $error) = run_command([ $python, @arguments ]);
	is($error, '', "no error: $arguments[-1]");
	return "$output\n";
}

sub autogenerate
{
	my ($message) = @_;
	return python('app', "$work/autogenerate.py", $message);
}

# The schema that create_all() makes of the models, in a database of its own.
sub schema_of_models
{
	my ($database) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	python($database, '-c', 'import models, sqlalchemy; models.Base.metadata.create_all(sqlalchemy.create_engine("postgresql+psycopg2://"))');
	return schema_of($node, $database);
}

my $empty = schema_of($node, 'app');
use_models('models.py');
is(autogenerate('initial schema'), slurp_file("$examples/initial_schema.out"), 'the first revision, from an empty database');
is(schema_of($node, 'app'), $empty, 'is only written');
is($node->safe_psql('app', 'SELECT message, statements FROM migrate_upgrade()'), 'initial schema|5', 'and run');
my $before = schema_of_models('before');
is(schema_of($node, 'app'), $before, 'it makes what SQLAlchemy makes');
is(autogenerate('again'), "Nothing has changed.\n", 'then nothing differs');

use_models('models_with_review_notes.py');
is(autogenerate('add review_notes to extractions'), slurp_file("$examples/add_review_notes.out"), 'a column is added to the model');
is($node->safe_psql('app', 'SELECT up, down, identical FROM migrate_verify()'), 't|t|t', 'the revision can be reverted');
is($node->safe_psql('app', 'SELECT message FROM migrate_upgrade()'), 'add review_notes to extractions', 'it is applied');
is(schema_of($node, 'app'), schema_of_models('after'), 'and makes what SQLAlchemy makes');
is(autogenerate('again'), "Nothing has changed.\n", 'then nothing differs');
is($node->safe_psql('app', q{SELECT message FROM migrate_downgrade('-1')}), 'add review_notes to extractions', 'it is reverted');
is(schema_of($node, 'app'), $before, 'which brings back what was there');
is($node->safe_psql('app', q{SELECT count(*) FROM migrate_downgrade('base')}), '1', 'so is the first one');
is(schema_of($node, 'app'), $empty, 'and nothing is left');

# A database that was made by create_all() without pg_migrate: the models become its first revision, which is only stamped.
$node->safe_psql('before', 'CREATE EXTENSION pg_migrate');
$node->safe_psql('before', $node->safe_psql('app', q{SELECT content FROM migrate_export(':head') WHERE file LIKE '%initial_schema%'}));
is($node->safe_psql('before', q{SELECT action FROM migrate_stamp('head')}), 'insert', 'an existing database is stamped');
is(python('before', "$work/autogenerate.py", 'add review_notes to extractions'), slurp_file("$examples/add_review_notes.out"),
	'and migrated like any other');
done_testing();

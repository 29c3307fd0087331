# SPDX-License-Identifier: PostgreSQL
# Projects made and run by dbmate and by node-pg-migrate themselves: loaded here and run into an empty database they leave the same schema; a database
# that the tool has migrated is told how far it is by what the manual says; and both take the next revision, and all of it back.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Cwd;
use File::Basename;
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $tools = $ENV{PG_MIGRATE_TEST_TOOLS};
plan skip_all => 'PG_MIGRATE_TEST_TOOLS does not name a directory with dbmate and node-pg-migrate (make check-tools installs them)'
  unless defined $tools && -d "$tools/node_modules";

my $examples = "$FindBin::Bin/../../examples";
my $work = PostgreSQL::Test::Utils::tempdir();
my $node = new_server('other_tools');

sub run_tool
{
	my ($database, @command) = @_;
	local $ENV{DATABASE_URL} = "postgres:///$database?host=" . $node->host . '&port=' . $node->port;
	local $ENV{PGHOST} = $node->host;
	local $ENV{PGPORT} = $node->port;
	local $ENV{PGDATABASE} = $database;
	local $ENV{PGUSER} = getpwuid($<);
	my ($output, $error) = run_command(\@command);
	return "$output\n$error";
}

# The statement by which the manual takes over the state: the block of its page.
sub stamp_of
{
	my ($page) = @_;
	my ($block) = slurp_file("$examples/sql/$page.sql") =~ /^(DO \$\$.*?^END \$\$;)/ms or die "no block in $page";
	return $block;
}

sub dbmate
{
	my ($directory, $database, @command) = @_;
	return run_tool($database, "$tools/node_modules/\@dbmate/linux-x64/bin/dbmate", '--no-dump-schema', '--migrations-dir', $directory, @command);
}

sub node_pg_migrate
{
	my ($directory, $database, @command) = @_;
	# It looks for its template below the current directory.
	my $before = getcwd();
	chdir($tools) or die "$tools: $!";
	my $said = run_tool($database, 'node', 'node_modules/node-pg-migrate/bin/node-pg-migrate.js', '--migrations-dir', $directory, @command);
	chdir($before) or die "$before: $!";
	return $said;
}

# A new migration made by the tool, filled by what `fill` makes of the template; the path.
my $number = 0;
sub create
{
	my ($tool, $directory, $name, $fill) = @_;
	# The names begin with the time, in seconds or milliseconds, which has to go on.
	sleep(1) if $number++ > 0;
	my %before = map { $_ => 1 } glob("$directory/*");
	my $said = $tool->($directory, 'postgres', $tool == \&dbmate ? ('new', $name) : ('create', $name, '--migration-file-language', 'sql'));
	my @new = grep { !$before{$_} } glob("$directory/*");
	is(scalar(@new), 1, "the tool makes a file for $name") or die $said;
	my $content = $fill->(slurp_file($new[0]));
	open(my $file, '>', $new[0]) or die $!;
	print $file $content;
	close($file);
	return $new[0];
}

my @steps = (
	[ 'create_users', "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, state text);\n", "DROP TABLE users;\n" ],
	[
		'count_users',
		"CREATE FUNCTION count_users() RETURNS bigint LANGUAGE plpgsql AS \$\$\nBEGIN\n\t-- ; ' not an end\n\tRETURN (SELECT count(*) FROM users);\nEND;\n\$\$;\n"
		  . "INSERT INTO users VALUES (1, 'a;b', 'it''s');\n",
		"DELETE FROM users;\nDROP FUNCTION count_users();\n"
	],
	[ 'user_kinds', "CREATE TYPE kind AS ENUM ('a', 'b');\nALTER TABLE users ADD COLUMN kind kind DEFAULT 'a'", "ALTER TABLE users DROP COLUMN kind;\nDROP TYPE kind" ],
	[ 'find_users', "CREATE INDEX CONCURRENTLY users_by_email ON users (email);\n", "DROP INDEX CONCURRENTLY users_by_email;\n" ],
	[ 'views', "CREATE VIEW names AS SELECT email FROM users;\nCOMMENT ON VIEW names IS '-- ; \${x}';\n", '' ]);

sub take_over
{
	my ($name, $tool, $table, $order, $fill, @up) = @_;
	my $directory = "$work/$name";
	mkdir($directory) or die $!;
	# node-pg-migrate has no way to run SQL outside a transaction block.
	my @own = grep { $name eq 'dbmate' || $_->[1] !~ /CONCURRENTLY/ } @steps;
	my @files = map { my $step = $_; create($tool, $directory, $step->[0], sub { $fill->($_[0], $step) }) } @own;
	my ($theirs, $partly, $ours) = ("${name}_theirs", "${name}_partly", "${name}_ours");
	$node->safe_psql('postgres', "CREATE DATABASE $_") foreach $theirs, $partly, "${name}_empty";
	new_database($node, $ours);
	my $empty = schema_of($node, "${name}_empty");
	$tool->($directory, $theirs, @up);
	my @without = ("--exclude-table=$table", "--exclude-table=${table}_id_seq");

	# An empty database.
	is( $node->safe_psql($ours, "SELECT count(*), count(*) FILTER (WHERE action = 'added') FROM migrate_load_directory('$directory')"),
		scalar(@own) . '|' . scalar(@own), "$name: the directory is recognised and loaded");
	is($node->safe_psql($ours, 'SELECT message FROM migrate_history()'), join("\n", map { $_->[0] =~ tr/_-/  /r } reverse @own), "$name: the messages");
	is($node->safe_psql($ours, 'SELECT count(DISTINCT revision) FROM migrate_upgrade()'), scalar(@own), "$name: run here");
	my $schema = schema_of($node, $ours);
	like($schema, qr/CREATE VIEW public.names/, "$name: something is made");
	is($schema, schema_of($node, $theirs, @without), "$name: the same schema as the tool makes");
	is($node->safe_psql($ours, 'TABLE users'), $node->safe_psql($theirs, 'TABLE users'), "$name: the same rows");
	is( $node->safe_psql($ours, "SELECT string_agg(revision, ',' ORDER BY ordinality DESC) FROM migrate_history() WITH ORDINALITY"),
		$node->safe_psql($theirs, "SELECT string_agg(substring($order FROM '^[0-9]+'), ',' ORDER BY $order) FROM $table"),
		"$name: the ids and the order of the tool's own table");

	# A database that the tool has migrated up to the end, and one up to the third file.
	my $block = stamp_of("from_$name");
	my $later = "$work/later_$name";
	mkdir($later) or die $!;
	my @held_back = @files[ 3 .. $#files ];
	rename($_, "$later/" . basename($_)) or die $! foreach @held_back;
	$tool->($directory, $partly, @up);
	rename("$later/" . basename($_), $_) or die $! foreach @held_back;
	foreach my $database ($theirs, $partly)
	{
		$node->safe_psql($database, 'CREATE EXTENSION pg_migrate');
		$node->safe_psql($database, "SELECT FROM migrate_load_directory('$directory')");
		my $before = schema_of($node, $database);
		$node->safe_psql($database, $block);
		is(schema_of($node, $database), $before, "$database: the state is taken over, and nothing run");
	}
	is($node->safe_psql($theirs, 'SELECT revision FROM migrate_current()'), $node->safe_psql($ours, 'SELECT revision FROM migrate_current()'), "$name: the same state as here");
	is($node->safe_psql($theirs, 'SELECT count(*) FROM migrate_upgrade()'), 0, "$name: nothing is left to run");
	is($node->safe_psql($partly, 'SELECT message FROM migrate_current()'), 'user kinds', "$name: a database that is not so far is not");
	is($node->safe_psql($partly, 'SELECT count(DISTINCT revision) FROM migrate_upgrade()'), @own - 3, "$name: the rest is run here");
	is(schema_of($node, $partly, @without), $schema, "$name: with the same end");

	# The next revision is written here.
	foreach my $database ($ours, $theirs, $partly)
	{
		$node->safe_psql($database, q{SELECT migrate_revision('a locale', 'ALTER TABLE users ADD COLUMN locale text', 'ALTER TABLE users DROP COLUMN locale', revision => 'next')});
		is($node->safe_psql($database, 'SELECT revision FROM migrate_upgrade()'), 'next', "$database: the next revision is run");
	}
	$schema = schema_of($node, $ours);
	is(schema_of($node, $_, @without), $schema, "$_: and leaves the same schema") foreach $theirs, $partly;

	# What has been skipped is not passed over in silence.
	my $first = $node->safe_psql($partly, "DELETE FROM $table WHERE $order = (SELECT min($order) FROM $table) RETURNING substring($order FROM '^[0-9]+')");
	fails($node, $partly, $block, 'P0001', [qr/has not run $first$/m], "$name: a gap in the tool's table is an error");
	is($node->safe_psql($partly, 'SELECT revision FROM migrate_current()'), 'next', "$name: which changes nothing");
	return ($ours, $empty);
}

my ($ours, $empty) = take_over('dbmate', \&dbmate, 'schema_migrations', 'version',
	sub {
		my ($template, $step) = @_;
		my $options = $step->[1] =~ /CONCURRENTLY/ ? ' transaction:false' : '';
		$template =~ s/^(-- migrate:up)\n/$1$options\n$step->[1]/m or die $template;
		$template =~ s/^(-- migrate:down)\n/$1$options\n$step->[2]/m or die $template;
		return $template;
	},
	'up');
# Its sections for the way back are there, the last of them empty.
$node->safe_psql($ours, 'DROP VIEW names');
is($node->safe_psql($ours, q{SELECT count(DISTINCT revision) FROM migrate_downgrade('base')}), 6, 'dbmate: all of it is taken back');
is(schema_of($node, $ours), $empty, 'dbmate: and nothing is left');

($ours, $empty) = take_over('node_pg_migrate', \&node_pg_migrate, 'pgmigrations', 'name',
	sub {
		my ($template, $step) = @_;
		$template =~ s/^(-- Up Migration)\n/$1\n$step->[1]\n/m or die $template;
		if ($step->[2] eq '') { $template =~ s/^-- Down Migration\n?//m or die $template }
		else { $template =~ s/^(-- Down Migration)\n?/$1\n$step->[2]/m or die $template }
		return $template;
	},
	'up');
fails($node, $ours, q{SELECT FROM migrate_downgrade('base')}, 'MG010', [qr/down/], 'node-pg-migrate: without a way back there is none');
$node->safe_psql($ours, q{SELECT FROM migrate_downgrade('-1'); DROP VIEW names; SELECT FROM migrate_stamp((SELECT down_revision[1] FROM migrate_show('current')))});
is($node->safe_psql($ours, q{SELECT count(DISTINCT revision) FROM migrate_downgrade('base')}), 3, 'node-pg-migrate: the rest is taken back');
is(schema_of($node, $ours), $empty, 'node-pg-migrate: and nothing is left');

done_testing();

# SPDX-License-Identifier: PostgreSQL
# The 285 migrations of crates.io, in the layout of diesel: what pg_migrate makes of them is what psql makes of the same files.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $data = $ENV{PG_MIGRATE_TEST_DATA};
plan skip_all => 'PG_MIGRATE_TEST_DATA does not name a directory with the migrations of crates.io'
  unless defined $data && -d "$data/cratesio";

# Seven migrations say run_in_transaction = false; each consists of one statement with CONCURRENTLY.
my %outside = map { $_ => 1 } qw(20240212120203 20240305120032 20240527142004 20241025112826 20250922090805 20250929161354
  202607301400000000);

# The down scripts that fail when they are run in order, newest first, by anything: SQLSTATE and number of the statement. Two are wrong by
# themselves, the others do not fit what the up scripts leave.
my %broken_down = (
	20240412144536 => [ '25001', 2, 'CREATE INDEX CONCURRENTLY among other statements' ],
	20170708133715 => [ '42704', 1, 'drops a constraint that went with the primary key' ],
	20170318181441 => [ '42601', 1, 'a semicolon is missing' ],
	20151126095136 => [ '42703', 9, 'sets a column that 20240412144536 has not put back' ],
	20141007131147 => [ '42704', 1, 'the constraint has gone with the table' ],
	20141002222426 => [ '42704', 1, 'the constraint has gone with the table' ],
	20141001190230 => [ '42703', 1, 'the column was dropped by a later migration that does not put it back' ],
	20140929103755 => [ '42704', 1, 'the index has gone with the table' ],
	20140929103754 => [ '42704', 1, 'the index has gone with the table' ],
	20140929103751 => [ '42704', 1, 'the index has gone with the table' ],
	20140925161623 => [ '42703', 1, 'the column was dropped by a later migration that does not put it back' ]);

my %directory_of;
opendir(my $handle, "$data/cratesio") or die "$data/cratesio: $!";
foreach my $name (readdir($handle))
{
	next unless -f "$data/cratesio/$name/up.sql";
	my ($version) = split(/_/, $name, 2);
	$version =~ tr/-//d;
	$directory_of{$version} = $name;
}
closedir($handle);
my @all = sort keys %directory_of;
my @inside = grep { !$outside{$_} } @all;
is(scalar(@all), 285, 'migrations of crates.io');
is(scalar(@inside), 278, 'transactional ones among them');

my $node = new_server('cratesio');
# 17 builds indexes under a safe search_path (commit 2af07e2f749a): a function in an index finds the author's types no more.
if ($node->pg_version >= 17)
{
	$broken_down{20170311180634} = [ '42704', 1, 'the function of the index names its type without the schema' ];
	$broken_down{20170308140537} = [ '42704', 1, 'the index has not been put back' ];
}
my $work = PostgreSQL::Test::Utils::tempdir();

# psql's way: each file in a transaction of its own, unless it asks for none, and in a session of its own.
sub run_by_psql
{
	my ($database, $file, $versions, @options) = @_;
	my $script = '';
	foreach my $version (@$versions)
	{
		my $command = "\\i '$data/cratesio/$directory_of{$version}/$file'\n";
		$script .= $outside{$version} ? $command : "BEGIN;\n${command}COMMIT;\n";
		$script .= "\\connect\n";
	}
	return $node->psql($database, $script, on_error_stop => 0, extra_params => \@options);
}

# All of them are read, and read again.
new_database($node, 'everything');
is( $node->safe_psql('everything', "SELECT action, count(*) FROM migrate_load_directory('$data/cratesio') GROUP BY 1"),
	'added|285', 'all are added, the format is recognised');
is( $node->safe_psql('everything', "SELECT action, count(*) FROM migrate_load_directory('$data/cratesio') GROUP BY 1"),
	'unchanged|285', 'the second time nothing has changed');
my (undef, undef, $warnings) = $node->psql('everything', "SELECT FROM migrate_load_directory('$data/cratesio')");
my @warned = $warnings =~ /WARNING:  the down script of revision "(\d+)" cannot run: syntax error/g;
is_deeply(\@warned, ['20170318181441'], 'the down script with the syntax error is warned of, by revision');
like($warnings, qr/Line 2, column 1 of the down script/, 'and by line and column');
is( $node->safe_psql('everything', 'SELECT string_agg(revision, chr(10) ORDER BY step, statement) FROM migrate_plan() WHERE NOT transactional'),
	join("\n", sort keys %outside), 'the plan shows the statements that are not transactional');
is( $node->safe_psql('everything', 'SELECT string_agg(DISTINCT revision, chr(10)) FROM migrate_plan() WHERE statement = 0'),
	'', 'no script is empty');

# With one of the seven ahead, nothing at all is run in a transaction block, which cannot wait for a worker.
my $before = schema_of($node, 'everything');
fails($node, 'everything', "BEGIN; SELECT * FROM migrate_upgrade('head')", '25001',
	[ qr/statement 1 of revision "20240212120203" cannot run in a transaction block/, qr/DROP INDEX CONCURRENTLY/, qr/Nothing has been run/ ],
	'a plan with CONCURRENTLY is refused in a transaction block');
is(schema_of($node, 'everything'), $before, 'the refused plan has changed nothing');
is($node->safe_psql('everything', 'SELECT (SELECT count(*) FROM migrate.version), (SELECT count(*) FROM migrate.log), (SELECT count(*) FROM migrate.run)'),
	'0|0|0', 'nor written anything');

# The script for psql does what the files do.
$node->safe_psql('postgres', 'CREATE DATABASE by_files');
my ($status, $output, $errors) = run_by_psql('by_files', 'up.sql', \@all);
is_deeply([ $errors =~ /ERROR:.*/g ], [], 'psql runs all up.sql');
my $script = $node->safe_psql('everything', "SELECT migrate_upgrade_sql('base:head')");
append_to_file("$work/upgrade.sql", $script);
command_ok([ 'psql', '-X', '-q', '-o', '/dev/null', '-d', $node->connstr('everything'), '-f', "$work/upgrade.sql" ],
	'psql runs the printed script');
is(schema_of($node, 'everything'), schema_of($node, 'by_files'), 'the printed script leaves the schema that the files leave');
is($node->safe_psql('everything', 'SELECT revision FROM migrate.version'), $all[-1], 'and the version');
is($node->safe_psql('everything', 'SELECT count(*) FROM migrate_upgrade()'), '0', 'then there is nothing left to do');

# Outside of one a single call runs them all, the seven too.
new_database($node, 'by_workers');
$node->safe_psql('by_workers', "SELECT FROM migrate_load_directory('$data/cratesio')");
is($node->safe_psql('by_workers', 'SELECT count(*), count(DISTINCT revision) FROM migrate_upgrade()'), '285|285', 'all run in one call');
is(schema_of($node, 'by_workers'), schema_of($node, 'by_files'), 'which leaves the schema that the files leave');
is($node->safe_psql('by_workers', 'SELECT revision FROM migrate.version'), $all[-1], 'and the version');
is($node->safe_psql('by_workers', q{SELECT count(*) FROM pg_index WHERE NOT indisvalid}), '0', 'and no invalid index');

# The transactional ones by themselves. No up script of theirs needs what one of the seven makes.
foreach my $version (@inside)
{
	system('mkdir', '-p', "$work/inside") == 0 or die;
	symlink("$data/cratesio/$directory_of{$version}", "$work/inside/$directory_of{$version}") or die "symlink: $!";
}
system('cp', '-rL', "$work/inside", "$work/transactional") == 0 or die;
new_database($node, 'transactional');
my $empty = schema_of($node, 'transactional');
is( $node->safe_psql('transactional', "SELECT action, count(*) FROM migrate_load_directory('$work/transactional', 'diesel') GROUP BY 1"),
	'added|278', 'the transactional ones are added');
is( $node->safe_psql('transactional', 'SELECT count(*), count(DISTINCT revision) FROM migrate_upgrade()'),
	'278|278', 'and run in one call');
$node->safe_psql('postgres', 'CREATE DATABASE by_files_transactional');
($status, $output, $errors) = run_by_psql('by_files_transactional', 'up.sql', \@inside);
is_deeply([ $errors =~ /ERROR:.*/g ], [], 'psql runs their up.sql');
is(schema_of($node, 'transactional'), schema_of($node, 'by_files_transactional'), 'both leave the same schema');

# And back. A script that fails leaves its revision behind, for psql as for us: we step over it by a stamp.
$node->safe_psql('transactional', q{
	CREATE TABLE public.failure (revision text, sqlstate text, message text, detail text, context text);
	DO $do$
	DECLARE
		here text;
		parent text;
		failed public.failure;
	BEGIN
		LOOP
			SELECT v.revision INTO here FROM migrate.version v;
			EXIT WHEN NOT FOUND;
			BEGIN
				PERFORM migrate_downgrade('-1');
			EXCEPTION WHEN OTHERS THEN
				failed.revision := here;
				GET STACKED DIAGNOSTICS failed.sqlstate = RETURNED_SQLSTATE, failed.message = MESSAGE_TEXT,
					failed.detail = PG_EXCEPTION_DETAIL, failed.context = PG_EXCEPTION_CONTEXT;
				INSERT INTO public.failure SELECT failed.*;
				SELECT coalesce(down_revision[1], 'base') INTO parent FROM migrate.revision WHERE revision = here;
				PERFORM migrate_stamp(parent);
			END;
		END LOOP;
	END $do$});
is($node->safe_psql('transactional', 'SELECT count(*) FROM migrate.version'), '0', 'back at base');
my %ours;
foreach my $line (split(/\n/, $node->safe_psql('transactional', q{
	SELECT revision, sqlstate, coalesce(substring(context FROM 'revision "\d+", statement (\d+)'), substring(message FROM '^statement (\d+) of'), '1')
	FROM public.failure})))
{
	my ($revision, $sqlstate, $number) = split(/\|/, $line);
	$ours{$revision} = [ $sqlstate, $number ];
}
like($node->safe_psql('transactional', "SELECT detail FROM public.failure WHERE sqlstate = '42601'"), qr/^Line 2, column 1 of/,
	'the syntax error is found where psql finds it');

($status, $output, $errors) = run_by_psql('by_files_transactional', 'down.sql', [ reverse @inside ], '-v', 'VERBOSITY=verbose', '-b');
my %psqls;
my %version_of = reverse %directory_of;
while ($errors =~ m{^psql:[^\n]*/cratesio/([^\n]*?)/down\.sql:(\d+): ERROR:  (\w{5}):.*?^psql:[^\n]*: STATEMENT:  (.*?)(?=^psql:|\z)}msg)
{
	my ($version, $line, $sqlstate, $statement) = ($version_of{$1}, $2, $3, $4);
	next if $sqlstate eq '25P02';
	$statement =~ s/;?\s*\z//;
	$psqls{$version} = [ $sqlstate, $statement ];
}
is_deeply({ map { $_ => [ @{ $ours{$_} } ] } keys %ours }, { map { $_ => [ @{ $broken_down{$_} }[ 0, 1 ] ] } keys %broken_down },
	'the down scripts that fail, with SQLSTATE and statement');
is_deeply({ map { $_ => $psqls{$_}[0] } keys %psqls }, { map { $_ => $broken_down{$_}[0] } keys %broken_down },
	'fail in psql too, with the same SQLSTATE');
foreach my $version (sort keys %broken_down)
{
	next if $broken_down{$version}[0] eq '42601';    # no plan can be shown for it
	my $statement = $node->safe_psql('transactional', qq{
		DO \$\$ BEGIN PERFORM migrate_stamp('$version', purge => true); END \$\$;
		SELECT sql FROM migrate_plan('-1', 'downgrade') WHERE statement = $broken_down{$version}[1]});
	is($statement, $psqls{$version}[1], "at the same statement: $version ($broken_down{$version}[2])");
}
$node->safe_psql('transactional', "DROP TABLE public.failure");
my $ours_after = schema_of($node, 'transactional');
is($ours_after, schema_of($node, 'by_files_transactional'), 'what their down scripts leave behind is the same');
isnt($ours_after, $empty, 'which is not nothing, since some of them fail');

done_testing();

# SPDX-License-Identifier: PostgreSQL
# The 285 migrations of crates.io without their down scripts: each gets one that is derived, which brings back exactly what was there before, for pg_dump
# and for migrate_verify().
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

my $work = PostgreSQL::Test::Utils::tempdir();
system('cp', '-r', "$data/cratesio", "$work/history") == 0 or die 'cp';
unlink(glob("$work/history/*/down.sql"));

my $node = new_server('derived');
my $db = new_database($node, 'crates');
$node->safe_psql($db, "SELECT FROM migrate_load_directory('$work/history', 'diesel')");
my @history = split(/\n/, $node->safe_psql($db, 'SELECT DISTINCT step, revision FROM migrate_plan() ORDER BY step'));
s/^\d+\|// for @history;
is(scalar(@history), 285, 'migrations of crates.io');
is($node->safe_psql($db, 'SELECT count(*) FROM migrate.revision WHERE down IS NOT NULL'), '0', 'none has a down script');
is($node->safe_psql($db, 'SELECT count(DISTINCT revision) FROM migrate_plan() WHERE NOT transactional'), '7', 'seven are not transactional');

# The objects of a dump by their headlines. PostgreSQL cannot put a column where it was: the order of the columns does not count.
sub objects_of
{
	my ($file) = @_;
	my %objects;
	my $headline = '';
	foreach my $line (split(/\n/, slurp_file($file)))
	{
		if ($line =~ /^-- (Name: .*)/)
		{
			$headline = $1;
			next;
		}
		next if $line !~ /\S/ || $line =~ /^--|^\\(un)?restrict /;
		push(@{ $objects{$headline} }, $line);
	}
	foreach my $each (grep { /; Type: (FOREIGN )?TABLE; / } keys %objects)
	{
		s/,$// for @{ $objects{$each} };
		@{ $objects{$each} } = sort @{ $objects{$each} };
	}
	return { map { $_ => join("\n", @{ $objects{$_} }) . "\n" } keys %objects };
}

# What is in one dump and not in the other, as text; empty when nothing is.
sub difference
{
	my ($is, $wanted) = map { objects_of($_) } @_;
	my $text = '';
	my %all = (%$is, %$wanted);
	foreach my $each (sort keys %all)
	{
		my ($here, $there) = map { $_->{$each} // "nothing\n" } $is, $wanted;
		$text .= "$each\nis: ${here}wanted: $there" if $here ne $there;
	}
	return $text;
}

sub dump_to
{
	my ($file) = @_;
	my $connstr = $node->connstr($db);
	return qq{\\! pg_dump --schema-only --exclude-schema=migrate -d "$connstr" -f "$work/$file"\n};
}

# No way back takes the rows away that an up script has inserted, which is to be run again.
my $forget_rows = q{
	DO $do$ BEGIN
		EXECUTE (SELECT coalesce('TRUNCATE ' || string_agg(oid::regclass::text, ', '), 'SELECT 1') FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p'));
	END $do$;
};

# Each step is taken back by itself with PG_MIGRATE_TEST_ALL_STEPS, every thirtieth and those that are not transactional without; in the end all are, in one
# call.
my %alone = map { $_ => 1 } split(/\n/, $node->safe_psql($db, 'SELECT DISTINCT revision FROM migrate_plan() WHERE NOT transactional'));
my @stepwise = grep { $ENV{PG_MIGRATE_TEST_ALL_STEPS} || $_ % 30 == 0 || $alone{ $history[ $_ - 1 ] } } 1 .. @history;
my %stepwise = map { $_ => 1 } @stepwise;

# One session for all. In turn, a script is derived ahead of the run, and by the run.
my $script = "SET client_min_messages = warning; SET pg_migrate.derive_down = on; SET pg_migrate.keep_snapshot = off;\n" . dump_to('base');
foreach my $number (1 .. @history)
{
	my $revision = $history[ $number - 1 ];
	if (!$stepwise{$number})
	{
		$script .= "\\o /dev/null\nSELECT revision FROM migrate_upgrade('+1');\n\\o\n";
		next;
	}
	$script .= dump_to("$revision.before");
	$script .= "SELECT 'derived' FROM migrate_derive_down('$revision');\n" if $number % 2;
	$script .= "SELECT revision FROM migrate_upgrade('+1');\nSELECT revision FROM migrate_downgrade('-1');\n" . dump_to("$revision.back");
	$script .= "${forget_rows}SELECT revision FROM migrate_upgrade('+1');\n";
	$script .= "SELECT 'ended';\n";
}
$script .= dump_to('at_head') . "${forget_rows}SELECT count(*) FROM migrate_downgrade('base');\n" . dump_to('back_at_base');
$script .= "SELECT count(*) FROM migrate_upgrade('head');\n" . dump_to('again_at_head');
my (undef, $output, $error) = $node->psql($db, $script, on_error_stop => 0);
is($error, '', 'no error and no warning');
my @said = split(/\nended\n/, $output);

foreach my $i (0 .. $#stepwise)
{
	my $number = $stepwise[$i];
	my $revision = $history[ $number - 1 ];
	my $expected = join("\n", $number % 2 ? 'derived' : (), ($revision) x 3);
	my $back = difference("$work/$revision.back", "$work/$revision.before");
	is($said[$i] . $back, $expected, "$revision: up, back and up again")
	  or diag($node->safe_psql($db, "SELECT up || chr(10) || '==>' || chr(10) || coalesce(down, 'NULL') FROM migrate.revision WHERE revision = '$revision'"));
}
is($said[-1], "285\n285", 'all the way back and up in one call each');
is(difference("$work/back_at_base", "$work/base"), '', 'back at base nothing is left');
is(difference("$work/again_at_head", "$work/at_head"), '', 'up again everything is there');

# What the scripts make when nothing is ever taken back.
my $straight = new_database($node, 'straight');
$node->safe_psql($straight, "SELECT FROM migrate_load_directory('$work/history', 'diesel')");
is($node->safe_psql($straight, 'SELECT count(*) FROM migrate_upgrade()'), '285', 'straight up');
$db = $straight;
$node->safe_psql($straight, dump_to('straight'));
is(difference("$work/again_at_head", "$work/straight"), '', 'which leaves the same schema');

$db = 'crates';
is($node->safe_psql($db, "SET pg_migrate.keep_snapshot = off; SELECT count(*) FROM migrate_downgrade('base')"), '285', 'back at base');
$node->safe_psql($db, 'CREATE TABLE public.proof AS SELECT * FROM migrate_verify()');
is($node->safe_psql($db, 'SELECT count(*), count(*) FILTER (WHERE up AND down) FROM public.proof'), '285|285', 'migrate_verify() runs all of them up and down');
# Here rows are not forgotten in between: what this one inserts is there when it is run again.
is($node->safe_psql($db, 'SELECT revision, difference FROM public.proof WHERE NOT identical'),
	'20170430202433|up again: 23505: duplicate key value violates unique constraint "reserved_crate_names_pkey"', 'and proves all but the one that inserts rows');

done_testing();

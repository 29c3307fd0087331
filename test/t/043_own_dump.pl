# SPDX-License-Identifier: PostgreSQL
# A database does not differ from its own pg_dump: neither migrate_check() nor migrate_autogenerate() has anything to say. The databases are those of the
# tests of sql/ and examples/, each looked at wherever its test is about to take away what it has made. The fast suites look at those with the most kinds
# of objects; PG_MIGRATE_TEST_ALL_DUMPS at all.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# The places at which a database cannot be loaded from its dump or is another one then, with the reason: "database number: statement". A place where it
# is the same fails.
my %excused = ();

my $root = "$FindBin::Bin/../..";
my $work = PostgreSQL::Test::Utils::tempdir();
my $node = new_server('own_dump', allows_streaming => 1, conf => 'max_worker_processes = 16');
local $ENV{PG_ABS_SRCDIR} = "$root/examples";
local $ENV{PGHOST} = $node->host;
local $ENV{PGPORT} = $node->port;
local $ENV{PGTZ} = 'PST8PDT';
local $ENV{PGDATESTYLE} = 'Postgres, MDY';
local $ENV{WORK} = $work;

# Revisions are forgotten until the rollback: to migrate_autogenerate() a test's database may well not be at head.
write_file_in($work, 'compare.sql', <<'SQL');
\set model `cat "$OWN_DUMP"`
SET client_min_messages = error;
SET lock_timeout = '10s';
BEGIN;
SELECT 'SET LOCAL search_path = ' || pronamespace::regnamespace FROM pg_proc WHERE proname = 'migrate_check' \gexec
SELECT 'migrate_check: ', kind, object, change FROM migrate_check(model => :'model');
DELETE FROM migrate.version;
DELETE FROM migrate.revision;
SELECT migrate_autogenerate('again', model => :'model', revision => 'again') IS NOT NULL AS differs \gset
\if :differs
SELECT 'migrate_autogenerate: ' || up || '/' || down FROM migrate_show('again');
\endif
ROLLBACK;
SQL

# psql runs it while the test's own session waits. $1: the database, $2: the number of the place. A state that was seen is not looked at again.
write_file_in($work, 'look', <<'SHELL');
unset PGOPTIONS
[ "$(psql -XAtq -d "$1" -c "SELECT count(*) FROM pg_proc WHERE proname = 'migrate_check'")" = 1 ] || exit 0
export OWN_DUMP="$WORK/$1.$2.sql"
if ! pg_dump --schema-only --lock-wait-timeout=10s -d "$1" -f "$OWN_DUMP" 2>"$WORK/$1.$2.found"; then
    # The test's own transaction has locked something.
    ! grep -q 'statement timeout' "$WORK/$1.$2.found" || rm "$WORK/$1.$2.found"
    exit 0
fi
state=$(grep -vE '^\\(un)?restrict |^--' "$OWN_DUMP" | md5sum)
if grep -qxF "$state" "$WORK/$1.states" 2>/dev/null; then
    rm "$WORK/$1.$2.found"
    exit 0
fi
echo "$state" >>"$WORK/$1.states"
psql -XAtq -v ON_ERROR_STOP=1 -d "$1" -f "$WORK/compare.sql" 2>&1 | grep -v ' INFO:  ' >"$WORK/$1.$2.found"
SHELL

# The script with a command to look at the database before each statement that takes something away, the first of several that follow each other; and
# those statements.
sub with_looks
{
	my ($script, $database) = @_;
	my ($out, $takes_away, @places) = ('', 0);
	my $token = qr{
		(?<line>^(?:DROP\ |SELECT\ [^\n]*migrate_downgrade\('base')[^\n]*\n)
		| ^\\[^\n]*\n | --[^\n]*\n | /\*.*?\*/
		| \bE'(?:\\.|[^'])*' | '[^']*' | "[^"]*" | (?<tag>\$\w*\$).*?\k<tag>
		| \w+ | .
	}smx;
	while ($script =~ /\G($token)/gc)
	{
		my ($token, $line) = ($1, $+{line});
		if (defined $line)
		{
			$out .= sprintf("\\! sh \"\$WORK/look\" %s %d\n", $database, scalar(@places)) if !$takes_away;
			push(@places, $line =~ s/\s+$//r) if !$takes_away;
			$takes_away = 1;
		}
		elsif ($token =~ /\S/ && $token !~ /^--/)
		{
			$takes_away = 0;
		}
		$out .= $token;
	}
	return ($out, @places);
}

my ($count, @looked_at, %differ) = (0);
foreach my $file (sort glob("$root/sql/*.sql $root/examples/sql/*.sql"))
{
	my ($name) = $file =~ m{([^/]+)\.sql$};
	next if !$ENV{PG_MIGRATE_TEST_ALL_DUMPS} && $name !~ /^(?:autogenerate_kinds|autogenerate_privileges|index_definitions|demo)$/;
	my $database = ($file =~ m{examples/} ? 'example_' : '') . $name;
	$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'");
	my ($looking, @places) = with_looks(slurp_file($file), $database);
	write_file_in($work, "$database.sql", $looking);
	system("psql -Xaq -d $database -f $work/$database.sql >$work/$database.out 2>&1");
	my @seen = grep { -e "$work/$database.$_.found" } 0 .. $#places;
	foreach my $number (@seen)
	{
		my $found = slurp_file("$work/$database.$number.found");
		$differ{"$database $number: $places[$number]"} = $found if $found ne '';
	}
	$count += @seen;
	push(@looked_at, "$database (" . scalar(@seen) . ')') if @seen;
}

cmp_ok($count, '>', 0, 'databases were looked at');
diag("$count states: @looked_at");
foreach my $place (sort keys %differ)
{
	next if exists $excused{$place};
	fail("no difference: $place");
	diag($differ{$place});
}
ok(exists $differ{$_}, "still excused ($excused{$_}): $_") foreach sort keys %excused;
$node->stop;
done_testing();

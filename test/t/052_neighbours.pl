# SPDX-License-Identifier: PostgreSQL
# What else is on the server: other databases that are migrated at the same time, other locales, logical replication.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Crash;
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('neighbours', allows_streaming => 'logical', conf => "max_worker_processes = 24\n");

# Each database has its own revisions, version and runner: none waits for another, and none sees another's run.
my @databases = map { "shop_$_" } 1 .. 6;
foreach my $database (@databases)
{
	new_database($node, $database);
	$node->safe_psql($database, qq{
		SELECT migrate_revision('here', revision => 'r1', down_revision => 'base', up => 'CREATE TABLE t (id int); CREATE INDEX CONCURRENTLY t_id ON t (id); COMMENT ON TABLE t IS ''$database''',
			down => 'DROP TABLE t')});
}
my $offset = -s $node->logfile;
my @held = map { start_call($node, $_, q{SET pg_migrate.fault_point = 'wait:statement_intended'; SELECT migrate_upgrade('head')}) } @databases[0, 1];
wait_for_points($node, $offset, map { $_ => 'statement_intended' } @databases[0, 1]);
is($node->safe_psql($_, q{SELECT string_agg(revision, ',') FROM migrate_upgrade('head')}), 'r1', "$_ is migrated while others are in the middle of it") foreach @databases[2 .. 5];
is($node->safe_psql($databases[0], 'SELECT count(*) FROM migrate.progress'), '1', 'a run is seen in its database');
is($node->safe_psql($databases[2], 'SELECT count(*) FROM migrate.progress'), '0', 'and in no other');
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'pg_migrate'});
wait_for_calls(@held);
foreach my $database (@databases[0, 1])
{
	is($node->safe_psql($database, q{SELECT string_agg(revision, ',') FROM migrate_upgrade('head')}), 'r1', "$database goes on");
}
is($node->safe_psql($_, q{SELECT obj_description('t'::regclass)}), $_, "$_ has its own") foreach @databases;

# Ids and names are compared by their bytes, whatever the locale: the same order, checksums and scripts as under C.
my $utf8 = "TEMPLATE template0 ENCODING 'UTF8'";
my %locale = (c => "LOCALE 'C'");
my %available = map { lc($_) => $_ } split(/\n/, $node->safe_psql('postgres', q{SELECT collname FROM pg_collation WHERE collprovider = 'c' AND collencoding IN (-1, 6)}));
foreach my $name ('en_US.utf8', 'tr_TR.utf8', 'de_DE.utf8', 'C.UTF-8', 'C.utf8')
{
	if (exists $available{ lc($name) })
	{
		(my $database = lc($name)) =~ s/[^a-z]/_/g;
		$locale{$database} = "LOCALE '$available{lc($name)}'";
	}
	else
	{
		note("this system has no locale $name");
	}
}
my $icu = $node->safe_psql('postgres', q{SELECT count(*) FROM pg_collation WHERE collprovider = 'i'});
note('this server is built without ICU') if $icu eq '0';
%locale = (%locale, tr => "LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR'", de => "LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'de-u-ks-level1'", lt => "LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'lt'")
  if $icu ne '0';
my %told;
foreach my $database (sort keys %locale)
{
	new_database($node, "locale_$database", "$utf8 $locale{$database}");
	my $script = q{
		SET client_encoding = 'UTF8';
		SELECT migrate_revision('root', revision => 'root', down_revision => 'base', up => 'CREATE TABLE "I" (i int, "İ" int, "ı" text); CREATE TABLE i ("I" int)', down => 'DROP TABLE "I", i');
		SELECT migrate_revision('branch', revision => id, down_revision => 'root', branch_label => 'label' || id, up => format('CREATE TABLE %I (x int)', 't' || id), down => format('DROP TABLE %I', 't' || id))
		FROM unnest('{i,I,İ,ı,ä,a,A,z,Z,ß,SS,_,a_b,aB,ab,y,Y}'::text[]) AS id;
		SELECT string_agg(revision, ' ' ORDER BY n) FROM (SELECT revision, row_number() OVER () AS n FROM migrate_plan('heads')) AS p;
		SELECT string_agg(revision, ' ' ORDER BY n) FROM (SELECT revision, row_number() OVER () AS n FROM migrate_history()) AS h;
		SELECT string_agg(revision, ' ' ORDER BY n) FROM (SELECT revision, row_number() OVER () AS n FROM migrate_heads()) AS h;
		SELECT * FROM migrate_graph();
		SELECT string_agg(checksum, ' ' ORDER BY revision COLLATE "C") FROM migrate.revision;
		SELECT string_agg(revision, ' ' ORDER BY n) FROM (SELECT revision, row_number() OVER () AS n FROM migrate_upgrade('heads')) AS u;
		SELECT migrate_merge('heads', 'merge', revision => 'merge');
		SELECT count(*) FROM migrate_upgrade('head');
		SELECT up FROM migrate_show((SELECT migrate_autogenerate('model', revision => 'model', model =>
			'CREATE TABLE "I" (i int, "İ" bigint, "ı" text, "ß" int); CREATE TABLE "Iı" (x int); CREATE TABLE i ("I" int, "i" int); CREATE TYPE "ı" AS ENUM (''I'', ''i'', ''İ'')')));
		SELECT string_agg(revision, ' ' ORDER BY n) FROM (SELECT revision, row_number() OVER () AS n FROM migrate_downgrade('base')) AS d};
	my ($status, $output, $error) = $node->psql("locale_$database", $script, on_error_stop => 1);
	$error = join("\n", grep { !/NOTICE/ } split(/\n/, $error));
	is($error, '', "$locale{$database}: no error");
	$told{$database} = $output;
	is($output, $told{c}, "$locale{$database}: all as under C") if $database ne 'c';
}
like($told{c}, qr/ADD COLUMN "ß" integer/, 'something was compared');

# Logical replication of an application's tables: each side is migrated by itself, first the one that receives.
foreach my $side ('publisher', 'subscriber')
{
	new_database($node, $side);
	$node->safe_psql($side, q{
		SELECT migrate_revision('first', revision => 'r1', down_revision => 'base', up => 'CREATE TABLE t (id int PRIMARY KEY)', down => 'DROP TABLE t');
		SELECT migrate_revision('second', revision => 'r2', down_revision => 'r1', up => 'ALTER TABLE t ADD COLUMN v int; CREATE INDEX CONCURRENTLY t_v ON t (v)', down => 'ALTER TABLE t DROP COLUMN v');
		SELECT migrate_upgrade('r1')});
}
$node->safe_psql('publisher', 'CREATE PUBLICATION app FOR TABLES IN SCHEMA public; INSERT INTO t SELECT generate_series(1, 10)');
$node->safe_psql('publisher', q{SELECT pg_create_logical_replication_slot('app', 'pgoutput')});
(my $connection = $node->connstr('publisher')) =~ s/'/''/g;
$node->safe_psql('subscriber', "CREATE SUBSCRIPTION app CONNECTION '$connection' PUBLICATION app WITH (create_slot = false, slot_name = 'app')");
$node->wait_for_subscription_sync($node, 'app', 'subscriber');
is($node->safe_psql('subscriber', 'SELECT count(*) FROM t'), '10', 'the rows are there');
is($node->safe_psql('subscriber', q{SELECT string_agg(revision, ',') FROM migrate_upgrade('head')}), 'r2', 'the subscriber is migrated');
$node->safe_psql('publisher', 'INSERT INTO t VALUES (11)');
is($node->safe_psql('publisher', q{SELECT string_agg(revision, ',') FROM migrate_upgrade('head')}), 'r2', 'then the publisher');
$node->safe_psql('publisher', 'INSERT INTO t VALUES (12, 12)');
$node->wait_for_catchup('app');
is($node->safe_psql('subscriber', 'SELECT id, v FROM t WHERE id > 10 ORDER BY id'), "11|\n12|12", 'rows go on to flow');
is($node->safe_psql($_, q{SELECT string_agg(revision, ',') FROM migrate.version}), 'r2', "the $_ has its own version") foreach 'publisher', 'subscriber';
is($node->safe_psql('publisher', q{SELECT count(*) FROM pg_publication_tables WHERE pubname = 'app' AND schemaname = 'migrate'}), '0', 'the tables of pg_migrate are not published');

$node->safe_psql('publisher', 'CREATE PUBLICATION everything FOR ALL TABLES');
is($node->safe_psql('publisher', q{SELECT count(*) FROM pg_publication_tables WHERE pubname = 'everything' AND tablename = 'version' AND schemaname = 'migrate'}), '1',
	'but by one FOR ALL TABLES');

done_testing();

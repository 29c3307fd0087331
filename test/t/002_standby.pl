# SPDX-License-Identifier: PostgreSQL
# A streaming standby: looking works, changing is refused clearly, an upgrade with nothing to do is none.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = new_server('primary', allows_streaming => 1);
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

my $db = new_database($primary, 'app');
register_chain($primary, $db, 3, 'CREATE TABLE t%s (id int)', 'DROP TABLE t%1$s');
$primary->safe_psql($db, q{
	SELECT migrate_revision('a branch', up => 'SELECT 1', down => '', revision => 'b1', down_revision => 'r00001', branch_label => 'side');
	SELECT migrate_upgrade('r00002')});
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));

my %looking = (
	"migrate_current()" => 1,
	"migrate_history()" => 4,
	"migrate_history('r00001:r00003')" => 3,
	"migrate_history('current:r00003')" => 2,
	"migrate_heads()" => 2,
	"migrate_heads(true)" => 2,
	"migrate_branches()" => 1,
	"migrate_show('current')" => 1,
	"migrate_show('side')" => 1,
	"migrate_plan('r00003')" => 1,
	"migrate_plan('base', 'downgrade')" => 2,
	"migrate_export()" => 4);
foreach my $call (sort keys %looking)
{
	is($standby->safe_psql($db, "SELECT count(*) FROM $call"), $looking{$call}, "$call on the standby");
}
foreach my $call (qw(migrate_current() migrate_history() migrate_heads() migrate_branches() migrate_show('heads') migrate_plan('heads')
	migrate_graph() migrate_graph('dot') migrate_graph('mermaid') migrate_export()), "migrate_upgrade_sql('heads')",
	"migrate_upgrade_sql('base:r00003')", "migrate_downgrade_sql('base')")
{
	my $text = "SELECT x::text FROM $call AS x";
	is($standby->safe_psql($db, $text), $primary->safe_psql($db, $text), "$call says what it says on the primary");
}
fails($standby, $db, 'SELECT migrate_check_heads()', 'MG014', [qr/Database is not on all head revisions/, qr/r00002/], 'migrate_check_heads');

my $recovery = [ qr/cannot execute migrate_\w+\(\) during recovery/ ];
fails($standby, $db, "SELECT migrate_upgrade('r00003')", '25006', $recovery, 'an upgrade with something to do');
fails($standby, $db, "SELECT migrate_downgrade('base')", '25006', $recovery, 'a downgrade with something to do');
fails($standby, $db, "SELECT migrate_stamp('base')", '25006', $recovery, 'a stamp that changes something');
fails($standby, $db, "SELECT migrate_revision('m', up => 'SELECT 1')", '25006', $recovery, 'a new revision');
fails($standby, $db, "SELECT migrate_revision('m', revision => 'r9', down_revision => 'base')", '25006', $recovery, 'a revision with an id');
fails($standby, $db, "SELECT migrate_revision('changed', up => 'SELECT 2', revision => 'r00003', down_revision => 'r00002')", '25006',
	$recovery, 'a changed revision');
fails($standby, $db, "SELECT migrate_merge()", '25006', $recovery, 'a merge');
fails($standby, $db, "SELECT migrate_edit('r00003', up => 'SELECT 2')", '25006', $recovery, 'an edit');
fails($standby, $db, "SELECT migrate_remove('b1')", '25006', $recovery, 'a removal');
fails($standby, $db, "SELECT migrate_grant('pg_monitor', 'viewer')", '25006', [qr/recovery|read-only/], 'a grant');
fails($standby, $db, "SELECT migrate_record('r00003', 'upgrade')", '25006', $recovery, 'a step of a printed script');

# What runs in the background: the run is the primary's, and so is its process.
my $quiet = 'SET client_min_messages = error;';
$primary->safe_psql($db, q{
	SELECT migrate_revision('alone', revision => 'n1', down_revision => 'base', splice => true, up => 'CREATE TABLE n (id int); CREATE INDEX CONCURRENTLY n_id ON n (id)')});
my $finished = $primary->safe_psql($db, 'SELECT max(run) FROM migrate.run');
my $running = $primary->safe_psql($db, "SET pg_migrate.fault_point = 'wait:statement_run'; SELECT migrate_start('n1')");
wait_for($primary, $db, q{SELECT count(*) = 1 FROM migrate.journal WHERE running = 2});
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));
fails($standby, $db, "SELECT migrate_upgrade('n1')", '25006', $recovery, 'an upgrade that needs a worker');
fails($standby, $db, "SELECT migrate_start('n1')", '25006', $recovery, 'a run in the background');
fails($standby, $db, "SET pg_migrate.transaction_mode = per_revision; SELECT migrate_upgrade('r00003')", '25006', $recovery, 'an upgrade by single revisions');
fails($standby, $db, "SELECT migrate_resolve('n1', 'done')", '25006', $recovery, 'a statement in doubt');
fails($standby, $db, "SELECT migrate_wait($running)", '25006', $recovery, 'waiting for a run of the primary');
fails($standby, $db, "SELECT migrate_cancel($running)", '25006', $recovery, 'cancelling a run of the primary');
is($standby->safe_psql($db, "SELECT migrate_wait($finished), migrate_cancel($finished)"), 'done|f', 'how a run has ended is told on the standby');
is($standby->safe_psql($db, 'SELECT count(*) FROM migrate.progress'), '0', 'no run is under way on the standby');
$primary->safe_psql($db, "SELECT migrate_cancel($running)");
wait_for($primary, $db, "SELECT outcome = 'cancelled' FROM migrate.run WHERE run = $running");
# It is not to be there for what follows.
$primary->safe_psql($db, "$quiet SELECT migrate_resolve('n1', 'discard'); SELECT migrate_remove('n1')");
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));

is($standby->safe_psql($db, "SELECT count(*) FROM migrate_upgrade('r00002')"), '0', 'an upgrade with nothing to do returns no rows');
is($standby->safe_psql($db, "SELECT count(*) FROM migrate_downgrade('r00002')"), '0', 'a downgrade with nothing to do returns no rows');
is($standby->safe_psql($db, "SELECT count(*) FROM migrate_stamp('r00002')"), '0', 'a stamp that changes nothing returns no rows');
is( $standby->safe_psql($db, "SELECT migrate_revision('step 3', up => 'CREATE TABLE t3 (id int)', down => 'DROP TABLE t3',
		revision => 'r00003', down_revision => 'r00002')"),
	'r00003', 'a revision that is known already is registered again');

# The same in a read-only transaction of the primary.
fails($primary, $db, "BEGIN READ ONLY; SELECT migrate_upgrade('r00003')", '25006', [qr/read-only transaction/], 'an upgrade in a read-only transaction');
is($primary->safe_psql($db, "BEGIN READ ONLY; SELECT count(*) FROM migrate_upgrade('r00002'); COMMIT"), '0', 'with nothing to do it returns no rows there');

# Promoted, it goes on.
$standby->promote;
is($standby->safe_psql($db, "SELECT string_agg(revision, ',') FROM migrate_upgrade('heads')"), 'r00003,b1', 'after promotion the upgrade runs');
is($standby->safe_psql($db, 'SELECT migrate_check_heads()'), 't', 'to the heads');
is($standby->safe_psql($db, "SELECT count(*) FROM migrate_downgrade('base')"), '4', 'and back');

done_testing();

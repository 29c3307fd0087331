# SPDX-License-Identifier: PostgreSQL
# Twenty processes deploy at once, as the instances of an application do that starts: one of them migrates, all of them succeed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $processes = 20;
my $node = new_server('concurrency', conf => "max_connections = 60\ndeadlock_timeout = 200ms\n");
my $work = PostgreSQL::Test::Utils::tempdir();

# Runs the script in so many sessions. They wait at a gate until all are there: an advisory lock that this process holds.
sub all_at_once
{
	my ($database, @scripts) = @_;
	my $gate = $node->background_psql($database);
	$gate->query_safe('SELECT pg_advisory_lock(1)');
	my @children;
	foreach my $i (1 .. $processes)
	{
		my $script = $scripts[ ($i - 1) % @scripts ];
		write_file_in($work, "script$i.sql", "SELECT pg_advisory_lock_shared(1), pg_advisory_unlock_shared(1) \\g /dev/null\n$script\n");
		my $pid = fork() // die "fork: $!";
		if ($pid == 0)
		{
			open(STDOUT, '>', "$work/out$i");
			open(STDERR, '>', "$work/err$i");
			exec('psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose', '-d', $node->connstr($database), '-f', "$work/script$i.sql");
		}
		push @children, $pid;
	}
	wait_for($node, $database, "SELECT count(*) = $processes FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
	$gate->quit;
	my @results;
	foreach my $i (1 .. $processes)
	{
		waitpid($children[ $i - 1 ], 0);
		push @results, { status => $? >> 8, out => slurp_file("$work/out$i"), error => join("\n", grep { !/NOTICE|LOCATION/ } split(/\n/, slurp_file("$work/err$i"))) };
	}
	return @results;
}

sub check
{
	my ($database, $revisions, $how, @results) = @_;
	is(scalar(grep { $_->{status} == 0 } @results), $processes, "$how: all succeed")
	  or diag(join("\n", map { $_->{error} } grep { $_->{status} != 0 } @results));
	my @counts = sort { $b <=> $a } map { ($_->{out} =~ /applied=(\d+)/)[0] // -1 } @results;
	is_deeply(\@counts, [ $revisions, (0) x ($processes - 1) ], "$how: one of them applies, all $revisions");
	is($node->safe_psql($database, 'SELECT count(*), count(DISTINCT revision) FROM migrate.log'), "$revisions|$revisions", "$how: the log has each revision once");
	is($node->safe_psql($database, 'SELECT count(*), string_agg(outcome, \',\') FROM migrate.run'), '1|done', "$how: there was one run");
	is($node->safe_psql($database, 'SELECT count(*) FROM migrate.version'), '1', "$how: one version row");
	is($node->safe_psql($database, "SELECT count(*) FROM pg_class WHERE relname LIKE 'c%' AND relkind = 'r' AND relnamespace = 'public'::regnamespace"),
		$revisions, "$how: each table once");
}

my $up = 'CREATE TABLE c%s (id int); INSERT INTO c%1$s SELECT generate_series(1, 100)';
my $call = "SELECT 'applied=' || count(*) FROM migrate_upgrade('head');";

new_database($node, 'alone');
register_chain($node, 'alone', 30, $up, 'DROP TABLE c%1$s');
check('alone', 30, 'each call by itself', all_at_once('alone', $call));

new_database($node, 'blocks');
register_chain($node, 'blocks', 30, $up, 'DROP TABLE c%1$s');
check('blocks', 30, 'each in a transaction block', all_at_once('blocks', "BEGIN;\nSELECT 1 \\g /dev/null\n$call\nCOMMIT;"));

new_database($node, 'mixed');
register_chain($node, 'mixed', 30, $up, 'DROP TABLE c%1$s');
check('mixed', 30, 'some in a block, some not', all_at_once('mixed', "BEGIN;\n$call\nCOMMIT;", $call));

# Under REPEATABLE READ a process that waited sees an old version and says so: the client tries again.
new_database($node, 'repeatable');
register_chain($node, 'repeatable', 30, $up, 'DROP TABLE c%1$s');
my @results = all_at_once('repeatable', "BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT 1 \\g /dev/null\n$call\nCOMMIT;");
is(scalar(grep { $_->{status} == 0 && $_->{out} =~ /applied=30/ } @results), 1, 'REPEATABLE READ: one of them applies');
my @others = grep { !($_->{status} == 0 && $_->{out} =~ /applied=30/) } @results;
is(scalar(grep { $_->{status} != 0 && $_->{error} =~ /ERROR:  40001/ || $_->{out} =~ /applied=0/ } @others), $processes - 1,
	'REPEATABLE READ: the others are told to try again, or came late enough');
is($node->safe_psql('repeatable', 'SELECT count(*), count(DISTINCT revision) FROM migrate.log'), '30|30', 'REPEATABLE READ: the log has each revision once');

# Each process registers the files and upgrades, as a deployment script does.
my $files = '';
foreach my $i (1 .. 30)
{
	my $parent = $i == 1 ? 'base' : 'f' . ($i - 1);
	$files .= "SELECT migrate_revision(revision => 'f$i', down_revision => '$parent', message => 'file $i', up => 'CREATE TABLE c$i (id int)', down => 'DROP TABLE c$i') \\g /dev/null\n";
}
my $backwards = join("\n", reverse split(/\n/, $files)) . "\n";
new_database($node, 'files');
check('files', 30, 'registering first', all_at_once('files', "$files$call"));
is($node->safe_psql('files', 'SELECT count(*) FROM migrate.revision'), '30', 'each revision is registered once');

new_database($node, 'backwards');
check('backwards', 30, 'registering in either order', all_at_once('backwards', "$files$call", "$backwards$call"));

new_database($node, 'one_block');
check('one_block', 30, 'registering and upgrading in one transaction', all_at_once('one_block', "BEGIN;\n$files$call\nCOMMIT;", "BEGIN;\n$backwards$call\nCOMMIT;"));

# A directory, too.
foreach my $i (1 .. 30)
{
	write_file_in("$work/directory", sprintf('%04d_x/up.sql', $i), "CREATE TABLE c$i (id int);");
}
new_database($node, 'directory');
check('directory', 30, 'loading a directory', all_at_once('directory', "SELECT count(*) FROM migrate_load_directory('$work/directory') \\g /dev/null\n$call"));

done_testing();

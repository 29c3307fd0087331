# SPDX-License-Identifier: PostgreSQL
# What the TAP tests have in common: servers made for speed, databases with the extension, errors by SQLSTATE, schemas as text.
package PgMigrate;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep time);

our @EXPORT = qw(new_server new_database error_of fails schema_of write_file_in wait_for comes_back background_psql_file register_chain catalogue_of);

# A running server; the settings are lines of postgresql.conf. Nothing of a test survives a crash of the machine, so nothing is synced.
sub new_server
{
	my ($name, %options) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(allows_streaming => $options{allows_streaming} // 0, extra => [ '--no-sync', @{ $options{initdb} // [] } ]);
	$node->append_conf('postgresql.conf', "fsync = off\nautovacuum = off\nlog_statement = none\nlog_replication_commands = off\n" . ($options{conf} // ''));
	$node->start;
	return $node;
}

# A database with the extension; `options` is appended to CREATE DATABASE.
sub new_database
{
	my ($node, $name, $options) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $name " . ($options // ''));
	$node->safe_psql($name, 'CREATE EXTENSION pg_migrate');
	return $name;
}

# The error of a script that fails: all of what psql says, the SQLSTATE in front. Empty when it does not fail.
sub error_of
{
	my ($node, $database, $sql, %options) = @_;
	my ($status, $output, $error) = $node->psql($database, "\\set VERBOSITY verbose\n\\set SHOW_CONTEXT always\n$sql", %options);
	return '' if $status == 0;
	$error =~ s/^psql:[^\n]*?(?=ERROR:|FATAL:)//mg;
	$error =~ s/^(?:NOTICE|WARNING|LOCATION):[^\n]*\n//mg;
	$error =~ s/^(?:ERROR|FATAL):  ([0-9A-Z]{5}):/$1:/m;
	return $error;
}

# Passes if the script fails with the SQLSTATE and every pattern is found in the error.
sub fails
{
	my ($node, $database, $sql, $sqlstate, $patterns, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $error = error_of($node, $database, $sql);
	subtest $name => sub {
		like($error, qr/^\Q$sqlstate\E:/m, "SQLSTATE $sqlstate");
		like($error, $_, "says $_") for @$patterns;
	};
	return $error;
}

# The schema as pg_dump prints it, without pg_migrate and its catalogue and without what differs from run to run.
sub schema_of
{
	my ($node, $database, @options) = @_;
	my ($output, $error) = run_command(
		[ 'pg_dump', '--schema-only', '--exclude-schema=migrate', @options, '-d', $node->connstr($database) ]);
	die "pg_dump of $database: $error" if $error ne '';
	my @lines = grep { !/^--/ && !/^\\(un)?restrict / && !/EXTENSION (IF NOT EXISTS )?pg_migrate\b/ && /\S/ } split(/\n/, $output);
	return join("\n", @lines) . "\n";
}

# Writes bytes into a file below a directory, which is made if need be.
sub write_file_in
{
	my ($directory, $path, $content) = @_;
	my $full = "$directory/$path";
	(my $parent = $full) =~ s{/[^/]*$}{};
	system('mkdir', '-p', $parent) == 0 or die "mkdir $parent";
	open(my $file, '>:raw', $full) or die "$full: $!";
	print $file $content;
	close($file) or die "$full: $!";
}

# Asks again and again until the query answers `t`; dies after three minutes.
sub wait_for
{
	my ($node, $database, $query) = @_;
	$node->poll_query_until($database, $query) or die "timed out waiting for: $query";
}

# Whether the server takes connections again after a crash, within three minutes. psql reads nothing: it may end before it could.
sub comes_back
{
	my ($node) = @_;
	for (1 .. 1800)
	{
		return 1 if IPC::Run::run [ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', 'SELECT' ], '<', '/dev/null', '&>', \my $output;
		usleep(100_000);
	}
	return 0;
}

# Registers a chain r0001, r0002, ... ; `up` and `down` are formats that get the number.
sub register_chain
{
	my ($node, $database, $count, $up, $down) = @_;
	$node->safe_psql($database, qq{
		DO \$do\$ BEGIN
			FOR i IN 1..$count LOOP
				PERFORM migrate_revision(format('step %s', i), format(\$up\$$up\$up\$, i), format(\$down\$$down\$down\$, i),
					revision => 'r' || lpad(i::text, 5, '0'),
					down_revision => CASE WHEN i = 1 THEN 'base' ELSE 'r' || lpad((i - 1)::text, 5, '0') END);
			END LOOP;
		END \$do\$});
}

# All that the catalogue holds, timestamps included, and who may do what.
sub catalogue_of
{
	my ($node, $database) = @_;
	my $text = '';
	foreach my $table (qw(revision branch_label version run log))
	{
		$text .= "$table\n" . $node->safe_psql($database, "SELECT t::text FROM migrate.$table t ORDER BY 1") . "\n";
	}
	$text .= $node->safe_psql($database, 'SELECT last_value, is_called FROM migrate.run_id') . "\n";
	$text .= $node->safe_psql($database, q{
		SELECT p.proname, a.grantee::regrole, a.privilege_type FROM pg_proc p
		JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pg_migrate',
		aclexplode(p.proacl) a ORDER BY 1, 2, 3}) . "\n";
	$text .= $node->safe_psql($database, q{
		SELECT c.relname, a.grantee::regrole, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a
		WHERE c.relnamespace = 'migrate'::regnamespace AND a.privilege_type <> 'MAINTAIN' /* owners have it from 17 on */ ORDER BY 1, 2, 3}) . "\n";
	return $text;
}

1;

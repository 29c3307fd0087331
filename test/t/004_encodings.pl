# SPDX-License-Identifier: PostgreSQL
# Databases of several encodings: text beyond ASCII everywhere, checksums that do not depend on the encoding, files in UTF-8 whatever the
# database is, and the place of a syntax error in characters.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('encodings');
my $work = PostgreSQL::Test::Utils::tempdir();
my %databases = (latin1 => 'LATIN1', euc_jp => 'EUC_JP', sql_ascii => 'SQL_ASCII', utf8 => 'UTF8');
new_database($node, $_, "ENCODING '$databases{$_}' LOCALE 'C' TEMPLATE template0") foreach sort keys %databases;

# psql talks UTF-8 to all of them; SQL_ASCII takes the bytes as they are.
$ENV{PGCLIENTENCODING} = 'UTF8';

my $accented = "caf\xc3\xa9";              # e with acute, in UTF-8
my $kanji = "\xe7\xa7\xbb\xe8\xa1\x8c";    # two characters
my %text = (latin1 => [$accented], euc_jp => [$kanji], sql_ascii => [ $accented, $kanji ], utf8 => [ $accented, $kanji ]);

# Ids, labels, messages, dependencies, scripts and the names that they make.
my %checksum;
foreach my $database (sort keys %text)
{
	my $number = 0;
	foreach my $word (@{ $text{$database} })
	{
		$number++;
		$node->safe_psql($database, qq{
			SELECT migrate_revision('message $word', revision => 'dep_$word', down_revision => 'base', up => '');
			SELECT migrate_revision('message $word', revision => 'id_$word', down_revision => 'base', branch_label => 'label_$word', depends_on => 'dep_$word',
				up => 'CREATE TABLE "t_$word" ("c_$word" text); INSERT INTO "t_$word" VALUES (''$word'') /* $word */',
				down => 'DROP TABLE t_$word -- $word')});
		is($node->safe_psql($database, qq{SELECT revision, message FROM migrate_upgrade('label_$word\@head')}),
			"dep_$word|message $word\nid_$word|message $word", "$database: applied by its label, $number");
		is($node->safe_psql($database, qq{SELECT "c_$word" FROM "t_$word"}), $word, "$database: the script has run, $number");
		is($node->safe_psql($database, qq{SELECT revision, branch_labels, depends_on FROM migrate_show('id_$word')}), "id_$word|{label_$word}|{dep_$word}",
			"$database: shown, $number");
		like($node->safe_psql($database, q{SELECT string_agg(line, chr(10)) FROM migrate_graph() AS line}), qr/id_$word/, "$database: in the graph, $number");
		$checksum{$word}{$database} = $node->safe_psql($database, qq{SELECT checksum FROM migrate.revision WHERE revision = 'id_$word'});
		is($node->safe_psql($database, qq{SELECT count(*) FROM migrate_downgrade('label_$word\@base')}), '1', "$database: reverted, $number");
		fails($node, $database, qq{SELECT migrate_upgrade('no_$word')}, 'MG001', [qr/Can't locate revision identified by 'no_$word'/],
			"$database: an unknown id, $number");
	}
}
foreach my $word (sort keys %checksum)
{
	my %distinct = reverse %{ $checksum{$word} };
	is(scalar(keys %distinct), 1, 'the checksum is the same in ' . join(', ', sort keys %{ $checksum{$word} }));
}
is(scalar(keys %checksum), 2, 'two texts compared');

# A message cannot hold what the encoding has no character for: the server says so before we see it.
fails($node, 'latin1', qq{SELECT migrate_revision('$kanji', up => 'SELECT 1')}, '22P05', [qr/has no equivalent in encoding "LATIN1"/],
	'text that LATIN1 cannot hold');

# What is exported in one encoding is registered in another.
my $exported = $node->safe_psql('latin1', 'SELECT content FROM migrate_export()');
$node->safe_psql('utf8', 'DROP EXTENSION pg_migrate; CREATE EXTENSION pg_migrate');
$node->safe_psql('utf8', $exported);
is($node->safe_psql('utf8', q{SELECT string_agg(checksum, ',' ORDER BY revision) FROM migrate.revision}),
	$node->safe_psql('latin1', q{SELECT string_agg(checksum, ',' ORDER BY revision) FROM migrate.revision}), 'exported from LATIN1, registered in UTF8');

# Files are UTF-8.
sub load
{
	my ($database, $name) = @_;
	return $node->safe_psql($database, "SELECT revision, message, action FROM migrate_load_directory('$work/$name')");
}
my $up = "CREATE TABLE \"f_$accented\" (id int); -- $accented\n";
write_file_in($work, "accented/0001_$accented/up.sql", $up);
is(load('latin1', 'accented'), "0001|$accented|added", 'files in UTF-8 loaded into LATIN1');
is($node->safe_psql('latin1', q{SELECT octet_length(up), length(up) FROM migrate.revision WHERE revision = '0001'}),
	join('|', (length($up) - 2) x 2), 'in the encoding of the database');
$node->safe_psql('latin1', "SELECT migrate_upgrade('0001')");
is($node->safe_psql('latin1', "SELECT count(*) FROM \"f_$accented\""), '0', 'and run');
is(load('utf8', 'accented'), "0001|$accented|added", 'the same files in UTF8');
is(load('sql_ascii', 'accented'), "0001|$accented|added", 'and in SQL_ASCII');
is($node->safe_psql('latin1', q{SELECT checksum FROM migrate.revision WHERE revision = '0001'}),
	$node->safe_psql($_, q{SELECT checksum FROM migrate.revision WHERE revision = '0001'}), "with the checksum that $_ has")
  foreach 'utf8', 'sql_ascii';

write_file_in($work, 'kanji/0002_x/up.sql', "SELECT '$kanji'");
fails($node, 'latin1', "SELECT * FROM migrate_load_directory('$work/kanji')", '22P05', [ qr/no equivalent in encoding "LATIN1"/, qr{file ".*kanji/0002_x/up\.sql"} ],
	'a file that LATIN1 cannot hold is named');
is(load('euc_jp', 'kanji'), '0002|x|added', 'EUC_JP can');

write_file_in($work, "kanji_name/0003_$kanji/up.sql", "SELECT 1");
fails($node, 'latin1', "SELECT * FROM migrate_load_directory('$work/kanji_name')", '22P05', [qr/no equivalent in encoding "LATIN1"/],
	'a name of a directory that LATIN1 cannot hold');
is(load('euc_jp', 'kanji_name'), "0003|$kanji|added", 'EUC_JP can hold the name');

write_file_in($work, 'garbage/0004_x/up.sql', "SELECT '\xff\xfe\x80'");
fails($node, $_, "SELECT * FROM migrate_load_directory('$work/garbage')", '22021', [ qr/invalid byte sequence for encoding "UTF8": 0xff/, qr{file ".*garbage/0004_x/up\.sql"} ],
	"bytes that are no UTF-8, into $_") foreach 'utf8', 'latin1', 'euc_jp', 'sql_ascii';
write_file_in($work, "garbage_name/0005_\xff/up.sql", "SELECT 1");
fails($node, $_, "SELECT * FROM migrate_load_directory('$work/garbage_name')", '22021', [qr/invalid byte sequence for encoding "UTF8": 0xff/],
	"a name that is no UTF-8, into $_") foreach 'utf8', 'latin1';
write_file_in($work, 'zero/0006_x/up.sql', "SELECT 1;\0\n");
fails($node, 'utf8', "SELECT * FROM migrate_load_directory('$work/zero')", '22021', [qr{file ".*zero/0006_x/up\.sql" holds a zero byte}], 'a zero byte');

# The mark that some editors put in front, and the line ends of Windows, mean nothing.
write_file_in($work, 'plain/0007_x/up.sql', "SELECT 1;\n-- a comment\nSELECT 2;\n");
write_file_in($work, 'windows/0007_x/up.sql', "\xef\xbb\xbfSELECT 1;\r\n-- a comment\r\nSELECT 2;\r\n");
write_file_in($work, 'windows/0007_x/down.sql', "\xef\xbb\xbf");
write_file_in($work, 'plain/0007_x/down.sql', "");
write_file_in($work, 'windows/0007_x/metadata.toml', "\xef\xbb\xbfrun_in_transaction = true\r\n");
is(load('utf8', 'plain'), '0007|x|added', 'line feeds');
is(load('utf8', 'windows'), '0007|x|unchanged', 'carriage returns and a byte order mark make no difference');
is($node->safe_psql('utf8', "SELECT sql FROM migrate_plan('0007') WHERE revision = '0007'"), "SELECT 1\nSELECT 2", 'nor are they part of a statement');
write_file_in($work, 'windows_only/0008_x/up.sql', "\xef\xbb\xbfCREATE TABLE w8 (\r\n  id int\r\n);\r\n");
load('utf8', 'windows_only');
$node->safe_psql('utf8', "SELECT migrate_upgrade('0008')");
is($node->safe_psql('utf8', 'SELECT count(*) FROM w8'), '0', 'a script with them runs');

# The place of an error counts characters, not bytes.
foreach my $case ([ 'utf8', $accented, 4 ], [ 'latin1', $accented, 4 ], [ 'euc_jp', $kanji, 2 ], [ 'sql_ascii', $accented, 5 ])
{
	my ($database, $word, $length) = @$case;
	my $column = length("SELECT '' ") + $length + 1;
	fails($node, $database, "SELECT migrate_revision('broken', revision => 'broken', down_revision => 'base', up => E'SELECT 1;\\nSELECT ''$word'' FROM FROM t;')",
		'42601', [ qr/syntax error at or near "FROM"/, qr/[Ll]ine 2, column ${\($column + 5)} of the up script of revision "broken"/ ],
		"$database: a syntax error behind $length characters");
}

done_testing();

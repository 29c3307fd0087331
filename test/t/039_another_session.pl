# SPDX-License-Identifier: PostgreSQL
# What lives with a session: its search_path, settings, role and temporary objects. A worker has those of its caller, RESET goes back to what it goes back
# to there, and a revision that is gone on with in another session finds what its statements have left, or does not go on.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Calls;
use PgMigrate;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('another_session', conf => "max_worker_processes = 24\nmax_connections = 60\n");
my $db = new_database($node, 'app');
add_state_function($node, $db);
query($node, $db, q{
	CREATE TABLE idle ();
	CREATE ROLE some_role LOGIN;
	GRANT some_role TO CURRENT_USER;
	GRANT CREATE ON DATABASE app TO some_role});
my $quiet = 'SET client_min_messages = error';

# Replaces the only revision by one with this script.
sub script
{
	my ($up) = @_;
	query($node, $db, q{
		SET client_min_messages = error;
		DO $$ BEGIN
			IF EXISTS (SELECT FROM migrate_history()) THEN
				PERFORM migrate_stamp('base', purge => true);
				DELETE FROM migrate.journal;
				PERFORM migrate_remove('r');
			END IF;
		END $$;
		SELECT migrate_revision('r', } . "\$up\$$up\$up\$" . q{, revision => 'r', down_revision => 'base')});
}

my $upgrade = q{SELECT count(*) FROM migrate_upgrade('head')};

# A session of its own; returns all that it has said.
sub call_of
{
	return end_of(start_call($node, $db, join("\n;;\n", $quiet, @_)));
}

sub tables_like
{
	my ($pattern) = @_;
	return query($node, $db, "SELECT string_agg(relnamespace::regnamespace || '.' || relname, ' ' ORDER BY relname, relnamespace) FROM pg_class WHERE relkind = 'r' AND relname ~ '$pattern'");
}

sub journal
{
	return query($node, $db, q{SELECT coalesce((SELECT concat_ws(' ', revision, done, 'running ' || running) FROM migrate.journal), '-') || ', invalid ' ||
		(SELECT count(*) FROM pg_index WHERE NOT indisvalid)});
}

# A statement in doubt, and a call by another search_path.
foreach my $case (
	{ what => 'CREATE INDEX', up => 'CREATE INDEX CONCURRENTLY ta ON t (a)', invalid => 1 },
	{ what => 'CREATE INDEX without a name', up => 'CREATE INDEX CONCURRENTLY ON t (a)', invalid => 1 },
	{ what => 'REINDEX', up => 'REINDEX TABLE CONCURRENTLY t', before => 'CREATE INDEX tb ON app.t (a)', invalid => 1 },
	{ what => 'DROP INDEX', up => 'DROP INDEX CONCURRENTLY IF EXISTS tc', before => 'CREATE INDEX tc ON app.t (a)', invalid => 1 },
	{ what => 'DETACH', up => 'ALTER TABLE IF EXISTS parted DETACH PARTITION part CONCURRENTLY', invalid => 0, lock => 'app.parted',
		before => 'CREATE TABLE app.parted (a int) PARTITION BY LIST (a); CREATE TABLE app.part PARTITION OF app.parted FOR VALUES IN (1)' })
{
	query($node, $db, "SET client_min_messages = error; CREATE SCHEMA app; CREATE TABLE app.t (a int); INSERT INTO app.t VALUES (1); " . ($case->{before} // ''));
	script($case->{up});
	my $holder = open_session($node, $db);
	$holder->query_safe('BEGIN; LOCK TABLE ' . ($case->{lock} // 'app.t') . ' IN ROW EXCLUSIVE MODE');
	my $path = 'SET search_path = app, public';
	like(call_of($path, q{SET pg_migrate.statement_timeout = '1s'}, $upgrade), qr/ERROR:  57014/, "$case->{what}: its time is up");
	my $left = "r 0 running 1, invalid $case->{invalid}";
	is(journal(), $left, "$case->{what}: it stays in doubt, half done");
	$holder->query_safe('COMMIT');
	$holder->quit;
	my $said = call_of($upgrade);
	like($said, qr/ERROR:  MG020: revision "r" was begun with another search_path\nDETAIL:  In run \d+ it was app, public, now it is "\$user", public\. Nothing has been run\.\nHINT:  Call it with that/,
		"$case->{what}: another search_path is refused");
	is(journal(), $left, "$case->{what}: nothing is lost");
	like(call_of('SET search_path = "app" ,public', $upgrade), qr/^1$/m, "$case->{what}: with that of before it is finished");
	is(journal(), '-, invalid 0', "$case->{what}: nothing is left");
	is(query($node, $db, q{SELECT count(*) FROM pg_index WHERE indrelid = 'app.t'::regclass}), $case->{what} =~ /^(DROP|DETACH)/ ? '0' : '1', "$case->{what}: the indexes that there should be");
	is(query($node, $db, q{SELECT count(*) FROM pg_inherits}), '0', "$case->{what}: no partition is left");
	query($node, $db, 'SET client_min_messages = error; DROP SCHEMA app CASCADE');
}

# The table gets another name before what a statement has left is removed.
query($node, $db, 'CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)');
foreach my $up ('CREATE UNIQUE INDEX CONCURRENTLY ta ON t (a)', 'CREATE UNIQUE INDEX CONCURRENTLY ON t (a)')
{
	script($up);
	my $call = start_call($node, $db, "SET pg_migrate.fault_point = 'pause:statement_failed'\n;;\n$upgrade");
	at_fault_point($call, 'statement_failed');
	query($node, $db, 'ALTER TABLE t RENAME TO t_old');
	my $said = end_of($call);
	my $named = $up =~ / ta /;
	like($said, $named ? qr/ERROR:  23505/ : qr/WARNING:  01000: statement 1 of revision "r" was interrupted: an index that is invalid may be left on public\.t_old\nHINT:  The next call/, "renamed meanwhile: $up");
	is(journal(), $named ? '-, invalid 0' : 'r 0 running 1, invalid 1', 'what is left');
	if (!$named)
	{
		like(call_of($upgrade), qr/ERROR:  MG022: .*\nDETAIL:  The statement was begun on public\.t_old; by the search_path of now \("\$user", public\) it means nothing\.\nHINT:  Look at the database/, 'the next call stops');
		is(journal(), 'r 0 running 1, invalid 1', 'and loses nothing');
	}
	query($node, $db, 'ALTER TABLE t_old RENAME TO t');
}
query($node, $db, 'DELETE FROM t');
like(call_of($upgrade), qr/^1$/m, 'under its old name it goes on');
is(journal(), '-, invalid 0', 'nothing is left');

# RESET goes back to what it goes back to in the session of the caller; in the schema of a tenant this stays the first of search_path.
query($node, $db, q{ALTER DATABASE app SET search_path = home, public; ALTER ROLE some_role IN DATABASE app SET work_mem = '5MB'; CREATE SCHEMA home; CREATE SCHEMA other; CREATE SCHEMA tenant; CREATE TABLE seen (what text);
	GRANT ALL ON SCHEMA home, other, tenant TO PUBLIC; GRANT ALL ON seen TO PUBLIC});
foreach my $back ('RESET search_path', 'SET search_path TO DEFAULT', 'RESET ALL', 'DISCARD ALL')
{
	foreach my $worker (0, 1)
	{
		next if !$worker && $back eq 'DISCARD ALL';
		foreach my $schema ('', 'tenant')
		{
			my $what = "$back, " . ($worker ? 'worker' : 'caller') . ($schema ? ', tenant' : '');
			script("CREATE TABLE x1 (); $back; CREATE TABLE x2 ();" . ($worker ? ' VACUUM public.idle; CREATE TABLE x3 ()' : ''));
			my $call = $schema ? q{SELECT count(*) FROM migrate_upgrade('head', schema => 'tenant')} : $upgrade;
			call_of('SET search_path = other, public', $call);
			my @in = $schema ? ('tenant') x 3 : ('other', 'home', 'home');
			is(tables_like('^x[0-9]$'), join(' ', map { "$in[$_ - 1].x$_" } 1 .. ($worker ? 3 : 2)), $what);
			query($node, $db, "SET client_min_messages = error; DROP TABLE $_ CASCADE") for split(/ /, tables_like('^x[0-9]$'));
			query($node, $db, q{SET client_min_messages = error; SELECT migrate_stamp('base', purge => true, schema => 'tenant')}) if $schema;
		}
	}
}
query($node, $db, 'ALTER DATABASE app RESET search_path');
# The lock timeout of the run is not lost with it; nor is one that the script sets.
script(q{RESET ALL; INSERT INTO seen VALUES (current_setting('lock_timeout')); SET lock_timeout = '7s'; VACUUM idle; INSERT INTO seen VALUES (current_setting('lock_timeout'))});
call_of(q{SET pg_migrate.lock_timeout = '3s'}, $upgrade);
is(query($node, $db, q{SELECT string_agg(what, ' ') FROM seen}), '3s 7s', 'pg_migrate.lock_timeout is in force behind RESET ALL');
# A role's settings, and what only superusers may read.
query($node, $db, q{TRUNCATE seen; SELECT migrate_grant('some_role', 'operator')});
script(q{RESET work_mem; INSERT INTO seen VALUES (current_setting('work_mem')); VACUUM seen});
end_of(start_call($node, $db, "SET client_min_messages = error\n;;\nSET work_mem = '9MB'\n;;\n$upgrade", user => 'some_role'));
is(query($node, $db, q{SELECT string_agg(what, ' ') FROM seen}), '5MB', 'what is set for the role');
# DISCARD ALL ends SET ROLE.
script('SET ROLE some_role; CREATE TABLE home.y1 (); DISCARD ALL; CREATE TABLE home.y2 (); VACUUM idle');
call_of($upgrade);
is(query($node, $db, q{SELECT string_agg((relowner = 'some_role'::regrole)::text, ' ' ORDER BY relname) FROM pg_class WHERE relname ~ '^y[0-9]$'}), 'true false', 'DISCARD ALL: as the caller again');
query($node, $db, 'DROP TABLE home.y1, home.y2');

# A revision that is gone on with in a new session.
query($node, $db, q{CREATE TABLE trouble (); CREATE FUNCTION set_it() RETURNS void LANGUAGE sql AS $$SELECT set_config('app.of_function', 'f', false)$$; TRUNCATE seen});
my $show = q{INSERT INTO seen SELECT concat_ws('|', current_setting('search_path'), current_setting('work_mem'), coalesce(current_setting('app.own', true), ''), coalesce(current_setting('app.of_function', true), ''),
	current_setting('datestyle'), current_setting('enable_sort'), current_user)};
my $fails = q{SELECT 1 / (1 - count(*)) FROM pg_class WHERE oid = to_regclass('public.trouble')};
foreach my $case (
	[ 'set_config' => q{SELECT set_config('search_path', 'other, public', false), set_config('work_mem', '2345kB', false)}, 'other, public|2345kB|mine||ISO, MDY|on|postgres' ],
	[ 'a function' => q{SELECT set_it(); SET app.own = 'o'}, '"$user", public|7MB|o|f|ISO, MDY|on|postgres' ],
	[ 'SET LOCAL' => q{SET LOCAL work_mem = '1MB'; SET enable_sort = off; SET LOCAL enable_sort = on; SET LOCAL datestyle = 'German'; SET datestyle = 'SQL'; SET LOCAL datestyle = 'German'},
		'"$user", public|7MB|mine||SQL, DMY|off|postgres' ],
	[ 'DISCARD ALL' => q{SET ROLE some_role; SET work_mem = '1MB'; DISCARD ALL}, '"$user", public|4MB||' . '|ISO, MDY|on|postgres' ],
	[ 'SET ROLE' => q{SET ROLE some_role; SET enable_sort = off}, '"$user", public|7MB|mine||ISO, MDY|off|some_role' ],
	[ 'a role that is gone' => q{CREATE ROLE passing; GRANT passing TO postgres; SET ROLE passing; RESET ROLE; DROP ROLE passing}, '"$user", public|7MB|mine||ISO, MDY|on|postgres' ])
{
	my ($what, $up, $wanted) = @$case;
	script("$up; VACUUM idle; $show; $fails; $show");
	my @session = (q{SET work_mem = '7MB'}, q{SET app.own = 'mine'});
	like(call_of(@session, $upgrade), qr/ERROR:  22012/, "$what: fails behind the settings");
	query($node, $db, 'ALTER TABLE trouble RENAME TO trouble_not');
	like(call_of(@session, $upgrade), qr/^1$/m, "$what: the next call goes on");
	query($node, $db, 'ALTER TABLE trouble_not RENAME TO trouble');
	my $seen = query($node, $db, q{SELECT string_agg(what, ' / ') FROM seen});
	is($seen, "$wanted / $wanted", "$what: with the settings as they were left");
	query($node, $db, 'TRUNCATE seen');
}

# What the script sets to a value that the session has anyway is set, too; a second failure forgets nothing.
query($node, $db, 'CREATE TABLE times (at timestamptz)');
script(qq{SET timezone = 'UTC'; SET search_path = other, public; VACUUM public.idle; $fails; INSERT INTO public.times VALUES ('2024-01-01 00:00')});
like(call_of(q{SET timezone = 'UTC'}, q{SET search_path = other, public}, $upgrade), qr/ERROR:  22012/, 'set to what it was: fails behind it');
like(call_of(q{SET timezone = 'UTC'}, q{SET search_path = public}, $upgrade), qr/ERROR:  22012/, 'and fails again, in a session with another search_path');
query($node, $db, 'ALTER TABLE trouble RENAME TO trouble_not');
like(call_of(q{SET timezone = 'America/New_York'}, $upgrade), qr/^1$/m, 'a session with another value goes on');
query($node, $db, 'ALTER TABLE trouble_not RENAME TO trouble');
is(query($node, $db, q{SELECT at AT TIME ZONE 'UTC' FROM times}), '2024-01-01 00:00:00', 'with what the script has set');

# An extension's library that is loaded meanwhile brings settings along that nobody has set; those that only superusers may set are set as the role that has set them.
query($node, $db, q{CREATE ROLE strong SUPERUSER; GRANT strong TO some_role;
	CREATE TABLE home.watched (); CREATE FUNCTION home.watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
	CREATE TRIGGER watch AFTER INSERT ON home.watched FOR EACH STATEMENT EXECUTE FUNCTION home.watch();
	CREATE TABLE home.key (id int PRIMARY KEY); CREATE TABLE home.refers (id int REFERENCES home.key);
	GRANT ALL ON ALL TABLES IN SCHEMA home TO some_role; ALTER TABLE home.key OWNER TO some_role});
sub call_as
{
	my ($role, @commands) = @_;
	return end_of(start_call($node, $db, join("\n;;\n", $quiet, @commands), user => $role));
}
script("INSERT INTO home.watched DEFAULT VALUES; SET ROLE strong; SET session_replication_role = replica; RESET ROLE; VACUUM home.key; $fails;
	INSERT INTO public.seen VALUES (current_setting('session_replication_role'))");
query($node, $db, 'TRUNCATE seen');
like(call_as('some_role', $upgrade), qr/ERROR:  22012/, 'a setting of superusers: fails behind it');
unlike(query($node, $db, 'SELECT settings FROM migrate.journal'), qr/plpgsql/, 'what a library brings along is not journalled');
query($node, $db, 'ALTER TABLE trouble RENAME TO trouble_not; REVOKE strong FROM some_role');
like(call_as('some_role', $upgrade), qr/ERROR:  42501: permission denied to set parameter "session_replication_role"\n.*HINT:  A role that may set it has to go on/s, 'a role that may not set it any more is told so');
query($node, $db, q{GRANT strong TO some_role; SELECT migrate_revision('next', 'INSERT INTO home.refers VALUES (1)', revision => 'next')});
like(call_as('some_role', 'INSERT INTO home.watched DEFAULT VALUES', $upgrade), qr/ERROR:  23503/, 'it goes on with it, and the next revision without');
is(query($node, $db, q{SELECT string_agg(what, ' ') FROM seen}), 'replica', 'it was in force');
query($node, $db, q{ALTER TABLE trouble_not RENAME TO trouble; SELECT migrate_remove('next')});

# The settings of a revision end with it, those that nobody knew before as well.
script(q{SET my.tenant = '1'; VACUUM idle});
query($node, $db, q{TRUNCATE seen; SELECT migrate_revision('next', $$INSERT INTO seen VALUES ('<' || coalesce(current_setting('my.tenant', true), '') || '>'); VACUUM idle$$, revision => 'next')});
call_of($upgrade);
is(query($node, $db, 'SELECT what FROM seen'), '<>', 'a setting of its own');
query($node, $db, q{SET client_min_messages = error; SELECT migrate_stamp('r'); SELECT migrate_remove('next')});

# SET LOCAL ROLE ends with its transaction.
script(q{SET LOCAL ROLE some_role; CREATE TABLE other.l1 (); VACUUM idle; CREATE TABLE other.l2 (); SET ROLE some_role; SET LOCAL ROLE NONE; CREATE TABLE other.l3 (); VACUUM idle; CREATE TABLE other.l4 ()});
call_of($upgrade);
is(query($node, $db, q{SELECT string_agg((relowner = 'some_role'::regrole)::text, ' ' ORDER BY relname) FROM pg_class WHERE relname ~ '^l[1-4]$'}), 'true false false true', 'SET LOCAL ROLE');

# "$user" in the search_path is another schema for another role.
query($node, $db, q{CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE SCHEMA AUTHORIZATION bob; GRANT ALL ON SCHEMA public TO PUBLIC; SELECT migrate_grant('alice', 'operator'), migrate_grant('bob', 'operator')});
script("CREATE TABLE u1 (); ALTER TABLE u1 OWNER TO alice; VACUUM u1; $fails");
like(call_as('alice', $upgrade), qr/ERROR:  22012/, 'one role begins');
like(call_as('bob', $upgrade), qr/ERROR:  MG020: revision "r" was begun by role "alice"\nDETAIL:  The schema that "\$user" in search_path \("\$user", public\) means is another one for "bob"\./, 'another one is refused');
like(call_as('bob', q{SELECT count(*) FROM migrate_plan('head')}), qr/^1$/m, 'but not the plan, which he may look at');
query($node, $db, 'DROP SCHEMA bob; ALTER TABLE trouble RENAME TO trouble_not');
like(call_as('bob', $upgrade), qr/^1$/m, 'unless it means the same');
query($node, $db, 'ALTER TABLE trouble_not RENAME TO trouble; DROP TABLE u1; CREATE SCHEMA AUTHORIZATION bob; GRANT ALL ON idle TO bob');
script(qq{SET search_path = "\$user", public; VACUUM idle; $fails; CREATE TABLE u2 ()});
like(call_as('alice', $upgrade), qr/ERROR:  22012/, 'one role begins, in a search_path that the script has set');
like(call_as('bob', 'SET search_path = public', $upgrade), qr/ERROR:  MG020: revision "r" was begun by role "alice"/, 'another one is refused there, too');
query($node, $db, 'ALTER ROLE alice RENAME TO alys; ALTER TABLE trouble RENAME TO trouble_not');
like(call_as('alys', $upgrade), qr/^1$/m, 'the same one under another name is not');
query($node, $db, 'ALTER TABLE trouble_not RENAME TO trouble; DROP TABLE u2');
# RESET search_path by one role is another path than by another.
query($node, $db, 'CREATE SCHEMA of_alys AUTHORIZATION alys; ALTER ROLE alys SET search_path = of_alys, public; ALTER ROLE bob SET search_path = bob, public; GRANT ALL ON SCHEMA of_alys TO bob');
script(qq{RESET search_path; CREATE TABLE c1 (); VACUUM public.idle; $fails; CREATE TABLE c2 ()});
like(call_as('alys', 'SET search_path = public', $upgrade), qr/ERROR:  22012/, 'RESET search_path by one role');
query($node, $db, 'ALTER TABLE trouble RENAME TO trouble_not');
like(call_as('bob', 'SET search_path = public', $upgrade), qr/^1$/m, 'another one goes on');
query($node, $db, 'ALTER TABLE trouble_not RENAME TO trouble');
is(tables_like('^c[12]$'), 'of_alys.c1 of_alys.c2', 'in the same schema');

# Nor where the first session had nothing to reset, and the next one has been given the same path, as the error asks for.
foreach my $reset ('RESET ALL', 'RESET "Search_Path"', 'DISCARD ALL')
{
	query($node, $db, 'SET client_min_messages = error; DROP TABLE IF EXISTS of_alys.c1, of_alys.c2');
	script(qq{$reset; CREATE TABLE c1 (); VACUUM public.idle; $fails; CREATE TABLE c2 ()});
	like(call_as('alys', $upgrade), qr/ERROR:  22012/, "$reset that changes nothing");
	query($node, $db, 'ALTER TABLE trouble RENAME TO trouble_not');
	like(call_as('bob', $upgrade), qr/ERROR:  MG020/, 'another path is refused');
	like(call_as('bob', 'SET search_path = of_alys, public', $upgrade), qr/^1$/m, 'the same one is not');
	query($node, $db, 'ALTER TABLE trouble_not RENAME TO trouble');
	is(tables_like('^c[12]$'), 'of_alys.c1 of_alys.c2', 'all in one schema');
}

# RESET is RESET, also where the first session had nothing to reset, and behind a second failure.
query($node, $db, 'ALTER ROLE postgres RESET search_path; TRUNCATE times; CREATE TABLE more_trouble ()');
(my $fails_too = $fails) =~ s/trouble/more_trouble/;
script(qq{RESET timezone; SELECT set_config('work_mem', NULL, false); VACUUM idle; $fails; VACUUM idle; $fails_too; INSERT INTO times VALUES ('2024-01-01 00:00'); INSERT INTO seen VALUES (current_setting('work_mem'))});
query($node, $db, 'TRUNCATE seen');
my @far = (q{SET timezone = 'America/New_York'}, q{SET work_mem = '9MB'});
like(call_of($far[1], $upgrade), qr/ERROR:  22012/, 'RESET: fails behind it');
query($node, $db, 'ALTER TABLE trouble RENAME TO trouble_not');
like(call_of($upgrade), qr/ERROR:  22012/, 'and again');
query($node, $db, 'ALTER TABLE more_trouble RENAME TO more_trouble_not');
like(call_of(@far, $upgrade), qr/^1$/m, 'a session with values of its own goes on');
query($node, $db, 'ALTER TABLE trouble_not RENAME TO trouble');
is(query($node, $db, q{SELECT extract(epoch FROM at) = extract(epoch FROM '2024-01-01 00:00'::timestamptz), what FROM times, seen}), 't|4MB', 'with those of RESET');
# Of a superuser's settings as well, by a role that could not set them.
script(qq{RESET ALL; VACUUM idle; $fails; INSERT INTO seen VALUES ('done')});
like(call_of(q{SET log_statement = 'all'}, $upgrade), qr/ERROR:  22012/, 'RESET ALL by a superuser');
query($node, $db, 'ALTER TABLE trouble RENAME TO trouble_not');
query($node, $db, q{CREATE ROLE carl LOGIN; SELECT migrate_grant('carl', 'operator'); GRANT INSERT ON seen TO carl});
like(call_as('carl', $upgrade), qr/^1$/m, 'a role that may not set them goes on');
query($node, $db, 'ALTER TABLE trouble_not RENAME TO trouble');
# What cannot be set any more is said, and hinders nobody.
query($node, $db, 'CREATE TEXT SEARCH CONFIGURATION public.passing (COPY = simple)');
script(qq{SET default_text_search_config = 'public.passing'; VACUUM idle; DROP TEXT SEARCH CONFIGURATION public.passing; VACUUM idle; $fails});
like(call_of($upgrade), qr/ERROR:  22012/, 'what a setting names is dropped');
query($node, $db, 'ALTER TABLE trouble RENAME TO trouble_not');
like(call_of('SET client_min_messages = warning', $upgrade), qr/WARNING:  01000: the setting "default_text_search_config", which the statements that are done have made, could not be made again: .*^1$/ms, 'that is said');
query($node, $db, 'ALTER TABLE trouble_not RENAME TO trouble');

# What a caller has set beforehand, where anybody may set it, is not put back where only superusers may.
query($node, $db, q{SELECT migrate_grant('bob', 'operator'); CREATE FUNCTION loads() RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN current_setting($$plpgsql.variable_conflict$$); END'});
# Neither by what the client has set when it connected.
script('RESET plpgsql.variable_conflict; INSERT INTO seen SELECT loads(); VACUUM idle');
query($node, $db, 'TRUNCATE seen');
$ENV{PGOPTIONS} = '-c plpgsql.variable_conflict=use_column';
my $of_client = start_call($node, $db, join("\n;;\n", $quiet, 'SET search_path = public', q{SET plpgsql.variable_conflict = 'error'}, $upgrade), user => 'bob');
delete $ENV{PGOPTIONS};
end_of($of_client);
is(query($node, $db, 'SELECT what FROM seen'), 'error', 'RESET to a value that its client had no right to');
foreach my $up ('SELECT loads(); VACUUM idle', q{SET plpgsql.variable_conflict = 'use_variable'; VACUUM idle})
{
	script($up);
	query($node, $db, q{TRUNCATE seen; SELECT migrate_revision('next', 'INSERT INTO seen SELECT loads(); VACUUM idle', revision => 'next')});
	call_as('bob', 'SET search_path = public', q{SET plpgsql.variable_conflict = 'use_column'}, $upgrade);
	is(query($node, $db, 'SELECT what FROM seen'), 'error', "rights do not grow: $up");
	query($node, $db, q{SET client_min_messages = error; SELECT migrate_stamp('r'); SELECT migrate_remove('next')});
}

# The encoding of a worker's client is that of the database, and stays so.
script(q{RESET client_encoding; INSERT INTO seen VALUES (current_setting('client_encoding')); VACUUM idle});
my $encoding = query($node, $db, 'SHOW server_encoding');
query($node, $db, 'TRUNCATE seen');
is(end_of(start_call($node, $db, "SET client_encoding = 'LATIN1'\n;;\nSET client_min_messages = warning\n;;\n$upgrade")), "1\n", 'another client_encoding in the session: no WARNING');
is(query($node, $db, 'SELECT what FROM seen'), $encoding, 'RESET client_encoding');

# Temporary objects are gone with their session. One of the same name must not be taken for it.
query($node, $db, 'CREATE TABLE work (a int)');
foreach my $temporary ('TABLE work AS SELECT 42 AS a', 'VIEW work AS SELECT 42 AS a', 'SEQUENCE work', 'TYPE', 'TABLE work (a int) ON COMMIT DROP', 'TABLE work (a int); DROP TABLE work')
{
	my $create = $temporary eq 'TYPE' ? 'CREATE TYPE pg_temp.work AS (a int)' : "CREATE TEMPORARY $temporary";
	script("$create; VACUUM idle; $fails; INSERT INTO seen SELECT 'done'");
	like(call_of($upgrade), qr/ERROR:  22012/, "temporary $temporary: fails behind it");
	query($node, $db, 'ALTER TABLE trouble RENAME TO trouble_not');
	my $stays = $temporary !~ /DROP/;
	if ($stays)
	{
		my $refusal = qr/ERROR:  MG020: revision "r" would go on without its temporary objects\nDETAIL:  They have gone with the session of run \d+: work\. Nothing has been run\.\nHINT:  If the statements behind need them/;
		like(call_of($upgrade), $refusal, "temporary $temporary: refused");
		like(call_of(q{SELECT migrate_start('head')}, q{SELECT migrate_wait(max(run)) FROM migrate.run}), $refusal, 'in the background as well');
		query($node, $db, q{SELECT migrate_resolve('r', 'run')});
	}
	like(call_of($upgrade), qr/^1$/m, "temporary $temporary: " . ($stays ? 'goes on when it is told to' : 'is gone'));
	query($node, $db, 'ALTER TABLE trouble_not RENAME TO trouble');
	is(journal(), '-, invalid 0', 'nothing is left');
}

# One that an earlier revision of the same run has left is not this one's.
script('CREATE TEMPORARY TABLE scratch (a int); VACUUM idle');
query($node, $db, q{SELECT migrate_revision('next', $$VACUUM idle; } . $fails . q{; VACUUM idle$$, revision => 'next')});
like(call_of($upgrade), qr/ERROR:  22012/, 'a temporary table of an earlier revision: fails behind it');
is(query($node, $db, 'SELECT revision, temporary FROM migrate.journal'), 'next|{}', 'it is not asked for');
query($node, $db, q{SET client_min_messages = error; SELECT migrate_stamp('base'); SELECT migrate_edit('next', up => $$DROP TABLE pg_temp.scratch; CREATE TEMPORARY TABLE scratch AS SELECT 42 AS a; VACUUM idle; } . $fails . q{; VACUUM idle$$)});
like(call_of($upgrade), qr/ERROR:  22012/, 'made again under the same name: fails behind it');
is(query($node, $db, 'SELECT revision, temporary FROM migrate.journal'), 'next|{scratch}', 'it is another one');
like(call_of($upgrade), qr/ERROR:  MG020: revision "next" would go on without its temporary objects/, 'and asked for');
query($node, $db, q{SET client_min_messages = error; SELECT migrate_stamp('r'); SELECT migrate_remove('next')});

# Whatever is the default of the session, what a worker writes down about runs is no part of it; the scripts are, and are run again where the server says so.
$node->safe_psql('postgres', q{ALTER DATABASE app SET default_transaction_isolation = 'serializable'});
query($node, $db, join(';', map { "CREATE SCHEMA crowd$_" } 1 .. 8));
script('CREATE TABLE crowded (a int); INSERT INTO public.seen SELECT current_setting(\'transaction_isolation\'); VACUUM crowded; INSERT INTO crowded SELECT 1; CREATE INDEX CONCURRENTLY ON crowded (a); INSERT INTO crowded SELECT 2');
query($node, $db, 'TRUNCATE seen');
my @crowd = map { start_call($node, $db, "$quiet\n;;\nSELECT migrate_start('head', schema => 'crowd$_') > 0") } 1 .. 8;
like(end_of($_), qr/\At\n\z/, 'serializable: one of many tenants') for @crowd;
like(call_of(q{SET default_transaction_isolation = 'read committed'}, q{SELECT string_agg(DISTINCT migrate_wait(run), ' ') FROM migrate.run WHERE schema_name ~ '^crowd'}), qr/^done$/m, 'all are done');
is(query($node, $db, q{SELECT string_agg(DISTINCT what, ' ') || ' ' || count(*) FROM seen}), 'serializable 8', 'its script is');
is(query($node, $db, q{SELECT string_agg(DISTINCT coalesce(outcome, state), ' ') FROM migrate.run WHERE schema_name ~ '^crowd'}), 'done', 'every run is finished');
$node->safe_psql('postgres', q{ALTER DATABASE app RESET default_transaction_isolation});
query($node, $db, join(';', 'SET client_min_messages = error', map { "SELECT migrate_stamp('base', schema => 'crowd$_')" } 1 .. 8));

# A run that has a caller is waited for and cancelled like any other.
script('VACUUM idle; SELECT pg_sleep(600)');
my $call = start_call($node, $db, "$quiet\n;;\n$upgrade");
wait_until($node, $db, q{SELECT count(*) = 1 FROM migrate.progress WHERE statement = 2});
my $run = query($node, $db, q{SELECT max(run) FROM migrate.run});
is(query($node, $db, "SELECT migrate_wait($run, interval '100 ms')"), 'running', 'migrate_wait: it is running');
my $waits = start_call($node, $db, "$quiet\n;;\nSELECT migrate_wait($run)");
wait_until($node, 'postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = '$waits->{name}' AND state = 'active'");
is(query($node, $db, "SELECT migrate_cancel($run)"), 't', 'migrate_cancel: it has been told so');
like(end_of($call), qr/ERROR:  57014/, 'its caller gets the error');
like(end_of($waits), qr/ERROR:  57014/, 'so does who waits for it');
is(query($node, $db, "SELECT outcome FROM migrate.run WHERE run = $run"), 'cancelled', 'and it is written down');
is(journal(), 'r 1, invalid 0', 'what is done is done');

# A queued run whose worker has died is closed by the next call, which has nothing to do; but not in a transaction that goes on, where others would have to wait.
script('SELECT 1');
call_of($upgrade);
call_of(q{SET pg_migrate.fault_point = 'exit:run_locked'}, q{SELECT migrate_start('head')});
wait_until($node, 'postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'pg_migrate'});
my $open = open_session($node, $db);
$open->query_safe(q{BEGIN; SELECT * FROM migrate_upgrade('head')});
is(query($node, $db, q{SELECT outcome FROM migrate.run ORDER BY run DESC LIMIT 1}), '', 'a dead run: not closed in a transaction block');
call_of($upgrade);
is(query($node, $db, q{SELECT outcome FROM migrate.run ORDER BY run DESC LIMIT 1}), 'interrupted', 'but by a call of its own, meanwhile');
$open->query_safe('COMMIT');
$open->quit;

done_testing();

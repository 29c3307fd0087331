-- "Can't locate revision identified by 'xyz'": the database has a revision applied that is not known in it.
CREATE EXTENSION pg_migrate;

-- A mistyped target.
SELECT * FROM migrate_upgrade('xyz');

-- How a database gets into that state: its version rows came from elsewhere (a dump of the version table, say). Here a
-- revision is registered and stamped, and its registration is lost.
SELECT migrate_revision('add review_notes to extractions', revision => 'xyz', down_revision => 'base');
SELECT * FROM migrate_stamp('xyz');
DELETE FROM migrate.revision WHERE revision = 'xyz';

\set VERBOSITY terse
SELECT * FROM migrate_upgrade('head');
\set VERBOSITY default

-- It shows up here, without a message.
SELECT revision, message, is_head FROM migrate_current();

-- The remedy: register the file again (from git) ...
SELECT migrate_revision('add review_notes to extractions', revision => 'xyz', down_revision => 'base');
SELECT revision, message, is_head FROM migrate_current();

-- ... or, when it is gone for good, set the version to one that is known and is true of the database.
DELETE FROM migrate.revision WHERE revision = 'xyz';
SELECT migrate_revision('initial schema', revision => '1975ea83b712', down_revision => 'base');
SELECT * FROM migrate_stamp('1975ea83b712', purge => true);
SELECT revision, message, is_head FROM migrate_current();

DROP EXTENSION pg_migrate;

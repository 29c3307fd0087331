-- Large scripts, many statements, long texts.
CREATE EXTENSION pg_migrate;
CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', state, left(message, 70), nullif(left(detail, 70), ''));
END $$;

-- 64 kB in one statement, in a comment, in a string.
SELECT migrate_revision(revision => 's1', down_revision => 'base', message => 'one statement', up =>
    'CREATE TABLE wide AS SELECT ' || string_agg('1 AS c' || i, ', ') || ';' || repeat('-- a comment' || E'\n', 5500) || ' /*'
    || repeat('x', 65536) || '*/ INSERT INTO wide (c1) VALUES (length(''' || repeat('y', 65536) || '''));')
    FROM generate_series(1, 1000) AS i;
SELECT revision, statements FROM migrate_upgrade('s1');
SELECT max(c1), count(*) FROM wide;
SELECT length(up) > 65536 * 3 AS stored FROM migrate.revision WHERE revision = 's1';

-- 5,000 statements, each on a line of its own; the last one fails first.
CREATE TABLE many (i int);
SELECT migrate_revision(revision => 's2', down_revision => 's1', message => '5,000 statements',
                        up => (SELECT string_agg('INSERT INTO many VALUES (' || i || ');', E'\n' ORDER BY i) FROM generate_series(1, 4999) AS i)
                              || E'\nSELECT 1 / count(*) FROM missing;',
                        down => 'DELETE FROM many');
SELECT count(*), max(statement), bool_and(transactional) FROM migrate_plan('s2');
SELECT migrate_upgrade('s2');
SELECT count(*) FROM many;
CREATE TABLE missing AS SELECT 1;
SELECT statements FROM migrate_upgrade('s2');
SELECT count(*), sum(i) FROM many;
SELECT outcome, statement, sqlstate FROM migrate.log WHERE revision = 's2' ORDER BY started_at;
SELECT statements FROM migrate_downgrade('s1');
SELECT count(*) FROM many;

-- A syntax error in the last line of a long script.
SELECT try(format('SELECT migrate_revision(revision => ''s3'', message => ''m'', up => %L)', repeat(E'SELECT 1;\n', 9999) || 'SELEC 1'));
-- Long messages, tags and ids.
SELECT length(migrate_revision(revision => repeat('i', 255), down_revision => 's1', message => repeat('m', 100000), up => 'SELECT 1'));
SET client_min_messages = warning; -- the message is part of the announcement
SELECT length(revision), length(message) FROM migrate_upgrade(repeat('i', 255), tag => repeat('t', 100000));
RESET client_min_messages;
SELECT length(revision), length(tag) FROM migrate.log WHERE tag IS NOT NULL;
SELECT try(format('SELECT migrate_revision(revision => %L, message => ''m'')', repeat('i', 256)));
SELECT try(format('SELECT migrate_revision(revision => ''l'', down_revision => ''base'', branch_label => %L, message => ''m'')', repeat('l', 256)));
SELECT try(format('SELECT migrate_upgrade(%L)', repeat('u', 65536)));
SELECT try(format('SELECT migrate_upgrade(%L)', repeat('u,', 32768) || 'u'));
SELECT try(format('SELECT migrate_history(%L)', repeat('-', 65536) || ':' || repeat('+', 65536)));
SELECT try(format('SELECT migrate_revision(revision => ''p'', down_revision => %L, message => ''m'')', repeat('q,', 100000) || 'q'));
-- Nested deeper than the parser's stack, and than that of the server.
SELECT try(format('SELECT migrate_revision(revision => ''n'', message => ''m'', up => %L)', 'SELECT ' || repeat('(', 100000) || '1' || repeat(')', 100000))) ~ '^(54001|53200|42601|54000)';
SELECT try(format('SELECT migrate_revision(revision => ''n'', message => ''m'', up => %L)', 'SELECT ' || repeat('/* ', 100000))) ~ '^42601';
-- A script that recurses without end.
CREATE FUNCTION recurse() RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM recurse(); END';
SELECT migrate_revision(revision => 'r', down_revision => 'base', message => 'recurse', up => 'CREATE TABLE gone (i int); SELECT recurse()');
SELECT left(try('SELECT migrate_upgrade(''r'')'), 5);
SELECT to_regclass('gone'), outcome, statement, sqlstate FROM migrate.log WHERE revision = 'r';

-- A thousand revisions that change something, there and back.
SELECT count(migrate_revision(revision => 'k' || i, down_revision => CASE i WHEN 1 THEN 'base' ELSE 'k' || i - 1 END, message => 'k',
                              up => 'INSERT INTO many VALUES (1)', down => 'DELETE FROM many WHERE ctid = (SELECT max(ctid) FROM many)'))
    FROM generate_series(1, 1000) AS i;
SET client_min_messages = warning;
SELECT count(*) FROM migrate_upgrade('k1000');
SELECT count(*) FROM many;
SELECT count(*) FROM migrate_downgrade('k1@base');
RESET client_min_messages;
SELECT count(*) FROM many;
SELECT length(revision) FROM migrate.version;

DROP EXTENSION pg_migrate;
DROP TABLE wide, many, missing;
DROP FUNCTION try, recurse;

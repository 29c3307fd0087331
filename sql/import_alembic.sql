-- What `alembic upgrade base:heads --sql` and `alembic downgrade <head>:base --sql` print, turned into revisions.
CREATE EXTENSION pg_migrate;
\set ON_ERROR_STOP off

-- A history with a branch, a merge, a dependency, an autocommit_block() and a log.
CREATE TABLE printed (name text, up text, down text);
INSERT INTO printed VALUES ('branches', $up$INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.
INFO  [alembic.runtime.migration] Generating static SQL
INFO  [alembic.runtime.migration] Will assume transactional DDL.
BEGIN;

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

INFO  [alembic.runtime.migration] Running upgrade  -> 1975ea83b712, create account, and what's in it
-- Running upgrade  -> 1975ea83b712

CREATE TABLE account (
    id SERIAL NOT NULL, 
    mood TEXT, 
    PRIMARY KEY (id)
);

-- a comment; with a semicolon
INSERT INTO account (mood) VALUES ('it''s -- fine;'), ('COMMIT;');

INSERT INTO alembic_version (version_num) VALUES ('1975ea83b712') RETURNING alembic_version.version_num;

INFO  [alembic.runtime.migration] Running upgrade 1975ea83b712 -> 27c6a30d7c24, an index
-- Running upgrade 1975ea83b712 -> 27c6a30d7c24

UPDATE account SET mood = 'so';

COMMIT;

CREATE INDEX CONCURRENTLY account_mood ON account (mood);

UPDATE account SET mood = 'by itself';

BEGIN;

DO $$
BEGIN
-- Running upgrade 27c6a30d7c24 -> ffff00000000
    PERFORM 1;
END $$;

UPDATE alembic_version SET version_num='27c6a30d7c24' WHERE alembic_version.version_num = '1975ea83b712';

INFO  [alembic.runtime.migration] Running upgrade 1975ea83b712 -> ae1027a6acf1, another branch
-- Running upgrade 1975ea83b712 -> ae1027a6acf1

CREATE TYPE mood AS ENUM ('sad');

COMMIT;

ALTER TYPE mood ADD VALUE 'ok';

BEGIN;

CREATE TABLE happy (mood mood DEFAULT 'ok');

INSERT INTO alembic_version (version_num) VALUES ('ae1027a6acf1') RETURNING alembic_version.version_num;

INFO  [alembic.runtime.migration] Running upgrade 27c6a30d7c24, ae1027a6acf1 -> 53fffde5ad5a, both
-- Running upgrade 27c6a30d7c24, ae1027a6acf1 -> 53fffde5ad5a

DELETE FROM alembic_version WHERE alembic_version.version_num = '27c6a30d7c24';

UPDATE alembic_version SET version_num='53fffde5ad5a' WHERE alembic_version.version_num = 'ae1027a6acf1';

COMMIT;

$up$, $down$BEGIN;

-- Running downgrade 53fffde5ad5a -> 27c6a30d7c24, ae1027a6acf1

INSERT INTO alembic_version (version_num) VALUES ('27c6a30d7c24') RETURNING alembic_version.version_num;

UPDATE alembic_version SET version_num='ae1027a6acf1' WHERE alembic_version.version_num = '53fffde5ad5a';

-- Running downgrade ae1027a6acf1 -> 1975ea83b712

DROP TABLE happy;

DROP TYPE mood;

DELETE FROM alembic_version WHERE alembic_version.version_num = 'ae1027a6acf1';

-- Running downgrade 27c6a30d7c24 -> 1975ea83b712

DROP INDEX account_mood;

UPDATE alembic_version SET version_num='1975ea83b712' WHERE alembic_version.version_num = '27c6a30d7c24';

-- Running downgrade 1975ea83b712 -> 

DROP TABLE account;

DELETE FROM alembic_version WHERE alembic_version.version_num = '1975ea83b712';

DROP TABLE alembic_version;

COMMIT;

$down$);
SELECT i.* FROM printed, migrate_import_alembic(up, down) AS i WHERE name = 'branches';
SELECT revision, down_revision, depends_on FROM migrate.revision ORDER BY revision COLLATE "C";
\pset format unaligned
SELECT revision, up, down FROM migrate.revision ORDER BY revision COLLATE "C";
\pset format aligned
-- Again: nothing new.
SELECT i.revision, i.action FROM printed, migrate_import_alembic(up, down) AS i WHERE name = 'branches';
-- What a text does not tell stays as it is: the way back, and (without the lines of the log) the messages.
SELECT i.revision, i.action FROM printed, migrate_import_alembic(regexp_replace(up, '^INFO [^\n]*\n', '', 'gn')) AS i WHERE name = 'branches';
SELECT revision, message, down IS NOT NULL AS has_down FROM migrate.revision ORDER BY revision COLLATE "C";
SELECT step, revision, statement, transactional FROM migrate_plan('head');
SELECT revision, message FROM migrate_upgrade('head');
SELECT * FROM account;
SELECT revision FROM migrate_downgrade('base');
-- What is registered before the error does not stay.
SELECT i.revision FROM printed, migrate_import_alembic(replace(up, 'UPDATE account SET mood = ''so''', 'ROLLBACK')) AS i WHERE name = 'branches';
SELECT count(*) FROM migrate.revision;

-- A database that Alembic has migrated: the state is taken over from its table.
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('27c6a30d7c24'), ('ae1027a6acf1');
SELECT count(*) FROM migrate_stamp((SELECT coalesce(string_agg(version_num, ','), 'base') FROM alembic_version));
SELECT revision FROM migrate_current() ORDER BY revision COLLATE "C";
DELETE FROM alembic_version;
SELECT count(*) FROM migrate_stamp((SELECT coalesce(string_agg(version_num, ','), 'base') FROM alembic_version));
SELECT count(*) FROM migrate_current();
DROP TABLE alembic_version;

-- A version table with a schema and another name; a step that depends on another line; what a migration does to that table.
SELECT * FROM migrate_import_alembic($$BEGIN;

CREATE TABLE audit."Versions" (
    version_num VARCHAR(32) NOT NULL
);

-- Running upgrade  -> aaaa00000001

SELECT 1;

INSERT INTO audit."Versions" (version_num) VALUES ('aaaa00000001');

COMMIT;

BEGIN;

-- Running upgrade  -> bbbb00000001

INSERT INTO audit."Versions" (version_num) VALUES ('bbbb00000001');

COMMIT;

BEGIN;

-- Running upgrade bbbb00000001 -> bbbb00000002

ALTER TABLE audit."Versions" ALTER COLUMN version_num TYPE varchar(100);

INSERT INTO "Versions" (version_num) VALUES ('bbbb00000002');

DELETE FROM audit."Versions" WHERE audit."Versions".version_num = 'aaaa00000001';

UPDATE audit."Versions" SET version_num='bbbb00000002' WHERE audit."Versions".version_num = 'bbbb00000001';

COMMIT;

$$);
SELECT revision, down_revision, depends_on, up FROM migrate.revision WHERE revision LIKE '____00%' ORDER BY revision COLLATE "C";

-- With the history in front of it labels and messages come along.
SELECT * FROM migrate_import_alembic($$Rev: cccc00000002 (head)
Parent: cccc00000001
Also depends on: aaaa00000001
Branch names: shop
Path: /project/versions/cccc00000002_orders.py

    orders
    
    Revision ID: cccc00000002
    Revises: cccc00000001
    Create Date: 2026-01-02 10:00:00.000000

Rev: cccc00000001
Parent: <base>
Branch names: shop
Path: /project/versions/cccc00000001_shop.py

    the shop's tables
    
    Revision ID: cccc00000001
    Revises: 
    Create Date: 2026-01-01 10:00:00.000000

BEGIN;

-- Running upgrade  -> cccc00000001

INSERT INTO alembic_version (version_num) VALUES ('cccc00000001');

-- Running upgrade cccc00000001 -> cccc00000002

SELECT 1;

UPDATE alembic_version SET version_num='cccc00000002' WHERE alembic_version.version_num = 'cccc00000001';

COMMIT;$$);
SELECT revision, depends_on FROM migrate.revision WHERE revision LIKE 'cccc%' ORDER BY revision COLLATE "C";
SELECT revision, branch_labels FROM migrate_history() WHERE revision LIKE 'cccc%' ORDER BY revision COLLATE "C";
-- And stay, when the text comes without it. One that has other statements is refused where it is applied, and says what is different.
SELECT count(*) FROM migrate_stamp('cccc00000002');
SELECT revision, action FROM migrate_import_alembic($$-- Running upgrade cccc00000001 -> cccc00000002

SELECT 1;

UPDATE alembic_version SET version_num='cccc00000002' WHERE alembic_version.version_num = 'cccc00000001';$$);
SELECT revision, depends_on, message FROM migrate.revision WHERE revision LIKE 'cccc%' ORDER BY revision COLLATE "C";
SELECT revision, action FROM migrate_import_alembic($$-- Running upgrade cccc00000001 -> cccc00000002

SELECT 2;

UPDATE alembic_version SET version_num='cccc00000002' WHERE alembic_version.version_num = 'cccc00000001';$$);
-- A way back that was not there can come later.
SELECT revision, action FROM migrate_import_alembic($$-- Running upgrade cccc00000001 -> cccc00000002

SELECT 1;

UPDATE alembic_version SET version_num='cccc00000002' WHERE alembic_version.version_num = 'cccc00000001';$$, $$-- Running downgrade cccc00000002 -> cccc00000001

SELECT -1;

UPDATE alembic_version SET version_num='cccc00000001' WHERE alembic_version.version_num = 'cccc00000002';$$);
SELECT count(*) FROM migrate_stamp('base', purge => true);

-- A label stands for the revision that declares it, here the second; what depends on the label depends on that one.
SELECT * FROM migrate_import_alembic($$Rev: bb0000000001 (head)
Parent: <base>
Also depends on: la
Path: /project/versions/bb0000000001_.py

    b
    
    Revision ID: bb0000000001

Rev: aa0000000002
Parent: aa0000000001
Branch names: la
Path: /project/versions/aa0000000002_.py

    a, two

Rev: aa0000000001
Parent: <base>
Branch names: la
Path: /project/versions/aa0000000001_.py

    a, one

BEGIN;

-- Running upgrade  -> aa0000000001

INSERT INTO alembic_version (version_num) VALUES ('aa0000000001');

-- Running upgrade aa0000000001 -> aa0000000002

UPDATE alembic_version SET version_num='aa0000000002' WHERE alembic_version.version_num = 'aa0000000001';

-- Running upgrade  -> bb0000000001

UPDATE alembic_version SET version_num='bb0000000001' WHERE alembic_version.version_num = 'aa0000000002';

COMMIT;$$);
SELECT revision, depends_on, branch_labels FROM migrate_history() WHERE revision ~ '^(aa|bb)0' ORDER BY revision COLLATE "C";

-- What env.py does around the revisions is none of theirs, also where two outputs follow each other. A line of a literal
-- is not one of the log, a comment no marker, and a comment before a semicolon stays. A way back that raises an error is
-- none; one that cannot run is kept.
SELECT * FROM migrate_import_alembic($$BEGIN;

SET ROLE app;

-- Running upgrade ac0000000000 -> ac0000000001

-- Running upgrade v1 -> v2
SELECT 'x
ERROR [db] it''s failed';

UPDATE alembic_version SET version_num='ac0000000001' WHERE alembic_version.version_num = 'ac0000000000';

COMMIT;

BEGIN;

SET ROLE app;

-- Running upgrade ac0000000001 -> ac0000000002

SELECT 2 /* two */;

DELETE FROM alembic_version WHERE version_num = 'ac0000000001';

LOCK alembic_version;

INSERT INTO t VALUES ('C:\\temp');

UPDATE alembic_version SET version_num='ac0000000002' WHERE alembic_version.version_num = 'ac0000000001';

GRANT x TO y;

COMMIT;

$$, $$BEGIN;

-- Running downgrade ac0000000002 -> ac0000000001

Traceback (most recent call last):
  File "ac0000000002_.py", line 11, in downgrade
    raise NotImplementedError("it's gone")
NotImplementedError: it's gone
BEGIN;

-- Running downgrade ac0000000001 -> ac0000000000

DROP TABL t;

UPDATE alembic_version SET version_num='ac0000000000' WHERE alembic_version.version_num = 'ac0000000001';

COMMIT;

$$);
\pset format unaligned
SELECT revision, up, down FROM migrate.revision WHERE revision LIKE 'ac%' ORDER BY revision COLLATE "C";
\pset format aligned
-- A comment that hides the end of a statement: what follows would be a part of it.
SELECT * FROM migrate_import_alembic($$-- Running upgrade ac0000000000 -> ac0000000001

SELECT setval('s', 10) -- reset;

DELETE FROM u WHERE i = 1;

UPDATE alembic_version SET version_num='ac0000000001' WHERE alembic_version.version_num = 'ac0000000000';

$$);
-- What is no SQL, and no part of a way back.
SELECT * FROM migrate_import_alembic($$-- Running upgrade ac0000000000 -> ac0000000001

UPDATE alembic_version SET version_num='ac0000000001' WHERE alembic_version.version_num = 'ac0000000000';

$$, $$SELEC 1;

-- Running downgrade ac0000000001 -> ac0000000000

UPDATE alembic_version SET version_num='ac0000000000' WHERE alembic_version.version_num = 'ac0000000001';

$$);
-- A label that Alembic takes and cannot find.
SELECT * FROM migrate_import_alembic($$Rev: ad0000000001 (head)
Parent: <base>
Branch names: my-label
Path: /project/versions/ad0000000001_.py

    one

-- Running upgrade  -> ad0000000001

INSERT INTO alembic_version (version_num) VALUES ('ad0000000001');

$$);

-- What is no such text.
SELECT * FROM migrate_import_alembic('/project/upgrades.sql');
SELECT * FROM migrate_import_alembic(E'e003 -> e004 (head), orders\n<base> -> e003, shop\n\nBEGIN;\n');
SELECT * FROM migrate_import_alembic(NULL);
SELECT * FROM migrate_import_alembic('');
SELECT * FROM migrate_import_alembic('SELECT 1;');
SELECT i.* FROM printed, migrate_import_alembic(down, up) AS i;
SELECT i.* FROM printed, migrate_import_alembic(up, up) AS i;
SELECT i.* FROM printed, migrate_import_alembic(up, E'-- Running downgrade 1975ea83b712 -> 27c6a30d7c24\nDELETE FROM v WHERE version_num = ''1975ea83b712''') AS i;
SELECT i.* FROM printed, migrate_import_alembic(up, E'-- Running downgrade ffff00000000 -> 27c6a30d7c24\nDELETE FROM v WHERE version_num = ''ffff00000000''') AS i;
SELECT * FROM migrate_import_alembic(E'BEGIN;\n\n-- Running stamp_revision  -> 27c6a30d7c24\n\nCOMMIT;\n');
SELECT * FROM migrate_import_alembic(E'BEGIN;\n\n-- Running upgrade  -> aa\n\nSELECT 1\n\nSELEC 2;\n');
SELECT * FROM migrate_import_alembic(E'BEGIN;\n\n-- Running upgrade  -> aa\n\nTraceback (most recent call last):\n  File "x"\n');
SELECT * FROM migrate_import_alembic(E'BEGIN;\n\n-- Running upgrade  -> aa\n\nSELECT ''1;\n');
SELECT * FROM migrate_import_alembic(E'SET search_path = shop;\n\nBEGIN;\n\n-- Running upgrade  -> dddd00000001\n\nSELECT 1;\n\nINSERT INTO v (version_num) VALUES (''dddd00000001'');\n');
SELECT * FROM migrate_import_alembic(E'-- Running upgrade  -> head\nINSERT INTO v (version_num) VALUES (''head'');');
SELECT * FROM migrate_import_alembic(E'-- Running upgrade  -> eeee00000001\n\nCOPY t FROM STDIN;\nINSERT INTO v (version_num) VALUES (''eeee00000001'');');

-- Cut off in the middle of a revision.
SELECT i.* FROM printed, migrate_import_alembic(left(up, strpos(up, 'UPDATE account SET mood = ''by') - 1)) AS i;

-- For authors.
CREATE ROLE regress_import_operator;
SELECT migrate_grant('regress_import_operator', 'operator');
SET ROLE regress_import_operator;
SELECT * FROM migrate_import_alembic(E'-- Running upgrade  -> ffff00000001\nINSERT INTO v (version_num) VALUES (''ffff00000001'');');
RESET ROLE;
SELECT migrate_grant('regress_import_operator', 'author');
SET ROLE regress_import_operator;
SELECT * FROM migrate_import_alembic(E'-- Running upgrade  -> ffff00000001\nINSERT INTO v (version_num) VALUES (''ffff00000001'');');
RESET ROLE;
SELECT migrate_revoke('regress_import_operator', 'author'), migrate_revoke('regress_import_operator', 'operator');
DROP ROLE regress_import_operator;
DROP EXTENSION pg_migrate;
DROP TABLE printed;

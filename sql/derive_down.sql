-- Down scripts that are derived from what an up script does.

CREATE EXTENSION pg_migrate;
CREATE SCHEMA derive;
SELECT migrate_revision('things', 'CREATE TABLE derive.things (id integer, name text, old_size integer DEFAULT 1);', revision => 'd1', down_revision => 'base');
-- Renames are seen for what they are; what is lost is said.
SELECT migrate_revision('many changes', $$
    ALTER TABLE derive.things RENAME TO objects;
    ALTER TABLE derive.objects RENAME COLUMN old_size TO size;
    ALTER TABLE derive.objects DROP COLUMN name;
    ALTER TABLE derive.objects ADD COLUMN label varchar(20) NOT NULL DEFAULT 'none';
    UPDATE derive.objects SET size = 2;
$$, revision => 'd2', down_revision => 'd1');
-- Two tables take each other's names.
SELECT migrate_revision('swap', $$
    CREATE TABLE derive.things (only_new integer);
    ALTER TABLE derive.objects RENAME TO tmp;
    ALTER TABLE derive.things RENAME TO objects;
    ALTER TABLE derive.tmp RENAME TO things;
$$, revision => 'd3', down_revision => 'd2');

SELECT migrate_derive_down('d1');
SELECT migrate_derive_down('d2');
SELECT migrate_derive_down('d3');
-- They stand beside the registration, which can be repeated.
SELECT revision, down, derived_down IS NOT NULL AS derived FROM migrate.revision ORDER BY revision;
SELECT migrate_revision('things', 'CREATE TABLE derive.things (id integer, name text, old_size integer DEFAULT 1);', revision => 'd1', down_revision => 'base');
SELECT revision, derived_down IS NOT NULL AS derived FROM migrate.revision ORDER BY revision;
-- Files have them as down scripts.
SELECT file, content LIKE '%down%DROP TABLE derive.things%' AS has_way_back FROM migrate_export('base:d1');
-- They are proved, and used.
SELECT * FROM migrate_verify();
SELECT count(*) FROM migrate_upgrade();
SELECT revision, direction FROM migrate_downgrade('base');
SELECT count(*) FROM pg_class WHERE relnamespace = 'derive'::regnamespace;
-- Another up script is another way back; the one that was derived is gone.
SELECT migrate_edit('d1', up => 'CREATE TABLE derive.things (id integer, name text, old_size integer DEFAULT 1, more text);');
SELECT revision, derived_down IS NOT NULL AS derived FROM migrate.revision ORDER BY revision;
-- One that is registered is replaced.
SELECT migrate_edit('d1', down => 'SELECT 1');
SELECT migrate_derive_down('d1');
SELECT down FROM migrate.revision WHERE revision = 'd1';
-- Not of what is applied.
SELECT count(*) FROM migrate_upgrade('d1');
SELECT migrate_derive_down('d1');
SELECT migrate_derive_down('nowhere');
SELECT migrate_derive_down(NULL);
SELECT count(*) FROM migrate_downgrade('base');

-- By itself, when a revision is upgraded to.
SET pg_migrate.derive_down = on;
SELECT migrate_edit('d1', down => '');
SELECT migrate_revision('d1', 'CREATE TABLE derive.a (i integer);', revision => 'e1', down_revision => 'base');
SELECT migrate_revision('d2', 'ALTER TABLE derive.a ADD COLUMN j integer; ALTER TABLE derive.a ADD COLUMN k integer;', revision => 'e2', down_revision => 'e1');
SELECT migrate_revision('d3', 'CREATE INDEX CONCURRENTLY derive_a ON derive.a (i);', revision => 'e3', down_revision => 'e2');
SELECT revision FROM migrate_upgrade('e2');
SELECT revision FROM migrate_upgrade('e3');
SELECT revision, derived_down FROM migrate.revision WHERE revision LIKE 'e%' ORDER BY revision;
SELECT revision FROM migrate_downgrade('e3@base');
SELECT count(*) FROM pg_class WHERE relnamespace = 'derive'::regnamespace;
-- What another call had begun cannot be told any more; and a failure changes nothing.
SELECT migrate_revision('fails', 'CREATE TABLE derive.b (i integer); SELECT 1 / 0;', revision => 'e4', down_revision => 'base');
SELECT migrate_upgrade('e4');
SELECT revision, derived_down FROM migrate.revision WHERE revision = 'e4';
RESET pg_migrate.derive_down;

-- Sequences that belong to columns move with the table.
SELECT migrate_revision('serial', 'CREATE TABLE derive.moved (id serial, other int GENERATED ALWAYS AS IDENTITY)', 'DROP TABLE derive.moved', revision => 's1', down_revision => 'base');
SELECT migrate_revision('move', 'CREATE SCHEMA derive_to; ALTER TABLE derive.moved SET SCHEMA derive_to', revision => 's2', down_revision => 's1');
SELECT migrate_derive_down('s2');
SELECT * FROM migrate_verify('s2');
-- Columns that are inherited are renamed with the table's above; values of enums are known by their OIDs.
SELECT migrate_revision('renames', $$CREATE TABLE derive.parts (x int, y text) PARTITION BY RANGE (x); CREATE TABLE derive.part PARTITION OF derive.parts DEFAULT;
    CREATE TABLE derive.above (a int, b int); CREATE TABLE derive.below () INHERITS (derive.above);
    CREATE TYPE derive.level AS ENUM ('low', 'high'); CREATE TABLE derive.levels (l derive.level DEFAULT 'low'); INSERT INTO derive.levels VALUES ('high')$$,
                        'DROP TABLE derive.parts, derive.below, derive.above, derive.levels; DROP TYPE derive.level', revision => 'n1', down_revision => 'base');
SELECT migrate_revision('renames', $$ALTER TABLE derive.parts RENAME x TO xx; ALTER TABLE derive.above RENAME a TO aa; ALTER TYPE derive.level RENAME VALUE 'high' TO 'higher'$$,
                        revision => 'n2', down_revision => 'n1');
SELECT migrate_derive_down('n2');
SELECT count(*) FROM migrate_upgrade('n2');
SELECT count(*) FROM migrate_downgrade('n2@n1');
SELECT l FROM derive.levels;
SELECT count(*) FROM migrate_downgrade('n1@base');
-- A value of an enum that is there cannot be used before it is committed.
SELECT migrate_revision('enum', $$CREATE TYPE derive.mood AS ENUM ('sad')$$, 'DROP TYPE derive.mood', revision => 'v1', down_revision => 'base');
SELECT revision FROM migrate_upgrade('v1');
SELECT migrate_revision('value', $$ALTER TYPE derive.mood ADD VALUE 'ok'; CREATE TABLE derive.moods AS SELECT 'ok'::derive.mood$$, revision => 'v2', down_revision => 'v1');
SELECT migrate_derive_down('v2');
SELECT revision FROM migrate_downgrade('v2@base');

-- Rows that refer to some that are gone do not stand in the way of the structure.
SELECT migrate_revision('keys', $$CREATE TABLE derive.users (id int PRIMARY KEY); CREATE TABLE derive.comments (author int REFERENCES derive.users, CONSTRAINT "own % key" FOREIGN KEY (author) REFERENCES derive.users ON DELETE CASCADE)$$,
                        'DROP TABLE derive.comments, derive.users', revision => 'k1', down_revision => 'base');
SELECT migrate_revision('drop', 'DROP TABLE derive.users CASCADE', revision => 'k2', down_revision => 'k1');
SELECT count(*) FROM migrate_upgrade('k1');
SELECT migrate_derive_down('k2');
SELECT * FROM migrate_verify('k2');
INSERT INTO derive.users VALUES (1);
INSERT INTO derive.comments VALUES (1);
SELECT * FROM migrate_verify('k2');
SELECT count(*) FROM migrate_upgrade('k2');
SELECT count(*) FROM migrate_downgrade('k2@k1');
SELECT conname, convalidated FROM pg_constraint WHERE conrelid = 'derive.comments'::regclass ORDER BY 1;
SELECT count(*) FROM migrate_downgrade('k1@base');

-- What is dropped and made again under its name is another object: what it held is gone, and its text need not fit.
SELECT migrate_revision('again', $$CREATE TABLE derive.again (a int, b int); CREATE INDEX again_b ON derive.again (b); CREATE TABLE derive.anew (id serial PRIMARY KEY, a int);
    CREATE TABLE derive.refers (anew int REFERENCES derive.anew); CREATE TABLE derive.moved (a int); CREATE TABLE derive.most (a int)$$,
                        'DROP TABLE derive.again, derive.anew, derive.refers, derive.moved, derive.most', revision => 'a1', down_revision => 'base');
SELECT migrate_revision('again', $$ALTER TABLE derive.again DROP COLUMN b; ALTER TABLE derive.again ADD COLUMN b text DEFAULT 'n';
    DROP TABLE derive.anew CASCADE; CREATE TABLE derive.anew (id serial PRIMARY KEY, a int, b int); INSERT INTO derive.anew VALUES (1, 2, length('(SELECT a table)'))$$,
                        revision => 'a2', down_revision => 'a1');
-- Where the script may have moved to it what the old one held, it is taken for the same.
SELECT migrate_revision('moved', $$CREATE TABLE derive.new (a bigint); INSERT INTO derive.new SELECT a FROM derive.moved; DROP TABLE derive.moved; ALTER TABLE derive.new RENAME TO moved;
    CREATE TABLE derive.new (a bigint); INSERT INTO derive.new VALUES ((SELECT max(a) FROM derive.most)); DROP TABLE derive.most; ALTER TABLE derive.new RENAME TO most;
    ALTER TABLE derive.again ADD COLUMN c bigint; UPDATE derive.again SET c = a; ALTER TABLE derive.again DROP COLUMN a; ALTER TABLE derive.again RENAME COLUMN c TO a$$,
                        revision => 'a3', down_revision => 'a2');
SELECT count(*) FROM migrate_upgrade('a1');
SELECT replace(migrate_derive_down('a2'), ' CONSTRAINT anew_id_not_null', '') /* from 18 on */ \g (format=unaligned tuples_only=on)
SELECT migrate_derive_down('a3') \g (format=unaligned tuples_only=on)
INSERT INTO derive.again VALUES (1, 2);
INSERT INTO derive.anew (a) VALUES (1);
INSERT INTO derive.refers VALUES (1);
INSERT INTO derive.moved VALUES (1);
INSERT INTO derive.most VALUES (1), (2);
SELECT count(*) FROM migrate_upgrade('a3');
SELECT count(*) FROM migrate_downgrade('a3@a1');
SELECT * FROM derive.again, derive.moved, derive.most;
SELECT count(*) FROM derive.anew;
SELECT conname, convalidated FROM pg_constraint WHERE conrelid = 'derive.refers'::regclass;
SELECT count(*) FROM migrate_downgrade('a1@base');

-- The arguments of a function that moves are of types that have moved.
SELECT migrate_revision('function', $$CREATE SCHEMA derive_from; CREATE TYPE derive_from.e AS ENUM ('q'); CREATE FUNCTION derive_from.f(derive_from.e) RETURNS int LANGUAGE sql AS 'SELECT 1'$$,
                        'DROP SCHEMA derive_from CASCADE', revision => 'f1', down_revision => 'base');
SELECT migrate_revision('move', $$ALTER TYPE derive_from.e SET SCHEMA derive; ALTER TYPE derive.e RENAME TO ee; ALTER FUNCTION derive_from.f(derive.ee) SET SCHEMA derive; DROP SCHEMA derive_from$$,
                        revision => 'f2', down_revision => 'f1');
SELECT migrate_derive_down('f2');
SELECT * FROM migrate_verify('f2');

-- What takes names in turn: the names that it has in between are free ones.
SELECT migrate_revision('turn', $$CREATE TABLE derive.t (a int, b int, a_pgm int, b_pgm int); CREATE TABLE derive.u (); CREATE TABLE derive.t_pgm (); CREATE TABLE derive.u_pgm ();
    CREATE TYPE derive.l AS ENUM ('x', 'y', 'x_pgm', 'y_pgm')$$,
                        'DROP TABLE derive.t, derive.u, derive.t_pgm, derive.u_pgm; DROP TYPE derive.l', revision => 't1', down_revision => 'base');
SELECT migrate_revision('turn', $$ALTER TABLE derive.t RENAME a TO c; ALTER TABLE derive.t RENAME b TO a; ALTER TABLE derive.t RENAME c TO b;
    ALTER TABLE derive.t RENAME TO v; ALTER TABLE derive.u RENAME TO t; ALTER TABLE derive.v RENAME TO u;
    ALTER TYPE derive.l RENAME VALUE 'x' TO 'z'; ALTER TYPE derive.l RENAME VALUE 'y' TO 'x'; ALTER TYPE derive.l RENAME VALUE 'z' TO 'y'$$,
                        revision => 't2', down_revision => 't1');
SELECT migrate_derive_down('t2') \g (format=unaligned tuples_only=on)
SELECT * FROM migrate_verify('t2');

-- Values that USING computes anew are not brought back: it says so, unless the server does no more by itself.
SELECT migrate_revision('values', 'CREATE TABLE derive.v (a text, b int, c text, d text, "E" text, f int, g text)', 'DROP TABLE derive.v', revision => 'using1', down_revision => 'base');
SELECT migrate_revision('values', $$ALTER TABLE derive.v ALTER a TYPE int USING length(a), ALTER b TYPE boolean USING b > 0, ALTER f TYPE bigint USING f::bigint;
    ALTER TABLE derive.v ALTER c TYPE varchar(2) USING c::varchar(2);
    ALTER TABLE derive.v ALTER d TYPE text USING upper(d), ALTER "E" TYPE text USING d, ALTER g TYPE text USING v.g$$,
                        revision => 'using2', down_revision => 'using1');
SELECT migrate_derive_down('using2') \g (format=unaligned tuples_only=on)
SELECT * FROM migrate_verify('using2');

DROP SCHEMA derive CASCADE;
DROP EXTENSION pg_migrate;

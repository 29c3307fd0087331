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

DROP SCHEMA derive CASCADE;
DROP EXTENSION pg_migrate;

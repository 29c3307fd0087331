-- What 18 has beyond its predecessors: there and back, with rows.
CREATE EXTENSION pg_migrate;
SET client_min_messages = error; -- of wal_level
SELECT $model$
CREATE SCHEMA new;
CREATE TABLE new.named (a int NOT NULL, b int NOT NULL, c int CONSTRAINT c_first NOT NULL, d int, e int NOT NULL, f int NOT NULL NO INHERIT, g int NOT NULL);
ALTER TABLE new.named ADD CONSTRAINT d_later NOT NULL d NOT VALID; COMMENT ON CONSTRAINT named_g_not_null ON new.named IS 'before';
CREATE TABLE new."Quoted" ("A b" int, c int CONSTRAINT "is ""it""" NOT NULL);
CREATE TABLE new.p (a int, b int NOT NULL, c int NOT NULL, d int CONSTRAINT d_above NOT NULL, e int NOT NULL NO INHERIT, f int NOT NULL); CREATE TABLE new.p_1 () INHERITS (new.p); CREATE TABLE new.p_2 (e int NOT NULL) INHERITS (new.p_1);
CREATE TABLE new.parts (a int NOT NULL, b int) PARTITION BY RANGE (a);
CREATE TABLE new.parts_1 (a int CONSTRAINT own NOT NULL, b int); CREATE TABLE new.parts_2 PARTITION OF new.parts FOR VALUES FROM (10) TO (20);
CREATE DOMAIN new.filled AS text NOT NULL; CREATE DOMAIN new.filled_too AS text; CREATE DOMAIN new.emptied AS text CONSTRAINT e NOT NULL;
CREATE TABLE new.computed (a int, v int GENERATED ALWAYS AS (a * 2) VIRTUAL, w int GENERATED ALWAYS AS (a * 2) VIRTUAL, x int GENERATED ALWAYS AS (a * 2) STORED, y int, z int GENERATED ALWAYS AS (a + 1) VIRTUAL);
CREATE TABLE new.k (id int PRIMARY KEY); CREATE TABLE new.f (k int CONSTRAINT f_k REFERENCES new.k, l int CONSTRAINT f_l REFERENCES new.k NOT ENFORCED, c int CONSTRAINT c_c CHECK (c > 0));
CREATE TABLE new.span (id int4range, valid daterange, other daterange); CREATE TABLE new.within (id int4range, valid daterange);
CREATE TABLE new.moved (a int NOT NULL, b int NOT NULL);
CREATE TABLE new.published (a int, v int GENERATED ALWAYS AS (a * 2) VIRTUAL, w int GENERATED ALWAYS AS (a * 2) STORED); CREATE PUBLICATION new_published FOR TABLE new.published;
$model$ AS before \gset
SELECT $model$
CREATE SCHEMA new;
CREATE TABLE new.named (a int CONSTRAINT a_given NOT NULL, b int NOT NULL NO INHERIT, c int CONSTRAINT c_second NOT NULL, d int CONSTRAINT d_later NOT NULL, e int, f int NOT NULL, g int NOT NULL, h int DEFAULT 1 CONSTRAINT h_added NOT NULL);
ALTER TABLE new.named ADD CONSTRAINT e_unchecked NOT NULL e NOT VALID; COMMENT ON CONSTRAINT named_g_not_null ON new.named IS 'after';
CREATE TABLE new."Quoted" ("A b" int NOT NULL, c int CONSTRAINT "is ""that""" NOT NULL NO INHERIT);
CREATE TABLE new.p (a int NOT NULL, b int, c int NOT NULL NO INHERIT, d int CONSTRAINT d_renamed NOT NULL, e int NOT NULL, f int NOT NULL); CREATE TABLE new.p_1 (CONSTRAINT p_1_a NOT NULL a) INHERITS (new.p); CREATE TABLE new.p_2 (e int NOT NULL, CONSTRAINT p_2_b NOT NULL b) INHERITS (new.p_1);
CREATE TABLE new.parts (a int NOT NULL, b int CONSTRAINT parts_b NOT NULL) PARTITION BY RANGE (a);
CREATE TABLE new.parts_1 PARTITION OF new.parts FOR VALUES FROM (0) TO (10); CREATE TABLE new.parts_2 (a int CONSTRAINT own NOT NULL, b int);
CREATE DOMAIN new.filled AS text CONSTRAINT f NOT NULL; CREATE DOMAIN new.filled_too AS text CONSTRAINT g NOT NULL; COMMENT ON CONSTRAINT g ON DOMAIN new.filled_too IS 'full'; CREATE DOMAIN new.emptied AS text;
CREATE TABLE new.computed (a int, v int GENERATED ALWAYS AS (a * 3) VIRTUAL, w int GENERATED ALWAYS AS (a * 2) STORED, x int GENERATED ALWAYS AS (a * 2) VIRTUAL, y int GENERATED ALWAYS AS (a * 2) VIRTUAL NOT NULL, z int);
CREATE TABLE new.k (id int PRIMARY KEY); CREATE TABLE new.f (k int CONSTRAINT f_k REFERENCES new.k NOT ENFORCED, l int CONSTRAINT f_l REFERENCES new.k, c int CONSTRAINT c_c CHECK (c > 0) NOT ENFORCED);
CREATE TABLE new.span (id int4range, valid daterange, other daterange, CONSTRAINT span_key PRIMARY KEY (id, valid WITHOUT OVERLAPS), UNIQUE (id, other WITHOUT OVERLAPS));
CREATE TABLE new.within (id int4range, valid daterange, CONSTRAINT within_key FOREIGN KEY (id, PERIOD valid) REFERENCES new.span (id, PERIOD valid));
CREATE TABLE new.moved (a int NOT NULL, b int CONSTRAINT moved_b NOT NULL) PARTITION BY RANGE (a); CREATE TABLE new.moved_all PARTITION OF new.moved DEFAULT;
CREATE TABLE new.published (a int, v int GENERATED ALWAYS AS (a * 3) VIRTUAL, w int GENERATED ALWAYS AS (a * 2) STORED); CREATE PUBLICATION new_published FOR TABLE new.published WITH (publish_generated_columns = stored);
ALTER DEFAULT PRIVILEGES GRANT SELECT ON LARGE OBJECTS TO PUBLIC;
$model$ AS after \gset
SELECT migrate_autogenerate('before', model => :'before', revision => 'k1');
SELECT up FROM migrate_show('k1') \gx
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'before');
INSERT INTO new.named VALUES (1, 2, 3, 4, 5, 6, 7);
INSERT INTO new.p_2 VALUES (1, 2, 3, 4, 5, 6);
INSERT INTO new.parts_1 VALUES (1, 2);
INSERT INTO new.computed (a, y) VALUES (1, 2);
INSERT INTO new.moved VALUES (1, 2);
SELECT migrate_autogenerate('after', model => :'after', revision => 'k2');
SELECT up FROM migrate_show('k2') \gx
SELECT down FROM migrate_show('k2') \gx
SELECT revision, up, down, identical, difference FROM migrate_verify();
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'after');
SELECT conrelid::regclass AS "table", conname, pg_get_constraintdef(oid) AS definition, conislocal, coninhcount
  FROM pg_constraint WHERE connamespace = 'new'::regnamespace AND contype = 'n' AND conrelid <> 0 ORDER BY 1, conkey;
TABLE new.named; TABLE new.p_2; TABLE new.parts; TABLE new.computed; TABLE new.moved;
SELECT revision FROM migrate_downgrade('-1');
SELECT * FROM migrate_check(model => :'before');
TABLE new.named; TABLE new.p_2; TABLE new.parts_1; TABLE new.computed; TABLE new.moved;
-- Without long locks.
DELETE FROM migrate.revision WHERE revision = 'k2';
SELECT migrate_autogenerate('online', model => :'after', revision => 'k3', online => true);
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'after');
SELECT revision FROM migrate_downgrade('base');
DELETE FROM migrate.revision;
-- Names that tables below an inherited constraint do not share, and what is the table's own besides being inherited.
SELECT $model$
CREATE SCHEMA new; CREATE TABLE new.p (a int CONSTRAINT one NOT NULL, b int NOT NULL); CREATE TABLE new.p_1 (a int CONSTRAINT other NOT NULL, b int NOT NULL) INHERITS (new.p);
CREATE TABLE new.q (a int NOT NULL) PARTITION BY RANGE (a); CREATE TABLE new.q_1 PARTITION OF new.q DEFAULT;
$model$ AS before \gset
SELECT $model$
CREATE SCHEMA new; CREATE TABLE new.p (a int CONSTRAINT two NOT NULL, b int NOT NULL, c int); CREATE TABLE new.p_1 (a int CONSTRAINT another NOT NULL, b int) INHERITS (new.p);
CREATE TABLE new.q (a int NOT NULL) PARTITION BY RANGE (a); CREATE TABLE new.q_1 (a int CONSTRAINT own NOT NULL); ALTER TABLE new.q ATTACH PARTITION new.q_1 DEFAULT;
$model$ AS after \gset
SELECT migrate_autogenerate('before', model => :'before', schemas => 'new', revision => 'n1');
SELECT revision FROM migrate_upgrade('n1');
SELECT migrate_autogenerate('after', model => :'after', schemas => 'new', revision => 'n2');
SELECT up FROM migrate_show('n2') \gx
SELECT revision FROM migrate_upgrade();
SELECT kind, object, change FROM migrate_check(model => :'after', schemas => 'new');
DROP SCHEMA IF EXISTS new CASCADE;
DROP EXTENSION pg_migrate;

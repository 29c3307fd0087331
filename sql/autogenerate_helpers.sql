-- What a script needs for a moment has a name that nothing else has.
CREATE EXTENSION pg_migrate;
SET client_min_messages = warning;
SELECT repeat('a', 60) AS long \gset
SELECT format($$
CREATE SCHEMA helpers;
CREATE TYPE helpers.m AS ENUM ('a', 'b');
CREATE TYPE helpers.m_replaced AS ENUM ('x');
CREATE TYPE helpers.%1$sa AS ENUM ('a', 'b');
CREATE TYPE helpers.%1$sb AS ENUM ('a', 'b');
CREATE TYPE helpers.r AS RANGE (subtype = text, multirange_type_name = helpers.mr);
CREATE DOMAIN helpers.mr_replaced AS int;
CREATE TABLE helpers.t (m helpers.m, a helpers.%1$sa, b helpers.%1$sb, r helpers.r, id serial);
CREATE TABLE helpers.t_id_seq_replaced (a int);
CREATE TABLE helpers.p (k int) PARTITION BY LIST (k);
CREATE TABLE helpers.p_1 PARTITION OF helpers.p FOR VALUES IN (1);
CREATE TABLE helpers.p_1_replaced (a int);
CREATE TABLE helpers.above (a int);
CREATE TABLE helpers.below () INHERITS (helpers.above);
CREATE TABLE helpers.other ();
$$, :'long') AS before, format($$
CREATE SCHEMA helpers;
CREATE TYPE helpers.m AS ENUM ('b', 'a');
CREATE TYPE helpers.m_replaced AS ENUM ('x');
CREATE TYPE helpers.m_replaced_1 AS ENUM ('y');
CREATE TYPE helpers.%1$sa AS ENUM ('b', 'a');
CREATE TYPE helpers.%1$sb AS ENUM ('b', 'a');
CREATE TYPE helpers.r AS RANGE (subtype = text, collation = "C", multirange_type_name = helpers.mr);
CREATE DOMAIN helpers.mr_replaced AS int;
CREATE TABLE helpers.t (m helpers.m, a helpers.%1$sa, b helpers.%1$sb, r helpers.r, id int GENERATED ALWAYS AS IDENTITY);
CREATE TABLE helpers.t_id_seq_replaced (a int);
CREATE TABLE helpers.p (k int) PARTITION BY RANGE (k);
CREATE TABLE helpers.p_1 PARTITION OF helpers.p FOR VALUES FROM (1) TO (2);
CREATE TABLE helpers.p_1_replaced (a int);
CREATE TABLE helpers.p_replaced (a int);
CREATE TABLE helpers.above (a int);
CREATE TABLE helpers.other (c int, CONSTRAINT "As long as the name of a constraint can be, with 'all' in it." CHECK (c > 0));
CREATE TABLE helpers.below () INHERITS (helpers.above, helpers.other);
$$, :'long') AS after \gset
SELECT migrate_autogenerate('before', model => :'before', schemas => 'helpers', revision => 'h1');
SELECT revision FROM migrate_upgrade();
INSERT INTO helpers.t VALUES ('a', 'b', 'a', '[a,b)');
INSERT INTO helpers.p VALUES (1);
SELECT migrate_autogenerate('after', model => :'after', schemas => 'helpers', revision => 'h2');
SELECT line FROM migrate_show('h2'), regexp_split_to_table(up, '\n') line WHERE line ~ '(RENAME TO|INHERIT) .*(_replaced|_above)' ORDER BY line COLLATE "C";
SELECT revision, up, down, identical, difference FROM migrate_verify();
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'after', schemas => 'helpers');
SELECT t.*, p.* FROM helpers.t, helpers.p;
SELECT revision FROM migrate_downgrade('-1');
SELECT t.*, p.* FROM helpers.t, helpers.p;
SELECT migrate_remove('h2');
-- Without long locks: the index that is there in the meantime.
SELECT migrate_autogenerate('online', model => $model$
CREATE SCHEMA online;
CREATE TABLE online.t (a int);
CREATE INDEX t_a ON online.t (a);
CREATE TABLE online.t_a_new ();
$model$, schemas => 'online', revision => 'n1');
SELECT revision FROM migrate_upgrade('n1');
SELECT migrate_autogenerate('online', model => $model$
CREATE SCHEMA online;
CREATE TABLE online.t (a int);
CREATE INDEX t_a ON online.t (a DESC);
CREATE TABLE online.t_a_new ();
$model$, schemas => 'online', revision => 'n2', online => true);
SELECT up FROM migrate_show('n2') \g (format=unaligned tuples_only=on)
DROP SCHEMA helpers CASCADE;
DROP SCHEMA online CASCADE;
DROP EXTENSION pg_migrate;

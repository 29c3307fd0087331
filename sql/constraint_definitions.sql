-- Definitions of keys are composed from the catalogue. They have to be what the server would write.
CREATE EXTENSION pg_migrate;
SET client_min_messages = warning;
SET search_path = public, pg_catalog;
SELECT $ddl$
CREATE SCHEMA con;
CREATE SCHEMA con_other;
CREATE TABLE con.t (i int, b bigint, s text, "select" int, "Odd ""Name" text, n int NOT NULL, r int4range);
CREATE TABLE con_other.t (i int PRIMARY KEY, b bigint, "order" int, UNIQUE (i, b), UNIQUE ("order", b));
CREATE TABLE con.parts (k int, s text, o int) PARTITION BY RANGE (k);
CREATE TABLE con.part_1 PARTITION OF con.parts FOR VALUES FROM (0) TO (10);
CREATE TABLE con.refers (k int, o int, p int, q int);
$ddl$ AS tables, $ddl$
ALTER TABLE con.t ADD CONSTRAINT t_1 PRIMARY KEY (n, b) INCLUDE ("select");
ALTER TABLE con.t ADD CONSTRAINT t_2 UNIQUE (i);
ALTER TABLE con.t ADD CONSTRAINT t_3 UNIQUE NULLS NOT DISTINCT (i, "Odd ""Name") INCLUDE (s, r) WITH (fillfactor = 70);
ALTER TABLE con.t ADD CONSTRAINT "t 4" UNIQUE ("select") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE con.t ADD CONSTRAINT t_5 UNIQUE (s, i) DEFERRABLE;
ALTER TABLE con.t ADD CONSTRAINT t_6 EXCLUDE USING gist (r WITH &&) WHERE (i > 3);
ALTER TABLE con.t ADD CONSTRAINT t_7 CHECK (i > 3 AND s <> 'it''s') NOT VALID;
ALTER TABLE con.t ADD CONSTRAINT t_8 FOREIGN KEY (i) REFERENCES con_other.t;
ALTER TABLE con.t ADD CONSTRAINT t_9 FOREIGN KEY (i, b) REFERENCES con_other.t (i, b) MATCH FULL ON UPDATE CASCADE ON DELETE SET NULL;
ALTER TABLE con.t ADD CONSTRAINT t_10 FOREIGN KEY ("select", b) REFERENCES con_other.t ("order", b) ON UPDATE SET DEFAULT ON DELETE SET NULL (b);
ALTER TABLE con.t ADD CONSTRAINT t_11 FOREIGN KEY ("select", b) REFERENCES con_other.t ("order", b) ON UPDATE RESTRICT ON DELETE SET DEFAULT ("select", b);
ALTER TABLE con.t ADD CONSTRAINT t_12 FOREIGN KEY (i) REFERENCES con_other.t ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED NOT VALID;
ALTER TABLE con.t ADD CONSTRAINT t_13 FOREIGN KEY (i) REFERENCES con_other.t (i) ON UPDATE NO ACTION ON DELETE CASCADE DEFERRABLE;
ALTER TABLE con.parts ADD CONSTRAINT parts_1 PRIMARY KEY (k);
ALTER TABLE con.parts ADD CONSTRAINT parts_2 UNIQUE (k, o);
ALTER TABLE con.parts ADD CONSTRAINT parts_3 FOREIGN KEY (o) REFERENCES con_other.t;
ALTER TABLE con.refers ADD CONSTRAINT refers_1 FOREIGN KEY (k) REFERENCES con.parts;
ALTER TABLE con.refers ADD CONSTRAINT refers_2 FOREIGN KEY (k, o) REFERENCES con.parts (k, o) MATCH FULL;
$ddl$ AS constraints \gset
\o /dev/null
:tables
\o
CREATE TEMPORARY TABLE composed AS
SELECT object, regexp_replace(sql, '^-- [^\n]*\n', '') AS sql
  FROM migrate_check(model => :'tables' || :'constraints', schemas => 'con,con_other') WHERE kind = 'constraint' AND object !~ 'part_1';
-- Where the other table is not read, the server is asked.
CREATE TEMPORARY TABLE asked AS
SELECT object, regexp_replace(sql, '^-- [^\n]*\n', '') AS sql
  FROM migrate_check(model => :'tables' || :'constraints', schemas => 'con') WHERE kind = 'constraint' AND object !~ 'part_1';
\o /dev/null
:constraints
\o
SELECT count(*) FROM composed;
SELECT * FROM composed EXCEPT SELECT * FROM asked;
SELECT * FROM asked EXCEPT SELECT * FROM composed;
SELECT * FROM asked WHERE object LIKE 't\_8%';
-- But for storage parameters, which are read apart.
CREATE TEMPORARY TABLE server AS
SELECT quote_ident(conname) || ' ON ' || conrelid::regclass AS object,
       'ALTER TABLE ' || CASE WHEN conindid <> 0 AND contype <> 'f' AND relkind = 'p' THEN 'ONLY ' ELSE '' END || conrelid::regclass || ' ADD CONSTRAINT '
       || quote_ident(conname) || ' ' || pg_get_constraintdef(pg_constraint.oid) AS sql
  FROM pg_constraint
  JOIN pg_class ON pg_class.oid = conrelid
 WHERE connamespace = 'con'::regnamespace AND conparentid = 0 AND contype <> 'n';
SELECT c.object, c.sql, s.sql AS server
  FROM composed c
  FULL JOIN server s USING (object)
 WHERE regexp_replace(c.sql, ' WITH \(.*?\)', '') IS DISTINCT FROM s.sql
 ORDER BY 1;
SELECT * FROM migrate_check(model => :'tables' || :'constraints', schemas => 'con,con_other');
DROP SCHEMA con, con_other CASCADE;
DROP EXTENSION pg_migrate;

-- The kinds that few schemas have, there and back: collations, operators and what indexes know them by, text search, and what is in no schema.
CREATE EXTENSION pg_migrate;
-- From 16 on a view does not name its only relation with each column, and from 18 on NOT NULL has a name: not what is looked at here.
CREATE FUNCTION pg_temp.on_all_servers(script text) RETURNS text LANGUAGE sql AS $$
SELECT regexp_replace(regexp_replace(regexp_replace(script, ' CONSTRAINT \w+_not_null NOT NULL', ' NOT NULL', 'g'),
                                     'ALTER TABLE \S+ RENAME CONSTRAINT \w+_not_null TO \w+_not_null;\n\n|-- constraint \w+_not_null ON [^\n]*\n\n?', '', 'g'),
                      '^( SELECT |    )(\(?)\w+\.(\w+)\M(?!\()', '\1\2\3', 'gn')
$$;
SET client_min_messages = error;
CREATE ROLE regress_kinds;
SELECT $model$
CREATE SCHEMA kinds;
CREATE COLLATION kinds.words (provider = libc, locale = 'C');
CREATE TABLE kinds.t (a text COLLATE kinds.words DEFAULT 'x' NOT NULL, b text COLLATE kinds.words UNIQUE, n int, p point);
CREATE INDEX t_a ON kinds.t (a); COMMENT ON INDEX kinds.t_a IS 'sorted';
CREATE VIEW kinds.sorted AS SELECT a, b COLLATE kinds.words AS b FROM kinds.t; GRANT SELECT ON kinds.sorted TO regress_kinds;
CREATE COLLATION kinds.kept FROM "C"; CREATE TABLE kinds.keyed (k text COLLATE kinds.kept) PARTITION BY LIST (k);
CREATE DOMAIN kinds.word AS text COLLATE kinds.words; CREATE TABLE kinds.of_domain (w kinds.word);
CREATE FUNCTION kinds.lt(int, int) RETURNS bool LANGUAGE internal IMMUTABLE STRICT AS 'int4lt';
CREATE FUNCTION kinds.gt(int, int) RETURNS bool LANGUAGE internal IMMUTABLE STRICT AS 'int4gt';
CREATE FUNCTION kinds.eq(int, int) RETURNS bool LANGUAGE internal IMMUTABLE STRICT AS 'int4eq';
CREATE FUNCTION kinds.cmp(int, int) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'btint4cmp';
CREATE FUNCTION kinds.cmp8(int, bigint) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'btint48cmp';
CREATE OPERATOR kinds.<< (FUNCTION = kinds.lt, LEFTARG = int, RIGHTARG = int, RESTRICT = scalargtsel);
CREATE OPERATOR kinds.== (FUNCTION = kinds.eq, LEFTARG = int, RIGHTARG = int);
CREATE OPERATOR FAMILY kinds.numbers USING btree;
ALTER OPERATOR FAMILY kinds.numbers USING btree ADD OPERATOR 1 < (int, bigint), OPERATOR 3 = (int, bigint), FUNCTION 1 (int, bigint) kinds.cmp8(int, bigint);
CREATE OPERATOR CLASS kinds.numbers_int FOR TYPE int USING btree FAMILY kinds.numbers AS OPERATOR 1 kinds.<<, OPERATOR 3 kinds.==, FUNCTION 1 kinds.cmp(int, int);
COMMENT ON OPERATOR CLASS kinds.numbers_int USING btree IS 'of integers';
CREATE INDEX t_n ON kinds.t (n kinds.numbers_int);
CREATE VIEW kinds.small AS SELECT n FROM kinds.t WHERE n OPERATOR(kinds.<<) 3;
CREATE TEXT SEARCH DICTIONARY kinds.plain (TEMPLATE = simple, stopwords = english, accept = false);
CREATE TEXT SEARCH DICTIONARY kinds.gone (TEMPLATE = simple);
CREATE TEXT SEARCH CONFIGURATION kinds.search (PARSER = default);
ALTER TEXT SEARCH CONFIGURATION kinds.search ADD MAPPING FOR word, asciiword, email WITH kinds.plain, simple;
ALTER TEXT SEARCH CONFIGURATION kinds.search ADD MAPPING FOR url WITH kinds.gone;
COMMENT ON TEXT SEARCH CONFIGURATION kinds.search IS 'searched';
CREATE INDEX t_search ON kinds.t USING gin (to_tsvector('kinds.search', a));
$model$ AS before \gset
SELECT $model$
CREATE SCHEMA kinds;
CREATE COLLATION kinds.words (provider = libc, lc_collate = 'C', lc_ctype = 'POSIX'); COMMENT ON COLLATION kinds.words IS 'of words'; ALTER COLLATION kinds.words OWNER TO regress_kinds;
CREATE COLLATION kinds."Other" FROM "POSIX";
CREATE TABLE kinds.t (a text COLLATE kinds.words DEFAULT 'x' NOT NULL, b text COLLATE kinds.words UNIQUE, n int, p point);
CREATE INDEX t_a ON kinds.t (a); COMMENT ON INDEX kinds.t_a IS 'sorted';
CREATE VIEW kinds.sorted AS SELECT a, b COLLATE kinds.words AS b FROM kinds.t; GRANT SELECT ON kinds.sorted TO regress_kinds;
CREATE COLLATION kinds.kept FROM "C"; CREATE TABLE kinds.keyed (k text COLLATE kinds.kept) PARTITION BY LIST (k);
CREATE DOMAIN kinds.word AS text COLLATE kinds.words; CREATE TABLE kinds.of_domain (w kinds.word);
CREATE FUNCTION kinds.lt(int, int) RETURNS bool LANGUAGE internal IMMUTABLE STRICT AS 'int4lt';
CREATE FUNCTION kinds.gt(int, int) RETURNS bool LANGUAGE internal IMMUTABLE STRICT AS 'int4gt';
CREATE FUNCTION kinds.eq(int, int) RETURNS bool LANGUAGE internal IMMUTABLE STRICT AS 'int4eq';
CREATE FUNCTION kinds.cmp(int, int) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'btint4cmp';
CREATE FUNCTION kinds.cmp8(int, bigint) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'btint48cmp';
CREATE OPERATOR kinds.<< (FUNCTION = kinds.lt, LEFTARG = int, RIGHTARG = int, RESTRICT = scalarltsel, JOIN = scalarltjoinsel, COMMUTATOR = OPERATOR(kinds.>>)); COMMENT ON OPERATOR kinds.<< (int, int) IS 'less';
CREATE OPERATOR kinds.>> (FUNCTION = kinds.gt, LEFTARG = int, RIGHTARG = int, COMMUTATOR = OPERATOR(kinds.<<)); ALTER OPERATOR kinds.>> (int, int) OWNER TO regress_kinds;
CREATE OPERATOR kinds.== (FUNCTION = kinds.eq, LEFTARG = int, RIGHTARG = int);
CREATE OPERATOR FAMILY kinds.numbers USING btree; COMMENT ON OPERATOR FAMILY kinds.numbers USING btree IS 'numbers';
ALTER OPERATOR FAMILY kinds.numbers USING btree ADD OPERATOR 1 <= (int, bigint), OPERATOR 5 > (int, bigint), FUNCTION 1 (int, bigint) kinds.cmp8(int, bigint);
CREATE OPERATOR CLASS kinds.numbers_int FOR TYPE int USING btree FAMILY kinds.numbers AS OPERATOR 1 kinds.<<, OPERATOR 3 kinds.==, OPERATOR 5 kinds.>>, FUNCTION 1 kinds.cmp(int, int);
COMMENT ON OPERATOR CLASS kinds.numbers_int USING btree IS 'of integers';
CREATE INDEX t_n ON kinds.t (n kinds.numbers_int);
CREATE OPERATOR CLASS kinds.points FOR TYPE point USING gist AS STORAGE box, OPERATOR 6 ~= (point, point), OPERATOR 15 <-> (point, point) FOR ORDER BY pg_catalog.float_ops,
    FUNCTION 1 gist_point_consistent(internal, point, smallint, oid, internal), FUNCTION 2 gist_box_union(internal, internal), FUNCTION 3 gist_point_compress(internal),
    FUNCTION 5 gist_box_penalty(internal, internal, internal), FUNCTION 6 gist_box_picksplit(internal, internal), FUNCTION 7 gist_box_same(box, box, internal),
    FUNCTION 8 (point, point) gist_point_distance(internal, point, smallint, oid, internal);
ALTER TABLE kinds.t ADD CONSTRAINT t_p EXCLUDE USING gist (p kinds.points WITH ~=);
CREATE VIEW kinds.small AS SELECT n FROM kinds.t WHERE n OPERATOR(kinds.<<) 3;
CREATE TEXT SEARCH PARSER kinds.reader (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, HEADLINE = prsd_headline, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH TEMPLATE kinds.shape (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY kinds.plain (TEMPLATE = simple, stopwords = english);
CREATE TEXT SEARCH DICTIONARY kinds."New" (TEMPLATE = kinds.shape, accept = false); ALTER TEXT SEARCH DICTIONARY kinds."New" OWNER TO regress_kinds;
CREATE TEXT SEARCH CONFIGURATION kinds.search (PARSER = default);
ALTER TEXT SEARCH CONFIGURATION kinds.search ADD MAPPING FOR word, asciiword WITH kinds.plain, kinds."New";
ALTER TEXT SEARCH CONFIGURATION kinds.search ADD MAPPING FOR host, url WITH simple;
COMMENT ON TEXT SEARCH CONFIGURATION kinds.search IS 'searched';
CREATE TEXT SEARCH CONFIGURATION kinds.search2 (PARSER = kinds.reader); ALTER TEXT SEARCH CONFIGURATION kinds.search2 ADD MAPPING FOR word WITH simple;
CREATE INDEX t_search ON kinds.t USING gin (to_tsvector('kinds.search', a));
$model$ AS after \gset
SELECT migrate_autogenerate('before', model => :'before', schemas => 'kinds', revision => 'k1');
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'before', schemas => 'kinds');
INSERT INTO kinds.t VALUES ('b', 'c', 3, '(1,1)'), ('B', 'C', 2, '(2,2)');
INSERT INTO kinds.of_domain VALUES ('d');
SELECT 'kinds.t'::regclass::oid AS table_oid, (SELECT oid FROM pg_ts_config WHERE cfgname = 'search') AS search_oid,
       (SELECT oid FROM pg_opfamily WHERE opfname = 'numbers') AS family_oid, (SELECT oid FROM pg_opclass WHERE opcname = 'numbers_int') AS class_oid,
       (SELECT oid FROM pg_operator WHERE oprname = '<<' AND oprnamespace = 'kinds'::regnamespace) AS operator_oid \gset
SELECT migrate_autogenerate('after', model => :'after', schemas => 'kinds', revision => 'k2');
SELECT pg_temp.on_all_servers(up) AS up FROM migrate.revision WHERE revision = 'k2';
SELECT revision, up, down, identical, difference FROM migrate_verify();
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'after', schemas => 'kinds');
-- What can be altered is the same object as before, and rows stay.
SELECT :table_oid = 'kinds.t'::regclass::oid AS "table", :search_oid = (SELECT oid FROM pg_ts_config WHERE cfgname = 'search') AS configuration,
       :family_oid = (SELECT oid FROM pg_opfamily WHERE opfname = 'numbers') AS family, :class_oid = (SELECT oid FROM pg_opclass WHERE opcname = 'numbers_int') AS class,
       :operator_oid = (SELECT oid FROM pg_operator WHERE oprname = '<<' AND oprnamespace = 'kinds'::regnamespace) AS operator;
SELECT * FROM kinds.t ORDER BY a;
SELECT revision FROM migrate_downgrade('-1');
SELECT * FROM migrate_check(model => :'before', schemas => 'kinds');
SELECT * FROM kinds.t ORDER BY a;
DROP SCHEMA kinds CASCADE;
DELETE FROM migrate.version; DELETE FROM migrate.revision;

-- What is in no schema. A subscription never speaks to its publisher, and no password is in a script.
CREATE FUNCTION from_sql(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'textlike_support';
CREATE FUNCTION to_sql(internal) RETURNS int LANGUAGE internal IMMUTABLE AS 'int4recv';
SELECT $model$
CREATE FUNCTION from_sql(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'textlike_support';
CREATE FUNCTION to_sql(internal) RETURNS int LANGUAGE internal IMMUTABLE AS 'int4recv';
$model$ AS before \gset
SELECT :'before' || $model$
CREATE ACCESS METHOD regress_btree TYPE INDEX HANDLER bthandler; COMMENT ON ACCESS METHOD regress_btree IS 'another';
CREATE TRANSFORM FOR int LANGUAGE plpgsql (FROM SQL WITH FUNCTION from_sql(internal), TO SQL WITH FUNCTION to_sql(internal));
CREATE SUBSCRIPTION regress_kinds CONNECTION 'host=/nowhere password=''my secret'' dbname=x' PUBLICATION a, "B b" WITH (connect = false, slot_name = 'their_slot', binary);
COMMENT ON SUBSCRIPTION regress_kinds IS 'subscribed';
$model$ AS after \gset
SELECT :'before' || $model$
CREATE ACCESS METHOD regress_btree TYPE INDEX HANDLER bthandler;
CREATE TRANSFORM FOR int LANGUAGE plpgsql (TO SQL WITH FUNCTION to_sql(internal));
CREATE SUBSCRIPTION regress_kinds CONNECTION 'dbname=y user=u' PUBLICATION a WITH (connect = false, slot_name = NONE, synchronous_commit = local);
$model$ AS last \gset
SELECT migrate_autogenerate('before', model => :'before', revision => 'k1');
SELECT migrate_autogenerate('after', model => :'after', revision => 'k2');
SELECT up, down FROM migrate.revision WHERE revision = 'k2';
-- A subscription with a slot is dropped outside of a transaction, for all that pg_migrate knows.
SELECT revision, up, down, identical, difference FROM migrate_verify();
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'after');
SELECT subname, subenabled, subconninfo, subslotname, subpublications FROM pg_subscription WHERE subname = 'regress_kinds';
-- A password that is there stays, and is no difference.
ALTER SUBSCRIPTION regress_kinds CONNECTION 'password=other host=/nowhere dbname=x';
SELECT * FROM migrate_check(model => :'after');
SELECT migrate_autogenerate('last', model => :'last', revision => 'k3');
SELECT up, down FROM migrate.revision WHERE revision = 'k3';
SELECT revision, up, down, identical, difference FROM migrate_verify();
SELECT revision FROM migrate_upgrade();
SELECT * FROM migrate_check(model => :'last');
SELECT revision FROM migrate_downgrade('base');
SELECT * FROM migrate_check(model => :'before');
DROP FUNCTION from_sql(internal), to_sql(internal);

-- Renames are undone as such.
DELETE FROM migrate.revision;
CREATE SCHEMA kinds;
SELECT migrate_revision('names', $$
    CREATE COLLATION kinds.c (locale = 'C');
    CREATE OPERATOR FAMILY kinds.f USING hash;
    CREATE TEXT SEARCH DICTIONARY kinds.d (TEMPLATE = simple);
    CREATE FUNCTION kinds.f(int, int) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE OPERATOR kinds.+ (FUNCTION = kinds.f, LEFTARG = int, RIGHTARG = int);
    CREATE SUBSCRIPTION regress_s CONNECTION '' PUBLICATION p WITH (connect = false, slot_name = NONE);
    CREATE SCHEMA kinds2;
$$, revision => 'r1');
SELECT migrate_derive_down('r1');
SELECT revision FROM migrate_upgrade();
SELECT migrate_revision('other names', $$
    ALTER COLLATION kinds.c RENAME TO "C";
    ALTER OPERATOR FAMILY kinds.f USING hash RENAME TO g;
    ALTER OPERATOR FAMILY kinds.g USING hash SET SCHEMA kinds2;
    ALTER TEXT SEARCH DICTIONARY kinds.d RENAME TO e;
    ALTER OPERATOR kinds.+ (int, int) SET SCHEMA kinds2;
    ALTER SUBSCRIPTION regress_s RENAME TO regress_t;
$$, revision => 'r2');
SELECT migrate_derive_down('r2');
SELECT * FROM migrate_verify();
SELECT revision FROM migrate_downgrade('base');
DROP SCHEMA kinds CASCADE;
DROP ROLE regress_kinds;
DROP EXTENSION pg_migrate;

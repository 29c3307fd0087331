-- Every column of every system catalogue is read by the queries of a snapshot, or stands here with the reason why not.
-- What the server's own functions deparse is read by them: the queries pass the OID alone.
CREATE EXTENSION pgm_test;
CREATE TABLE not_read (catalogue name, columns name[], reason text); -- columns: NULL for all
INSERT INTO not_read VALUES
    -- By functions of the server.
    ('pg_proc', '{provariadic,proargdefaults}', 'pg_get_function_arguments()'),
    ('pg_trigger', '{tgfoid,tgtype,tgconstrrelid,tgconstrindid,tgdeferrable,tginitdeferred,tgnargs,tgattr,tgargs,tgqual,tgoldtable,tgnewtable}', 'pg_get_triggerdef()'),
    ('pg_partitioned_table', '{partrelid,partstrat,partnatts,partattrs,partclass,partcollation,partexprs}', 'pg_get_partkeydef()'),
    ('pg_statistic_ext', '{stxkind,stxexprs}', 'pg_get_statisticsobjdef()'),
    ('pg_rewrite', '{ev_type,is_instead}', 'pg_get_ruledef()'),
    ('pg_user_mapping', NULL, 'by way of pg_user_mappings, which shows the options to those who may see them'),
    -- Told by what is read.
    ('pg_class', '{relhasindex,relhasrules,relhastriggers,relhassubclass,relchecks,relnatts,reltype}', 'follows from other catalogues'),
    ('pg_attribute', '{attlen,attbyval,attalign,atthasdef}', 'of the type; follows from pg_attrdef'),
    ('pg_amop', '{amoppurpose,amopmethod}', 'follows from amopsortfamily and from the family'),
    ('pg_amproc', '{amprocfamily}', 'pg_depend has it'),
    ('pg_index', '{indnatts,indisprimary,indisexclusion,indimmediate}', 'follow from indkey and from the constraint'),
    ('pg_operator', '{oprkind}', 'follows from oprleft'),
    ('pg_range', '{rngconstruct2,rngconstruct3,rngmltconstruct0,rngmltconstruct1,rngmltconstruct2}', 'the server makes them, and pg_depend has them'),
    ('pg_partitioned_table', '{partdefid}', 'the bound of the partition says that it is the default one'),
    ('pg_init_privs', '{privtype}', 'whether initdb or an extension gave them: they are what the privileges are compared with either way'),
    -- What has no meaning to the server, and is printed by nothing: int[3] is int[].
    ('pg_type', '{typndims}', 'how many dimensions were declared'),
    ('pg_attribute', '{attndims}', 'how many dimensions were declared'),
    -- The state of the rows and of the files, which changes while nobody changes the schema.
    ('pg_class', '{relfilenode,relpages,reltuples,relallvisible,relallfrozen,relrewrite,relfrozenxid,relminmxid}', 'state'),
    ('pg_attribute', '{attcacheoff,atthasmissing,attmissingval}', 'state; how the rows of before ADD COLUMN are stored'),
    ('pg_index', '{indcheckxmin}', 'state'),
    ('pg_inherits', '{inhdetachpending}', 'state: half of DETACH PARTITION CONCURRENTLY, which only its other half can follow'),
    ('pg_collation', '{collversion}', 'of the library that the indexes were built with'),
    ('pg_subscription', '{subenabled,subskiplsn,subretentionactive}', 'state of the replication'),
    ('pg_subscription_rel', NULL, 'state of the replication'),
    ('pg_statistic', NULL, 'of the rows'),
    ('pg_statistic_ext_data', NULL, 'of the rows'),
    ('pg_largeobject', NULL, 'rows'),
    ('pg_largeobject_metadata', NULL, 'rows: pg_dump --schema-only has none'),
    -- What is not of this database alone.
    ('pg_class', '{relisshared}', 'only catalogues of the cluster are'),
    ('pg_authid', NULL, 'of the cluster; the names of roles come from pg_roles'),
    ('pg_auth_members', NULL, 'of the cluster'),
    ('pg_database', '{datlocprovider,datistemplate,datallowconn,dathasloginevt,datconnlimit,datfrozenxid,datminmxid,dattablespace,datcollate,datctype,daticulocale,datlocale,daticurules,datcollversion,datacl}',
     'of the database as a whole, which a model does not make: pg_dump has it with --create only'),
    ('pg_db_role_setting', NULL, 'of roles, and of the database as a whole'),
    ('pg_tablespace', '{spcowner,spcacl,spcoptions}', 'of the cluster'),
    ('pg_parameter_acl', NULL, 'of the cluster'),
    ('pg_replication_origin', NULL, 'of the cluster'),
    ('pg_shdepend', NULL, 'follows from owners, privileges and policies'),
    -- What only the script of an extension sets.
    ('pg_extension', '{extowner,extconfig,extcondition}', 'pg_dump has none of it');

-- Not read, and not in the list.
SELECT a.attrelid::regclass AS catalogue, a.attname AS "column"
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid AND c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r'
 WHERE a.attnum > 0 AND NOT a.attisdropped
   AND NOT EXISTS (SELECT FROM pgm_test_columns_read() r WHERE r.relation = a.attrelid AND r."column" = a.attnum)
   AND NOT EXISTS (SELECT FROM not_read n WHERE n.catalogue = c.relname AND (n.columns IS NULL OR a.attname = ANY (n.columns)))
 ORDER BY c.relname, a.attnum;
-- In the list, and read.
SELECT a.attrelid::regclass AS catalogue, a.attname AS "column"
  FROM pgm_test_columns_read() r
  JOIN pg_attribute a ON a.attrelid = r.relation AND a.attnum = r."column"
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN not_read n ON n.catalogue = c.relname AND (n.columns IS NULL OR a.attname = ANY (n.columns))
 ORDER BY c.relname, a.attnum;
-- So is what is read of the rest.
SELECT count(DISTINCT relation) > 50 AS catalogues, count(*) > 300 AS columns FROM pgm_test_columns_read();

DROP TABLE not_read;
DROP EXTENSION pgm_test;

-- What 19 has beyond its predecessors: there and back.
CREATE EXTENSION pg_migrate;
SET client_min_messages = error; -- of wal_level
CREATE EXTENSION postgres_fdw;
SELECT $model$
CREATE SCHEMA newer;
CREATE EXTENSION postgres_fdw;
CREATE EXTENSION pg_migrate;
CREATE TABLE newer.a (i int); CREATE TABLE newer.b (i int); CREATE TABLE newer.k (i int) PARTITION BY LIST (i);
CREATE SERVER newer_one FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere'); CREATE SERVER newer_two FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'elsewhere');
CREATE USER MAPPING FOR CURRENT_USER SERVER newer_one OPTIONS (user 'u', password_required 'false'); CREATE USER MAPPING FOR CURRENT_USER SERVER newer_two OPTIONS (user 'u', password_required 'false');
CREATE FOREIGN DATA WRAPPER newer_with CONNECTION postgres_fdw_connection; CREATE FOREIGN DATA WRAPPER newer_without;
CREATE PUBLICATION newer_all FOR ALL TABLES; CREATE PUBLICATION newer_but FOR ALL TABLES EXCEPT (TABLE newer.a, newer.k); CREATE PUBLICATION newer_list FOR TABLE newer.a;
CREATE PUBLICATION newer_both FOR ALL SEQUENCES;
CREATE SUBSCRIPTION newer_server SERVER newer_one PUBLICATION p WITH (connect = false, slot_name = NONE);
CREATE SUBSCRIPTION newer_words CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE, wal_receiver_timeout = '10s');
CREATE SUBSCRIPTION newer_to_server CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE);
$model$ AS before \gset
SELECT $model$
CREATE SCHEMA newer;
CREATE EXTENSION postgres_fdw;
CREATE EXTENSION pg_migrate;
CREATE TABLE newer.a (i int); CREATE TABLE newer.b (i int); CREATE TABLE newer.k (i bigint) PARTITION BY LIST (i);
CREATE SERVER newer_one FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere'); CREATE SERVER newer_two FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'elsewhere');
CREATE USER MAPPING FOR CURRENT_USER SERVER newer_one OPTIONS (user 'u', password_required 'false'); CREATE USER MAPPING FOR CURRENT_USER SERVER newer_two OPTIONS (user 'u', password_required 'false');
CREATE FOREIGN DATA WRAPPER newer_with; CREATE FOREIGN DATA WRAPPER newer_without CONNECTION postgres_fdw_connection;
CREATE PUBLICATION newer_all FOR ALL TABLES EXCEPT (TABLE newer.b); CREATE PUBLICATION newer_but FOR ALL TABLES EXCEPT (TABLE newer.b, newer.k); CREATE PUBLICATION newer_list FOR ALL TABLES;
CREATE PUBLICATION newer_both FOR ALL TABLES EXCEPT (TABLE newer.a), ALL SEQUENCES;
CREATE SUBSCRIPTION newer_server SERVER newer_two PUBLICATION p WITH (connect = false, slot_name = NONE, wal_receiver_timeout = '1min');
CREATE SUBSCRIPTION newer_words CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE);
CREATE SUBSCRIPTION newer_to_server SERVER newer_one PUBLICATION p WITH (connect = false, slot_name = NONE);
$model$ AS after \gset
SELECT migrate_autogenerate('first', :'before', revision => 'n1');
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM migrate_check(:'before');
SELECT migrate_autogenerate('second', :'after', revision => 'n2');
SELECT line FROM migrate_show('n2'), string_to_table(up, E'\n') WITH ORDINALITY AS l (line, n) WHERE line <> '' ORDER BY n;
SELECT * FROM migrate_verify('n2');
SELECT count(*) FROM migrate_upgrade();
SELECT * FROM migrate_check(:'after');
SELECT pubname, puballtables, puballsequences, (SELECT string_agg(prrelid::regclass || ' ' || prexcept, ', ' ORDER BY prrelid::regclass::text) FROM pg_publication_rel WHERE prpubid = p.oid) FROM pg_publication p ORDER BY 1;
SELECT subname, srvname, subconninfo, subwalrcvtimeout FROM pg_subscription LEFT JOIN pg_foreign_server s ON s.oid = subserver WHERE subname LIKE 'newer%' ORDER BY 1;
SELECT fdwname, fdwconnection::regproc FROM pg_foreign_data_wrapper ORDER BY 1;
SELECT count(*) FROM migrate_downgrade('-1');
SELECT * FROM migrate_check(:'before');
SELECT count(*) FROM migrate_downgrade('base');
DROP EXTENSION postgres_fdw;
DROP EXTENSION pg_migrate;

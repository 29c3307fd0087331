-- Joined in name order into pg_migrate--<version>.sql.
\echo Use "CREATE EXTENSION pg_migrate" to load this file. \quit

-- The script may run as the bootstrap superuser for somebody who is none: nothing outside pg_catalog is looked up.
SET LOCAL search_path TO pg_catalog, pg_temp;

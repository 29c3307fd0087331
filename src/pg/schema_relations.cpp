// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_queries.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

namespace pgmigrate::pg
{

namespace
{

// An extension owns relations as a whole.
#define PGM_NOT_OF_EXTENSION(relation)                                                                                 \
    "NOT EXISTS (SELECT FROM pg_depend e\n"                                                                            \
    "               WHERE e.classid = 'pg_class'::regclass AND e.objid = " relation ".oid AND e.objsubid = 0\n"        \
    "                 AND e.deptype = 'e')"

// -1 is the default until 16, NULL from 17 on.
#if PG_VERSION_NUM >= 170000
#define PGM_STATISTICS_TARGET "a.attstattarget"
#else
#define PGM_STATISTICS_TARGET "NULLIF(a.attstattarget, -1)"
#endif

// From 17 on a partition shows the identity of the partitioned table, whose sequence it uses.
#if PG_VERSION_NUM >= 170000
#define PGM_IDENTITY "CASE WHEN NOT c.relispartition THEN a.attidentity END"
#else
#define PGM_IDENTITY "a.attidentity"
#endif

constinit SchemaQuery queries[] = {
    // What a table was given of its own when it was made is not told apart from what it has now: relhasindex and the
    // like are caches, relpages and the like are statistics.
    {{R"(
WITH parents AS (
  SELECT i.inhrelid AS oid, array_agg(quote_ident(n.nspname) || '.' || quote_ident(c.relname) ORDER BY i.inhseqno) AS names
    FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhparent AND c.relkind IN ('r', 'p', 'f')
    JOIN pg_namespace n ON n.oid = c.relnamespace
   GROUP BY i.inhrelid),
options AS (
  SELECT u.oid, array_agg(u.item ORDER BY u.item) AS items
    FROM (SELECT c.oid, unnest(c.reloptions) AS item
            FROM pg_class c
           WHERE c.reloptions IS NOT NULL AND c.relkind IN ('r', 'p') AND c.relnamespace = ANY ($1)
          UNION ALL
          SELECT c.oid, 'toast.' || unnest(t.reloptions)
            FROM pg_class c
            JOIN pg_class t ON t.oid = c.reltoastrelid
           WHERE t.reloptions IS NOT NULL AND c.relkind IN ('r', 'p') AND c.relnamespace = ANY ($1)) u
   GROUP BY u.oid)
SELECT CASE c.relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind,
       'pg_class'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) AS schema_name, quote_ident(c.relname) AS object_name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS identity,
       c.relpersistence = 'u' AS unlogged,
       quote_ident(NULLIF(m.amname, 'heap')) AS access_method,
       quote_ident(s.spcname) AS tablespace,
       options.items AS options,
       CASE WHEN c.relkind <> 'f' THEN CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' WHEN 'i' THEN 'USING INDEX' END END AS replica_identity,
       c.relrowsecurity AS row_security, c.relforcerowsecurity AS force_row_security,
       CASE WHEN c.reloftype <> 0 THEN quote_ident(tn.nspname) || '.' || quote_ident(t.typname) END AS of_type,
       pg_get_partkeydef(c.oid) AS partition_key,
       (SELECT array_agg(format_type(k.atttypid, k.atttypmod) || ' COLLATE ' || k.attcollation ORDER BY k.attname)
          FROM pg_depend d
          JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = d.objsubid
         WHERE c.relkind = 'p' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid > 0
           AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = 0 AND d.deptype = 'i') AS partition_types,
       CASE WHEN NOT c.relispartition THEN parents.names END AS inherits,
       CASE WHEN c.relispartition THEN parents.names[1] END AS partition_of,
       pg_get_expr(c.relpartbound, c.oid) AS bound,
       quote_ident(fs.srvname) AS server,
       (SELECT array_agg(o ORDER BY o) FROM unnest(f.ftoptions) o) AS server_options
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_am m ON m.oid = c.relam
  LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
  LEFT JOIN options ON options.oid = c.oid
  LEFT JOIN parents ON parents.oid = c.oid
  LEFT JOIN pg_type t ON t.oid = c.reloftype
  LEFT JOIN pg_namespace tn ON tn.oid = t.typnamespace
  LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid
  LEFT JOIN pg_foreign_server fs ON fs.oid = f.ftserver
 WHERE c.relnamespace = ANY ($1) AND c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
   AND )" PGM_NOT_OF_EXTENSION("c"),
      1,
      {OIDARRAYOID},
      nullptr},
     false},
    // Options whose names begin with pg_ are the server's own: they say nothing of the column.
    {{R"(
WITH options AS (
  SELECT a.attrelid, a.attnum, array_agg(o ORDER BY o) AS items
    FROM pg_attribute a, unnest(a.attoptions) o
   WHERE a.attoptions IS NOT NULL AND o NOT LIKE 'pg\_%'
   GROUP BY a.attrelid, a.attnum)
SELECT 'column' AS kind, 'pg_class'::regclass::oid AS classid, c.oid AS objid, a.attnum::int4 AS objsubid,
       quote_ident(n.nspname) AS schema_name, quote_ident(a.attname) AS object_name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS parent,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(a.attname) AS identity,
       a.attnum::int4 AS position,
       format_type(a.atttypid, a.atttypmod) AS type,
       CASE WHEN a.attcollation <> t.typcollation THEN quote_ident(ln.nspname) || '.' || quote_ident(l.collname)
            END AS collation,
       a.attnotnull AS not_null,
       CASE a.attgenerated WHEN 's' THEN 'STORED' WHEN 'v' THEN 'VIRTUAL' END AS generated,
       CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END AS expression,
       CASE )" PGM_IDENTITY R"( WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END AS identity_kind,
       quote_ident(n.nspname) || '.' || quote_ident(q.relname) AS sequence,
       CASE WHEN a.attstorage <> t.typstorage AND c.relkind <> 'c'
            THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' WHEN 'x' THEN 'EXTENDED' END
            END AS storage,
       CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
       )" PGM_STATISTICS_TARGET R"( AS statistics,
       options.items AS options,
       CASE WHEN a.attfdwoptions IS NOT NULL THEN (SELECT array_agg(o ORDER BY o) FROM unnest(a.attfdwoptions) o)
            END AS server_options,
       a.attinhcount > 0 AND NOT a.attislocal AS inherited_only
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_collation l ON l.oid = a.attcollation AND a.attcollation <> t.typcollation
  LEFT JOIN pg_namespace ln ON ln.oid = l.collnamespace
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated <> ''
  LEFT JOIN options ON options.attrelid = a.attrelid AND options.attnum = a.attnum
  LEFT JOIN pg_depend i ON a.attidentity <> '' AND i.refclassid = 'pg_class'::regclass AND i.refobjid = a.attrelid
       AND i.refobjsubid = a.attnum AND i.classid = 'pg_class'::regclass AND i.deptype = 'i'
  LEFT JOIN pg_class q ON q.oid = i.objid AND q.relkind = 'S'
 WHERE c.relnamespace = ANY ($1) AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND c.relpersistence <> 't'
   AND a.attnum > 0 AND NOT a.attisdropped AND (a.attidentity = '' OR i.objid IS NULL OR q.oid IS NOT NULL)
   AND )" PGM_NOT_OF_EXTENSION("c"),
      1,
      {OIDARRAYOID},
      nullptr},
     false},
    {{R"(
SELECT 'default' AS kind, 'pg_attrdef'::regclass::oid AS classid, d.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) AS schema_name, quote_ident(a.attname) AS object_name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS parent,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(a.attname) AS identity,
       a.attnum::int4 AS position,
       pg_get_expr(d.adbin, d.adrelid) AS expression
  FROM pg_attrdef d
  JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
  JOIN pg_class c ON c.oid = d.adrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relnamespace = ANY ($1) AND c.relkind IN ('r', 'p', 'f', 'v') AND c.relpersistence <> 't'
   AND a.attgenerated = ''
   AND )" PGM_NOT_OF_EXTENSION("c"),
      1,
      {OIDARRAYOID},
      nullptr},
     false},
};

} // namespace

std::span<SchemaQuery> relation_queries()
{
    return queries;
}

} // namespace pgmigrate::pg

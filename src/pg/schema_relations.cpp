// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_queries.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

namespace pgmigrate::pg
{

namespace
{

constinit SchemaQuery queries[] = {
    // What a table was given of its own when it was made is not told apart from what it has now: relhasindex and the
    // like are caches, relpages and the like are statistics.
    {{R"(
WITH parents AS (
  SELECT i.inhrelid AS oid, array_agg(quote_ident(n.nspname) || '.' || quote_ident(c.relname) ORDER BY i.inhseqno) AS names
    FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhparent AND c.relkind IN ('r', 'p', 'f')
    JOIN pg_namespace n ON n.oid = c.relnamespace
   GROUP BY i.inhrelid)
SELECT CASE c.relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind,
       'pg_class'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) AS schema_name, quote_ident(c.relname) AS object_name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS identity,
       c.relpersistence = 'u' AS unlogged,
       quote_ident(NULLIF(m.amname, 'heap')) AS access_method,
       quote_ident(s.spcname) AS tablespace,
       CASE WHEN c.reloptions IS NOT NULL OR t.reloptions IS NOT NULL
            THEN (SELECT array_agg(o.item ORDER BY o.item)
                    FROM (SELECT unnest(c.reloptions) UNION ALL SELECT 'toast.' || unnest(t.reloptions)) o (item))
            END AS options,
       CASE WHEN c.relkind <> 'f' THEN CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' WHEN 'i' THEN 'USING INDEX' END END AS replica_identity,
       c.relrowsecurity AS row_security, c.relforcerowsecurity AS force_row_security,
       CASE WHEN c.reloftype <> 0
            THEN (SELECT quote_ident(tn.nspname) || '.' || quote_ident(ty.typname)
                    FROM pg_type ty
                    JOIN pg_namespace tn ON tn.oid = ty.typnamespace
                   WHERE ty.oid = c.reloftype) END AS of_type,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
       CASE WHEN c.relkind = 'p'
            THEN (SELECT array_agg(format_type(k.atttypid, k.atttypmod) || ' COLLATE ' || k.attcollation::regcollation::text ORDER BY k.attname)
                    FROM pg_depend d
                    JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = d.objsubid
                   WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid > 0
                     AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = 0
                     AND d.deptype = 'i') END AS partition_types,
       CASE WHEN NOT c.relispartition THEN parents.names END AS inherits,
       CASE WHEN c.relispartition THEN parents.names[1] END AS partition_of,
       pg_get_expr(c.relpartbound, c.oid) AS bound,
       quote_ident(fs.srvname) AS server,
       CASE WHEN f.ftoptions IS NOT NULL THEN (SELECT array_agg(o ORDER BY o) FROM unnest(f.ftoptions) o)
            END AS server_options
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_am m ON m.oid = c.relam
  LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
  LEFT JOIN pg_class t ON t.oid = c.reltoastrelid AND t.relkind = 't' AND t.reloptions IS NOT NULL AND c.relkind = 'r'
  LEFT JOIN parents ON parents.oid = c.oid
  LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid
  LEFT JOIN pg_foreign_server fs ON fs.oid = f.ftserver
 WHERE c.relnamespace = ANY ($1) AND c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't')",
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

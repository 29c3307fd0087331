// SPDX-License-Identifier: PostgreSQL

// Views and materialized views. Their columns are read with those of tables; "columns" has what decides whether
// CREATE OR REPLACE is possible.

#include "pg/schema_parts.hpp"
#include "pg/schema_queries.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

namespace pgmigrate::pg
{

namespace
{

constinit SchemaQuery queries[] = {
    {{R"(
SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END AS kind,
       'pg_class'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) AS schema_name, quote_ident(c.relname) AS object_name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS identity,
       rtrim(pg_get_viewdef(c.oid), ';') AS definition,
       (SELECT )" PGM_POSITIONAL("r.ev_action") R"(
          FROM pg_rewrite r
         WHERE r.ev_class = c.oid AND r.rulename = '_RETURN') AS positional,
       a.columns,
       (SELECT array_agg(u.option ORDER BY u.option)
          FROM (SELECT unnest(c.reloptions) UNION ALL SELECT 'toast.' || unnest(t.reloptions)) u (option)) AS options,
       CASE WHEN am.amname <> 'heap' THEN quote_ident(am.amname) END AS access_method,
       quote_ident(s.spcname) AS tablespace,
       c.relkind = 'm' AND NOT c.relispopulated AS no_data
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
  LEFT JOIN pg_am am ON am.oid = c.relam
  LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
  LEFT JOIN (SELECT r.oid,
                    array_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
                                  || CASE WHEN a.attcollation <> t.typcollation
                                          THEN ' COLLATE ' || quote_ident(ln.nspname) || '.' || quote_ident(l.collname)
                                          ELSE '' END
                              ORDER BY a.attnum) AS columns
               FROM pg_class r
               JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
               JOIN pg_type t ON t.oid = a.atttypid
               LEFT JOIN pg_collation l ON l.oid = a.attcollation
               LEFT JOIN pg_namespace ln ON ln.oid = l.collnamespace
              WHERE r.relkind IN ('v', 'm') AND r.relnamespace = ANY ($1)
              GROUP BY r.oid) a ON a.oid = c.oid
 WHERE c.relnamespace = ANY ($1) AND c.relkind IN ('v', 'm') AND c.relpersistence <> 't')",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
};

} // namespace

std::span<SchemaQuery> view_queries()
{
    return queries;
}

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_parts.hpp"
#include "pg/schema_queries.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

namespace pgmigrate::pg
{

namespace
{

// Indexes that no constraint owns: those are parts of the constraints. A partitioned index that is not valid lacks one
// of a partition.
constinit SchemaQuery queries[] = {
    {{"WITH " PGM_RELATIONS("'r', 'p', 'm'") ",\n" PGM_INDEX_STATISTICS ",\n" PGM_INDEX_OPTIONS R"(
SELECT 'index' AS kind, 'pg_class'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       relation.schema_name, quote_ident(c.relname) AS object_name, relation.identity AS parent,
       relation.schema_name || '.' || quote_ident(c.relname) AS identity,
       replace(substr(pg_get_indexdef(c.oid),
                      length('CREATE ' || CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX '
                             || quote_ident(c.relname) || ' ON ' || CASE WHEN c.relkind = 'I' THEN 'ONLY ' ELSE '' END
                             || relation.identity || ' USING ') + 1),
               coalesce(o.options_text, ''), '') AS definition,
       relation.identity AS table,
       i.indisunique AS unique, c.relkind = 'I' AS partitioned,
       c.relkind = 'I' AND NOT i.indisvalid AS incomplete,
       relation.relkind = 'm' AS of_materialized_view,
       NOT (i.indisvalid AND i.indisready AND i.indislive) AND c.relkind = 'i' AS invalid,
       )" PGM_INDEX_PROPERTIES R"(
  FROM pg_index i
  JOIN relation ON relation.oid = i.indrelid
  JOIN pg_class c ON c.oid = i.indexrelid
  LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
  )" PGM_INDEX_JOINS R"(
 WHERE k.oid IS NULL)",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
};

} // namespace

std::span<SchemaQuery> index_queries()
{
    return queries;
}

} // namespace pgmigrate::pg

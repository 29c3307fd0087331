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

// What CREATE INDEX has after USING.
#define PGM_INDEX_DEFINITION                                                                                           \
    "substr(pg_get_indexdef(c.oid),\n"                                                                                 \
    "                          length('CREATE ' || CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX '\n"   \
    "                                 || quote_ident(c.relname) || ' ON '\n"                                           \
    "                                 || CASE WHEN c.relkind = 'I' THEN 'ONLY ' ELSE '' END\n"                         \
    "                                 || quote_ident(n.nspname) || '.' || quote_ident(t.relname) || ' USING ') + 1)"

// Indexes that no constraint owns: those are parts of the constraints. A partitioned index that is not valid lacks one
// of a partition. The definitions of plain ones are composed by schema_index_definitions.cpp.
constinit SchemaQuery queries[] = {
    {{R"(
SELECT 'index' AS kind, 'pg_class'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       i.indrelid AS relation, c.relname AS plain_name,
       CASE WHEN i.indexprs IS NOT NULL
              OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attoptions IS NOT NULL)
            THEN )" PGM_WITHOUT_OPTIONS(PGM_INDEX_DEFINITION) R"( END AS definition,
       i.indisunique AS unique, c.relkind = 'I' AS partitioned,
       c.relkind = 'I' AND NOT i.indisvalid AS incomplete,
       t.relkind = 'm' AS of_materialized_view,
       NOT (i.indisvalid AND i.indisready AND i.indislive) AND c.relkind = 'i' AS invalid,
       )" PGM_INDEX_PROPERTIES R"(
  FROM pg_index i
  JOIN pg_class t ON t.oid = i.indrelid
  JOIN pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_class c ON c.oid = i.indexrelid
  LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
 WHERE t.relnamespace = ANY ($1) AND k.oid IS NULL)",
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

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
    {{R"(
SELECT 'table' AS kind, 'pg_class'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) AS schema_name, quote_ident(c.relname) AS object_name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS identity
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relnamespace = ANY ($1) AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't')",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
    {{R"(
SELECT 'column' AS kind, 'pg_class'::regclass::oid AS classid, c.oid AS objid, a.attnum::int4 AS objsubid,
       quote_ident(n.nspname) AS schema_name, quote_ident(a.attname) AS object_name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS parent,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(a.attname) AS identity,
       a.attnum::int4 AS position,
       format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relnamespace = ANY ($1) AND c.relkind IN ('r', 'p', 'c') AND c.relpersistence <> 't'
   AND a.attnum > 0 AND NOT a.attisdropped)",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
    {{R"(
SELECT 'default' AS kind, 'pg_attrdef'::regclass::oid AS classid, d.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) AS schema_name, quote_ident(a.attname) AS object_name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS parent,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(a.attname) AS identity,
       pg_get_expr(d.adbin, d.adrelid) AS expression
  FROM pg_attrdef d
  JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
  JOIN pg_class c ON c.oid = d.adrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relnamespace = ANY ($1) AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND a.attgenerated = '')",
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

// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_queries.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

namespace pgmigrate::pg
{

namespace
{

// That of an identity column is an object, too: it can have a comment, grants, and other numbers than by default. Where
// it stands (last_value) is data.
constinit SchemaQuery queries[] = {
    {{R"(
WITH limits(type, low, high) AS (VALUES
  ('int2'::regtype::oid, (-32768)::int8, 32767::int8),
  ('int4'::regtype::oid, (-2147483648)::int8, 2147483647::int8),
  ('int8'::regtype::oid, (-9223372036854775808)::int8, 9223372036854775807::int8))
SELECT 'sequence' AS kind, 'pg_class'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) AS schema_name, quote_ident(c.relname) AS object_name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS identity,
       c.relpersistence = 'u' AS unlogged,
       CASE WHEN s.seqtypid <> 'int8'::regtype THEN format_type(s.seqtypid, NULL) END AS type,
       NULLIF(s.seqincrement, 1) AS increment,
       NULLIF(s.seqmin, CASE WHEN s.seqincrement > 0 THEN 1 ELSE l.low END) AS minimum,
       NULLIF(s.seqmax, CASE WHEN s.seqincrement > 0 THEN l.high ELSE -1 END) AS maximum,
       NULLIF(s.seqstart, CASE WHEN s.seqincrement > 0 THEN s.seqmin ELSE s.seqmax END) AS start,
       NULLIF(s.seqcache, 1) AS cache, s.seqcycle AS cycle,
       quote_ident(tn.nspname) || '.' || quote_ident(t.relname) || '.' || quote_ident(a.attname) AS owned_by,
       d.deptype = 'i' AS of_identity
  FROM pg_sequence s
  JOIN pg_class c ON c.oid = s.seqrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN limits l ON l.type = s.seqtypid
  LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
       AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  LEFT JOIN pg_class t ON t.oid = d.refobjid
  LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
  LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
 WHERE c.relnamespace = ANY ($1) AND c.relpersistence <> 't')",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
};

} // namespace

std::span<SchemaQuery> sequence_queries()
{
    return queries;
}

} // namespace pgmigrate::pg

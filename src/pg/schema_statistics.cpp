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

// The order of the columns says nothing: the server keeps them as they stand in the table. The default of stxstattarget
// is -1 before 17 and NULL since.
constinit SchemaQuery queries[] = {
    {{R"(
SELECT 'statistics object' AS kind, 'pg_statistic_ext'::regclass::oid AS classid, x.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) AS schema_name, quote_ident(x.stxname) AS object_name,
       quote_ident(n.nspname) || '.' || quote_ident(x.stxname) AS identity,
       quote_ident(rn.nspname) || '.' || quote_ident(r.relname) AS parent,
       CASE WHEN c.by_number IS NULL THEN d.definition
            ELSE overlay(d.definition PLACING c.by_name FROM strpos(d.definition, 'ON ' || c.by_number) + 3
                         FOR length(c.by_number))
       END AS definition,
       CASE WHEN x.stxstattarget >= 0 THEN x.stxstattarget END AS target
  FROM pg_statistic_ext x
  JOIN pg_namespace n ON n.oid = x.stxnamespace
  JOIN pg_class r ON r.oid = x.stxrelid
  JOIN pg_namespace rn ON rn.oid = r.relnamespace
 CROSS JOIN LATERAL
       (SELECT substr(pg_get_statisticsobjdef(x.oid),
                      length('CREATE STATISTICS ' || quote_ident(n.nspname) || '.' || quote_ident(x.stxname) || ' ')
                        + 1)) d(definition)
 CROSS JOIN LATERAL
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.number),
               string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname)
          FROM unnest(x.stxkeys::int2[]) WITH ORDINALITY k(attnum, number)
          JOIN pg_attribute a ON a.attrelid = x.stxrelid AND a.attnum = k.attnum) c(by_number, by_name)
 WHERE x.stxnamespace = ANY ($1) AND r.relpersistence <> 't')",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
};

} // namespace

std::span<SchemaQuery> statistics_queries()
{
    return queries;
}

} // namespace pgmigrate::pg

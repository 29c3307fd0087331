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

// The default of stxstattarget is -1 before 17 and NULL since.
constinit SchemaQuery queries[] = {
    {{R"(
SELECT 'statistics object' AS kind, 'pg_statistic_ext'::regclass::oid AS classid, x.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) AS schema_name, quote_ident(x.stxname) AS object_name,
       quote_ident(n.nspname) || '.' || quote_ident(x.stxname) AS identity,
       quote_ident(rn.nspname) || '.' || quote_ident(r.relname) AS parent,
       substr(pg_get_statisticsobjdef(x.oid),
              length('CREATE STATISTICS ' || quote_ident(n.nspname) || '.' || quote_ident(x.stxname) || ' ') + 1)
         AS definition,
       CASE WHEN x.stxstattarget >= 0 THEN x.stxstattarget END AS target
  FROM pg_statistic_ext x
  JOIN pg_namespace n ON n.oid = x.stxnamespace
  JOIN pg_class r ON r.oid = x.stxrelid
  JOIN pg_namespace rn ON rn.oid = r.relnamespace
  LEFT JOIN pg_depend d ON d.classid = 'pg_statistic_ext'::regclass AND d.objid = x.oid AND d.deptype = 'e'
 WHERE x.stxnamespace = ANY ($1) AND r.relpersistence <> 't' AND d.objid IS NULL)",
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

// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_queries.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

namespace pgmigrate::pg
{

namespace
{

// Without those that carry out foreign keys. A row trigger of a partitioned table has a clone on each partition.
constinit SchemaQuery queries[] = {
    {{R"(
SELECT 'trigger' AS kind, 'pg_trigger'::regclass::oid AS classid, t.oid AS objid, 0 AS objsubid,
       t.tgrelid AS relation, t.tgname AS plain_name,
       pg_get_triggerdef(t.oid) AS definition,
       t.tgconstraint <> 0 AS constraint,
       CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' END
         AS enabled,
       r.relkind = 'f' AS of_foreign_table,
       r.relkind = 'v' AS of_view,
       quote_ident(p.tgname) || ' ON ' || quote_ident(pn.nspname) || '.' || quote_ident(pc.relname) AS inherited_from
  FROM pg_trigger t
  JOIN pg_class r ON r.oid = t.tgrelid
  LEFT JOIN pg_trigger p ON p.oid = t.tgparentid
  LEFT JOIN pg_class pc ON pc.oid = p.tgrelid
  LEFT JOIN pg_namespace pn ON pn.oid = pc.relnamespace
 WHERE r.relnamespace = ANY ($1) AND NOT t.tgisinternal)",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
};

} // namespace

std::span<SchemaQuery> trigger_queries()
{
    return queries;
}

} // namespace pgmigrate::pg

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

// Without the rule that makes a view.
constinit SchemaQuery queries[] = {
    {{R"(
SELECT 'rule' AS kind, 'pg_rewrite'::regclass::oid AS classid, r.oid AS objid, 0 AS objsubid,
       r.ev_class AS relation, r.rulename AS plain_name,
       rtrim(pg_get_ruledef(r.oid), ';') AS definition,
       CASE r.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' END
         AS enabled,
       )" PGM_POSITIONAL("concat(r.ev_qual, r.ev_action)") R"( AS positional
  FROM pg_rewrite r
  JOIN pg_class c ON c.oid = r.ev_class
 WHERE c.relnamespace = ANY ($1) AND r.rulename <> '_RETURN')",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
};

} // namespace

std::span<SchemaQuery> rule_queries()
{
    return queries;
}

} // namespace pgmigrate::pg

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
    {{"WITH " PGM_RELATIONS("'r', 'p', 'v', 'm', 'f'") R"(
SELECT 'rule' AS kind, 'pg_rewrite'::regclass::oid AS classid, r.oid AS objid, 0 AS objsubid,
       relation.schema_name, quote_ident(r.rulename) AS object_name, relation.identity AS parent,
       quote_ident(r.rulename) || ' ON ' || relation.identity AS identity,
       rtrim(pg_get_ruledef(r.oid), ';') AS definition,
       CASE r.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' END
         AS enabled
  FROM pg_rewrite r
  JOIN relation ON relation.oid = r.ev_class
  LEFT JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.deptype = 'e'
 WHERE r.rulename <> '_RETURN' AND d.objid IS NULL)",
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

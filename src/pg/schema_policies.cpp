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

// The roles are a set. The role 0 is PUBLIC, which is the default.
constinit SchemaQuery queries[] = {
    {{R"(
WITH roles AS (
  SELECT p.oid, array_agg(quote_ident(a.rolname) ORDER BY a.rolname) AS roles
    FROM pg_policy p, unnest(p.polroles) u(role)
    JOIN pg_roles a ON a.oid = u.role
   GROUP BY p.oid)
SELECT 'policy' AS kind, 'pg_policy'::regclass::oid AS classid, p.oid AS objid, 0 AS objsubid,
       p.polrelid AS relation, p.polname AS plain_name,
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' END
         AS command,
       NOT p.polpermissive AS restrictive,
       roles.roles,
       pg_get_expr(p.polqual, p.polrelid) AS using,
       pg_get_expr(p.polwithcheck, p.polrelid) AS with_check,
       )" PGM_POSITIONAL("concat(p.polqual, p.polwithcheck)") R"( AS positional
  FROM pg_policy p
  JOIN pg_class r ON r.oid = p.polrelid
  LEFT JOIN roles ON roles.oid = p.oid
 WHERE r.relnamespace = ANY ($1))",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
};

} // namespace

std::span<SchemaQuery> policy_queries()
{
    return queries;
}

} // namespace pgmigrate::pg

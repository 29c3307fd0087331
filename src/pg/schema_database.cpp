// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_queries.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

namespace pgmigrate::pg
{

namespace
{

// An extension's comment is at first that of its control file. extconfig and extcondition are its own scripts' matter,
// and its owner cannot be altered.
constinit SchemaQuery queries[] = {
    {{R"(
SELECT 'extension' AS kind, 'pg_extension'::regclass::oid AS classid, e.oid AS objid, 0 AS objsubid,
       quote_ident(e.extname) AS object_name, quote_ident(e.extname) AS identity, e.extversion AS version,
       a.default_version, a.comment AS default_comment, quote_ident(n.nspname) AS in_schema,
       e.extrelocatable AS relocatable, u.targets AS updates_to
  FROM pg_extension e
  JOIN pg_namespace n ON n.oid = e.extnamespace
  LEFT JOIN pg_available_extensions() a ON a.name = e.extname
  LEFT JOIN LATERAL (SELECT array_agg(p.target ORDER BY p.target COLLATE "C") AS targets
                       FROM pg_extension_update_paths(e.extname) p
                      WHERE p.source = e.extversion AND p.path IS NOT NULL) u ON a.name IS NOT NULL
 WHERE e.extname NOT IN ('pg_migrate', 'pgm_test'))",
      0,
      {},
      nullptr},
     true},
    {{R"(
SELECT 'default privileges' AS kind, 'pg_default_acl'::regclass::oid AS classid, d.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) AS schema_name, quote_ident(r.rolname) AS role, d.defaclobjtype AS type,
       'FOR ROLE ' || quote_ident(r.rolname) || COALESCE(' IN SCHEMA ' || quote_ident(n.nspname), '') || ' ON '
         || CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                                 WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END AS identity
  FROM pg_default_acl d
  JOIN pg_roles r ON r.oid = d.defaclrole
  LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
 WHERE d.defaclnamespace = 0 OR d.defaclnamespace = ANY ($1))",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
};

} // namespace

std::span<SchemaQuery> database_queries()
{
    return queries;
}

} // namespace pgmigrate::pg

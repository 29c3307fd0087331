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
SELECT 'schema' AS kind, 'pg_namespace'::regclass::oid AS classid, n.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) AS object_name, quote_ident(n.nspname) AS identity
  FROM pg_namespace n
 WHERE n.oid = ANY ($1))",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
};

} // namespace

std::span<SchemaQuery> schema_queries()
{
    return queries;
}

} // namespace pgmigrate::pg

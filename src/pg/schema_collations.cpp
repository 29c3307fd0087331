// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_queries.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

namespace pgmigrate::pg
{

namespace
{

#if PG_VERSION_NUM >= 170000
#define LOCALE_COLUMNS "c.colllocale AS locale, c.collicurules AS rules"
#elif PG_VERSION_NUM >= 160000
#define LOCALE_COLUMNS "c.colliculocale AS locale, c.collicurules AS rules"
#else
#define LOCALE_COLUMNS "c.colliculocale AS locale"
#endif

// The version is that of a library, and says what the data were sorted by: no difference between schemas. Those of
// other encodings cannot be used in this database.
constinit SchemaQuery queries[] = {
    {{R"(
SELECT 'collation' AS kind, 'pg_collation'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(c.collname) AS object_name, quote_ident(n.nspname) || '.' || quote_ident(c.collname) AS identity,
       quote_ident(n.nspname) AS schema_name,
       CASE c.collprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'default' END
         AS provider,
       NOT c.collisdeterministic AS nondeterministic, c.collcollate AS "collate", c.collctype AS ctype,
       )" LOCALE_COLUMNS R"(
  FROM pg_collation c
  JOIN pg_namespace n ON n.oid = c.collnamespace
  JOIN pg_database b ON b.datname = current_database()
 WHERE c.collnamespace = ANY ($1) AND c.collencoding IN (-1, b.encoding))",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
};

} // namespace

std::span<SchemaQuery> collation_queries()
{
    return queries;
}

} // namespace pgmigrate::pg

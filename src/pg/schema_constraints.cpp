// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_parts.hpp"
#include "pg/schema_queries.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

// 18 has constraints that are not enforced, and says so instead of NOT VALID. Its NOT NULL constraints are what makes
// attnotnull true, which the columns have.
#if PG_VERSION_NUM >= 180000
#define PGM_NOT_ENFORCED "NOT k.conenforced"
#else
#define PGM_NOT_ENFORCED "false"
#endif

// What pg_get_constraintdef() appends, in its order: these can be altered.
#define PGM_CONSTRAINT_SUFFIX                                                                                          \
    "CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END\n"                                                       \
    "       || CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END\n"                                       \
    "       || CASE WHEN " PGM_NOT_ENFORCED " THEN ' NOT ENFORCED'\n"                                                  \
    "               WHEN NOT k.convalidated THEN ' NOT VALID' ELSE '' END"

// An empty suffix is cut off, too: left(…, -0) would be nothing.
#define PGM_CONSTRAINT_DEFINITION "left(pg_get_constraintdef(k.oid) || '.', -1 - length(" PGM_CONSTRAINT_SUFFIX "))"

namespace pgmigrate::pg
{

namespace
{

constinit SchemaQuery queries[] = {
    // A foreign key that refers to a partitioned table has a row for each partition that it refers to: conparentid is
    // a constraint of the same table. Rows of partitions that refer belong to another table, and are inherited.
    {{R"(
SELECT 'constraint' AS kind, 'pg_constraint'::regclass::oid AS classid, k.oid AS objid, 0 AS objsubid,
       k.conrelid AS relation, k.conname AS plain_name,
       k.contype AS type,
       )" PGM_WITHOUT_OPTIONS(PGM_CONSTRAINT_DEFINITION) R"( AS definition,
       k.condeferrable AS deferrable, k.condeferred AS deferred,
       )" PGM_NOT_ENFORCED R"( AS not_enforced, NOT k.convalidated AND NOT )" PGM_NOT_ENFORCED R"( AS not_valid,
       CASE WHEN k.coninhcount > 0 AND k.contype IN ('c', 'f')
            THEN (SELECT array_agg(quote_ident(p.conname) || ' ON ' || quote_ident(pn.nspname) || '.' || quote_ident(pt.relname)
                                   ORDER BY pn.nspname, pt.relname)
                    FROM pg_inherits h
                    JOIN pg_constraint p ON p.conrelid = h.inhparent AND p.contype = k.contype
                         AND CASE WHEN k.contype = 'c' THEN p.conname = k.conname AND NOT p.connoinherit
                                  ELSE p.oid = k.conparentid END
                    JOIN pg_class pt ON pt.oid = h.inhparent
                    JOIN pg_namespace pn ON pn.oid = pt.relnamespace
                   WHERE h.inhrelid = k.conrelid) END AS inherited_from,
       k.contype = 'c' AND k.coninhcount > 0 AND k.conislocal AS local,
       i.indexrelid IS NOT NULL AS index,
       t.relkind = 'p' AS partitioned, t.relkind = 'p' AND NOT i.indisvalid AS incomplete,
       )" PGM_INDEX_PROPERTIES R"(
  FROM pg_constraint k
  JOIN pg_class t ON t.oid = k.conrelid
  LEFT JOIN pg_constraint above ON above.oid = k.conparentid
  LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
  LEFT JOIN pg_class c ON c.oid = i.indexrelid
 WHERE t.relnamespace = ANY ($1) AND k.contype IN ('c', 'f', 'p', 'u', 'x')
   AND above.conrelid IS DISTINCT FROM k.conrelid)",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
    {{R"(
SELECT 'constraint' AS kind, 'pg_constraint'::regclass::oid AS classid, k.oid AS objid, 0 AS objsubid,
       k.schema_name, quote_ident(k.conname) AS object_name, k.domain_identity AS parent,
       quote_ident(k.conname) || ' ON DOMAIN ' || k.domain_identity AS identity,
       k.contype AS type, true AS of_domain,
       )" PGM_CONSTRAINT_DEFINITION R"( AS definition,
       )" PGM_NOT_ENFORCED R"( AS not_enforced, NOT k.convalidated AND NOT )" PGM_NOT_ENFORCED R"( AS not_valid
  FROM (SELECT k.*, quote_ident(n.nspname) AS schema_name,
               quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS domain_identity
          FROM pg_constraint k
          JOIN pg_type t ON t.oid = k.contypid
          JOIN pg_namespace n ON n.oid = t.typnamespace
          LEFT JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
         WHERE t.typnamespace = ANY ($1) AND k.contype = 'c' AND d.objid IS NULL) k)",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
};

} // namespace

std::span<SchemaQuery> constraint_queries()
{
    return queries;
}

} // namespace pgmigrate::pg

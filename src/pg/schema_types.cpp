// SPDX-License-Identifier: PostgreSQL

// Enums, domains, composite types, ranges and base types. What pg_type has beyond these queries: typlen, typbyval,
// typalign and so on follow from the kind of type everywhere but in base types; typarray and typsubscript are made by
// the server; typndims says nothing that the server minds; typdefaultbin is read through pg_get_expr().

#include "pg/schema_queries.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

namespace pgmigrate::pg
{

namespace
{

#define PGM_TYPE_COLUMNS                                                                                               \
    "'pg_type'::regclass::oid AS classid, t.oid AS objid, 0 AS objsubid,\n"                                            \
    "       quote_ident(n.nspname) AS schema_name, quote_ident(t.typname) AS object_name,\n"                           \
    "       quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS identity,\n"                                    \
    ""
#define PGM_TYPE_JOINS                                                                                                 \
    "\n"                                                                                                               \
    "  JOIN pg_namespace n ON n.oid = t.typnamespace\n"                                                                \
    ""
#define PGM_TYPE_IN_SCOPE " t.typnamespace = ANY ($1)"

// From 17 on NOT NULL of a domain is a constraint.
#if PG_VERSION_NUM >= 170000
#define PGM_DOMAIN_NOT_NULL                                                                                            \
    "CASE WHEN k.conname <> concat(t.typname, '_not_null') THEN quote_ident(k.conname) END AS not_null_name,\n"        \
    "       obj_description(k.oid, 'pg_constraint') AS not_null_comment,\n"
#define PGM_DOMAIN_NOT_NULL_JOIN "  LEFT JOIN pg_constraint k ON k.contypid = t.oid AND k.contype = 'n'\n"
#else
#define PGM_DOMAIN_NOT_NULL
#define PGM_DOMAIN_NOT_NULL_JOIN
#endif

constinit SchemaQuery queries[] = {
    {{R"(
SELECT 'enum' AS kind, )" PGM_TYPE_COLUMNS R"(       l.labels, l.label_ids
  FROM pg_type t)" PGM_TYPE_JOINS
      R"(  LEFT JOIN (SELECT enumtypid, array_agg(enumlabel::text ORDER BY enumsortorder) AS labels,
                    array_agg(oid::text ORDER BY enumsortorder) AS label_ids
               FROM pg_enum
              GROUP BY enumtypid) l ON l.enumtypid = t.oid
 WHERE t.typtype = 'e' AND)" PGM_TYPE_IN_SCOPE,
      1,
      {OIDARRAYOID},
      nullptr},
     false},
    {{R"(
SELECT 'domain' AS kind, )" PGM_TYPE_COLUMNS R"(       format_type(t.typbasetype, t.typtypmod) AS type,
       t.typnotnull AS not_null,
)" PGM_DOMAIN_NOT_NULL R"(       CASE WHEN t.typcollation <> b.typcollation
            THEN quote_ident(cn.nspname) || '.' || quote_ident(c.collname) END AS collation
  FROM pg_type t)" PGM_TYPE_JOINS R"(  JOIN pg_type b ON b.oid = t.typbasetype
)" PGM_DOMAIN_NOT_NULL_JOIN R"(  LEFT JOIN pg_collation c ON c.oid = t.typcollation
  LEFT JOIN pg_namespace cn ON cn.oid = c.collnamespace
 WHERE t.typtype = 'd' AND)" PGM_TYPE_IN_SCOPE,
      1,
      {OIDARRAYOID},
      nullptr},
     false},
    // pg_depend has no object for it: a number of no column tells it from its domain.
    {{R"(
SELECT 'default' AS kind, 'pg_type'::regclass::oid AS classid, t.oid AS objid, -1 AS objsubid,
       quote_ident(n.nspname) AS schema_name, quote_ident(t.typname) AS object_name,
       quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS identity,
       quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS parent,
       true AS of_domain, pg_get_expr(t.typdefaultbin, 0) AS expression
  FROM pg_type t)" PGM_TYPE_JOINS R"( WHERE t.typtype = 'd' AND t.typdefaultbin IS NOT NULL AND)" PGM_TYPE_IN_SCOPE,
      1,
      {OIDARRAYOID},
      nullptr},
     false},
    // Known by its relation, as pg_depend has it, but for extensions, whose members are the types; owner, comment and
    // grants are those of the type.
    {{R"(
SELECT 'composite type' AS kind, 'pg_class'::regclass::oid AS classid, t.typrelid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) AS schema_name, quote_ident(t.typname) AS object_name,
       quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS identity
  FROM pg_type t
  JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c')" PGM_TYPE_JOINS
      R"( WHERE t.typtype = 'c'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e') AND)" PGM_TYPE_IN_SCOPE,
      1,
      {OIDARRAYOID},
      nullptr},
     false},
    {{R"(
SELECT 'range type' AS kind, )" PGM_TYPE_COLUMNS R"(       format_type(r.rngsubtype, NULL) AS subtype,
       CASE WHEN NOT o.opcdefault
            THEN quote_ident(opn.nspname) || '.' || quote_ident(o.opcname) END AS operator_class,
       CASE WHEN r.rngcollation <> s.typcollation
            THEN quote_ident(cn.nspname) || '.' || quote_ident(c.collname) END AS collation,
       NULLIF(r.rngcanonical::regproc::text, '-') AS canonical,
       NULLIF(r.rngsubdiff::regproc::text, '-') AS subtype_diff,
       quote_ident(mn.nspname) || '.' || quote_ident(m.typname) AS multirange,
       quote_ident(m.typname) AS multirange_name
  FROM pg_type t
  JOIN pg_range r ON r.rngtypid = t.oid
  JOIN pg_type s ON s.oid = r.rngsubtype
  JOIN pg_opclass o ON o.oid = r.rngsubopc
  JOIN pg_namespace opn ON opn.oid = o.opcnamespace
  JOIN pg_type m ON m.oid = r.rngmultitypid
  JOIN pg_namespace mn ON mn.oid = m.typnamespace
  LEFT JOIN pg_collation c ON c.oid = r.rngcollation
  LEFT JOIN pg_namespace cn ON cn.oid = c.collnamespace)" PGM_TYPE_JOINS
      R"( WHERE t.typtype = 'r' AND)" PGM_TYPE_IN_SCOPE,
      1,
      {OIDARRAYOID},
      nullptr},
     false},
    // Of a shell type nothing is known but its name.
    {{R"(
SELECT 'type' AS kind, )" PGM_TYPE_COLUMNS R"(       NOT t.typisdefined AS shell,
       i.internal_length, i.passed_by_value, i.alignment, i.storage, i.category, i.preferred, i.delimiter, i.input,
       i.output, i.receive, i.send, i.typmod_in, i.typmod_out, i.analyze, i.subscript, i.default_value, i.element,
       i.collatable
  FROM pg_type t)" PGM_TYPE_JOINS R"(  LEFT JOIN LATERAL (
       SELECT t.typlen AS internal_length, t.typbyval AS passed_by_value,
              CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'd' THEN 'double' END AS alignment,
              CASE t.typstorage WHEN 'e' THEN 'external' WHEN 'x' THEN 'extended' WHEN 'm' THEN 'main' END AS storage,
              NULLIF(t.typcategory, 'U') AS category, t.typispreferred AS preferred,
              NULLIF(t.typdelim, ',') AS delimiter,
              t.typinput::regproc::text AS input, t.typoutput::regproc::text AS output,
              NULLIF(t.typreceive::regproc::text, '-') AS receive, NULLIF(t.typsend::regproc::text, '-') AS send,
              NULLIF(t.typmodin::regproc::text, '-') AS typmod_in, NULLIF(t.typmodout::regproc::text, '-') AS typmod_out,
              NULLIF(t.typanalyze::regproc::text, '-') AS analyze,
              NULLIF(t.typsubscript::regproc::text, '-') AS subscript,
              t.typdefault AS default_value,
              CASE WHEN t.typelem <> 0 THEN format_type(t.typelem, NULL) END AS element,
              t.typcollation <> 0 AS collatable) i ON t.typisdefined
 WHERE (t.typtype = 'b' OR NOT t.typisdefined)
   AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid) AND)" PGM_TYPE_IN_SCOPE,
      1,
      {OIDARRAYOID},
      nullptr},
     false},
};

} // namespace

std::span<SchemaQuery> type_queries()
{
    return queries;
}

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_queries.hpp"

extern "C" {
#include "catalog/pg_init_privs.h"
#include "catalog/pg_type.h"
}

namespace pgmigrate::pg
{

namespace
{

// The object that has them and its column go together into what tells these from others of the same number.
#define PGM_SUBID(classid, attnum) "(" classid ")::oid::int4 * 2048 + 10 + " attnum

// One entry for each grantee and grantor, as model::Acl reads it.
#define PGM_ACL(acl)                                                                                                   \
    "(SELECT array_agg(e.entry ORDER BY e.entry COLLATE \"C\")\n"                                                      \
    "          FROM (SELECT COALESCE(quote_ident(r.rolname), '') || '='\n"                                             \
    "                         || string_agg(l.letter || CASE WHEN x.is_grantable THEN '*' ELSE '' END, ''\n"           \
    "                                       ORDER BY l.letter)\n"                                                      \
    "                         || '/' || quote_ident(g.rolname) AS entry\n"                                             \
    "                  FROM aclexplode(" acl ") x\n"                                                                   \
    "                  JOIN (VALUES ('INSERT', 'a'), ('SELECT', 'r'), ('UPDATE', 'w'), ('DELETE', 'd'),\n"             \
    "                               ('TRUNCATE', 'D'), ('REFERENCES', 'x'), ('TRIGGER', 't'), ('EXECUTE', 'X'),\n"     \
    "                               ('USAGE', 'U'), ('CREATE', 'C'), ('MAINTAIN', 'm')) l(privilege, letter)\n"        \
    "                    ON l.privilege = x.privilege_type\n"                                                          \
    "                  LEFT JOIN pg_roles r ON r.oid = x.grantee\n"                                                    \
    "                  JOIN pg_roles g ON g.oid = x.grantor\n"                                                         \
    "                 WHERE x.grantee = 0 OR r.oid IS NOT NULL\n"                                                      \
    "                 GROUP BY r.rolname, g.rolname) e)"

// Few objects have any other privileges than by default: no more is computed for the others.
#define PGM_CHANGED(acl, oid) acl " IS NOT NULL OR " oid " IN (SELECT objoid FROM pg_init_privs)"

// acldefault() has letters of its own for sequences and servers. The privileges on information_schema, which is made
// after those that initdb keeps, are left out as pg_dump leaves them out.
constinit SchemaQuery queries[] = {
    {{R"(
WITH known AS (
  SELECT 'pg_proc'::regclass::oid AS classid, p.oid, 0 AS attnum, p.pronamespace AS schema, p.proname AS name,
         '' AS column, 'ROUTINE' AS keyword, 'f' AS type, 'f' AS default_type, p.proowner AS owner, p.proacl AS acl
    FROM pg_proc p
   WHERE )" PGM_CHANGED("p.proacl", "p.oid") R"(
  UNION ALL
  SELECT 'pg_type'::regclass, t.oid, 0, t.typnamespace, t.typname, '', 'TYPE', 'T', 'T', t.typowner, t.typacl
    FROM pg_type t
   WHERE t.typrelid = 0 AND ()" PGM_CHANGED("t.typacl", "t.oid") R"()
  UNION ALL
  SELECT 'pg_class'::regclass, c.oid, 0, c.relnamespace, c.relname, '',
         CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, CASE c.relkind WHEN 'S' THEN 'S' ELSE 'r' END,
         CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END, c.relowner, c.relacl
    FROM pg_class c
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ()" PGM_CHANGED("c.relacl", "c.oid") R"()
  UNION ALL
  SELECT 'pg_class'::regclass, c.oid, a.attnum, c.relnamespace, c.relname, quote_ident(a.attname), 'TABLE', 'c', 'c',
         c.relowner, a.attacl
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
   WHERE a.attrelid = ANY ($2) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT a.attisdropped AND a.attacl IS NOT NULL
  UNION ALL
  SELECT 'pg_class'::regclass, c.oid, a.attnum, c.relnamespace, c.relname, quote_ident(a.attname), 'TABLE', 'c', 'c',
         c.relowner, NULL
    FROM pg_init_privs i
    JOIN pg_attribute a ON a.attrelid = i.objoid AND a.attnum = i.objsubid
    JOIN pg_class c ON c.oid = a.attrelid
   WHERE i.classoid = 'pg_class'::regclass AND i.objsubid <> 0 AND NOT a.attisdropped AND a.attacl IS NULL
  UNION ALL
  SELECT 'pg_language'::regclass, l.oid, 0, 0, l.lanname, '', 'LANGUAGE', 'l', 'l', l.lanowner, l.lanacl
    FROM pg_language l
  UNION ALL
  SELECT 'pg_namespace'::regclass, n.oid, 0, 0, n.nspname, '', 'SCHEMA', 'n', 'n', n.nspowner, n.nspacl
    FROM pg_namespace n
   WHERE n.nspname NOT IN ('public', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
  UNION ALL
  SELECT 'pg_foreign_data_wrapper'::regclass, w.oid, 0, 0, w.fdwname, '', 'FOREIGN DATA WRAPPER', 'F', 'F', w.fdwowner,
         w.fdwacl
    FROM pg_foreign_data_wrapper w),
changed AS (
  SELECT k.*, COALESCE(k.acl, acldefault(k.default_type::"char", k.owner)) AS acl_is,
         COALESCE(i.initprivs, acldefault(k.default_type::"char", k.owner)) AS acl_was
    FROM known k
    LEFT JOIN pg_init_privs i ON i.classoid = k.classid AND i.objoid = k.oid AND i.objsubid = k.attnum
   WHERE k.acl IS DISTINCT FROM i.initprivs),
named AS MATERIALIZED (
  SELECT k.*, k.keyword || ' ' || COALESCE(quote_ident(n.nspname) || '.', '') || quote_ident(k.name)
                || COALESCE((SELECT '(' || oidvectortypes(p.proargtypes) || ')' FROM pg_proc p
                              WHERE k.classid = 'pg_proc'::regclass AND p.oid = k.oid), '') AS of,
         CASE WHEN k.attnum <> 0 THEN ' (' || k.column || ')' END AS columns,
         )" PGM_ACL("k.acl_is") R"( AS granted,
         )" PGM_ACL("k.acl_was") R"( AS initially
    FROM changed k
    LEFT JOIN pg_namespace n ON n.oid = k.schema
   WHERE (k.oid < 16384
          OR EXISTS (SELECT FROM pg_depend e
                       JOIN pg_extension x ON x.oid = e.refobjid
                      WHERE e.classid = k.classid AND e.objid = k.oid AND e.objsubid = 0 AND e.deptype = 'e'
                        AND x.extname <> 'pg_migrate'))
     AND (n.nspname IS NULL OR n.nspname !~ '^(pg_(toast|temp)|information_schema$)'))
SELECT 'privileges' AS kind, 'pg_init_privs'::regclass::oid AS classid, k.oid AS objid,
       )" PGM_SUBID("k.classid", "k.attnum") R"( AS objsubid,
       'ON ' || k.of || COALESCE(k.columns, '') AS identity, k.of, k.columns, k.type,
       quote_ident(pg_get_userbyid(k.owner)) AS role, k.granted, k.initially
  FROM named k
 WHERE k.granted IS DISTINCT FROM k.initially)",
      2,
      {OIDARRAYOID, OIDARRAYOID},
      nullptr},
     true},
    {{R"(
SELECT 'privileges' AS kind, 'pg_init_privs'::regclass::oid AS classid, c.oid AS objid,
       )" PGM_SUBID("'pg_class'::regclass", "a.attnum") R"( AS objsubid,
       quote_ident(n.nspname) AS schema_name,
       'ON TABLE ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) || ' (' || a.attname || ')' AS identity,
       'TABLE ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS of, ' (' || a.attname || ')' AS columns,
       'c' AS type, quote_ident(pg_get_userbyid(c.relowner)) AS role,
       )" PGM_ACL("a.attacl") R"( AS granted
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE a.attrelid = ANY ($2) AND c.relnamespace = ANY ($1) AND a.attnum < 0 AND a.attacl IS NOT NULL AND c.relkind IN ('r', 'p', 'f', 'm')
   AND c.relpersistence <> 't' AND cardinality(a.attacl) > 0
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.objsubid = 0
                      AND e.deptype = 'e'))",
      2,
      {OIDARRAYOID, OIDARRAYOID},
      nullptr},
     false},
};

} // namespace

std::span<SchemaQuery> privilege_queries()
{
    return queries;
}

model::Address privileged_object(const model::Address &privileges)
{
    return {static_cast<Oid>(privileges.sub_id / 2048), privileges.object_id, 0};
}

} // namespace pgmigrate::pg

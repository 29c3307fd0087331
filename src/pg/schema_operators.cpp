// SPDX-License-Identifier: PostgreSQL

// Operators, their families and classes.

#include "pg/schema_queries.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

namespace pgmigrate::pg
{

namespace
{

// The places that the operators and functions of families have in them, and what is there: those of the class or the
// family that they belong to, which pg_depend tells.
#define PGM_MEMBERS                                                                                                    \
    "member AS (\n"                                                                                                    \
    "  SELECT d.refclassid, d.refobjid, 'pg_amop'::regclass::oid AS classid, m.oid AS objid, 'OPERATOR' AS sort,\n"    \
    "         m.amopstrategy AS number, format_type(m.amoplefttype, NULL) AS left_type,\n"                             \
    "         format_type(m.amoprighttype, NULL) AS right_type,\n"                                                     \
    "         'OPERATOR ' || m.amopstrategy || ' ' || quote_ident(n.nspname) || '.' || o.oprname || '('\n"             \
    "           || format_type(m.amoplefttype, NULL) || ', ' || format_type(m.amoprighttype, NULL) || ')'\n"           \
    "           || COALESCE(' FOR ORDER BY ' || quote_ident(sn.nspname) || '.' || quote_ident(s.opfname), '') AS "     \
    "definition\n"                                                                                                     \
    "    FROM pg_amop m\n"                                                                                             \
    "    JOIN pg_depend d ON d.classid = 'pg_amop'::regclass AND d.objid = m.oid\n"                                    \
    "                    AND (d.refclassid = 'pg_opclass'::regclass\n"                                                 \
    "                         OR d.refclassid = 'pg_opfamily'::regclass AND d.refobjid = m.amopfamily AND d.deptype "  \
    "<> 'n')\n"                                                                                                        \
    "    JOIN pg_operator o ON o.oid = m.amopopr\n"                                                                    \
    "    JOIN pg_namespace n ON n.oid = o.oprnamespace\n"                                                              \
    "    LEFT JOIN pg_opfamily s ON s.oid = m.amopsortfamily\n"                                                        \
    "    LEFT JOIN pg_namespace sn ON sn.oid = s.opfnamespace\n"                                                       \
    "  UNION ALL\n"                                                                                                    \
    "  SELECT d.refclassid, d.refobjid, 'pg_amproc'::regclass::oid, m.oid, 'FUNCTION', m.amprocnum,\n"                 \
    "         format_type(m.amproclefttype, NULL), format_type(m.amprocrighttype, NULL),\n"                            \
    "         'FUNCTION ' || m.amprocnum || ' (' || format_type(m.amproclefttype, NULL) || ', '\n"                     \
    "           || format_type(m.amprocrighttype, NULL) || ') ' || m.amproc::regprocedure::text\n"                     \
    "    FROM pg_amproc m\n"                                                                                           \
    "    JOIN pg_depend d ON d.classid = 'pg_amproc'::regclass AND d.objid = m.oid\n"                                  \
    "                    AND d.refclassid IN ('pg_opclass'::regclass, 'pg_opfamily'::regclass))\n"

// A shell is an operator that another one names as its commutator or negator, and nothing else.
constinit SchemaQuery queries[] = {
    {{R"(
SELECT 'operator' AS kind, 'pg_operator'::regclass::oid AS classid, o.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) AS schema_name, o.oprname::text AS object_name,
       quote_ident(n.nspname) || '.' || o.oprname || '('
         || CASE o.oprleft WHEN 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END || ', '
         || CASE o.oprright WHEN 0 THEN 'NONE' ELSE format_type(o.oprright, NULL) END || ')' AS identity,
       o.oprcode = 0 AS shell,
       CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END AS left,
       CASE WHEN o.oprright <> 0 THEN format_type(o.oprright, NULL) END AS right,
       i.function, i.result, i.commutator, i.negator, i.restrict, i.join, i.hashes, i.merges
  FROM pg_operator o
  JOIN pg_namespace n ON n.oid = o.oprnamespace
  LEFT JOIN pg_operator com ON com.oid = o.oprcom
  LEFT JOIN pg_namespace comn ON comn.oid = com.oprnamespace
  LEFT JOIN pg_operator neg ON neg.oid = o.oprnegate
  LEFT JOIN pg_namespace negn ON negn.oid = neg.oprnamespace
  LEFT JOIN LATERAL (
       SELECT o.oprcode::regproc::text AS function, format_type(o.oprresult, NULL) AS result,
              quote_ident(comn.nspname) || '.' || com.oprname AS commutator,
              quote_ident(negn.nspname) || '.' || neg.oprname AS negator,
              NULLIF(o.oprrest::regproc::text, '-') AS restrict, NULLIF(o.oprjoin::regproc::text, '-') AS join,
              o.oprcanhash AS hashes, o.oprcanmerge AS merges) i ON o.oprcode <> 0
 WHERE o.oprnamespace = ANY ($1))",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
    {{R"(
SELECT 'operator family' AS kind, 'pg_opfamily'::regclass::oid AS classid, f.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) AS schema_name, quote_ident(f.opfname) AS object_name,
       quote_ident(n.nspname) || '.' || quote_ident(f.opfname) || ' USING ' || quote_ident(a.amname) AS identity
  FROM pg_opfamily f
  JOIN pg_namespace n ON n.oid = f.opfnamespace
  JOIN pg_am a ON a.oid = f.opfmethod
 WHERE f.opfnamespace = ANY ($1))",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
    {{"WITH " PGM_MEMBERS R"(
SELECT 'member of an operator family' AS kind, m.classid, m.objid, 0 AS objsubid,
       quote_ident(n.nspname) AS schema_name,
       p.place || ' OF ' || quote_ident(n.nspname) || '.' || quote_ident(f.opfname) || ' USING ' || quote_ident(a.amname)
         AS identity,
       quote_ident(n.nspname) || '.' || quote_ident(f.opfname) AS family, quote_ident(a.amname) AS method,
       p.place, m.definition
  FROM member m
  JOIN pg_opfamily f ON f.oid = m.refobjid
  JOIN pg_namespace n ON n.oid = f.opfnamespace
  JOIN pg_am a ON a.oid = f.opfmethod,
       LATERAL (SELECT m.sort || ' ' || m.number || ' (' || m.left_type || ', ' || m.right_type || ')' AS place) p
 WHERE m.refclassid = 'pg_opfamily'::regclass AND f.opfnamespace = ANY ($1)
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_opfamily'::regclass AND e.objid = f.oid AND e.deptype = 'e'))",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
    {{"WITH " PGM_MEMBERS R"(
SELECT 'operator class' AS kind, 'pg_opclass'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) AS schema_name, quote_ident(c.opcname) AS object_name,
       quote_ident(n.nspname) || '.' || quote_ident(c.opcname) || ' USING ' || quote_ident(a.amname) AS identity,
       quote_ident(fn.nspname) || '.' || quote_ident(f.opfname) AS family, quote_ident(a.amname) AS method,
       format_type(c.opcintype, NULL) AS type, c.opcdefault AS by_default,
       CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END AS storage, m.members
  FROM pg_opclass c
  JOIN pg_namespace n ON n.oid = c.opcnamespace
  JOIN pg_am a ON a.oid = c.opcmethod
  JOIN pg_opfamily f ON f.oid = c.opcfamily
  JOIN pg_namespace fn ON fn.oid = f.opfnamespace
  LEFT JOIN (SELECT m.refobjid,
                    array_agg(m.definition ORDER BY m.sort DESC, m.number, m.left_type COLLATE "C",
                                                    m.right_type COLLATE "C") AS members
               FROM member m
              WHERE m.refclassid = 'pg_opclass'::regclass
              GROUP BY m.refobjid) m ON m.refobjid = c.oid
 WHERE c.opcnamespace = ANY ($1))",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
};

} // namespace

std::span<SchemaQuery> operator_queries()
{
    return queries;
}

} // namespace pgmigrate::pg

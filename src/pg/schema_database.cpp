// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_queries.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

namespace pgmigrate::pg
{

namespace
{

// Since 18.
#if PG_VERSION_NUM >= 180000
#define PUBLISHED_GENERATED_COLUMNS "       CASE p.pubgencols WHEN 's' THEN 'stored' END AS publish_generated_columns,"
#else
#define PUBLISHED_GENERATED_COLUMNS
#endif

// Since 19.
#if PG_VERSION_NUM >= 190000
#define WRAPPER_CONNECTION " NULLIF(w.fdwconnection, 0)::regproc::text AS connection,"
#define PUBLISHES_ALL_BUT                                                                                              \
    "       p.puballsequences AS all_sequences,"                                                                       \
    "       (SELECT array_agg(r.prrelid::regclass::text ORDER BY r.prrelid::regclass::text COLLATE \"C\")"             \
    "          FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prexcept) AS all_tables_but,"
#define ONLY_PUBLISHED "              WHERE NOT r.prexcept"
#else
#define WRAPPER_CONNECTION
#define PUBLISHES_ALL_BUT
#define ONLY_PUBLISHED
#endif

// An extension's comment is at first that of its control file. extconfig and extcondition are its own scripts' matter,
// and its owner cannot be altered.
constinit SchemaQuery queries[] = {
    {{R"(
SELECT 'extension' AS kind, 'pg_extension'::regclass::oid AS classid, e.oid AS objid, 0 AS objsubid,
       quote_ident(e.extname) AS object_name, quote_ident(e.extname) AS identity, e.extversion AS version,
       a.default_version, a.comment AS default_comment, quote_ident(n.nspname) AS in_schema,
       e.extrelocatable AS relocatable, u.targets AS updates_to,
       CASE WHEN e.extrelocatable THEN m.names END AS member_names
  FROM pg_extension e
  JOIN pg_namespace n ON n.oid = e.extnamespace
  LEFT JOIN pg_available_extensions() a ON a.name = e.extname
  LEFT JOIN LATERAL (SELECT array_agg(p.target ORDER BY p.target COLLATE "C") AS targets
                       FROM pg_extension_update_paths(e.extname) p
                      WHERE p.source = e.extversion AND p.path IS NOT NULL) u ON a.name IS NOT NULL
  LEFT JOIN LATERAL (
       SELECT array_agg(DISTINCT o.name ORDER BY o.name) AS names
         FROM pg_depend d
         JOIN LATERAL (
              SELECT quote_ident(typname) FROM pg_type WHERE d.classid = 'pg_type'::regclass AND oid = d.objid
              UNION ALL
              SELECT quote_ident(proname) FROM pg_proc WHERE d.classid = 'pg_proc'::regclass AND oid = d.objid
              UNION ALL
              SELECT quote_ident(relname) FROM pg_class WHERE d.classid = 'pg_class'::regclass AND oid = d.objid
              UNION ALL
              SELECT oprname::text FROM pg_operator WHERE d.classid = 'pg_operator'::regclass AND oid = d.objid
              UNION ALL
              SELECT quote_ident(opcname) FROM pg_opclass WHERE d.classid = 'pg_opclass'::regclass AND oid = d.objid
              UNION ALL
              SELECT quote_ident(opfname) FROM pg_opfamily WHERE d.classid = 'pg_opfamily'::regclass AND oid = d.objid
              UNION ALL
              SELECT quote_ident(collname) FROM pg_collation WHERE d.classid = 'pg_collation'::regclass AND oid = d.objid
              UNION ALL
              SELECT quote_ident(cfgname) FROM pg_ts_config WHERE d.classid = 'pg_ts_config'::regclass AND oid = d.objid
              UNION ALL
              SELECT quote_ident(dictname) FROM pg_ts_dict WHERE d.classid = 'pg_ts_dict'::regclass AND oid = d.objid
              UNION ALL
              SELECT quote_ident(prsname) FROM pg_ts_parser WHERE d.classid = 'pg_ts_parser'::regclass AND oid = d.objid
              UNION ALL
              SELECT quote_ident(tmplname) FROM pg_ts_template WHERE d.classid = 'pg_ts_template'::regclass AND oid = d.objid
         ) o (name) ON true
        WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e') m ON e.extrelocatable
 WHERE e.extname <> 'pg_migrate')",
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
    {{R"(
SELECT 'language' AS kind, 'pg_language'::regclass::oid AS classid, l.oid AS objid, 0 AS objsubid,
       quote_ident(l.lanname) AS object_name, quote_ident(l.lanname) AS identity,
       l.lanpltrusted AS trusted, NULLIF(l.lanplcallfoid, 0)::regproc::text AS handler,
       NULLIF(l.laninline, 0)::regproc::text AS inline, NULLIF(l.lanvalidator, 0)::regproc::text AS validator
  FROM pg_language l
 WHERE l.lanispl AND l.oid >= 16384)",
      0,
      {},
      nullptr},
     true},
    {{R"(
SELECT 'access method' AS kind, 'pg_am'::regclass::oid AS classid, a.oid AS objid, 0 AS objsubid,
       quote_ident(a.amname) AS object_name, quote_ident(a.amname) AS identity,
       CASE a.amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END AS type, a.amhandler::regproc::text AS handler
  FROM pg_am a
 WHERE a.oid >= 16384)",
      0,
      {},
      nullptr},
     true},
    {{R"(
SELECT 'foreign-data wrapper' AS kind, 'pg_foreign_data_wrapper'::regclass::oid AS classid, w.oid AS objid, 0 AS objsubid,
       quote_ident(w.fdwname) AS object_name, quote_ident(w.fdwname) AS identity,
       NULLIF(w.fdwhandler, 0)::regproc::text AS handler, NULLIF(w.fdwvalidator, 0)::regproc::text AS validator,
)" WRAPPER_CONNECTION R"(
       (SELECT array_agg(o ORDER BY o COLLATE "C") FROM unnest(w.fdwoptions) o) AS options
  FROM pg_foreign_data_wrapper w)",
      0,
      {},
      nullptr},
     true},
    {{R"(
SELECT 'server' AS kind, 'pg_foreign_server'::regclass::oid AS classid, s.oid AS objid, 0 AS objsubid,
       quote_ident(s.srvname) AS object_name, quote_ident(s.srvname) AS identity,
       s.srvtype AS type, s.srvversion AS version, quote_ident(w.fdwname) AS wrapper,
       (SELECT array_agg(o ORDER BY o COLLATE "C") FROM unnest(s.srvoptions) o) AS options
  FROM pg_foreign_server s
  JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw)",
      0,
      {},
      nullptr},
     true},
    {{R"(
-- Secrets do not belong into a script.
SELECT 'user mapping' AS kind, 'pg_user_mapping'::regclass::oid AS classid, m.umid AS objid, 0 AS objsubid,
       'FOR ' || CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE quote_ident(m.usename) END || ' SERVER '
         || quote_ident(m.srvname) AS identity,
       o.options, o.secret
  FROM pg_user_mappings m
  CROSS JOIN LATERAL (
        SELECT array_agg(option ORDER BY option COLLATE "C") FILTER (WHERE NOT hidden) AS options,
               string_agg(split_part(option, '=', 1), ', ' ORDER BY option COLLATE "C") FILTER (WHERE hidden) AS secret
          FROM (SELECT option, split_part(option, '=', 1) ~* '(password|secret|token)' AS hidden
                  FROM unnest(m.umoptions) option) every) o)",
      0,
      {},
      nullptr},
     true},
    {{R"(
SELECT 'event trigger' AS kind, 'pg_event_trigger'::regclass::oid AS classid, t.oid AS objid, 0 AS objsubid,
       quote_ident(t.evtname) AS object_name, quote_ident(t.evtname) AS identity,
       t.evtevent AS event, t.evtfoid::regprocedure::text AS function, NULLIF(t.evtenabled, 'O') AS enabled,
       (SELECT array_agg(g ORDER BY g COLLATE "C") FROM unnest(t.evttags) g) AS tags
  FROM pg_event_trigger t)",
      0,
      {},
      nullptr},
     true},
    {{R"(
SELECT 'publication' AS kind, 'pg_publication'::regclass::oid AS classid, p.oid AS objid, 0 AS objsubid,
       quote_ident(p.pubname) AS object_name, quote_ident(p.pubname) AS identity,
       p.puballtables AS all_tables, p.pubviaroot AS publish_via_partition_root,
       NULLIF(concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                        CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END),
              'insert, update, delete, truncate') AS publish,
)" PUBLISHED_GENERATED_COLUMNS PUBLISHES_ALL_BUT R"(
       r.tables, s.schemas
  FROM pg_publication p
  LEFT JOIN (SELECT r.prpubid,
                    array_agg(r.prrelid::regclass::text || COALESCE(' (' || a.columns || ')', '')
                                || COALESCE(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', '')
                              ORDER BY r.prrelid::regclass::text COLLATE "C") AS tables
               FROM pg_publication_rel r
               LEFT JOIN LATERAL (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) AS columns
                                    FROM pg_attribute a
                                   WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)) a ON true
)" ONLY_PUBLISHED R"(
              GROUP BY r.prpubid) r ON r.prpubid = p.oid
  LEFT JOIN (SELECT s.pnpubid, array_agg(quote_ident(n.nspname) ORDER BY n.nspname) AS schemas
               FROM pg_publication_namespace s
               JOIN pg_namespace n ON n.oid = s.pnnspid
              GROUP BY s.pnpubid) s ON s.pnpubid = p.oid)",
      0,
      {},
      nullptr},
     true},
    // That of a range type to its multirange type belongs to these.
    {{R"(
SELECT 'cast' AS kind, 'pg_cast'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       '(' || format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL) || ')' AS identity,
       NULLIF(c.castfunc, 0)::regprocedure::text AS function, c.castmethod = 'i' AS inout,
       CASE c.castcontext WHEN 'a' THEN 'ASSIGNMENT' WHEN 'i' THEN 'IMPLICIT' END AS context
  FROM pg_cast c
 WHERE c.oid >= 16384
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_cast'::regclass AND e.objid = c.oid AND e.deptype IN ('e', 'i')))",
      0,
      {},
      nullptr},
     true},
    {{R"(
SELECT 'transform' AS kind, 'pg_transform'::regclass::oid AS classid, t.oid AS objid, 0 AS objsubid,
       'FOR ' || format_type(t.trftype, NULL) || ' LANGUAGE ' || quote_ident(l.lanname) AS identity,
       NULLIF(t.trffromsql, 0)::regprocedure::text AS from_sql, NULLIF(t.trftosql, 0)::regprocedure::text AS to_sql
  FROM pg_transform t
  JOIN pg_language l ON l.oid = t.trflang)",
      0,
      {},
      nullptr},
     true},
    {{R"(
SELECT 'conversion' AS kind, 'pg_conversion'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(c.conname) AS object_name, quote_ident(n.nspname) || '.' || quote_ident(c.conname) AS identity,
       quote_ident(n.nspname) AS schema_name, c.condefault AS by_default,
       pg_encoding_to_char(c.conforencoding)::text AS for_encoding,
       pg_encoding_to_char(c.contoencoding)::text AS to_encoding, c.conproc::regproc::text AS function
  FROM pg_conversion c
  JOIN pg_namespace n ON n.oid = c.connamespace
 WHERE c.connamespace = ANY ($1))",
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

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
SELECT 'text search parser' AS kind, 'pg_ts_parser'::regclass::oid AS classid, p.oid AS objid, 0 AS objsubid,
       quote_ident(p.prsname) AS object_name, quote_ident(n.nspname) || '.' || quote_ident(p.prsname) AS identity,
       quote_ident(n.nspname) AS schema_name,
       p.prsstart::regproc::text AS start, p.prstoken::regproc::text AS gettoken, p.prsend::regproc::text AS "end",
       NULLIF(p.prsheadline::regproc::text, '-') AS headline, p.prslextype::regproc::text AS lextypes
  FROM pg_ts_parser p
  JOIN pg_namespace n ON n.oid = p.prsnamespace
 WHERE p.prsnamespace = ANY ($1))",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
    {{R"(
SELECT 'text search template' AS kind, 'pg_ts_template'::regclass::oid AS classid, t.oid AS objid, 0 AS objsubid,
       quote_ident(t.tmplname) AS object_name, quote_ident(n.nspname) || '.' || quote_ident(t.tmplname) AS identity,
       quote_ident(n.nspname) AS schema_name,
       NULLIF(t.tmplinit::regproc::text, '-') AS init, t.tmpllexize::regproc::text AS lexize
  FROM pg_ts_template t
  JOIN pg_namespace n ON n.oid = t.tmplnamespace
 WHERE t.tmplnamespace = ANY ($1))",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
    {{R"(
SELECT 'text search dictionary' AS kind, 'pg_ts_dict'::regclass::oid AS classid, d.oid AS objid, 0 AS objsubid,
       quote_ident(d.dictname) AS object_name, quote_ident(n.nspname) || '.' || quote_ident(d.dictname) AS identity,
       quote_ident(n.nspname) AS schema_name,
       quote_ident(tn.nspname) || '.' || quote_ident(t.tmplname) AS template,
       NULLIF(d.dictinitoption, '') AS settings
  FROM pg_ts_dict d
  JOIN pg_namespace n ON n.oid = d.dictnamespace
  JOIN pg_ts_template t ON t.oid = d.dicttemplate
  JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
 WHERE d.dictnamespace = ANY ($1))",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
    {{R"(
SELECT 'text search configuration' AS kind, 'pg_ts_config'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(c.cfgname) AS object_name, quote_ident(n.nspname) || '.' || quote_ident(c.cfgname) AS identity,
       quote_ident(n.nspname) AS schema_name,
       quote_ident(pn.nspname) || '.' || quote_ident(p.prsname) AS parser, m.mappings
  FROM pg_ts_config c
  JOIN pg_namespace n ON n.oid = c.cfgnamespace
  JOIN pg_ts_parser p ON p.oid = c.cfgparser
  JOIN pg_namespace pn ON pn.oid = p.prsnamespace
  LEFT JOIN LATERAL (
       SELECT array_agg(quote_ident(t.alias) || ' WITH ' || m.dictionaries ORDER BY t.alias COLLATE "C") AS mappings
         FROM (SELECT m.maptokentype,
                      string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS dictionaries
                 FROM pg_ts_config_map m
                WHERE m.mapcfg = c.oid
                GROUP BY m.maptokentype) m
         JOIN ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype) m ON true
 WHERE c.cfgnamespace = ANY ($1))",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
};

} // namespace

std::span<SchemaQuery> text_search_queries()
{
    return queries;
}

} // namespace pgmigrate::pg

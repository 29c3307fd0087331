// SPDX-License-Identifier: PostgreSQL

// Columns of relations of all kinds, and their defaults.

#include "pg/schema_columns.hpp"

#include "pg/schema_queries.hpp"

#include <unordered_map>

extern "C" {
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
}

namespace pgmigrate::pg
{

namespace
{

// -1 is the default until 16, NULL from 17 on.
#if PG_VERSION_NUM >= 170000
#define PGM_STATISTICS_TARGET "a.attstattarget"
#else
#define PGM_STATISTICS_TARGET "NULLIF(a.attstattarget, -1)"
#endif

// From 17 on a partition shows the identity of the partitioned table, whose sequence it uses.
#if PG_VERSION_NUM >= 170000
#define PGM_IDENTITY "CASE WHEN NOT c.relispartition THEN a.attidentity END"
#else
#define PGM_IDENTITY "a.attidentity"
#endif

// Options whose names begin with pg_ are the server's own: they say nothing of the column. It has one at most.
#define PGM_OPTIONS "(a.attoptions[1] NOT LIKE 'pg\\_%' OR a.attoptions[2] IS NOT NULL)"

// Whether a column has anything that says no more than its row in pg_attribute.
#define PGM_MORE                                                                                                       \
    "a.attgenerated <> '' OR a.attidentity <> '' OR a.attcompression <> '' OR " PGM_STATISTICS_TARGET " >= 0\n"        \
    "       OR " PGM_OPTIONS " OR a.attfdwoptions IS NOT NULL"

// What all columns have. Those of relations that are not read are passed over.
constinit Query all_columns{R"(
SELECT 'column' AS kind, 'pg_class'::regclass::oid AS classid, a.attrelid AS objid, a.attnum::int4 AS objsubid,
       a.attrelid AS relation, a.attname AS plain_name, a.attnum::int4 AS position,
       a.atttypid AS type_oid, a.atttypmod AS type_modifier, a.attcollation AS type_collation,
       a.attnotnull AS not_null, a.attinhcount > 0 AND NOT a.attislocal AS inherited_only,
       a.attstorage AS _storage, )" PGM_MORE R"( AS _more
  FROM pg_attribute a
 WHERE a.attnum > 0 AND a.attrelid >= 16384 AND NOT a.attisdropped)",
                            0,
                            {},
                            nullptr};

// What few have besides, of the relations $1.
constinit Query some_columns{R"(
SELECT 'column' AS kind, 'pg_class'::regclass::oid AS classid, a.attrelid AS objid, a.attnum::int4 AS objsubid,
       CASE WHEN a.attcollation <> t.typcollation
            THEN (SELECT quote_ident(ln.nspname) || '.' || quote_ident(l.collname)
                    FROM pg_collation l
                    JOIN pg_namespace ln ON ln.oid = l.collnamespace
                   WHERE l.oid = a.attcollation) END AS collation,
       CASE a.attgenerated WHEN 's' THEN 'STORED' WHEN 'v' THEN 'VIRTUAL' END AS generated,
       CASE WHEN a.attgenerated <> ''
            THEN (SELECT pg_get_expr(d.adbin, d.adrelid)
                    FROM pg_attrdef d
                   WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END AS expression,
       CASE )" PGM_IDENTITY R"( WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END AS identity_kind,
       CASE WHEN a.attidentity <> ''
            THEN (SELECT quote_ident(n.nspname) || '.' || quote_ident(q.relname)
                    FROM pg_depend i
                    JOIN pg_class q ON q.oid = i.objid AND q.relkind = 'S'
                    JOIN pg_namespace n ON n.oid = q.relnamespace
                   WHERE i.refclassid = 'pg_class'::regclass AND i.refobjid = a.attrelid AND i.refobjsubid = a.attnum
                     AND i.classid = 'pg_class'::regclass AND i.deptype = 'i') END AS sequence,
       CASE WHEN a.attstorage <> t.typstorage AND c.relkind <> 'c'
            THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' WHEN 'x' THEN 'EXTENDED' END
            END AS storage,
       CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
       )" PGM_STATISTICS_TARGET R"( AS statistics,
       CASE WHEN )" PGM_OPTIONS R"(
            THEN (SELECT array_agg(o ORDER BY o) FROM unnest(a.attoptions) o WHERE o NOT LIKE 'pg\_%') END AS options,
       CASE WHEN a.attfdwoptions IS NOT NULL
            THEN (SELECT array_agg(o ORDER BY o) FROM unnest(a.attfdwoptions) o) END AS server_options
  FROM pg_attribute a
  JOIN pg_type t ON t.oid = a.atttypid
  JOIN pg_class c ON c.oid = a.attrelid
 WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
   AND (a.attcollation <> t.typcollation OR a.attstorage <> t.typstorage OR )" PGM_MORE R"())",
                             1,
                             {OIDARRAYOID},
                             nullptr};

constinit SchemaQuery queries[] = {
    // A default names no column, so that it needs no relation to be deparsed. What a column is generated from does, and
    // the deparser refuses that; the column has told that it is generated. Equal ones are deparsed once.
    {{R"(
WITH forms AS MATERIALIZED (
  SELECT adbin::text AS form, min(oid) AS first FROM pg_attrdef GROUP BY adbin::text),
expressions AS MATERIALIZED (
  SELECT f.form, CASE WHEN strpos(f.form, '{VAR ') = 0 THEN pg_get_expr(d.adbin, 0) END AS expression
    FROM forms f
    JOIN pg_attrdef d ON d.oid = f.first)
SELECT 'default' AS kind, 'pg_attrdef'::regclass::oid AS classid, d.oid AS objid, 0 AS objsubid,
       d.adrelid AS relation, d.adnum::int4 AS position, e.expression
  FROM pg_attrdef d
  JOIN expressions e ON e.form = d.adbin::text)",
      0,
      {},
      nullptr},
     false},
#if PG_VERSION_NUM >= 180000
    // What NOT NULL is besides: model/not_null.hpp.
    {{R"(
SELECT 'column' AS kind, 'pg_class'::regclass::oid AS classid, k.conrelid AS objid, k.conkey[1]::int4 AS objsubid,
       CASE WHEN k.coninhcount = 0 AND k.conname <> concat(c.relname, '_', a.attname, '_not_null')
            THEN quote_ident(k.conname) END AS not_null_name,
       k.coninhcount > 0 AS not_null_from_above,
       CASE WHEN k.coninhcount > 0 THEN quote_ident(k.conname) END AS not_null_inherited,
       k.coninhcount > 0 AND k.conislocal AND NOT c.relispartition AS not_null_local,
       k.connoinherit AS not_null_no_inherit, NOT k.convalidated AS not_null_not_valid, d.description AS not_null_comment
  FROM pg_constraint k
  JOIN pg_class c ON c.oid = k.conrelid
  JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
  LEFT JOIN pg_description d ON d.classoid = 'pg_constraint'::regclass AND d.objoid = k.oid
 WHERE k.connamespace = ANY ($1) AND k.contype = 'n' AND k.conrelid <> 0)",
      1,
      {OIDARRAYOID},
      nullptr},
     false},
#endif
};

} // namespace

void read_columns(SchemaObjects &objects, Snapshot snapshot)
{
    struct Type {
        Oid collation;
        char storage;
    };
    std::unordered_map<Oid, Type> types;
    std::vector<Oid> relations; // with columns that have more
    Values none;
    objects.add(all_columns, none, snapshot, [&](model::Object &column, const Row &row) {
        const Oid type = row[8].oid();
        const auto [found, added] = types.try_emplace(type);
        if (added)
            found->second = call([&] { return Type{get_typcollation(type), get_typstorage(type)}; });
        const bool more = row[10].oid() != found->second.collation || row[13].character() != found->second.storage ||
                          row[14].boolean();
        if (more && (relations.empty() || relations.back() != column.address.object_id))
            relations.push_back(column.address.object_id);
    });
    Values values;
    values.oid_array(relations);
    objects.add(some_columns, values, snapshot);
}

std::span<SchemaQuery> column_queries()
{
    return queries;
}

} // namespace pgmigrate::pg

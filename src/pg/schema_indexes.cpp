// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_indexes.hpp"

#include "model/text.hpp"
#include "pg/schema_parts.hpp"

#include <algorithm>

extern "C" {
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h" // GetDefaultOpClass
#include "utils/ruleutils.h"
}

namespace pgmigrate::pg
{

namespace
{

// What CREATE INDEX has after USING.
#define PGM_INDEX_DEFINITION                                                                                           \
    "substr(pg_get_indexdef(c.oid),\n"                                                                                 \
    "                          length('CREATE ' || CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX '\n"   \
    "                                 || quote_ident(c.relname) || ' ON '\n"                                           \
    "                                 || CASE WHEN c.relkind = 'I' THEN 'ONLY ' ELSE '' END\n"                         \
    "                                 || i.indrelid::regclass::text || ' USING ') + 1)"

// A partitioned index that is not valid lacks one of a partition. An index is in the schema of its table. Operator
// classes that take parameters are none of the server's own for btree and hash.
constinit Query query{R"(
SELECT i.indexrelid AS _index, i.indrelid AS _table, c.relam AS _method, i.indnkeyatts::int4 AS _key_count,
       i.indkey AS _columns, i.indclass AS _classes, i.indcollation AS _collations, i.indoption AS _options,
       i.indnullsnotdistinct AS _nulls_not_distinct,
       CASE WHEN i.indpred IS NOT NULL THEN pg_get_expr(i.indpred, i.indrelid) END AS _predicate,
       'index' AS kind, 'pg_class'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       i.indrelid AS relation, c.relname AS plain_name,
       CASE WHEN i.indexprs IS NOT NULL
              OR CASE WHEN c.relam NOT IN (403, 405) OR 16384 <= ANY (i.indclass)
                      THEN EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attoptions IS NOT NULL) END
            THEN )" PGM_WITHOUT_OPTIONS(PGM_INDEX_DEFINITION) R"( END AS definition,
       i.indisunique AS unique, c.relkind = 'I' AS partitioned,
       c.relkind = 'I' AND NOT i.indisvalid AS incomplete,
       NOT (i.indisvalid AND i.indisready AND i.indislive) AND c.relkind = 'i' AS invalid,
       )" PGM_INDEX_PROPERTIES R"(
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
 WHERE c.relnamespace = ANY ($1)
   AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')))",
                      1,
                      {OIDARRAYOID},
                      nullptr};

// As pg_get_indexdef_worker() writes them.
class IndexDefinitions
{
  public:
    IndexDefinitions(SchemaObjects &objects, Snapshot snapshot) : objects_(objects) { read_methods(snapshot); }

    void set(model::Object &index, const Row &row)
    {
        const model::Object *relation = objects_.find({RelationRelationId, row[2].oid(), 0});
        if (relation->kind == model::Kind::materialized_view)
            index.attributes.set("of_materialized_view", "true");
        if (!index.has("definition"))
            index.attributes.set("definition", definition(row));
    }

  private:
    struct Method {
        std::string name;
        bool ordered; // has ASC and DESC
    };

    void read_methods(Snapshot snapshot)
    {
        static constinit Query methods{
            "SELECT oid, quote_ident(amname), pg_indexam_has_property(oid, 'can_order') FROM pg_am WHERE amtype = 'i'",
            0,
            {},
            nullptr};
        Values none;
        const Rows known = run(methods, none, snapshot);
        for (std::uint64_t row = 0; row < known.size(); ++row)
            methods_.emplace(known.oid(row, 1), Method{known.text(row, 2), known.boolean(row, 3)});
    }

    std::string definition(const Row &row)
    {
        const Oid table = row[2].oid();
        const Oid method_id = row[3].oid();
        const auto key_count = static_cast<std::size_t>(row[4].integer());
        const auto columns = row[5].int2vector();
        const auto classes = row[6].oidvector();
        const auto collations = row[7].oidvector();
        const auto options = row[8].int2vector();
        const Method &method = methods_.at(method_id);
        std::string keys;
        std::string included;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const model::Object *column = objects_.find({RelationRelationId, table, columns[i]});
            if (column == nullptr)
                throw core::Error(core::sqlstate::internal_error, "an index has a column that its table has not");
            std::string &list = i < key_count ? keys : included;
            list += model::cat(list.empty() ? "" : ", ", column->name);
            if (i < key_count) {
                const SchemaObjects::ColumnType type = objects_.column_type(table, columns[i]);
                if (const Oid collation = collations[i]; OidIsValid(collation) && collation != type.collation)
                    list += model::cat(" COLLATE ", call([&] { return generate_collation_name(collation); }));
                if (const Oid of = classes[i]; of != default_class(type.type, method_id))
                    list += model::cat(" ", call([&] { return generate_opclass_name(of); }));
                if (method.ordered)
                    list += order(options[i]);
            }
        }
        const std::string predicate = row[10].text();
        return model::cat(method.name, " (", keys, ")", included.empty() ? "" : model::cat(" INCLUDE (", included, ")"),
                          row[9].boolean() ? " NULLS NOT DISTINCT" : "",
                          predicate.empty() ? "" : model::cat(" WHERE ", predicate));
    }

    static std::string_view order(std::int16_t option)
    {
        const bool nulls_first = (option & INDOPTION_NULLS_FIRST) != 0;
        if ((option & INDOPTION_DESC) != 0)
            return nulls_first ? " DESC" : " DESC NULLS LAST";
        return nulls_first ? " NULLS FIRST" : "";
    }

    Oid default_class(Oid type, Oid method)
    {
        const auto [found, added] = default_classes_.try_emplace({type, method}, InvalidOid);
        if (added)
            found->second = call([&] { return GetDefaultOpClass(type, method); });
        return found->second;
    }

    SchemaObjects &objects_;
    std::unordered_map<Oid, Method> methods_;
    std::map<std::pair<Oid, Oid>, Oid> default_classes_;
};

} // namespace

void read_indexes(SchemaObjects &objects, const std::vector<Oid> &schemas, Snapshot snapshot)
{
    Values values;
    values.oid_array(schemas);
    IndexDefinitions definitions(objects, snapshot);
    objects.add(query, values, snapshot, [&](model::Object &index, const Row &row) { definitions.set(index, row); });
}

} // namespace pgmigrate::pg

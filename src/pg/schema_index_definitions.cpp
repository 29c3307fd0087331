// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_index_definitions.hpp"

#include "model/text.hpp"

#include <algorithm>

extern "C" {
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h" // GetDefaultOpClass
}

namespace pgmigrate::pg
{

namespace
{

// As pg_get_indexdef_worker() writes them.
class IndexDefinitions
{
  public:
    IndexDefinitions(SchemaObjects &objects, Snapshot snapshot) : objects_(objects), snapshot_(snapshot) {}

    void read()
    {
        read_names();
        static constinit Query query{R"(
SELECT i.indexrelid, i.indrelid, c.relam, i.indnkeyatts::int4, i.indkey, i.indclass, i.indcollation, i.indoption,
       i.indnullsnotdistinct, pg_get_expr(i.indpred, i.indrelid)
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
 WHERE i.indexprs IS NULL AND i.indexrelid >= 16384)",
                                     0,
                                     {},
                                     nullptr};
        Values none;
        const Rows rows = run(query, none, snapshot_);
        for (std::uint64_t row = 0; row < rows.size(); ++row) {
            model::Object *index = objects_.find({RelationRelationId, rows.oid(row, 1), 0});
            if (index != nullptr && index->kind == model::Kind::index && !index->has("definition"))
                index->attributes.set("definition", definition(rows, row));
        }
    }

  private:
    struct Method {
        std::string name;
        bool ordered; // has ASC and DESC
    };

    void read_names()
    {
        static constinit Query methods{
            "SELECT oid, quote_ident(amname), pg_indexam_has_property(oid, 'can_order') FROM pg_am WHERE amtype = 'i'",
            0,
            {},
            nullptr};
        static constinit Query classes{R"(
SELECT o.oid, CASE WHEN pg_opclass_is_visible(o.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END || quote_ident(o.opcname)
  FROM pg_opclass o
  JOIN pg_namespace n ON n.oid = o.opcnamespace)",
                                       0,
                                       {},
                                       nullptr};
        static constinit Query collations{R"(
SELECT c.oid, CASE WHEN pg_collation_is_visible(c.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END || quote_ident(c.collname)
  FROM pg_collation c
  JOIN pg_namespace n ON n.oid = c.collnamespace
 WHERE c.oid IN (SELECT unnest(indcollation) FROM pg_index WHERE indexrelid >= 16384))",
                                          0,
                                          {},
                                          nullptr};
        Values none;
        const Rows known = run(methods, none, snapshot_);
        for (std::uint64_t row = 0; row < known.size(); ++row)
            methods_.emplace(known.oid(row, 1), Method{known.text(row, 2), known.boolean(row, 3)});
        read_names(classes, operator_classes_);
        read_names(collations, collations_);
    }

    void read_names(Query &query, std::unordered_map<Oid, std::string> &names) const
    {
        Values none;
        const Rows rows = run(query, none, snapshot_);
        for (std::uint64_t row = 0; row < rows.size(); ++row)
            names.emplace(rows.oid(row, 1), rows.text(row, 2));
    }

    std::string definition(const Rows &rows, std::uint64_t row)
    {
        const Oid table = rows.oid(row, 2);
        const Oid method_id = rows.oid(row, 3);
        const auto key_count = static_cast<std::size_t>(rows.integer(row, 4));
        const auto columns = rows.int2vector(row, 5);
        const auto classes = rows.oidvector(row, 6);
        const auto collations = rows.oidvector(row, 7);
        const auto options = rows.int2vector(row, 8);
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
                if (OidIsValid(collations[i]) && collations[i] != type.collation)
                    list += model::cat(" COLLATE ", collations_.at(collations[i]));
                if (classes[i] != default_class(type.type, method_id))
                    list += model::cat(" ", operator_classes_.at(classes[i]));
                if (method.ordered)
                    list += order(options[i]);
            }
        }
        const std::string predicate = rows.text(row, 10);
        return model::cat(method.name, " (", keys, ")", included.empty() ? "" : model::cat(" INCLUDE (", included, ")"),
                          rows.boolean(row, 9) ? " NULLS NOT DISTINCT" : "",
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
    Snapshot snapshot_;
    std::unordered_map<Oid, Method> methods_;
    std::unordered_map<Oid, std::string> operator_classes_;
    std::unordered_map<Oid, std::string> collations_;
    std::map<std::pair<Oid, Oid>, Oid> default_classes_;
};

} // namespace

void read_index_definitions(SchemaObjects &objects, Snapshot snapshot)
{
    IndexDefinitions(objects, snapshot).read();
}

} // namespace pgmigrate::pg

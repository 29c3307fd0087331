// SPDX-License-Identifier: PostgreSQL
#include "model/likely_renames.hpp"

#include "model/text.hpp"

#include <map>

namespace pgmigrate::model
{

namespace
{

constexpr Kinds with_rows{Kind::table, Kind::foreign_table};

// Those that `other` lacks, by what they have in common with another of their kind.
using Candidates = std::map<std::string, std::vector<const Object *>>;

std::string columns_of(const Object &table, const Snapshot &snapshot)
{
    std::string all;
    for (const Object *column : snapshot.parts_of(table, Kind::column))
        all += cat(column->name, " ", column->text("type"), "\n");
    return all;
}

Candidates candidates(const Snapshot &snapshot, const Snapshot &other, Kinds kinds)
{
    Candidates all;
    for (const Object &object : snapshot.objects()) {
        if (!kinds.contains(object.kind) || other.find(object.kind, object.identity) != nullptr)
            continue;
        if (object.kind != Kind::column) {
            // Partitions come and go, and are alike.
            if (object.has("partition_of"))
                continue;
            if (const std::string columns = columns_of(object, snapshot); !columns.empty())
                all[cat(info(object.kind).name, " ", object.schema, "\n", columns)].push_back(&object);
            continue;
        }
        const Object *table = snapshot.parent_of(object);
        if (table != nullptr && with_rows.contains(table->kind) && !object.has("inherited_only") &&
            !object.has("generated") && other.find(table->kind, table->identity) != nullptr)
            all[cat(object.parent, "\n", object.text("type"))].push_back(&object);
    }
    return all;
}

} // namespace

std::vector<LikelyRename> likely_renames(const Snapshot &database, const Snapshot &model)
{
    std::vector<LikelyRename> all;
    for (const Kinds kinds : {with_rows, Kinds{Kind::column}}) {
        const Candidates come = candidates(model, database, kinds);
        for (const auto &[common, gone] : candidates(database, model, kinds)) {
            const auto found = come.find(common);
            if (found != come.end() && gone.size() == 1 && found->second.size() == 1)
                all.push_back({gone.front()->identity, found->second.front()->identity,
                               cat(gone.front()->identity, ":", found->second.front()->name)});
        }
    }
    return all;
}

} // namespace pgmigrate::model

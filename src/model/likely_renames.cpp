// SPDX-License-Identifier: PostgreSQL
#include "model/likely_renames.hpp"

#include "model/text.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace pgmigrate::model
{

namespace
{

constexpr Kinds with_rows{Kind::table, Kind::foreign_table};

// Those that `other` lacks, by what they have in common with another of their kind.
using Candidates = std::map<std::string, std::vector<const Object *>>;

// The types of its own schema go where it goes.
std::string columns_of(const Object &table, const Snapshot &snapshot)
{
    const std::string here = cat(table.schema, ".");
    std::string all;
    for (const Object *column : snapshot.parts_of(table, Kind::column)) {
        std::string_view type = column->text("type");
        if (type.starts_with(here))
            type.remove_prefix(here.size() - 1);
        all += cat(column->name, " ", type, "\n");
    }
    return all;
}

template <class Common>
Candidates tables(const Snapshot &snapshot, const Snapshot &other, Common common)
{
    Candidates all;
    for (const Object &object : snapshot.objects())
        // Partitions come and go, and are alike.
        if (with_rows.contains(object.kind) && other.find(object.kind, object.identity) == nullptr &&
            !object.has("partition_of") && !snapshot.parts_of(object, Kind::column).empty())
            all[common(object, snapshot)].push_back(&object);
    return all;
}

std::string by_columns(const Object &table, const Snapshot &snapshot)
{
    return cat(info(table.kind).name, " ", table.schema, "\n", columns_of(table, snapshot));
}
std::string by_name(const Object &table, const Snapshot & /*snapshot*/)
{
    return cat(info(table.kind).name, " ", table.name);
}

// Half of the columns that the table has.
bool has_columns_of(const Object &table, const Snapshot &database, const Object &other, const Snapshot &model)
{
    const std::vector<const Object *> columns = database.parts_of(table, Kind::column);
    const auto kept = std::ranges::count_if(columns, [&](const Object *column) {
        return model.find(Kind::column, cat(other.identity, ".", column->name)) != nullptr;
    });
    return static_cast<std::size_t>(kept) * 2 >= columns.size();
}

Candidates columns(const Snapshot &snapshot, const Snapshot &other)
{
    Candidates all;
    for (const Object &object : snapshot.objects()) {
        if (object.kind != Kind::column || other.find(object.kind, object.identity) != nullptr)
            continue;
        const Object *table = snapshot.parent_of(object);
        if (table != nullptr && with_rows.contains(table->kind) && !object.has("inherited_only") &&
            !object.has("generated") && other.find(table->kind, table->identity) != nullptr)
            all[cat(object.parent, "\n", object.text("type"))].push_back(&object);
    }
    return all;
}

using Pair = std::pair<const Object *, const Object *>;

// Where there is one on either side.
std::vector<Pair> pairs(const Candidates &gone, const Candidates &come)
{
    std::vector<Pair> all;
    for (const auto &[common, were] : gone) {
        const auto found = come.find(common);
        if (found != come.end() && were.size() == 1 && found->second.size() == 1)
            all.emplace_back(were.front(), found->second.front());
    }
    return all;
}

} // namespace

std::vector<LikelyRename> likely_renames(const Snapshot &database, const Snapshot &model)
{
    std::vector<Pair> all = pairs(tables(database, model, by_columns), tables(model, database, by_columns));
    for (const Pair &each : pairs(tables(database, model, by_name), tables(model, database, by_name)))
        if (std::ranges::none_of(
                all, [&](const Pair &other) { return other.first == each.first || other.second == each.second; }) &&
            has_columns_of(*each.first, database, *each.second, model))
            all.push_back(each);
    std::ranges::copy(pairs(columns(database, model), columns(model, database)), std::back_inserter(all));
    std::vector<LikelyRename> likely;
    likely.reserve(all.size());
    for (const auto &[from, to] : all)
        likely.push_back({from->identity, to->identity,
                          cat(from->identity, ":", from->schema == to->schema ? to->name : to->identity)});
    return likely;
}

} // namespace pgmigrate::model

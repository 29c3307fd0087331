// SPDX-License-Identifier: PostgreSQL
#include "model/heirs.hpp"

#include "model/column.hpp"
#include "model/index_properties.hpp"
#include "model/inheritance.hpp"
#include "model/not_null.hpp"
#include "model/table.hpp"
#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

constexpr Kinds tables{Kind::table, Kind::foreign_table};

// What a column shares with that above becomes what it becomes there.
void follow(Object &column, const Object &was, const Object &is, const Snapshot &model)
{
    for (const std::string_view each : decides_below) {
        if (was.attributes.same(is.attributes, each))
            continue;
        column.attributes.erase(each);
        if (is.has(each))
            column.attributes.set(each, std::string(is.text(each)));
    }
    if (gives_not_null(was) == gives_not_null(is))
        return;
    const bool is_constraint = model.session.server_version >= not_null_is_constraint;
    const bool is_own = is_constraint && (!inherits_not_null(column) || column.has("not_null_local"));
    if (!is_own || !column.has("not_null"))
        inherit_not_null(column, is, model);
}

} // namespace

Heirs::Heirs(const Snapshot &model, const Snapshot &database, const Scope &scope)
    : model_(model), database_(database), scope_(scope)
{
    collect();
}

// Where a table is dropped, or made anew, its heirs do not stay below it.
void Heirs::collect()
{
    const auto passes_on = [&](const Object &above) {
        if (names_.contains(above.identity))
            return true;
        const Object *is = scope_.contains(above) ? model_.find(above.kind, above.identity) : nullptr;
        return is != nullptr && is->attributes.same(above.attributes, "partition_key");
    };
    for (bool any = true; any;) {
        any = false;
        for (const Object &object : database_.objects()) {
            if (!tables.contains(object.kind) || scope_.contains(object) || names_.contains(object.identity) ||
                !std::ranges::any_of(above(object), [&](const Object *above) { return passes_on(*above); }))
                continue;
            names_.insert(object.identity);
            tables_.push_back(&object);
            any = true;
        }
    }
}

std::vector<const Object *> Heirs::above(const Object &table) const
{
    std::vector<const Object *> all;
    for (const Need &need : table.needs)
        if (tables.contains(database_[need.object].kind))
            all.push_back(&database_[need.object]);
    return all;
}

bool Heirs::contains(const Object &object) const
{
    return names_.contains(tables.contains(object.kind) ? object.identity : object.parent);
}

bool Heirs::is_copy(const Object &object) const
{
    return names_.contains(object.parent) && (object.has("attached_to") || object.has("inherited_from"));
}

bool Heirs::are_partitions_of(std::string_view table) const
{
    return std::ranges::any_of(tables_, [&](const Object *each) { return each->text("partition_of") == table; });
}

const Object *Heirs::original(const Object &object) const
{
    const auto direct = [&](const Object &each) -> const Object * {
        if (const Object *index = index_above(each, database_))
            return index;
        if (each.kind == Kind::trigger)
            return database_.find(each.kind, each.text("inherited_from"));
        for (const std::string &name : each.list("inherited_from"))
            if (const Object *constraint = database_.find(each.kind, name))
                return constraint;
        for (const Need &need : each.needs)
            if (need.type == inherited_need)
                return &database_[need.object];
        return nullptr;
    };
    const Object *at = &object;
    while (at != nullptr && !scope_.contains(*at))
        at = direct(*at);
    return at;
}

std::optional<Object> Heirs::result(const Object &object) const
{
    return object.kind == Kind::column ? result_of_column(object) : object;
}

std::optional<Object> Heirs::column_after(const Object &column) const
{
    if (names_.contains(column.parent))
        return result_of_column(column);
    if (!scope_.contains(column))
        return column;
    const Object *is = model_.find(column.kind, column.identity);
    return is == nullptr ? std::nullopt : std::optional(*is);
}

std::optional<Object> Heirs::result_of_column(const Object &column) const
{
    Object result = column;
    bool inherits = false;
    bool stays = !column.has("inherited_only");
    for (const Need &need : column.needs) {
        if (need.type != inherited_need)
            continue;
        inherits = true;
        const Object &was = database_[need.object];
        if (const std::optional<Object> is = column_after(was)) {
            stays = true;
            follow(result, was, *is, model_);
        }
    }
    if (inherits && !stays)
        return std::nullopt;
    if (!(result.attributes == column.attributes))
        result.attributes.set("outside", "true");
    return result;
}

std::vector<Heirs::Addition> Heirs::additions() const
{
    std::map<std::string, std::vector<Addition>> of_tables;
    for (const Object *table : tables_)
        add_to(*table, of_tables);
    std::vector<Addition> all;
    for (auto &[table, additions] : of_tables)
        std::ranges::move(additions, std::back_inserter(all));
    return all;
}

void Heirs::add_to(const Object &table, std::map<std::string, std::vector<Addition>> &of_tables) const
{
    const auto [place, is_first] = of_tables.try_emplace(table.identity);
    if (!is_first)
        return;
    std::vector<Addition> &own = place->second;
    for (const Object *each : above(table)) {
        if (names_.contains(each->identity)) {
            add_to(*each, of_tables);
            for (const Addition &addition : of_tables[each->identity])
                if (addition.object.kind == Kind::column)
                    add_column(*addition.origin, table, own);
        } else if (const Object *is = scope_.contains(*each) ? model_.find(each->kind, each->identity) : nullptr) {
            for (const Object *column : model_.parts_of(*is, Kind::column))
                if (database_.find(Kind::column, column->identity) == nullptr)
                    add_column(*column, table, own);
        }
    }
}

void Heirs::add_column(const Object &origin, const Object &table, std::vector<Addition> &own) const
{
    const std::string identity = cat(table.identity, ".", origin.name);
    if (database_.find(Kind::column, identity) != nullptr ||
        std::ranges::any_of(own, [&](const Addition &each) { return each.object.identity == identity; }))
        return;
    const auto add = [&](const Object &from, const Reference &whole) -> Object & {
        Object same = from;
        same.schema = table.schema;
        same.parent = table.identity;
        same.identity = identity;
        return own.emplace_back(Addition{std::move(same), &from, whole}).object;
    };
    Object &column = add(origin, {table.kind, table.identity});
    const auto columns = database_.parts_of(table, Kind::column);
    column.position = (columns.empty() ? 0 : columns.back()->position) + static_cast<std::int32_t>(own.size());
    column.attributes.erase("server_options");
    column.attributes.set("inherited_only", "true");
    become_added(column, origin, model_);
    if (const Object *value = model_.find(Kind::default_value, origin.identity))
        add(*value, {Kind::column, identity});
}

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#include "model/inheritance.hpp"

#include "model/partition_bound.hpp"
#include "model/text.hpp"
#include "model/type_aside.hpp"

#include <algorithm>

namespace pgmigrate::model
{

std::vector<std::string_view> tables_above(const Object &table)
{
    if (table.has("partition_of"))
        return {table.text("partition_of")};
    const auto list = table.list("inherits");
    return {list.begin(), list.end()};
}

bool is_below(const Object &table, std::string_view above)
{
    const std::vector<std::string_view> all = tables_above(table);
    return std::find(all.begin(), all.end(), above) != all.end();
}

std::vector<const Object *> tables_below(const Object &table, const Snapshot &snapshot)
{
    std::vector<const Object *> below;
    for (const Need &dependent : snapshot.dependents_of(snapshot.index_of(table))) {
        const Object &object = snapshot[dependent.object];
        if ((object.kind == Kind::table || object.kind == Kind::foreign_table) && is_below(object, table.identity) &&
            (below.empty() || below.back() != &object))
            below.push_back(&object);
    }
    return below;
}

const Object *referred_table(const Object &key, const Snapshot &snapshot)
{
    for (const Need &need : key.needs)
        if (snapshot[need.object].kind == Kind::column && snapshot[need.object].parent != key.parent)
            return find_table(snapshot, snapshot[need.object].parent);
    return snapshot.parent_of(key);
}

std::vector<const Object *> partitions_that_leave(const Object &table, const Comparison &comparison)
{
    const Object *was = find_table(comparison.was, table.identity);
    if (was == nullptr)
        return {};
    std::vector<const Object *> partitions = tables_below(*was, comparison.was);
    std::erase_if(partitions, [&](const Object *partition) {
        const Object *is = find_table(comparison.is, partition->identity);
        return is != nullptr && is->text("partition_of") == table.identity;
    });
    return partitions;
}

const Object *find_table(const Snapshot &snapshot, std::string_view identity)
{
    const Object *table = snapshot.find(Kind::table, identity);
    return table != nullptr ? table : snapshot.find(Kind::foreign_table, identity);
}

const Object *column_of(const Snapshot &snapshot, std::string_view table, std::string_view column)
{
    return snapshot.find(Kind::column, cat(table, ".", column));
}

bool stays_below(const Comparison &comparison, std::string_view table, std::string_view above)
{
    const Object *was = find_table(comparison.was, table);
    const Object *is = find_table(comparison.is, table);
    return was != nullptr && is != nullptr && is_below(*was, above) && is_below(*is, above) &&
           !is_new(table, comparison) && !is_new(above, comparison);
}

bool outlives_table(const Object &was, const Comparison &comparison)
{
    const Object *is = comparison.is.find(was.kind, was.identity);
    const Object *above = comparison.was.find(Kind::table, was.text("partition_of"));
    return is != nullptr && above != nullptr && was.attributes.same(is->attributes, "partition_of") &&
           is_moved(*above, comparison) && !is_moved(was, comparison) && !comparison.is_made_again(was);
}

bool changes_online(std::string_view table, const Comparison &comparison)
{
    if (!comparison.options.online)
        return false;
    for (const Object *was = find_table(comparison.was, table); was != nullptr;
         was = find_table(comparison.was, was->text("partition_of")))
        if (is_moved(*was, comparison) || outlives_table(*was, comparison))
            return false;
    return true;
}

bool leaves_with_table(const Object &part, const Comparison &comparison)
{
    const Object *was = comparison.was.parent_of(part);
    const Object *is = was == nullptr ? nullptr : comparison.is_of(*was);
    return is != nullptr && was->has("partition_of") &&
           ((!was->attributes.same(is->attributes, "partition_of") && !is_moved(*was, comparison)) ||
            outlives_table(*was, comparison));
}

std::vector<const Object *> columns_above(const Object &column, const Comparison &comparison, const Snapshot &snapshot)
{
    std::vector<const Object *> above;
    const Object *table = find_table(snapshot, column.parent);
    if (table == nullptr)
        return above;
    for (const std::string_view each : tables_above(*table))
        if (const Object *found = column_of(snapshot, each, column.name);
            found != nullptr && stays_below(comparison, column.parent, each))
            above.push_back(found);
    return above;
}

std::vector<const Object *> columns_below(const Object &column, const Comparison &comparison, const Snapshot &snapshot)
{
    std::vector<const Object *> all;
    const Object *top = find_table(snapshot, column.parent);
    std::vector<const Object *> todo;
    if (top != nullptr)
        todo.push_back(top);
    while (!todo.empty()) {
        const Object &table = *todo.back();
        todo.pop_back();
        for (const Object *below : tables_below(table, snapshot)) {
            const Object *found = column_of(snapshot, below->identity, column.name);
            if (found == nullptr || !stays_below(comparison, below->identity, table.identity) ||
                std::find(all.begin(), all.end(), found) != all.end())
                continue;
            all.push_back(found);
            todo.push_back(below);
        }
    }
    return all;
}

namespace
{

// The columns right above some of `below`, but for `top` and those that are below it themselves.
std::vector<const Object *> other_parents(const Object &top, const std::vector<const Object *> &below,
                                          const Snapshot &snapshot)
{
    std::vector<const Object *> others;
    for (const Object *each : below)
        for (const std::string_view above : tables_above(*find_table(snapshot, each->parent)))
            if (const Object *other = column_of(snapshot, above, top.name);
                other != nullptr && other->identity != top.identity && std::ranges::find(below, other) == below.end())
                others.push_back(other);
    return others;
}

} // namespace

void alter_as_only_parent(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    for (const Object *other : other_parents(was, columns_below(was, comparison, comparison.was), comparison.was))
        if (comparison.is_of(*other) == nullptr)
            alteration.after_drops.push_back({other->kind, other->identity});
    for (const Object *other : other_parents(is, columns_below(is, comparison, comparison.is), comparison.is))
        if (comparison.was_of(*other) == nullptr)
            alteration.before.push_back({other->kind, other->identity});
}

namespace
{

bool is_replaced(const Object &was, const Comparison &comparison)
{
    const Object *is = comparison.is_of(was);
    if (is == nullptr || !differs_beyond_decorations(was, *is))
        return false;
    Alteration alteration;
    rules_of(was.kind).alter(was, *is, comparison, alteration);
    return alteration.replace;
}

// The collation, or that of the domain.
bool is_collated_anew(std::string_view type, std::string_view collation, const Comparison &comparison)
{
    if (const Object *was = comparison.was.find(Kind::collation, collation); was != nullptr)
        return is_replaced(*was, comparison);
    const Object *domain = comparison.was.find(Kind::domain, type);
    return domain != nullptr && is_collated_anew(domain->text("type"), domain->text("collation"), comparison);
}

// No column of a partition key can be altered.
bool has_key_of_remade_type(const Object &table, const Comparison &comparison)
{
    const auto types = table.list("partition_types");
    return std::any_of(types.begin(), types.end(), [&](std::string_view each) {
        const KeyType key = key_type(each);
        return is_remade(key.type, comparison) || is_collated_anew(key.type, key.collation, comparison);
    });
}

// Whether what its partition key is sorted by is made again.
bool is_sorted_anew(const Object &was, const Comparison &comparison)
{
    constexpr Kinds of_keys{Kind::collation, Kind::operator_class};
    return std::any_of(was.needs.begin(), was.needs.end(), [&](const Need &need) {
        const Object &before = comparison.was[need.object];
        return of_keys.contains(before.kind) && is_replaced(before, comparison);
    });
}

} // namespace

bool is_moved(const Object &was, const Comparison &comparison)
{
    if (was.kind != Kind::table || comparison.is_made_again(was))
        return false;
    const Object *is = comparison.is.find(Kind::table, was.identity);
    if (is == nullptr)
        return false;
    if (!was.attributes.same(is->attributes, "partition_key") ||
        !was.attributes.same(is->attributes, "partition_types") || has_key_of_remade_type(was, comparison) ||
        is_sorted_anew(was, comparison))
        return true;
    if (!was.has("partition_of") || !was.attributes.same(is->attributes, "partition_of"))
        return false;
    const Object *above = comparison.was.find(Kind::table, was.text("partition_of"));
    return above != nullptr && is_moved(*above, comparison) && !keeps_its_rows(was, comparison);
}

bool is_new(std::string_view table, const Comparison &comparison)
{
    const Object *was = find_table(comparison.was, table);
    const Object *is = find_table(comparison.is, table);
    return is != nullptr && (was == nullptr || was->kind != is->kind || is_moved(*was, comparison) ||
                             comparison.is_made_again(*was) || !was->attributes.same(is->attributes, "server"));
}

std::vector<const Object *> attached_for_trigger(const Object &trigger, const Comparison &comparison)
{
    std::vector<const Object *> tables;
    for (const Object *each = &trigger; each != nullptr && each->has("inherited_from");
         each = comparison.is.find(Kind::trigger, each->text("inherited_from")))
        if (const Object *table = find_table(comparison.is, each->parent);
            table != nullptr && !stays_below(comparison, table->identity, table->text("partition_of")))
            tables.push_back(table);
    return tables;
}

std::string present_name(std::string_view table, const Comparison &comparison)
{
    const Object *was = comparison.was.find(Kind::table, table);
    if (was == nullptr || !is_moved(*was, comparison))
        return std::string(table);
    return cat(was->schema, ".", comparison.helpers->next_to(*was, "_replaced"));
}

} // namespace pgmigrate::model

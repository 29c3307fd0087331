// SPDX-License-Identifier: PostgreSQL
#include "model/column_order.hpp"

#include "model/expression.hpp"
#include "model/text.hpp"

#include <algorithm>
#include <set>

namespace pgmigrate::model
{

namespace
{

constexpr Kinds with_columns{Kind::table, Kind::foreign_table, Kind::composite_type};

// public.f of public.f(integer).
std::string without_arguments(const Object &function)
{
    return cat(function.schema, ".", function.name);
}

bool returns_rows_of(const Object &function, const Object &relation)
{
    std::string_view result = function.text("result");
    constexpr std::string_view set = "SETOF ";
    if (result.starts_with(set))
        result.remove_prefix(set.size());
    return result == relation.identity;
}

// The default of a column of the type is cast to it without a word.
MovedColumns move_in(const Object &object, const std::string &text, const RowSource &source, const Snapshot &snapshot)
{
    const Object *column = object.kind == Kind::default_value ? snapshot.find(Kind::column, object.identity) : nullptr;
    if (column == nullptr || column->text("type") != source.type)
        return move_columns(text, source);
    const std::string cast = cat("::", source.type);
    MovedColumns moved = move_columns(text + cast, source);
    moved.text.erase(moved.text.size() - cast.size());
    return moved;
}

} // namespace

bool names_positions(const Object &object)
{
    return object.has("positional") || std::ranges::any_of(object.attributes, [](const Attribute &each) {
               return is_deparsed(each.name) && each.text.find("ROW(") != std::string::npos;
           });
}

ColumnOrder::ColumnOrder(const Snapshot &was, const Snapshot &is) : was_(was), is_(is)
{
    for (const Object &object : is.objects())
        if (with_columns.contains(object.kind))
            compare(object);
    for (const Reordered &each : reordered_)
        rewrite_dependents(each);
}

void ColumnOrder::compare(const Object &relation)
{
    const Object *before = was_.find(relation.kind, relation.identity);
    if (before == nullptr)
        return;
    const std::vector<const Object *> columns_were = was_.parts_of(*before, Kind::column);
    const std::vector<const Object *> columns = is_.parts_of(relation, Kind::column);
    if (std::ranges::equal(columns_were, columns, {}, &Object::name, &Object::name))
        return;
    // Those that stay come first, in their order, and then those that are added.
    std::vector<std::pair<std::size_t, std::size_t>> order; // the place in `was`, or behind all, and that in `is`
    for (std::size_t i = 0; i < columns.size(); ++i)
        order.emplace_back(std::ranges::find(columns_were, columns[i]->name, &Object::name) - columns_were.begin(), i);
    if (std::ranges::is_sorted(order))
        return;
    std::ranges::sort(order);
    Reordered reordered{&relation, {}};
    for (const auto &[_, place] : order)
        reordered.columns.push_back(place);
    reordered_.push_back(std::move(reordered));
}

// Where functions of one name return different things, a call does not tell which it is of.
RowSource ColumnOrder::source_of(const Reordered &reordered) const
{
    std::set<std::string> returning;
    for (const Need &dependent : is_.dependents_of(is_.index_of(*reordered.relation)))
        if (const Object &function = is_[dependent.object]; returns_rows_of(function, *reordered.relation))
            returning.insert(without_arguments(function));
    if (!returning.empty())
        for (const Object &function : is_.objects())
            if (routines.contains(function.kind) && !returns_rows_of(function, *reordered.relation))
                returning.erase(without_arguments(function));
    return {reordered.relation->identity, {returning.begin(), returning.end()}, reordered.columns};
}

void ColumnOrder::rewrite_dependents(const Reordered &reordered)
{
    const std::uint32_t whole = is_.index_of(*reordered.relation);
    std::set<std::uint32_t> from{whole}; // the relation, its columns, functions that return its rows
    for (const Object *column : is_.parts_of(*reordered.relation, Kind::column))
        from.insert(is_.index_of(*column));
    for (const Need &dependent : is_.dependents_of(whole))
        if (returns_rows_of(is_[dependent.object], *reordered.relation))
            from.insert(dependent.object);
    std::set<std::uint32_t> dependents;
    for (const std::uint32_t each : from)
        for (const Need &dependent : is_.dependents_of(each))
            dependents.insert(dependent.object);
    const RowSource source = source_of(reordered);
    for (const std::uint32_t each : dependents)
        rewrite(each, source, *reordered.relation);
}

void ColumnOrder::rewrite(std::uint32_t index, const RowSource &source, const Object &relation)
{
    const auto known = rewritten_.find(index);
    const Object &object = known == rewritten_.end() ? is_[index] : known->second;
    Object copy = object;
    bool changed = false;
    // Its query has the columns of the result in their order.
    bool complete = !object.has("body") || !returns_rows_of(object, relation);
    for (const Attribute &each : object.attributes) {
        if (!is_deparsed(each.name) || each.text.empty())
            continue;
        MovedColumns moved = move_in(object, each.text, source, is_);
        complete &= moved.complete;
        if (moved.text == each.text)
            continue;
        changed = true;
        copy.attributes.set(each.name, std::move(moved.text));
    }
    if (!complete || (object.has("positional") && !changed && known == rewritten_.end()))
        left_.emplace(&is_[index], &relation);
    if (changed)
        rewritten_.insert_or_assign(index, std::move(copy));
}

std::vector<const Object *> ColumnOrder::relations() const
{
    std::vector<const Object *> relations;
    for (const Reordered &each : reordered_)
        relations.push_back(each.relation);
    return relations;
}

Snapshot ColumnOrder::result() const
{
    std::map<std::uint32_t, std::int32_t> positions;
    for (const Reordered &each : reordered_) {
        const std::vector<const Object *> columns = is_.parts_of(*each.relation, Kind::column);
        for (std::size_t i = 0; i < columns.size(); ++i)
            positions[is_.index_of(*columns[each.columns[i]])] = static_cast<std::int32_t>(i) + 1;
    }
    Snapshot result;
    result.share_names(is_);
    result.session = is_.session;
    result.unknown = is_.unknown;
    result.reserve(is_.size());
    for (std::uint32_t i = 0; i < is_.size(); ++i) {
        const auto rewritten = rewritten_.find(i);
        Object object = rewritten == rewritten_.end() ? is_[i] : rewritten->second;
        if (const auto position = positions.find(i); position != positions.end())
            object.position = position->second;
        result.add(std::move(object));
    }
    result.finish();
    return result;
}

} // namespace pgmigrate::model

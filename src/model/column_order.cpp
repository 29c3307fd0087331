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

// The default of a column or domain of the type is cast to it without a word.
MovedColumns move_in(const Object &object, const std::string &text, const RowSource &source, const Snapshot &snapshot)
{
    if (object.kind != Kind::default_value)
        return move_columns(text, source);
    const Object *holder = snapshot.find(object.has("of_domain") ? Kind::domain : Kind::column, object.identity);
    if (holder == nullptr || holder->text("type") != source.type)
        return move_columns(text, source);
    const std::string cast = cat("::", source.type);
    MovedColumns moved = move_columns(text + cast, source);
    moved.text.erase(moved.text.size() - cast.size());
    return moved;
}

// RETURNING has the columns of the table.
bool returns_rows(const Object &rule)
{
    return rule.kind == Kind::rule && rule.text("definition").find("RETURNING") != std::string_view::npos;
}

} // namespace

bool names_positions(const Object &object)
{
    return object.has("positional") || returns_rows(object) ||
           std::ranges::any_of(object.attributes, [](const Attribute &each) {
               return is_deparsed(each.name) && each.text.find("ROW(") != std::string::npos;
           });
}

ColumnOrder::ColumnOrder(const Snapshot &was, const Snapshot &is, const std::set<std::string> &anew)
    : was_(was), is_(is)
{
    for (const Object &object : is.objects())
        if (with_columns.contains(object.kind))
            if (const Object *before = was.find(object.kind, object.identity))
                compare(*before, object, anew);
}

void ColumnOrder::compare(const Object &was, const Object &is, const std::set<std::string> &anew)
{
    const std::vector<const Object *> columns_were = was_.parts_of(was, Kind::column);
    const std::vector<const Object *> columns_are = is_.parts_of(is, Kind::column);
    const auto comes_anew = [&](const Object *column) { return anew.contains(column->identity); };
    if (std::ranges::equal(columns_were, columns_are, {}, &Object::name, &Object::name) &&
        std::ranges::none_of(columns_are, comes_anew))
        return;
    const auto names_of = [](const std::vector<const Object *> &columns) {
        std::vector<std::string> names;
        names.reserve(columns.size());
        for (const Object *column : columns)
            names.push_back(column->name);
        return names;
    };
    const std::vector<std::string> names_were = names_of(columns_were);
    const std::vector<std::string> names_are = names_of(columns_are);
    std::vector<std::string> staying;
    for (const Object *column : columns_were)
        if (!comes_anew(column) && std::ranges::find(names_are, column->name) != names_are.end())
            staying.push_back(column->name);
    // Those that stay come first, in their order, and then those that are added.
    std::vector<RowSource::Place> from_was;
    std::vector<RowSource::Place> from_is;
    const auto place = [](const std::vector<std::string> &names, const std::string &name) {
        const auto found = std::ranges::find(names, name);
        return found == names.end() ? RowSource::added : static_cast<std::size_t>(found - names.begin());
    };
    const auto put = [&](const std::string &name) {
        from_was.push_back(
            {place(staying, name) == RowSource::added ? RowSource::added : place(names_were, name), name});
        from_is.push_back({place(names_are, name), name});
    };
    std::ranges::for_each(staying, put);
    for (const std::string &name : names_are)
        if (place(staying, name) == RowSource::added)
            put(name);
    if (!std::ranges::is_sorted(from_is, {}, &RowSource::Place::old)) {
        relations_.push_back(&is);
        for (std::size_t i = 0; i < from_is.size(); ++i)
            positions_[is_.index_of(*columns_are[from_is[i].old])] = static_cast<std::int32_t>(i) + 1;
    }
    rewrite_dependents({was_, was, rewritten_was_}, names_were, from_was, true);
    rewrite_dependents({is_, is, rewritten_is_}, names_are, from_is, false);
    rewrite_dependents({is_, is, rewritten_is_}, names_were, from_was, true);
}

void ColumnOrder::rewrite_dependents(const Side &side, const std::vector<std::string> &names,
                                     const std::vector<RowSource::Place> &columns, bool of_database)
{
    const Snapshot &snapshot = side.snapshot;
    const std::uint32_t whole = snapshot.index_of(side.relation);
    std::set<std::uint32_t> from{whole}; // the relation, its columns, functions that return its rows
    for (const Object *column : snapshot.parts_of(side.relation, Kind::column))
        from.insert(snapshot.index_of(*column));
    std::set<std::string> returning;
    for (const Need &dependent : snapshot.dependents_of(whole))
        if (returns_rows_of(snapshot[dependent.object], side.relation)) {
            from.insert(dependent.object);
            returning.insert(without_arguments(snapshot[dependent.object]));
        }
    std::set<std::uint32_t> dependents;
    for (const std::uint32_t each : from)
        for (const Need &dependent : snapshot.dependents_of(each)) {
            const Object &object = snapshot[dependent.object];
            const bool counts_as_database = &snapshot == &was_ || object.has("of_database");
            if (counts_as_database == of_database && names_positions(object))
                dependents.insert(dependent.object);
        }
    if (dependents.empty())
        return;
    RowSource source{side.relation.identity, {}, {}, names, columns};
    // Where functions of one name return different things, a call does not tell which it is of.
    std::set<std::string> others;
    for (const Object &function : snapshot.objects())
        if (routines.contains(function.kind) && !returns_rows_of(function, side.relation))
            others.insert(without_arguments(function));
    for (const std::string &each : returning)
        if (others.erase(each) == 0)
            source.functions.push_back(each);
    source.others.assign(others.begin(), others.end());
    for (const std::uint32_t each : dependents)
        rewrite(side, each, source);
}

void ColumnOrder::rewrite(const Side &side, std::uint32_t index, const RowSource &source)
{
    const auto known = side.rewritten.find(index);
    const Object &object = known == side.rewritten.end() ? side.snapshot[index] : known->second;
    Object copy = object;
    bool changed = false;
    // Its query has the columns of the result in their order.
    bool complete = (!object.has("body") || !returns_rows_of(object, side.relation)) && !returns_rows(object);
    for (const Attribute &each : object.attributes) {
        if (!is_deparsed(each.name) || each.text.empty())
            continue;
        MovedColumns moved = move_in(object, each.text, source, side.snapshot);
        complete &= moved.complete;
        if (moved.text == each.text)
            continue;
        changed = true;
        copy.attributes.set(each.name, std::move(moved.text));
    }
    if (!complete && std::ranges::find(relations_, &side.relation) != relations_.end())
        left_.emplace(&is_[index], &side.relation);
    if (changed)
        side.rewritten.insert_or_assign(index, std::move(copy));
}

namespace
{

template <class Change>
Snapshot copy_with(const Snapshot &snapshot, const std::map<std::uint32_t, Object> &rewritten, Change change)
{
    Snapshot result = Snapshot::like(snapshot);
    result.reserve(snapshot.size());
    for (std::uint32_t i = 0; i < snapshot.size(); ++i) {
        const auto found = rewritten.find(i);
        Object object = found == rewritten.end() ? snapshot[i] : found->second;
        change(i, object);
        result.add(std::move(object));
    }
    result.finish();
    return result;
}

} // namespace

Snapshot ColumnOrder::result_of_was() const
{
    return copy_with(was_, rewritten_was_, [](std::uint32_t, Object &) {});
}

Snapshot ColumnOrder::result_of_is() const
{
    return copy_with(is_, rewritten_is_, [&](std::uint32_t index, Object &object) {
        if (const auto position = positions_.find(index); position != positions_.end())
            object.position = position->second;
        object.attributes.erase("of_database");
    });
}

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#include "model/composite_type.hpp"

#include "model/column.hpp"
#include "model/text.hpp"
#include "model/type_aside.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

std::string definition_of(const Object &column)
{
    std::string definition = cat(column.name, " ", column.text("type"));
    if (column.has("collation"))
        definition += cat(" COLLATE ", column.text("collation"));
    return definition;
}

// Tables of the type (CREATE TABLE … OF) change with it, but only if they are told to.
std::string_view cascade(const Object &column, const Snapshot &was)
{
    if (const Object *type = was.find(Kind::composite_type, column.parent))
        for (const Need &dependent : was.dependents_of(was.index_of(*type)))
            if (was[dependent.object].kind == Kind::table)
                return " CASCADE";
    return "";
}

// Whether columns that are not dropped have values of it. Those that are go before it is altered.
bool stays_stored(const Object &was, const Comparison &comparison, std::vector<Reference> &gone)
{
    for (const Object *column : stored_in(was, comparison.was)) {
        if (comparison.is.find(Kind::column, column->identity) != nullptr)
            return true;
        gone.push_back({column->kind, column->identity});
    }
    return false;
}

// As the old type has them when it is set aside, so that the text of a value is one of the new type.
std::vector<const Object *> in_old_order(Parts parts, const Object &was, const Snapshot &snapshot)
{
    std::vector<const Object *> ordered;
    const auto named = [](std::string_view name) { return [=](const Object *part) { return part->name == name; }; };
    for (const Object *column : snapshot.parts_of(was, Kind::column))
        if (const auto found = std::find_if(parts.begin(), parts.end(), named(column->name)); found != parts.end())
            ordered.push_back(*found);
    for (const Object *part : parts)
        if (std::find(ordered.begin(), ordered.end(), part) == ordered.end())
            ordered.push_back(part);
    return ordered;
}

void make(const Object &object, Parts parts, const Comparison &comparison, Statements &statements)
{
    std::vector<const Object *> columns(parts.begin(), parts.end());
    const Object *was = comparison.was.find(object.kind, object.identity);
    if (was != nullptr && comparison.aside[comparison.was.index_of(*was)])
        columns = in_old_order(parts, *was, comparison.was);
    std::string sql = cat("CREATE TYPE ", object.identity, " AS (");
    bool first = true;
    for (const Object *part : columns) {
        sql += cat(first ? "\n    " : ",\n    ", definition_of(*part));
        first = false;
    }
    sql += first ? ")" : "\n)";
    statements.add(std::move(sql));
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP TYPE ", object.identity));
}

// All that a composite type has are its attributes.
void alter(const Object &, const Object &, const Comparison &, Alteration &) {}

// The columns of this type get their new values by way of the text, so the old type is given the attributes of the new
// one before.
void set_aside(const Object &was, const Comparison &comparison, Statements &statements)
{
    const Object *is = comparison.is.find(was.kind, was.identity);
    if (is != nullptr) {
        const auto has = [](const std::vector<const Object *> &columns, const Object *wanted) {
            return std::any_of(columns.begin(), columns.end(),
                               [&](const Object *each) { return each->name == wanted->name; });
        };
        const std::vector<const Object *> before = comparison.was.parts_of(was, Kind::column);
        const std::vector<const Object *> after = comparison.is.parts_of(*is, Kind::column);
        for (const Object *column : before)
            if (!has(after, column))
                drop_attribute(*column, comparison, statements);
        for (const Object *column : after)
            if (!has(before, column))
                statements.add(cat("ALTER TYPE ", was.identity, " ADD ATTRIBUTE ", column->name, " text",
                                   cascade(*column, comparison.was)));
    }
    rename_aside(was, comparison, statements);
}

bool has_expressions(const Object &object)
{
    constexpr Kinds always{Kind::view,   Kind::materialized_view, Kind::rule,
                           Kind::policy, Kind::trigger,           Kind::constraint,
                           Kind::index,  Kind::statistics,        Kind::default_value};
    return always.contains(object.kind) || (object.kind == Kind::column && object.has("generated")) ||
           (routines.contains(object.kind) && (object.has("body") || object.has("defaults")));
}

void add_users_of_row(const Object &row, const Snapshot &was, std::vector<const Object *> &seen)
{
    seen.push_back(&row);
    for (const Need &dependent : was.dependents_of(was.index_of(row))) {
        if (dependent.type != row_need)
            continue;
        const Object &object = was[dependent.object];
        // What has values of it has expressions of its own.
        constexpr Kinds containers{Kind::composite_type, Kind::view, Kind::materialized_view};
        const Object *part_of = object.kind == Kind::column ? was.parent_of(object) : nullptr;
        const Object *container = part_of != nullptr && containers.contains(part_of->kind) ? part_of : nullptr;
        for (const Object *each : {&object, container})
            if (each != nullptr && std::ranges::find(seen, each) == seen.end())
                add_users_of_row(*each, was, seen);
    }
}

} // namespace

void rebuild_users_of_row(const Object &row, const Comparison &comparison, std::vector<Reference> &also)
{
    std::vector<const Object *> users;
    add_users_of_row(row, comparison.was, users);
    for (const Object *each : users)
        if (has_expressions(*each))
            also.push_back({each->kind, each->identity});
}

void make_attribute(const Object &column, const Comparison &comparison, Statements &statements)
{
    statements.add(
        cat("ALTER TYPE ", column.parent, " ADD ATTRIBUTE ", definition_of(column), cascade(column, comparison.was)));
}

void drop_attribute(const Object &column, const Comparison &comparison, Statements &statements)
{
    const std::string_view to_tables = cascade(column, comparison.was);
    Statement &statement =
        statements.add(cat("ALTER TYPE ", column.parent, " DROP ATTRIBUTE ", column.name, to_tables));
    if (const Object *type = comparison.was.find(Kind::composite_type, column.parent);
        type != nullptr && is_stored(*type, comparison.was))
        statement.destroys = cat("the values of ", column.name, " in columns of the type ", column.parent);
    else if (!to_tables.empty())
        statement.destroys = cat("the values of ", column.name, " in tables of the type ", column.parent);
}

void alter_attribute(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    const bool type_is_replaced = std::any_of(was.needs.begin(), was.needs.end(),
                                              [&](const Need &need) { return comparison.aside[need.object]; });
    if (was.attributes.same(is.attributes, "type") && was.attributes.same(is.attributes, "collation") &&
        !type_is_replaced)
        return;
    const Object *type = comparison.was.find(Kind::composite_type, was.parent);
    if (type != nullptr && stays_stored(*type, comparison, alteration.after_drops)) {
        // The server refuses to alter it, whatever the change is.
        alteration.rebuild_also.push_back({type->kind, type->identity});
        return;
    }
    alteration.rebuild =
        Kinds{Kind::view,     Kind::materialized_view, Kind::rule,       Kind::policy, Kind::trigger,
              Kind::function, Kind::procedure,         Kind::constraint, Kind::index,  Kind::default_value};
    if (type != nullptr)
        rebuild_users_of_row(*type, comparison, alteration.rebuild_also);
    const std::string_view to_tables = cascade(was, comparison.was);
    Statement &statement = alteration.statements.add(
        cat("ALTER TYPE ", is.parent, " ALTER ATTRIBUTE ", is.name, " TYPE ", is.text("type"),
            is.has("collation") ? cat(" COLLATE ", is.text("collation")) : std::string(), to_tables));
    if (to_tables.empty())
        return;
    const Conversion how = conversion(was, is, comparison);
    if (how.may_fail)
        statement.may_fail = cat("values of ", is.name, " that do not fit, in tables of the type ", is.parent);
    if (how.loses)
        statement.destroys =
            cat("what values of ", is.name, " have beyond the new type, in tables of the type ", is.parent);
}

constinit const Rules composite_type_rules{
    .make = make, .drop = drop, .alter = alter, .set_aside = set_aside, .drop_aside = drop_renamed};

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#include "model/constraint.hpp"
#include "model/expression.hpp"
#include "model/index_properties.hpp"
#include "model/inheritance.hpp"
#include "model/options.hpp"
#include "model/rules.hpp"
#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

// Whether there can be rows already.
bool has_rows(const Object &object, const Comparison &comparison)
{
    const Object *parent = comparison.is.parent_of(object);
    return parent != nullptr && comparison.fate_of_is(*parent) != Fate::made &&
           comparison.fate_of_is(*parent) != Fate::replaced;
}

// Whether a column must not become nullable as long as it is there.
bool holds_not_null(const Object &was, const Comparison &comparison)
{
    return was.has("replica_identity") && std::any_of(was.needs.begin(), was.needs.end(), [&](const Need &need) {
               const Object &column = comparison.was[need.object];
               const Object *is = column.kind == Kind::column ? comparison.is_of(column) : nullptr;
               return is != nullptr && column.has("not_null") && !is->has("not_null");
           });
}

// Whether it can be built beside the old one and take its name: everything that the old one needs stays until then.
bool swaps(const Object &was, const Comparison &comparison)
{
    const Object *is = comparison.is_of(was);
    if (!changes_online(was.parent, comparison) || is == nullptr || was.has("partitioned") || is->has("partitioned") ||
        was.has("attached_to") || is->has("attached_to") || was.parent != is->parent || !has_rows(*is, comparison) ||
        holds_not_null(was, comparison))
        return false;
    return std::all_of(was.needs.begin(), was.needs.end(), [&](const Need &need) {
        const Fate fate = comparison.fate_was[need.object];
        return fate == Fate::kept || fate == Fate::altered;
    });
}

// The columns of btree (…) and so on end where the options of CREATE INDEX have their place: before WHERE.
std::string create(const Object &object, std::string_view name, bool concurrently)
{
    const std::string_view definition = object.text("definition");
    std::size_t end = closing_parenthesis(definition, definition.find('('));
    end = end == std::string_view::npos ? definition.size() : end + 1;
    if (definition.substr(end).starts_with(" INCLUDE ("))
        end = std::min(closing_parenthesis(definition, end + 9), definition.size() - 1) + 1;
    constexpr std::string_view nulls = " NULLS NOT DISTINCT";
    if (definition.substr(end).starts_with(nulls))
        end += nulls.size();
    std::string sql =
        cat("CREATE ", object.has("unique") ? "UNIQUE INDEX " : "INDEX ", concurrently ? "CONCURRENTLY " : "", name,
            " ON ", is_made_alone(object) ? "ONLY " : "", object.parent, " USING ", definition.substr(0, end));
    if (const auto options = object.list("options"); !options.empty())
        sql += cat(" WITH (", parameters(options), ")");
    if (object.has("tablespace"))
        sql += cat(" TABLESPACE ", object.text("tablespace"));
    sql += definition.substr(end);
    return sql;
}

void make(const Object &object, Parts, const Comparison &comparison, Statements &statements)
{
    const bool rows = has_rows(object, comparison);
    const bool concurrently = changes_online(object.parent, comparison) && rows && !object.has("partitioned");
    const Object *was = comparison.fate_of_is(object) == Fate::replaced ? comparison.was_of(object) : nullptr;
    const bool swapped = was != nullptr && swaps(*was, comparison);
    const std::string name = swapped ? comparison.helpers->next_to(object, "_new") : object.name;
    Statement &statement = statements.add(create(object, name, concurrently));
    statement.alone = concurrently;
    if (object.has("unique") && rows && !object.has("partitioned"))
        statement.may_fail = cat("if rows of ", object.parent, " are equal in what it is on");
    if (!swapped)
        return;
    statements.add(cat("DROP INDEX CONCURRENTLY ", index_name(*was))).alone = true;
    statements.add(cat("ALTER INDEX ", object.schema, ".", name, " RENAME TO ", object.name));
}

// Whether a constraint is attached to it, or to one that is.
bool holds_constraint(const Object &index, const Snapshot &was)
{
    const auto dependents = was.dependents_of(was.index_of(index));
    return std::any_of(dependents.begin(), dependents.end(), [&](const Need &each) {
        const Object &below = was[each.object];
        return index_above(below, was) == &index && (below.kind == Kind::constraint || holds_constraint(below, was));
    });
}

void drop(const Object &object, const Comparison &comparison, Statements &statements)
{
    if (is_freed_aside(object, comparison))
        return;
    const bool replaced = comparison.fate_of_was(object) == Fate::replaced;
    if ((replaced && swaps(object, comparison)) || (!replaced && becomes_constraint(object, comparison)))
        return;
    const Object *table = comparison.was.parent_of(object);
    const bool stays = table != nullptr && comparison.fate_of_was(*table) != Fate::dropped &&
                       comparison.fate_of_was(*table) != Fate::replaced;
    const bool concurrently =
        changes_online(object.parent, comparison) && stays && !object.has("partitioned") && !object.has("attached_to");
    statements
        .add(cat("DROP INDEX ", concurrently ? "CONCURRENTLY " : "", index_name(object),
                 holds_constraint(object, comparison.was) ? " CASCADE" : ""))
        .alone = concurrently;
}

void follow(const Object &object, const Comparison &comparison, std::vector<FollowUp> &later)
{
    FollowUp own;
    make_index_properties(object, comparison, own.statements);
    if (!own.statements.empty())
        later.push_back(std::move(own));
    attach_index(object, comparison, later);
}

// Where a column gets another type, the server builds its indexes anew, with the casts that the new type wants: it is
// not to be done twice.
bool comes_with_type(const Object &was, const Object &is, const Comparison &comparison)
{
    if (!same_but_for_casts(was.text("definition"), is.text("definition")))
        return false;
    return std::any_of(was.needs.begin(), was.needs.end(), [&](const Need &need) {
        const Object &column = comparison.was[need.object];
        const Object *after = column.kind == Kind::column ? comparison.is.find(column.kind, column.identity) : nullptr;
        return after != nullptr && !column.attributes.same(after->attributes, "type");
    });
}

void alter(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    for (const std::string_view each : {"table", "unique", "partitioned"})
        if (!was.attributes.same(is.attributes, each))
            alteration.replace = true;
    if (!was.attributes.same(is.attributes, "definition") &&
        !(changes_online(was.parent, comparison) && comes_with_type(was, is, comparison)))
        alteration.replace = true;
    alteration.replace |= is.has("partitioned") && !was.attributes.same(is.attributes, "options");
    // One that a failed CREATE INDEX CONCURRENTLY has left is made again. Nothing makes one like that on purpose.
    alteration.replace |= was.has("invalid") && !is.has("invalid");
    // What is attached cannot be detached, but with its table.
    alteration.replace |= is_otherwise_complete(was, is, comparison);
    alteration.replace |= !alter_attachment(was, is, comparison, alteration.later);
    if (!alteration.replace)
        alter_index_properties(was, is, comparison, alteration.statements);
}

void rename(const Object &was, const Object &is, const Comparison &, Statements &statements)
{
    statements.add(cat("ALTER INDEX ", index_name(was), " RENAME TO ", is.name));
}

std::optional<Reference> vanish(const Object &was, const Comparison &comparison)
{
    const Object *above = index_above(was, comparison.was);
    if (above == nullptr)
        return std::nullopt;
    const Fate fate = comparison.fate_of_was(*above);
    if ((fate == Fate::dropped || fate == Fate::replaced) && !leaves_with_table(was, comparison))
        return Reference{above->kind, above->identity};
    const Object *table = comparison.was.parent_of(was);
    return table == nullptr ? std::nullopt : std::optional(Reference{table->kind, table->identity});
}

} // namespace

constinit const Rules index_rules{.make = make,
                                  .drop = drop,
                                  .alter = alter,
                                  .follow = follow,
                                  .behind = behind_partitions,
                                  .vanish = vanish,
                                  .rename = rename};

} // namespace pgmigrate::model

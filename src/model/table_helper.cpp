// SPDX-License-Identifier: PostgreSQL

// Whether what a table has from above is its own as well. INHERIT leaves it what it has, NO INHERIT makes what no table
// above has any more the table's own: a table that is above it in the meantime decides about the rest.
#include "model/table.hpp"

#include "model/column.hpp"
#include "model/constraint.hpp"
#include "model/inheritance.hpp"
#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

std::string helper_name(const Object &table, std::string_view suffix, const Comparison &comparison)
{
    return cat(table.schema, ".", comparison.helpers->next_to(table, cat("_above_", suffix)));
}

// Whether a column that was only inherited becomes a column of the table's own as well, which stays below.
bool becomes_local(const Object &is, const Comparison &comparison)
{
    const Object *was = column_of(comparison.was, is.parent, is.name);
    return was != nullptr && was->has("inherited_only") && !is.has("inherited_only") &&
           !columns_above(*was, comparison, comparison.was).empty() &&
           !columns_above(is, comparison, comparison.is).empty();
}

bool is_only_inherited(const Object &constraint)
{
    return constraint.text("type") == "c" && !constraint.list("inherited_from").empty() && !constraint.has("local");
}

bool is_on_local_column(const Object &constraint, const Comparison &comparison)
{
    return std::any_of(constraint.needs.begin(), constraint.needs.end(), [&](const Need &need) {
        const Object &column = comparison.is[need.object];
        return column.kind == Kind::column && becomes_local(column, comparison);
    });
}

// The constraints that one is inherited from, and which are not inherited themselves.
void add_tops(const Object &constraint, const Snapshot &is, std::vector<const Object *> &tops)
{
    if (constraint.list("inherited_from").empty() && std::find(tops.begin(), tops.end(), &constraint) == tops.end())
        tops.push_back(&constraint);
    for (const std::string &each : constraint.list("inherited_from"))
        if (const Object *above = is.find(Kind::constraint, each))
            add_tops(*above, is, tops);
}

// One that is on such a column became the table's own with it: it is inherited anew.
void inherit_constraint_again(const Object &constraint, const Comparison &comparison, Statements &statements)
{
    std::vector<const Object *> tops;
    add_tops(constraint, comparison.is, tops);
    tops.push_back(&constraint);
    for (const Object *each : tops)
        statements.add(cat("ALTER TABLE ", each->parent, " DROP CONSTRAINT ", each->name));
    tops.pop_back();
    for (const Object *each : tops)
        statements.add(cat("ALTER TABLE ", each->parent, " ADD ", constraint_clause(*each)));
}

// A table with all that is only inherited from those above.
void make_helper(const std::string &name, const Object &is, const Comparison &comparison, Statements &statements)
{
    std::string elements;
    std::vector<std::string> later;
    const auto add = [&](std::string_view element) { elements += cat(elements.empty() ? "" : ", ", element); };
    for (const Object *column : comparison.is.parts_of(is, Kind::column))
        if (column->has("inherited_only")) {
            Object above = *column;
            above.attributes.erase("identity_kind");
            add(column_clause(above, nullptr, comparison));
        }
    for (const Object *constraint : comparison.is.parts_of(is, Kind::constraint)) {
        if (!is_only_inherited(*constraint) || is_on_local_column(*constraint, comparison))
            continue;
        if (constraint->has("not_valid")) // which means nothing in CREATE TABLE
            later.push_back(constraint_clause(*constraint));
        else
            add(constraint_clause(*constraint));
    }
    statements.add(cat("CREATE TABLE ", name, " (", elements, ")")).note =
        "what is to be inherited only stays so while the table is below another one";
    for (const std::string &each : later)
        statements.add(cat("ALTER TABLE ", name, " ADD ", each));
}

// Without what need not be the same above.
std::string bare_clause(const Object &column, const Comparison &comparison)
{
    Object bare = column;
    for (const std::string_view each : {"identity_kind", "not_null", "compression"})
        bare.attributes.erase(each);
    return column_clause(bare, nullptr, comparison);
}

// Whether it is on nothing but these columns, and only inherited on both sides.
bool stays_inherited(const Object &was, const std::vector<const Object *> &columns, const Comparison &comparison)
{
    const Object *is = comparison.is_of(was);
    return is != nullptr && is_only_inherited(was) && is_only_inherited(*is) && !was.has("not_valid") &&
           was.attributes.same(is->attributes, "definition") &&
           std::all_of(was.needs.begin(), was.needs.end(), [&](const Need &need) {
               const Object &column = comparison.was[need.object];
               return column.kind != Kind::column ||
                      std::find(columns.begin(), columns.end(), &column) != columns.end();
           });
}

} // namespace

void inherit_anew(const Object &is, const std::vector<std::string> &left, const std::vector<std::string> &entered,
                  const Comparison &comparison, Statements &statements)
{
    const std::string helper = cat(is.schema, ".", comparison.helpers->next_to(is, "_above"));
    make_helper(helper, is, comparison, statements);
    statements.add(cat(alter_table(is), " INHERIT ", helper));
    for (const std::string &each : left)
        statements.add(cat(alter_table(is), " NO INHERIT ", each));
    for (const std::string &each : entered)
        statements.add(cat(alter_table(is), " INHERIT ", each));
    statements.add(cat(alter_table(is), " NO INHERIT ", helper));
    statements.add(cat("DROP TABLE ", helper));
}

// The first of the columns does it for all.
void make_local(const Object &column, const Comparison &comparison, std::vector<FollowUp> &later)
{
    const Object *table = find_table(comparison.is, column.parent);
    if (table == nullptr || table->has("partition_of") || !becomes_local(column, comparison))
        return;
    const auto columns = comparison.is.parts_of(*table, Kind::column);
    if (*std::ranges::find_if(columns, [&](const Object *each) { return becomes_local(*each, comparison); }) != &column)
        return;
    const auto list = table->list("inherits");
    const std::vector<std::string> parents(list.begin(), list.end());
    FollowUp follow;
    need_all_of(*table, comparison.is, follow.needs);
    follow.needs_whole.push_back({table->kind, table->identity});
    for (const std::string &each : parents)
        if (const Object *parent = find_table(comparison.is, each))
            need_all_of(*parent, comparison.is, follow.needs);
    inherit_anew(*table, parents, parents, comparison, follow.statements);
    for (const Object *each : comparison.is.parts_of(*table, Kind::constraint))
        if (is_only_inherited(*each) && is_on_local_column(*each, comparison))
            inherit_constraint_again(*each, comparison, follow.statements);
    later.push_back(std::move(follow));
}

// What a table without parents would keep as its own though it is to be inherited only has another table above in the
// meantime.
void keep_inherited(const Object &was, const Object &is, const std::vector<std::string> &left,
                    const std::vector<std::string> &staying, const Comparison &comparison, Alteration &alteration)
{
    std::string elements;
    std::vector<const Object *> kept;
    for (const Object *column : comparison.was.parts_of(was, Kind::column)) {
        const Object *after = column_of(comparison.is, is.identity, column->name);
        const bool stays = after != nullptr && column->has("inherited_only") && after->has("inherited_only");
        const bool changes = !stays || std::ranges::any_of(decides_below, [&](std::string_view each) {
            return !column->attributes.same(after->attributes, each);
        });
        const auto has_it = [&](const std::string &each) {
            return column_of(comparison.was, each, column->name) != nullptr;
        };
        if (changes || std::ranges::none_of(left, has_it) || std::ranges::any_of(staying, has_it))
            continue;
        elements += cat(elements.empty() ? "" : ", ", bare_clause(*column, comparison));
        kept.push_back(column);
    }
    if (elements.empty())
        return;
    for (const Object *constraint : comparison.was.parts_of(was, Kind::constraint))
        if (stays_inherited(*constraint, kept, comparison))
            elements += cat(", ", constraint_clause(*constraint));
    enter_helper(is, "0", elements, comparison, alteration.statements);
    alteration.later.push_back(leave_helper(is, "0", comparison));
}

std::string enter_helper(const Object &table, std::string_view suffix, std::string_view columns,
                         const Comparison &comparison, Statements &statements)
{
    std::string helper = helper_name(table, suffix, comparison);
    statements.add(cat("CREATE TABLE ", helper, " (", columns, ")")).note =
        "what is to be inherited only has to be added to a table above";
    statements.add(cat(alter_table(table), " INHERIT ", helper));
    return helper;
}

std::string columns_needed_by(const Object &is, const Comparison &comparison)
{
    std::string columns;
    for (const Object *column : comparison.is.parts_of(*comparison.is.parent_of(is), Kind::column))
        if (std::ranges::any_of(is.needs, [&](const Need &need) { return &comparison.is[need.object] == column; }))
            columns += cat(columns.empty() ? "" : ", ", bare_clause(*column, comparison));
    return columns;
}

FollowUp leave_helper(const Object &table, std::string_view suffix, const Comparison &comparison)
{
    const std::string helper = helper_name(table, suffix, comparison);
    FollowUp follow;
    follow.statements.add(cat(alter_table(table), " NO INHERIT ", helper));
    follow.statements.add(cat("DROP TABLE ", helper));
    follow.needs_whole.push_back({table.kind, table.identity});
    return follow;
}

} // namespace pgmigrate::model

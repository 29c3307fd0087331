// SPDX-License-Identifier: PostgreSQL
#include "model/column.hpp"

#include "model/composite_type.hpp"
#include "model/inheritance.hpp"
#include "model/not_null.hpp"
#include "model/options.hpp"
#include "model/sequence.hpp"
#include "model/table.hpp"
#include "model/text.hpp"
#include "model/type_aside.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

const Object *composite_type_of(const Object &column, const Snapshot &snapshot)
{
    return snapshot.find(Kind::composite_type, column.parent);
}

// What CREATE TABLE says of a column behind its name and type.
std::string constraints_clause(const Object &column, const Object *default_value, const Comparison &comparison)
{
    std::string sql;
    if (column.has("generated"))
        sql += cat(" GENERATED ALWAYS AS (", column.text("expression"), ") ", column.text("generated"));
    else if (column.has("identity_kind"))
        sql +=
            cat(" GENERATED ", column.text("identity_kind"), " AS IDENTITY", identity_options(column, comparison.is));
    else if (default_value != nullptr)
        sql += cat(" DEFAULT ", default_value->text("expression"));
    return sql + not_null_clause(column, comparison);
}

bool is_typed(const Object &table)
{
    return table.has("of_type");
}

// A column of a table that is there, which comes with a parent that the table gets: INHERIT wants the table to have it
// already, and makes a column of the table's own of it.
bool comes_with_parent(const Object &column, const Comparison &comparison)
{
    const Object *table = find_table(comparison.is, column.parent);
    return table != nullptr && column.has("inherited_only") && !table->has("partition_of") && !table->has("of_type") &&
           !is_new(column.parent, comparison);
}

void follow(const Object &object, const Comparison &comparison, std::vector<FollowUp> &later)
{
    if (!comes_with_parent(object, comparison))
        return;
    later.push_back(
        leave_helper(*find_table(comparison.is, object.parent), std::to_string(object.position), comparison));
}

// What tables below are to have of their own is there before it comes from above.
void behind(const Object &is, const Comparison &comparison, std::vector<Reference> &first)
{
    for (const Object *each : columns_below(is, comparison, comparison.is))
        if (!each->has("inherited_only"))
            first.push_back({each->kind, each->identity});
}

// Whether something has the rows of a table that gets the column as its type.
std::string rows_held(const Object &is, const Comparison &comparison)
{
    std::vector<const Object *> columns = columns_below(is, comparison, comparison.is);
    columns.push_back(&is);
    for (const Object *column : columns)
        if (const Object *table = find_table(comparison.was, column->parent))
            if (std::string held = held_rows(*table, comparison); !held.empty())
                return held;
    return {};
}

// The server refuses to add a column with a default where others have the rows of the table as their type
// (ATRewriteTables() in tablecmds.c).
void add_and_fill(const Object &object, const Object &value, const std::string &held, const Comparison &comparison,
                  Statements &statements)
{
    Object bare = object;
    bare.attributes.erase("not_null");
    const std::string alter = cat("ALTER TABLE ", object.parent);
    Statement &add = statements.add(cat(alter, " ADD COLUMN ", column_clause(bare, nullptr, comparison)));
    if (comparison.is.find(Kind::domain, object.text("type")) != nullptr)
        add.may_fail = held;
    statements.add(cat(alter, " ALTER COLUMN ", object.name, " SET DEFAULT ", value.text("expression")));
    // Policies would hide rows from the owner.
    const Object *before = find_table(comparison.was, object.parent);
    const bool stays_forced = find_table(comparison.is, object.parent)->has("force_row_security");
    const bool forced = stays_forced || (before != nullptr && before->has("force_row_security"));
    if (forced)
        statements.add(cat(alter, " NO FORCE ROW LEVEL SECURITY"));
    Statement &fill = statements.add(cat("UPDATE ", object.parent, " SET ", object.name, " = DEFAULT"));
    fill.reads_rows = true;
    fill.note = cat(held, ": the column cannot be added with its default, and triggers see it being filled");
    if (stays_forced)
        statements.add(cat(alter, " FORCE ROW LEVEL SECURITY"));
    adapt_not_null(object, false, comparison, statements);
}

// Whether what is in the column where nothing else is said may not be a value of its type.
bool may_refuse_null(const Object &column, const Snapshot &is)
{
    const Object *domain = is.find(Kind::domain, column.text("type"));
    return domain != nullptr && is.find(Kind::default_value, domain->identity) == nullptr &&
           (domain->has("not_null") || !is.parts_of(*domain, Kind::constraint).empty() || may_refuse_null(*domain, is));
}

void make(const Object &object, Parts parts, const Comparison &comparison, Statements &statements)
{
    if (composite_type_of(object, comparison.is) != nullptr) {
        make_attribute(object, comparison, statements);
        return;
    }
    // Those of views come with the view.
    const Object *table = find_table(comparison.is, object.parent);
    if (table == nullptr)
        return;
    const Object *value = default_among(parts, object);
    const std::string clause = column_clause(object, value, comparison);
    if (comes_with_parent(object, comparison)) {
        statements.add(cat("ALTER TABLE ",
                           enter_helper(*table, std::to_string(object.position), columns_needed_by(object, comparison),
                                        comparison, statements),
                           " ADD COLUMN ", clause));
        return;
    }
    const std::string held = rows_held(object, comparison);
    const bool is_computed = object.has("identity_kind") || object.has("generated");
    if (!held.empty() && value != nullptr && !is_computed) {
        add_and_fill(object, *value, held, comparison, statements);
        return;
    }
    Statement &statement = statements.add(cat(alter_table(*table), " ADD COLUMN ", clause));
    if (is_computed || comparison.is.find(Kind::domain, object.text("type")) != nullptr)
        statement.may_fail = held;
    if (value == nullptr && !is_computed && table->kind == Kind::table && may_refuse_null(object, comparison.is))
        statement.may_fail =
            cat("if there are rows in ", object.parent, " and ", object.text("type"), " does not take NULL");
    if (object.has("not_null") && value == nullptr && !object.has("identity_kind") && !object.has("generated") &&
        table->kind == Kind::table)
        statement.may_fail = cat("if there are rows in ", object.parent);
}

// Drops a column of those below that is to go, too, and does not go by itself.
void drop_below(const Object &column, bool kept_below, const Comparison &comparison, Statements &statements)
{
    for (const Object *each : columns_below(column, comparison, comparison.was)) {
        if (comparison.is.find(Kind::column, each->identity) != nullptr)
            continue;
        if (kept_below || !each->has("inherited_only"))
            statements.add(cat("ALTER TABLE ", each->parent, " DROP COLUMN ", each->name)).destroys =
                cat("the values of ", each->identity);
    }
}

// Whether a column is inherited from another table than that of `above`, too, and goes on to be.
bool comes_from_another(const Object &was, const Object &above, const Comparison &comparison)
{
    const Object *is = comparison.is_of(was);
    const std::vector<const Object *> all = columns_above(was, comparison, comparison.was);
    return is != nullptr && is->has("inherited_only") && std::ranges::any_of(all, [&](const Object *each) {
               return each != &above && comparison.is_of(*each) != nullptr &&
                      comparison.fate_of_was(*each) != Fate::replaced;
           });
}

void drop(const Object &object, const Comparison &comparison, Statements &statements)
{
    if (composite_type_of(object, comparison.was) != nullptr) {
        drop_attribute(object, comparison, statements);
        return;
    }
    const Object *table = find_table(comparison.was, object.parent);
    if (table == nullptr)
        return;
    // ONLY makes it a column of the tables below it, if one of them is to keep it.
    const std::vector<const Object *> below = columns_below(object, comparison, comparison.was);
    const bool kept_below = std::any_of(below.begin(), below.end(), [&](const Object *each) {
        return comparison.is.find(Kind::column, each->identity) != nullptr &&
               comparison.fate_of_was(*each) != Fate::replaced && !comes_from_another(*each, object, comparison);
    });
    const std::string_view keyword = table->kind == Kind::foreign_table ? "ALTER FOREIGN TABLE " : "ALTER TABLE ";
    Statement &statement =
        statements.add(cat(keyword, kept_below ? "ONLY " : "", object.parent, " DROP COLUMN ", object.name));
    // What is generated can be generated again, as long as it is to be.
    const Object *after = comparison.fate_of_was(object) == Fate::replaced ? comparison.is_of(object) : nullptr;
    const bool can_be_made_again = object.has("generated") && (after == nullptr || after->has("generated"));
    if (!can_be_made_again && table->kind == Kind::table)
        statement.destroys = cat("the values of ", object.identity);
    if (comparison.fate_of_was(object) == Fate::dropped)
        drop_below(object, kept_below, comparison, statements);
}

void alter(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    if (composite_type_of(is, comparison.is) != nullptr)
        alter_attribute(was, is, comparison, alteration);
    else
        alter_column(was, is, comparison, alteration);
}

Rules::Merge merge(const Object &, const Comparison &)
{
    return Rules::Merge::must;
}

void settle(const Object &object, const Comparison &comparison, Statements &statements)
{
    if (composite_type_of(object, comparison.is) == nullptr)
        alter_column_properties(nullptr, object, comparison, statements);
    settle_not_null(object, comparison, statements);
}

// As ADD COLUMN makes a column of the tables below the one that it is added to.
Object as_added(const Object &above, const Object &is, const Snapshot &snapshot)
{
    Object as = is;
    as.needs.clear(); // which are of the other snapshot
    become_added(as, above, snapshot);
    if (snapshot.find(Kind::default_value, above.identity) != nullptr &&
        snapshot.find(Kind::default_value, is.identity) == nullptr)
        as.attributes.set("default_of_another", "true");
    return as;
}

// A column comes by itself when it is added to a table above, or to the type of a table.
std::optional<Emergence> emerge(const Object &is, const Comparison &comparison)
{
    const Object *table = find_table(comparison.is, is.parent);
    if (table == nullptr || !is.has("inherited_only")) {
        const Object *was = comparison.was.find(Kind::table, is.parent);
        if (table == nullptr || was == nullptr || !is_typed(*table) || leaves_type(*was, *table, comparison) ||
            is_moved(*was, comparison))
            return std::nullopt;
        const Object *attribute = column_of(comparison.is, table->text("of_type"), is.name);
        if (attribute == nullptr || comparison.was.find(Kind::column, attribute->identity) != nullptr)
            return std::nullopt;
        return Emergence{as_added(*attribute, is, comparison.is), {Kind::column, attribute->identity}};
    }
    for (const Object *above : columns_above(is, comparison, comparison.is)) {
        const Object *was = comparison.was.find(Kind::column, above->identity);
        if (was == nullptr || comparison.fate_of_was(*was) == Fate::replaced)
            return Emergence{as_added(*above, is, comparison.is), {Kind::column, above->identity}};
    }
    return std::nullopt;
}

std::optional<Reference> vanish(const Object &was, const Comparison &comparison)
{
    const Object *table = find_table(comparison.was, was.parent);
    if (table == nullptr)
        return std::nullopt;
    if (is_typed(*table)) {
        const Object *now = find_table(comparison.is, was.parent);
        const Object *attribute = column_of(comparison.was, table->text("of_type"), was.name);
        if (now != nullptr && leaves_type(*table, *now, comparison))
            return Reference{table->kind, table->identity};
        if (now != nullptr && attribute != nullptr && comparison.is.find(Kind::column, attribute->identity) == nullptr)
            return Reference{Kind::column, attribute->identity};
    }
    // A copy of its own goes right behind it.
    for (const Object *above : columns_above(was, comparison, comparison.was))
        if (comparison.fate_of_was(*above) == Fate::dropped || comparison.fate_of_was(*above) == Fate::replaced)
            return Reference{Kind::column, above->identity};
    // As long as the table is below the one that it was inherited from, it cannot be dropped.
    const bool stays = find_table(comparison.is, was.parent) != nullptr && !is_new(was.parent, comparison);
    return was.has("inherited_only") && stays ? std::optional(Reference{table->kind, table->identity}) : std::nullopt;
}

bool needs(const Object &object, const Need &need, const Snapshot &)
{
    return need.type != inherited_need || object.has("inherited_only");
}

} // namespace

const Object *default_among(Parts parts, const Object &column)
{
    for (const Object *part : parts)
        if (part->kind == Kind::default_value && part->identity == column.identity)
            return part;
    return nullptr;
}

std::string column_clause(const Object &column, const Object *default_value, const Comparison &comparison)
{
    std::string sql = cat(column.name, " ", column.text("type"));
    sql += foreign_options(column.list("server_options"));
    if (column.has("compression"))
        sql += cat(" COMPRESSION ", column.text("compression"));
    if (column.has("collation"))
        sql += cat(" COLLATE ", column.text("collation"));
    return sql + constraints_clause(column, default_value, comparison);
}

std::string column_options_clause(const Object &column, const Object *default_value, const Comparison &comparison)
{
    const std::string constraints = constraints_clause(column, default_value, comparison);
    return constraints.empty() ? constraints : cat(column.name, " WITH OPTIONS", constraints);
}

std::string identity_options(const Object &column, const Snapshot &snapshot)
{
    const Object *sequence = snapshot.find(Kind::sequence, column.text("sequence"));
    if (sequence == nullptr)
        return {};
    std::string options = sequence_options(*sequence);
    const Object *table = find_table(snapshot, column.parent);
    if (table == nullptr || unquoted(sequence->name) != cat(unquoted(table->name), "_", unquoted(column.name), "_seq"))
        options = cat("SEQUENCE NAME ", sequence->identity, options.empty() ? "" : " ", options);
    return options.empty() ? options : cat(" (", options, ")");
}

void become_added(Object &column, const Object &above, const Snapshot &snapshot)
{
    for (const std::string_view each :
         {"storage", "statistics", "options", "acl", "comment", "identity_kind", "sequence"})
        column.attributes.erase(each);
    inherit_not_null(column, above, snapshot);
    column.attributes.erase("compression");
    if (above.has("compression"))
        column.attributes.set("compression", std::string(above.text("compression")));
}

void adapt_inherited(const Object &column, const Object *default_value, const Comparison &comparison,
                     Statements &statements)
{
    const Object *table = find_table(comparison.is, column.parent);
    const Object *value_above = nullptr;
    bool not_null = false;
    for (const std::string_view each : tables_above(*table)) {
        const Object *above = column_of(comparison.is, each, column.name);
        if (above == nullptr)
            continue;
        not_null |= gives_not_null(*above);
        if (const Object *value = comparison.is.find(Kind::default_value, above->identity))
            value_above = value;
    }
    const std::string alter = cat("ALTER TABLE ", column.parent, " ALTER COLUMN ", column.name);
    if (default_value != nullptr &&
        (value_above == nullptr || !value_above->attributes.same(default_value->attributes, "expression")))
        statements.add(cat(alter, " SET DEFAULT ", default_value->text("expression")));
    if (value_above != nullptr && comparison.is.find(Kind::default_value, column.identity) == nullptr)
        statements.add(cat(alter, " DROP DEFAULT"));
    adapt_not_null(column, not_null, comparison, statements);
    if (column.has("identity_kind"))
        statements.add(cat(alter, " ADD GENERATED ", column.text("identity_kind"), " AS IDENTITY",
                           identity_options(column, comparison.is)));
}

constinit const Rules column_rules{.make = make,
                                   .drop = drop,
                                   .alter = alter,
                                   .follow = follow,
                                   .emerge = emerge,
                                   .behind = behind,
                                   .vanish = vanish,
                                   .merge = merge,
                                   .needs = needs,
                                   .settle = settle};

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#include "model/table.hpp"

#include "model/column.hpp"
#include "model/constraint.hpp"
#include "model/inheritance.hpp"
#include "model/not_null.hpp"
#include "model/options.hpp"
#include "model/text.hpp"
#include "model/type_aside.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace pgmigrate::model
{

namespace
{

// A table that inherits is not to say again how a column is generated (MergeAttributes() in tablecmds.c).
bool is_generated_above(const Object &column, const Comparison &comparison)
{
    if (!column.has("generated"))
        return false;
    const Object *table = find_table(comparison.is, column.parent);
    const auto parents = table != nullptr ? table->list("inherits") : OptionList();
    return std::any_of(parents.begin(), parents.end(), [&](const std::string &each) {
        const Object *above = column_of(comparison.is, each, column.name);
        return above != nullptr && above->attributes.same(column.attributes, "expression");
    });
}

Object as_inherited(Object column)
{
    column.attributes.erase("generated");
    return column;
}

// The columns and constraints between the parentheses.
std::string elements(const Object &object, Parts parts, const Comparison &comparison)
{
    std::string list;
    const auto add = [&](std::string_view element) {
        if (!element.empty())
            list += cat(list.empty() ? "\n    " : ",\n    ", element);
    };
    for (const Object *part : parts) {
        if (part->kind == Kind::column && !(part->has("inherited_only") && object.has("inherits"))) {
            const Object *value = default_among(parts, *part);
            const Object column = is_generated_above(*part, comparison) ? as_inherited(*part) : *part;
            add(object.has("of_type") ? column_options_clause(column, value, comparison)
                                      : column_clause(column, value, comparison));
        }
        if (part->kind == Kind::column && part->has("inherited_only") && object.has("inherits"))
            add(not_null_element(*part));
        if (part->kind == Kind::constraint)
            add(constraint_clause(*part));
    }
    if (list.empty())
        return object.has("of_type") ? "" : " ()";
    return cat(" (", list, "\n)");
}

std::string definition(const Object &object, Parts parts, const Comparison &comparison)
{
    const bool foreign = object.kind == Kind::foreign_table;
    std::string sql = cat("CREATE ",
                          object.has("unlogged") ? "UNLOGGED "
                          : foreign              ? "FOREIGN "
                                                 : "",
                          "TABLE ", object.identity);
    if (object.has("of_type"))
        sql += cat(" OF ", object.text("of_type"));
    sql += elements(object, parts, comparison);
    if (object.has("inherits"))
        sql += cat("\nINHERITS (", join(object.list("inherits"), ", "), ")");
    if (object.has("partition_key"))
        sql += cat("\nPARTITION BY ", object.text("partition_key"));
    if (foreign)
        sql += cat("\nSERVER ", object.text("server"));
    if (object.has("server_options"))
        sql += cat("\n", foreign_options(object.list("server_options")).substr(1));
    if (object.has("access_method"))
        sql += cat("\nUSING ", object.text("access_method"));
    if (object.has("options"))
        sql += cat("\nWITH (", parameters(object.list("options")), ")");
    if (object.has("tablespace"))
        sql += cat("\nTABLESPACE ", object.text("tablespace"));
    return sql;
}

void replica_identity(const Object &object, Statements &statements)
{
    const std::string_view identity = object.text("replica_identity");
    if (identity != "USING INDEX") // which is said where the index is
        statements.add(cat(alter_table(object), " REPLICA IDENTITY ", identity.empty() ? "DEFAULT" : identity));
}

void make(const Object &object, Parts parts, const Comparison &comparison, Statements &statements)
{
    statements.add(definition(object, parts, comparison));
    if (object.has("inherits"))
        for (const Object *part : parts)
            if (part->kind == Kind::column && part->has("inherited_only"))
                adapt_inherited(*part, default_among(parts, *part), comparison, statements);
    if (object.has("replica_identity"))
        replica_identity(object, statements);
    if (object.has("row_security"))
        statements.add(cat(alter_table(object), " ENABLE ROW LEVEL SECURITY"));
    // Rows that are moved to it come before that.
    const Object *was = comparison.fate_of_is(object) == Fate::replaced ? comparison.was_of(object) : nullptr;
    if (object.has("force_row_security") && (was == nullptr || comparison.is_made_again(*was)))
        statements.add(cat(alter_table(object), " FORCE ROW LEVEL SECURITY"));
    attach_new(object, comparison, statements);
}

// Whether a foreign key is on the table or refers to it.
bool is_referred_to(const Object &table, const Snapshot &is)
{
    for (const Object *column : is.parts_of(table, Kind::column))
        for (const Need &dependent : is.dependents_of(is.index_of(*column)))
            if (const Object &object = is[dependent.object];
                object.kind == Kind::constraint && object.text("type") == "f")
                return true;
    return false;
}

// A partition of a table that a foreign key refers to is not dropped as long as it is one: it has a part of the key.
void detach_referred(const Object &partition, const Comparison &comparison, Statements &statements)
{
    const std::string_view above = partition.text("partition_of");
    if (find_table(comparison.is, above) == nullptr || is_new(above, comparison))
        return;
    for (const Object *was = find_table(comparison.was, above); was != nullptr;
         was = find_table(comparison.was, was->text("partition_of")))
        if (const Object *is = find_table(comparison.is, was->identity);
            is != nullptr && is_referred_to(*is, comparison.is)) {
            statements.add(cat("ALTER TABLE ", above, " DETACH PARTITION ", partition.identity));
            return;
        }
}

void drop(const Object &object, const Comparison &comparison, Statements &statements)
{
    detach_referred(object, comparison, statements);
    Statement &statement = statements.add(cat("DROP ", info(object.kind).keyword, " ", object.identity));
    const Object *above = comparison.was.find(Kind::table, object.text("partition_of"));
    const bool rows_were_moved = above != nullptr && is_moved(*above, comparison);
    const bool has_rows = !object.has("partition_key") ||
                          std::ranges::any_of(tables_below(object, comparison.was), [&](const Object *each) {
                              const Fate fate = comparison.fate_of_was(*each);
                              return fate == Fate::dropped || fate == Fate::replaced;
                          });
    if (object.kind == Kind::table && has_rows && !rows_were_moved)
        statement.destroys = cat("all rows of ", object.identity);
    statement.may_fail = held_rows(object, comparison);
}

// The names of its columns in the order in which the script leaves them: new ones are the last.
std::vector<std::string> columns_left(const Object &is, const Comparison &comparison)
{
    std::vector<std::string> names;
    if (const Object *was = comparison.was.find(is.kind, is.identity))
        for (const Object *column : comparison.was.parts_of(*was, Kind::column))
            if (comparison.is_of(*column) != nullptr)
                names.push_back(column->name);
    for (const Object *column : comparison.is.parts_of(is, Kind::column))
        if (comparison.was_of(*column) == nullptr)
            names.push_back(column->name);
    return names;
}

void alter_type_of(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    if (was.has("of_type")) {
        alteration.statements.add(cat(alter_table(is), " NOT OF"));
        if (const Object *type = comparison.is.find(Kind::composite_type, was.text("of_type")))
            for (const Object *attribute : comparison.is.parts_of(*type, Kind::column))
                alteration.before.push_back({attribute->kind, attribute->identity});
    }
    if (!is.has("of_type"))
        return;
    FollowUp follow;
    Statement &statement = follow.statements.add(cat(alter_table(is), " OF ", is.text("of_type")));
    for (const Object *column : comparison.is.parts_of(is, Kind::column))
        follow.needs.push_back({column->kind, column->identity});
    for (const Object *column : comparison.was.parts_of(was, Kind::column))
        if (comparison.is_of(*column) == nullptr)
            follow.after_drops.push_back({column->kind, column->identity});
    follow.needs.push_back({Kind::composite_type, std::string(is.text("of_type"))});
    // It is to have the attributes that the type has then.
    if (const Object *type = comparison.is.find(Kind::composite_type, is.text("of_type"))) {
        const std::vector<const Object *> attributes = comparison.is.parts_of(*type, Kind::column);
        for (const Object *attribute : attributes)
            follow.needs.push_back({attribute->kind, attribute->identity});
        if (columns_left(*type, comparison) != columns_left(is, comparison))
            statement.may_fail =
                cat("the columns of ", is.identity, " are in another order than the attributes of ", type->identity);
    }
    if (const Object *type = comparison.was.find(Kind::composite_type, is.text("of_type")))
        for (const Object *attribute : comparison.was.parts_of(*type, Kind::column))
            if (comparison.is_of(*attribute) == nullptr)
                follow.after_drops.push_back({attribute->kind, attribute->identity});
    alteration.later.push_back(std::move(follow));
}

// A table whose rows are lost in a crash can be referred to by its like only.
void alter_persistence(const Object &is, const Comparison &comparison, Alteration &alteration)
{
    alteration.statements.add(cat(alter_table(is), is.has("unlogged") ? " SET UNLOGGED" : " SET LOGGED"));
    for (const Object *constraint : comparison.is.parts_of(is, Kind::constraint)) {
        if (constraint->text("type") != "f" || comparison.was.find(Kind::constraint, constraint->identity) == nullptr)
            continue;
        for (const Need &need : constraint->needs) {
            const Object &other = comparison.is[need.object];
            const std::string &referred = other.kind == Kind::table ? other.identity : other.parent;
            if (referred == is.identity || referred.empty())
                continue;
            // Both change: what refers is the first to become unlogged and the last to become logged.
            const Object *before = comparison.was.find(Kind::table, referred);
            const Object *after = comparison.is.find(Kind::table, referred);
            if (before == nullptr || after == nullptr || before->attributes.same(after->attributes, "unlogged"))
                continue;
            if (is.has("unlogged"))
                alteration.before.push_back({Kind::table, referred});
            else
                alteration.after.push_back({Kind::table, referred});
        }
    }
}

bool is_of_toast(const std::string &option)
{
    return option.starts_with("toast.");
}

std::vector<std::string> without_toast(const Object &table)
{
    std::vector<std::string> options;
    std::ranges::remove_copy_if(table.list("options"), std::back_inserter(options), is_of_toast);
    return options;
}

// A column that is added may be the first that needs a TOAST table, and without one nothing of it is kept.
void alter_toast(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    const auto toast = [](const Object &table) {
        std::vector<std::string> options;
        std::ranges::copy_if(table.list("options"), std::back_inserter(options), is_of_toast);
        return options;
    };
    const ParameterChanges changes = parameter_changes(toast(was), toast(is));
    FollowUp follow;
    if (!changes.reset.empty())
        follow.statements.add(cat(alter_table(is), " RESET (", changes.reset, ")"));
    if (!changes.set.empty())
        follow.statements.add(cat(alter_table(is), " SET (", changes.set, ")"));
    if (follow.statements.empty())
        return;
    for (const Object *column : comparison.is.parts_of(is, Kind::column))
        follow.needs.push_back({column->kind, column->identity});
    alteration.later.push_back(std::move(follow));
}

void alter_storage(const Object &was, const Object &is, Statements &statements)
{
    const auto differs = [&](std::string_view name) { return !was.attributes.same(is.attributes, name); };
    if (differs("access_method"))
        statements.add(cat(alter_table(is), " SET ACCESS METHOD ",
                           is.has("access_method") ? is.text("access_method") : std::string_view("heap")));
    if (differs("tablespace"))
        statements.add(cat(alter_table(is), " SET TABLESPACE ",
                           is.has("tablespace") ? is.text("tablespace") : std::string_view("pg_default")));
    const ParameterChanges changes = parameter_changes(without_toast(was), without_toast(is));
    if (!changes.reset.empty())
        statements.add(cat(alter_table(is), " RESET (", changes.reset, ")"));
    if (!changes.set.empty())
        statements.add(cat(alter_table(is), " SET (", changes.set, ")"));
    if (differs("server_options"))
        statements.add(
            cat(alter_table(is), foreign_option_changes(was.list("server_options"), is.list("server_options"))));
}

void alter(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    const auto differs = [&](std::string_view name) { return !was.attributes.same(is.attributes, name); };
    rebuild_keys(is, comparison, alteration);
    if (is_moved(was, comparison) || differs("server")) {
        alteration.replace = true;
        return;
    }
    alter_above(was, is, comparison, alteration);
    if (leaves_type(was, is, comparison))
        alter_type_of(was, is, comparison, alteration);
    if (differs("unlogged"))
        alter_persistence(is, comparison, alteration);
    alter_storage(was, is, alteration.statements);
    alter_toast(was, is, comparison, alteration);
    if (differs("replica_identity"))
        replica_identity(is, alteration.statements);
    if (differs("row_security"))
        alteration.statements.add(
            cat(alter_table(is), is.has("row_security") ? " ENABLE" : " DISABLE", " ROW LEVEL SECURITY"));
    if (differs("force_row_security"))
        alteration.statements.add(
            cat(alter_table(is), is.has("force_row_security") ? "" : " NO", " FORCE ROW LEVEL SECURITY"));
}

// What its partition key is of, or sorted by, is made anew.
bool outgrown(const Object &was, const Object &is, const Comparison &comparison)
{
    return !differs_beyond_decorations(was, is) && is_moved(was, comparison);
}

void follow(const Object &object, const Comparison &comparison, std::vector<FollowUp> &later)
{
    if (object.has("partition_of"))
        attach_later(object, comparison, later);
}

// A column of the partition key is recorded to need its table, not the other way round; an index that marks the replica
// identity is made on the table.
bool needs(const Object &object, const Need &need, const Snapshot &snapshot)
{
    return snapshot[need.object].parent != object.identity;
}

} // namespace

std::string alter_table(const Object &table)
{
    return cat(table.kind == Kind::foreign_table ? "ALTER FOREIGN TABLE " : "ALTER TABLE ", table.identity);
}

constinit const Rules table_rules{.make = make,
                                  .drop = drop,
                                  .alter = alter,
                                  .outgrown = outgrown,
                                  .follow = follow,
                                  .needs = needs,
                                  .set_aside = set_table_aside,
                                  .drop_aside = drop_table_aside,
                                  .refill = refill_table,
                                  .look_back = look_back_at_rows};
constinit const Rules foreign_table_rules{.make = make, .drop = drop, .alter = alter, .follow = follow, .needs = needs};

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#include "model/constraint.hpp"

#include "model/expression.hpp"
#include "model/index_properties.hpp"
#include "model/inheritance.hpp"
#include "model/online.hpp"
#include "model/options.hpp"
#include "model/rules.hpp"
#include "model/table.hpp"
#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

bool is_of_type(const Object &object, std::string_view type)
{
    return object.text("type") == type;
}

std::string alter_parent(const Object &object)
{
    if (object.has("of_domain"))
        return cat("ALTER DOMAIN ", object.parent);
    // That of a partitioned table is made apart from those of its partitions, which are attached: pg_dump's way, by
    // which each gets its name.
    const bool only = object.has("index") && is_made_alone(object);
    return cat(only ? "ALTER TABLE ONLY " : "ALTER TABLE ", object.parent);
}

std::string may_fail(const Object &object)
{
    if (object.has("of_domain"))
        return cat("if a value of ", object.parent, " does not fulfil it");
    if (is_of_type(object, "c"))
        return cat("if a row of ", object.parent, " does not fulfil it");
    if (is_of_type(object, "f"))
        return cat("if a row of ", object.parent, " refers to a row that is not there");
    return cat("if rows of ", object.parent, " are in conflict with each other");
}

// Whether there can be rows already.
bool has_rows(const Object &object, const Comparison &comparison)
{
    const Object *parent = comparison.is.parent_of(object);
    return parent != nullptr && comparison.fate_of_is(*parent) != Fate::made;
}

// Whether a column that was there before has come back without what it held.
bool is_empty(const Object &column, const Comparison &comparison)
{
    const Object *was = comparison.was_of(column);
    const Object *table = was == nullptr ? nullptr : comparison.was.parent_of(*was);
    return was == nullptr || comparison.is_made_again(*was) || comparison.is_made_again(*table);
}

// Whether rows may refer to some that have gone with a table or a column, which comes back without.
bool refers_to_lost(const Object &key, const Comparison &comparison)
{
    if (!comparison.options.restores || !is_of_type(key, "f") || key.has("partitioned") || key.has("not_valid") ||
        key.has("not_enforced") || !has_rows(key, comparison))
        return false;
    return std::ranges::any_of(key.needs, [&](const Need &need) {
        const Object &column = comparison.is[need.object];
        return column.kind == Kind::column && column.parent != key.parent && is_empty(column, comparison);
    });
}

// Valid if it can be.
Statement validate_if_possible(const Object &key)
{
    const std::string warning =
        cat("RAISE WARNING ", literal("constraint % is not valid: rows refer to others that are not there"), ", ",
            literal(key.identity), ";\n");
    Statement statement;
    statement.sql =
        cat("DO ", dollar_quoted(cat("\nBEGIN\n    ALTER TABLE ", key.parent, " VALIDATE CONSTRAINT ", key.name,
                                     ";\nEXCEPTION WHEN foreign_key_violation THEN\n    ", warning, "END\n")));
    statement.note =
        cat("rows of ", key.parent, " may refer to rows that were dropped: the constraint is not valid then");
    return statement;
}

// An index of `was` that has the name and the columns of a constraint becomes the constraint's.
bool is_made_from(const Object &constraint, const Object &index)
{
    if (index.parent != constraint.parent || !index.has("unique") || index.has("invalid") || index.has("partitioned") ||
        constraint.has("partitioned") || is_of_type(constraint, "x"))
        return false;
    // UNIQUE [NULLS NOT DISTINCT] (a, b) INCLUDE (c) against btree (a, b) INCLUDE (c) NULLS NOT DISTINCT. Where a
    // column has a collation or an order of its own, the texts differ, as they should.
    std::string_view columns = constraint.text("definition");
    columns.remove_prefix(std::min(columns.find('('), columns.size()));
    const bool nulls = constraint.text("definition").starts_with("UNIQUE NULLS NOT DISTINCT");
    return cat("btree ", columns, nulls ? " NULLS NOT DISTINCT" : "") == index.text("definition");
}

void make_online(const Object &object, Statements &statements)
{
    const std::string add = cat(alter_parent(object), " ADD ");
    if (!object.has("index")) {
        statements.add(cat(add, constraint_clause(object), " NOT VALID"));
        return;
    }
    Statement &build = statements.add(online::unique_index_for(object));
    build.alone = true;
    build.may_fail = may_fail(object);
    statements.add(cat(add, online::using_index(object)));
}

void make(const Object &object, Parts, const Comparison &comparison, Statements &statements)
{
    const bool rows = has_rows(object, comparison);
    const Object *index = object.has("index") ? comparison.was.find(Kind::index, index_name(object)) : nullptr;
    if (index != nullptr && becomes_constraint(*index, comparison)) {
        statements.add(cat(alter_parent(object), " ADD ", online::using_index(object)));
        alter_index_properties(*index, object, comparison, statements);
        return;
    }
    if (comes_with_parent(object, comparison)) {
        make_below_helper(object, comparison, statements);
    } else if (refers_to_lost(object, comparison)) {
        statements.add(cat(alter_parent(object), " ADD ", constraint_clause(object), " NOT VALID"));
    } else if (changes_online(object.parent, comparison) && rows && online::can_add(object, comparison)) {
        make_online(object, statements);
    } else {
        Statement &statement = statements.add(cat(alter_parent(object), " ADD ", constraint_clause(object)));
        const bool alone = object.has("index") && is_made_alone(object);
        if (rows && !alone && !object.has("not_valid") && !object.has("not_enforced"))
            statement.may_fail = may_fail(object);
        statement.commits = changes_online(object.parent, comparison) && rows && is_of_type(object, "f");
    }
}

void drop(const Object &object, const Comparison &comparison, Statements &statements)
{
    if (is_freed_aside(object, comparison) || goes_with_aside(object, comparison))
        return;
    if (object.has("of_domain"))
        statements.add(cat("ALTER DOMAIN ", object.parent, " DROP CONSTRAINT ", object.name));
    else
        statements.add(cat("ALTER TABLE ", present_name(object.parent, comparison), " DROP CONSTRAINT ", object.name));
    drop_constraints_below(object, comparison, statements);
}

Statement &validate(const Object &object, Statements &statements)
{
    Statement &statement = statements.add(cat(object.has("of_domain") ? "ALTER DOMAIN " : "ALTER TABLE ", object.parent,
                                              " VALIDATE CONSTRAINT ", object.name));
    statement.may_fail = may_fail(object);
    return statement;
}

void follow(const Object &object, const Comparison &comparison, std::vector<FollowUp> &later)
{
    FollowUp own;
    if (object.has("index") && !(comparison.was.find(Kind::index, index_name(object)) != nullptr &&
                                 becomes_constraint(*comparison.was.find(Kind::index, index_name(object)), comparison)))
        make_index_properties(object, comparison, own.statements);
    if (comes_with_parent(object, comparison))
        later.push_back(leave_helper(*comparison.is.parent_of(object), unquoted(object.name), comparison));
    else if (refers_to_lost(object, comparison))
        own.statements.add(validate_if_possible(object));
    else if (changes_online(object.parent, comparison) && has_rows(object, comparison) && !object.has("index") &&
             online::can_add(object, comparison))
        validate(object, own.statements).commits = true;
    if (!own.statements.empty())
        later.push_back(std::move(own));
    attach_index(object, comparison, later);
}

bool same(const Object &was, const Object &is, std::initializer_list<std::string_view> attributes)
{
    return std::all_of(attributes.begin(), attributes.end(),
                       [&](std::string_view each) { return was.attributes.same(is.attributes, each); });
}

std::string deferrability(const Object &object)
{
    if (!object.has("deferrable"))
        return " NOT DEFERRABLE";
    return object.has("deferred") ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE INITIALLY IMMEDIATE";
}

void alter(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    const bool foreign_key = is_of_type(is, "f");
    const bool enforcement_changes = !same(was, is, {"not_enforced"});
    if (is.has("disabled") && !was.has("disabled"))
        alteration.notes.push_back(
            cat("the triggers of constraint ", is.identity,
                " are disabled, which only ALTER TABLE ... DISABLE TRIGGER of a superuser does"));
    alteration.replace =
        replace_tree(was, is, comparison, alteration.rebuild_also) ||
        !same(was, is, {"type", "definition", "of_domain", "partitioned"}) || loses_parent(was, is, comparison) ||
        (!foreign_key && (!same(was, is, {"deferrable", "deferred"}) || enforcement_changes)) ||
        (was.has("disabled") && !is.has("disabled")) || // rows may have come that it does not allow
        (is.has("not_valid") && !was.has("not_valid") && !follows_parent(was, is, comparison, "not_valid")) ||
        is_otherwise_complete(was, is, comparison) || !alter_attachment(was, is, comparison, alteration.later);
    if (alteration.replace)
        return;
    const std::string alter_it = cat("ALTER TABLE ", is.parent, " ALTER CONSTRAINT ", is.name);
    if (!same(was, is, {"deferrable", "deferred"}) && !follows_parent(was, is, comparison, "deferrable") &&
        !follows_parent(was, is, comparison, "deferred"))
        alteration.statements.add(cat(alter_it, deferrability(is)));
    if (enforcement_changes && !follows_parent(was, is, comparison, "not_enforced"))
        alteration.statements.add(cat(alter_it, is.has("not_enforced") ? " NOT ENFORCED" : " ENFORCED")).may_fail =
            is.has("not_enforced") ? std::string() : may_fail(is);
    if (was.has("not_valid") && !is.has("not_valid") && !is.has("not_enforced") &&
        !follows_parent(was, is, comparison, "not_valid"))
        validate(is, alteration.statements);
    // Adding it to the child as well marks the inherited one as the child's own.
    if (is.has("local") && !was.has("local") && !was.list("inherited_from").empty())
        alteration.statements.add(cat("ALTER TABLE ", is.parent, " ADD ", constraint_clause(is)));
    if (is.has("index"))
        alter_index_properties(was, is, comparison, alteration.statements);
}

void rename(const Object &was, const Object &is, const Comparison &comparison, Statements &statements)
{
    // Renaming that which it is inherited from does it, as long as its table is below.
    for (const std::string &each :
         is_of_type(is, "c") && !leaves_with_table(was, comparison) ? is.list("inherited_from") : OptionList())
        if (const Object *parent = comparison.is.find(Kind::constraint, each))
            if (comparison.was.find(Kind::constraint, each) == nullptr && comparison.was_of(*parent) != nullptr)
                return;
    statements.add(cat(is.has("of_domain") ? "ALTER DOMAIN " : "ALTER TABLE ", is.parent, " RENAME CONSTRAINT ",
                       was.name, " TO ", is.name));
}

void behind(const Object &object, const Comparison &comparison, std::vector<Reference> &first)
{
    if (object.has("index"))
        behind_partitions(object, comparison, first);
    if (object.has("not_valid")) {
        valid_below(object, comparison, first);
        behind_new_partitions(object, comparison, first);
    }
}

// Behind the elements of an exclusion and the columns that it includes.
std::size_t end_of_elements(std::string_view definition)
{
    std::size_t end = closing_parenthesis(definition, definition.find('('));
    if (end == std::string_view::npos)
        return definition.size();
    ++end;
    if (definition.substr(end).starts_with(" INCLUDE ("))
        end = closing_parenthesis(definition, end + 9) + 1;
    return std::min(end, definition.size());
}

std::string_view behind_keyword(const Object &constraint)
{
    const std::string_view definition = constraint.text("definition");
    return definition.substr(std::min(definition.find('('), definition.size()));
}

// Of unique constraints on the same columns CREATE TABLE makes one only (transformIndexConstraints() in
// parse_utilcmd.c).
bool has_twin(const Object &object, const Object &table, const Snapshot &is)
{
    if (!is_of_type(object, "u"))
        return false;
    const auto constraints = is.parts_of(table, Kind::constraint);
    return std::any_of(constraints.begin(), constraints.end(), [&](const Object *each) {
        const bool comes_first = is_of_type(*each, "p") || (is_of_type(*each, "u") && each->name < object.name);
        return comes_first && behind_keyword(*each) == behind_keyword(object);
    });
}

// Foreign keys are made when all tables are there. NOT VALID means nothing in CREATE TABLE.
Rules::Merge merge(const Object &object, const Comparison &comparison)
{
    if (object.has("not_valid") || object.has("not_enforced"))
        return Rules::Merge::never;
    if (object.has("of_domain"))
        return Rules::Merge::may;
    if (is_of_type(object, "f") || is_of_type(object, "x") || (object.has("index") && object.has("partitioned")))
        return Rules::Merge::never;
    const Object *parent = comparison.is.parent_of(object);
    if (parent == nullptr || parent->kind == Kind::domain || has_twin(object, *parent, comparison.is))
        return Rules::Merge::never;
    // A table has to have what it inherits when it is attached.
    return object.list("inherited_from").empty() ? Rules::Merge::may : Rules::Merge::must;
}

} // namespace

std::string constraint_clause(const Object &constraint)
{
    std::string clause = cat("CONSTRAINT ", constraint.name, " ");
    const std::string_view definition = constraint.text("definition");
    std::string storage;
    if (const auto options = constraint.list("options"); !options.empty())
        storage += cat(" WITH (", parameters(options), ")");
    if (constraint.has("tablespace"))
        storage += cat(" USING INDEX TABLESPACE ", constraint.text("tablespace"));
    // Behind the columns, and before the condition of an exclusion.
    const std::size_t at = is_of_type(constraint, "x") ? end_of_elements(definition) : definition.size();
    clause += cat(definition.substr(0, at), storage, definition.substr(at));
    if (constraint.has("deferrable"))
        clause += constraint.has("deferred") ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE";
    if (constraint.has("not_enforced"))
        clause += " NOT ENFORCED";
    else if (constraint.has("not_valid"))
        clause += " NOT VALID";
    return clause;
}

bool becomes_constraint(const Object &index, const Comparison &comparison)
{
    if (comparison.fate_of_was(index) != Fate::dropped)
        return false;
    const Object *constraint = comparison.is.find(Kind::constraint, cat(index.name, " ON ", index.parent));
    const Object *table = comparison.was.parent_of(index);
    return constraint != nullptr && table != nullptr && comparison.fate_of_was(*table) != Fate::dropped &&
           comparison.fate_of_was(*table) != Fate::replaced && comparison.fate_of_is(*constraint) == Fate::made &&
           is_made_from(*constraint, index);
}

constinit const Rules constraint_rules{.make = make,
                                       .drop = drop,
                                       .alter = alter,
                                       .follow = follow,
                                       .emerge = emerge_constraint,
                                       .behind = behind,
                                       .vanish = vanish_constraint,
                                       .merge = merge,
                                       .rename = rename};

} // namespace pgmigrate::model

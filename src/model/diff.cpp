// SPDX-License-Identifier: PostgreSQL
#include "model/diff.hpp"

#include "model/column_order.hpp"
#include "model/extension_move.hpp"
#include "model/joined_changes.hpp"
#include "model/left_values.hpp"
#include "model/not_null.hpp"
#include "model/operations.hpp"
#include "model/text.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>

namespace pgmigrate::model
{

namespace
{

bool by_kind_and_position(const Object *a, const Object *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind;
    return a->position != b->position ? a->position < b->position : a->identity < b->identity;
}

void settle(const Object &object, const Comparison &comparison, Statements &statements)
{
    if (rules_of(object.kind).settle != nullptr)
        rules_of(object.kind).settle(object, comparison, statements);
}

// The statements of an operation, now that it is known what has been merged into it.
Statements statements_of(Operation &operation, const Comparison &comparison)
{
    const Object &object = *operation.object;
    const Rules &rules = rules_of(object.kind);
    switch (operation.action) {
    case Operation::Action::make: {
        std::sort(operation.parts.begin(), operation.parts.end(), by_kind_and_position);
        Statements statements;
        if (operation.announced && rules.complete != nullptr)
            rules.complete(object, comparison, statements);
        else
            rules.make(object, operation.parts, comparison, statements);
        settle(object, comparison, statements);
        decorate_new(object, comparison, statements);
        if (rules.fill != nullptr)
            rules.fill(object, comparison, statements);
        for (const Object *part : operation.parts) {
            settle(*part, comparison, statements);
            decorate_new(*part, comparison, statements);
        }
        return statements;
    }
    case Operation::Action::drop: {
        Statements statements;
        if (comparison.aside[comparison.was.index_of(object)])
            rules.drop_aside(object, comparison, statements);
        else
            rules.drop(object, comparison, statements);
        if (operation.cascades && !statements.empty())
            std::prev(statements.end())->sql += " CASCADE";
        return statements;
    }
    case Operation::Action::announce: {
        Statements statements;
        rules.announce(object, comparison, statements);
        return statements;
    }
    case Operation::Action::set_aside: {
        Statements statements;
        rules.set_aside(object, comparison, statements);
        return statements;
    }
    case Operation::Action::alter:
    case Operation::Action::emerge:
    case Operation::Action::follow:
        break;
    }
    return std::move(operation.statements);
}

// "changed: comment, type"
std::string changed_attributes(const Object &was, const Object &is)
{
    std::string names;
    const auto add = [&](std::string_view name) {
        if (!is_remark(name))
            names += cat(names.empty() ? "" : ", ", name);
    };
    for (const Attribute &each : is.attributes)
        if (!was.attributes.same(is.attributes, each.name))
            add(each.name);
    for (const Attribute &each : was.attributes)
        if (!is.has(each.name))
            add(each.name);
    return names;
}

void append_comment(std::string &script, std::string_view mark, std::string_view text)
{
    script += cat("-- ", mark);
    for (const char each : text)
        script += each == '\n' || each == '\r' ? ' ' : each;
    script += '\n';
}

void append_statement(std::string &script, const Statement &statement)
{
    for (const std::string_view each : statement.marks(&Statement::destroys))
        append_comment(script, "destroys data: ", each);
    for (const std::string_view each : statement.marks(&Statement::may_fail))
        append_comment(script, "may fail: ", each);
    for (const std::string_view each : statement.marks(&Statement::note))
        append_comment(script, "", each);
    if (statement.commits)
        append_comment(script, "", "pg_migrate: commit");
    script += statement.sql;
}

// What differs, an object each, with all that is done to it.
class Differences
{
  public:
    explicit Differences(const Comparison &comparison) : comparison_(comparison) {}

    void add(const Operation &operation, const Statements &statements)
    {
        const Object *object = operation.object;
        if (operation.action == Operation::Action::drop || operation.action == Operation::Action::set_aside)
            if (const Object *is = comparison_.is_of(*object))
                object = is;
        std::string &sql = sql_[object];
        for (const Statement &each : statements) {
            sql += sql.empty() ? "" : ";\n";
            append_statement(sql, each);
        }
        std::string change = change_of(operation);
        if (!change.empty())
            found_.push_back({object, {object->kind, operation.object->identity, std::move(change), {}}});
    }

    std::vector<Difference> take()
    {
        std::vector<Difference> differences;
        for (auto &[object, difference] : found_) {
            difference.sql = sql_[object];
            differences.push_back(std::move(difference));
        }
        return differences;
    }

  private:
    std::string change_of(const Operation &operation) const
    {
        const Object &object = *operation.object;
        switch (operation.action) {
        case Operation::Action::make:
            if (comparison_.fate_of_is(object) == Fate::made)
                return "added";
            [[fallthrough]];
        case Operation::Action::alter: {
            if (object.has("outside"))
                return {};
            const Object &was = *comparison_.was_of(object);
            // What is only made again around the change of another object is no difference.
            std::string names = changed_attributes(was, object);
            if (was.identity != object.identity)
                names = cat("name", names.empty() ? "" : ", ", names);
            return names.empty() ? names : cat("changed: ", names);
        }
        case Operation::Action::emerge:
            return operation.statements.empty() ? std::string() : "added";
        case Operation::Action::drop:
            return comparison_.fate_of_was(object) == Fate::dropped ? "removed" : "";
        case Operation::Action::follow:
        case Operation::Action::announce:
        case Operation::Action::set_aside:
            break;
        }
        return {};
    }

    const Comparison &comparison_;
    std::vector<std::pair<const Object *, Difference>> found_;
    std::unordered_map<const Object *, std::string> sql_;
};

// What happens to each object, where columns are counted as the script leaves them.
struct Decision {
    Decision(const Snapshot &database, const Snapshot &model, const Options &options,
             std::set<std::string> columns_anew)
        : anew(std::move(columns_anew)), order(database, model, anew),
          moved_was(order.rewrites_was() ? std::optional(order.result_of_was()) : std::nullopt),
          moved_is(order.rewrites_is() ? std::optional(order.result_of_is()) : std::nullopt),
          was(moved_was ? *moved_was : database), is(moved_is ? *moved_is : model), fates(decide(was, is, options))
    {
    }
    Decision(const Decision &) = delete;
    Decision &operator=(const Decision &) = delete;

    const std::set<std::string> anew;
    const ColumnOrder order;
    const std::optional<Snapshot> moved_was;
    const std::optional<Snapshot> moved_is;
    const Snapshot &was;
    const Snapshot &is;
    Fates fates;
};

// The columns of tables that stay which are dropped and added again.
std::set<std::string> columns_anew(const Comparison &comparison)
{
    std::set<std::string> anew;
    for (const Object &column : comparison.was.objects()) {
        if (column.kind != Kind::column || comparison.fate_of_was(column) != Fate::replaced)
            continue;
        const Object *table = comparison.was.parent_of(column);
        const Fate fate = table == nullptr ? Fate::replaced : comparison.fate_of_was(*table);
        if (fate == Fate::kept || fate == Fate::altered)
            anew.insert(column.identity);
    }
    return anew;
}

// That columns are added again is decided last, and moves what counts them: then it is decided anew.
std::unique_ptr<Decision> decide_with_order(const Snapshot &database, const Snapshot &model, const Options &options)
{
    auto decision = std::make_unique<Decision>(database, model, options, std::set<std::string>());
    for (;;) {
        std::set<std::string> anew = columns_anew(decision->fates.comparison);
        if (std::ranges::includes(decision->anew, anew))
            return decision;
        anew.insert(decision->anew.begin(), decision->anew.end());
        decision = std::make_unique<Decision>(database, model, options, std::move(anew));
    }
}

// The order of columns cannot be altered, and is no difference.
void note_column_order(const ColumnOrder &order, const Comparison &comparison, std::vector<std::string> &notes)
{
    for (const Object *relation : order.relations())
        if (const Object *is = comparison.is.find(relation->kind, relation->identity);
            is != nullptr && comparison.fate_of_is(*is) != Fate::replaced)
            notes.push_back(
                cat("the columns of ", relation->identity, " are in another order, which ALTER TABLE cannot change"));
    for (const auto &[object, relation] : order.left())
        if (const Object *is = comparison.is.find(object->kind, object->identity);
            is != nullptr && comparison.fate_of_is(*is) != Fate::kept)
            notes.push_back(cat(info(object->kind).name, " ", object->identity, " names columns of ",
                                relation->identity,
                                " by their position, as the model has them: correct its definition by hand"));
}

} // namespace

Plan diff(const Snapshot &database, const Snapshot &model, const Options &options, core::InterruptCheck &interrupts)
{
    Plan plan;
    std::optional<ExtensionsMoved> extensions = move_extensions(database, model);
    const Snapshot &behind_moves = extensions ? extensions->was : database;
    const std::unique_ptr<Decision> decision = decide_with_order(behind_moves, model, options);
    const Snapshot &was = decision->was;
    const Snapshot &is = decision->is;
    Fates &fates = decision->fates;
    plan.columns_anew = decision->anew;
    std::vector<Operation> operations = operations_for(fates, interrupts);
    Differences differences(fates.comparison);
    JoinedChanges script(plan.statements);
    bool makes_routines = false;
    for (const std::uint32_t index : in_order(operations, interrupts)) {
        Operation &operation = operations[index];
        Statements statements = statements_of(operation, fates.comparison);
        differences.add(operation, statements);
        makes_routines |= !statements.empty() && operation.phase == Operation::Phase::make &&
                          (operation.object->kind == Kind::function || operation.object->kind == Kind::procedure);
        script.add(operations, index, std::move(statements));
    }
    plan.differences = differences.take();
    const auto begin_with = [&](std::string sql) {
        plan.statements.emplace_back().sql = std::move(sql);
        std::rotate(plan.statements.begin(), std::prev(plan.statements.end()), plan.statements.end());
    };
    if (extensions) {
        plan.statements.insert(plan.statements.begin(), extensions->moves.begin(), extensions->moves.end());
        plan.differences.insert(plan.differences.begin(), extensions->differences.begin(),
                                extensions->differences.end());
    }
    // What a body names may come later in the script.
    if (makes_routines)
        begin_with("SET check_function_bodies = off");
    // Rows that a policy hides would be lost: reading them is an error instead.
    if (std::any_of(plan.statements.begin(), plan.statements.end(),
                    [](const Statement &each) { return each.reads_rows; }))
        begin_with("SET row_security = off");
    note_column_order(decision->order, fates.comparison, plan.notes);
    note_inherited_names(fates.comparison, plan.notes);
    note_left_values(fates.comparison, plan.notes);
    for (const Alteration &each : fates.alterations)
        plan.notes.insert(plan.notes.end(), each.notes.begin(), each.notes.end());
    std::set<std::string_view> unknown(was.unknown.begin(), was.unknown.end());
    unknown.insert(is.unknown.begin(), is.unknown.end());
    plan.not_compared.assign(unknown.begin(), unknown.end());
    return plan;
}

std::string render(const Plan &plan)
{
    std::string script;
    for (const std::string &note : plan.notes)
        append_comment(script, "", note);
    for (const std::string &each : plan.not_compared)
        append_comment(script, "not compared: ", each);
    for (const Statement &statement : plan.statements) {
        if (!script.empty())
            script += '\n';
        append_statement(script, statement);
        script += ";\n";
    }
    return script;
}

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#include "pg/way_back.hpp"

#include "model/diff.hpp"
#include "model/made_again.hpp"
#include "model/renames.hpp"
#include "model/text.hpp"
#include "pg/authoring.hpp"
#include "pg/locks.hpp"
#include "pg/rehearsal.hpp"
#include "pg/script_tokens.hpp"

#include <algorithm>

namespace pgmigrate::pg
{

namespace
{

constexpr std::string_view row_commands[] = {"INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE TABLE", "COPY"};

bool changes_rows(const std::string &command)
{
    for (const std::string_view each : row_commands)
        if (command == each)
            return true;
    return false;
}

constexpr std::string_view opaque_commands[] = {"DO", "CALL", "EXECUTE", "SELECT", "MERGE"};
constexpr std::string_view filling_commands[] = {"INSERT", "CREATE TABLE AS", "SELECT INTO", "COPY"};

// Whose objects are known by their addresses: a table, or a column, that is dropped and made again is another one,
// unless the script may have moved to it what the old one held.
model::Kinds known_by_address(const executor::Step &step)
{
    bool tables = true;
    bool columns = true;
    for (const executor::Statement &statement : step.script.statements) {
        const auto is_one_of = [&](auto &commands) {
            return std::ranges::find(commands, statement.command) != std::end(commands);
        };
        if (is_one_of(opaque_commands))
            tables = columns = false;
        if (is_one_of(filling_commands) && !statement.only_values)
            tables = false;
        if (statement.command == "UPDATE")
            columns = false;
    }
    model::Kinds kinds;
    if (tables)
        kinds |= model::Kinds(model::Kind::table);
    if (columns)
        kinds |= model::Kinds(model::Kind::column);
    return kinds;
}

// What no script can bring back.
std::vector<std::string> losses(const executor::Step &step, const model::Plan &up)
{
    std::vector<std::string> notes;
    for (const model::Statement &statement : up.statements)
        for (const std::string_view each : statement.marks(&model::Statement::destroys))
            notes.push_back(model::cat("not brought back: ", each, ", which the up script destroys"));
    for (const executor::Statement &statement : step.script.statements) {
        if (!statement.recomputed.empty())
            notes.push_back(model::cat("not brought back: what ", statement.recomputed, " held before USING in line ",
                                       std::to_string(statement.line), " of the up script computed it anew"));
        if (changes_rows(statement.command))
            notes.push_back(model::cat("not undone: ", statement.command, " in line ", std::to_string(statement.line),
                                       " of the up script, which changes rows"));
    }
    return notes;
}

void run_as_caller(const Catalogue &catalogue, const std::string &sql)
{
    const ScriptScope scope(catalogue.caller(), std::nullopt);
    const char *text = sql.c_str();
    const int code = call([&] { return SPI_execute(text, false, 0); });
    if (code < 0)
        throw core::Error(core::sqlstate::internal_error, "could not run \"" + sql + "\"");
}

} // namespace

SchemaScope scope_of(const std::optional<std::string> &schema)
{
    return schema ? schemas_named({*schema}) : whole_database();
}

std::string derive_way_back(Catalogue &catalogue, const executor::Step &step, const model::Snapshot &before,
                            const std::optional<std::string> &schema, core::InterruptCheck &interrupts)
{
    const Subtransaction undone;
    model::Snapshot now = read_schema(scope_of(schema));
    model::Plan plan;
    const std::vector<std::string> renames = model::rename_back(now, before);
    if (!renames.empty()) {
        for (const std::string &sql : renames)
            run_as_caller(catalogue, sql);
        now = read_schema(scope_of(schema));
    }
    const model::Kinds by_address = known_by_address(step);
    plan = model::diff(now, before, {.restores = true, .known_by_address = by_address}, interrupts);
    std::vector<model::Statement> statements;
    for (const std::string &sql : renames)
        statements.emplace_back().sql = sql;
    statements.insert(statements.end(), plan.statements.begin(), plan.statements.end());
    plan.statements = std::move(statements);
    for (std::string &note : losses(step, model::diff(before, now, {.known_by_address = by_address}, interrupts)))
        plan.notes.push_back(std::move(note));
    model::Kinds others;
    for (const model::Kind kind : {model::Kind::table, model::Kind::column})
        if (!by_address.contains(kind))
            others |= model::Kinds(kind);
    for (const std::string &name : model::names_made_again(before, now, others))
        plan.notes.push_back(model::cat(name, " is dropped and made again by the up script: what it held is brought "
                                              "back only as far as that script has moved it"));
    return model::render(plan);
}

std::string derive_down_script(Catalogue &catalogue, const std::string &revision, core::InterruptCheck &interrupts)
{
    Authoring authoring(catalogue, "migrate_derive_down()");
    const StoredRevision stored = authoring.find_one(revision);
    RunRequest request;
    request.target = stored.revision;
    lock_for_run(line_of(catalogue.extension(), std::nullopt));
    PlannedRun planned = Planner(catalogue, interrupts).plan(request, false);
    if (planned.steps.empty())
        throw core::Error(core::sqlstate::revision_applied, "revision \"" + stored.revision + "\" is applied")
            .detail("A way back is derived from what the up script does, and it has been run already.")
            .hint("Downgrade first, or write the down script by migrate_edit(). With pg_migrate.derive_down = on the "
                  "next upgrade derives them by itself.");
    if (planned.journal)
        throw core::Error(core::sqlstate::unfinished_revision,
                          "revision \"" + planned.journal->revision + "\" has been begun and is not complete")
            .hint("Finish it first, by migrate_upgrade() or migrate_downgrade().");
    std::string script;
    {
        const Subtransaction undone;
        Rehearsal rehearsal(catalogue, std::nullopt);
        for (std::size_t i = 0; i + 1 < planned.steps.size(); ++i)
            rehearsal.run(planned.steps[i]);
        const model::Snapshot before = read_schema(scope_of(std::nullopt));
        rehearsal.run(planned.steps.back());
        script = derive_way_back(catalogue, planned.steps.back(), before, std::nullopt, interrupts);
    }
    authoring.set_derived_down(stored, script);
    return script;
}

} // namespace pgmigrate::pg

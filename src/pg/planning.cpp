// SPDX-License-Identifier: PostgreSQL
#include "pg/planning.hpp"

#include "core/target.hpp"
#include "pg/locks.hpp"
#include "pg/names.hpp"
#include "pg/script.hpp"
#include "pg/script_place.hpp"

#include <algorithm>

extern "C" {
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"
}

namespace pgmigrate::pg
{

namespace
{

core::Error no_down_script(const executor::Step &step)
{
    return core::Error(core::sqlstate::no_down_script, "revision \"" + step.revision + "\" has no down script")
        .detail("Nothing has been run.")
        .hint("migrate_edit(revision, down => ...) stores one; down => '' says that nothing needs to be done. "
              "migrate_derive_down(revision) computes that of a revision that is not applied.");
}

// The ids of the parents, where the revision may name them by label.
std::string parent_ids(const core::RevisionGraph &graph, core::Index revision)
{
    std::vector<std::string> ids;
    for (const core::Index parent : graph.down(revision))
        ids.push_back(graph.id(parent));
    return joined_names(ids);
}

bool has_statements(const std::string &up, const std::string &revision)
{
    const MemoryScope memory;
    return !up.empty() && !parse_script(up, {revision, "up"}).empty();
}

std::string schema_argument(const std::optional<std::string> &schema)
{
    return schema ? ", schema => " + quoted_literal(*schema) : "";
}

std::string is_unfinished(const JournalEntry &journal)
{
    return "revision \"" + journal.revision + "\" has been begun and is not complete";
}

std::string where_left(const JournalEntry &journal)
{
    return "Run " + std::to_string(journal.run) + " left its " + journal.direction + " " +
           (journal.running ? "within statement " : "before statement ") + std::to_string(journal.done + 1) + ".";
}

std::string ways_on(const JournalEntry &journal)
{
    const bool upgrade = journal.direction == "upgrade";
    const std::string line = schema_argument(journal.schema);
    return (upgrade ? "migrate_upgrade(" + quoted_literal(journal.revision) + line + ") goes on there."
                    : std::string("migrate_downgrade() to a target below it goes on there.")) +
           " Or " + resolve_call(journal.revision, "discard", journal.schema) + " forgets that it was begun.";
}

core::Error unfinished(const JournalEntry &journal)
{
    return core::Error(core::sqlstate::unfinished_revision, is_unfinished(journal))
        .detail(where_left(journal) + " Nothing has been run.")
        .hint("Finish it first: " + ways_on(journal));
}

core::Error changed(const JournalEntry &journal, std::size_t number)
{
    return core::Error(core::sqlstate::changed_since_begun,
                       "revision \"" + journal.revision + "\" has been changed since it was begun")
        .detail("Statement " + std::to_string(number) + ", which run " + std::to_string(journal.run) +
                " has run, is another one now. Nothing has been run.")
        .hint("Statements that have been run have to stay as they were, those behind them may change. Or " +
              resolve_call(journal.revision, "discard", journal.schema) + " forgets that the revision was begun.");
}

// Up to where the script has to be the one that was begun.
void require_same_statements(const executor::Step &step, const JournalEntry &journal)
{
    const auto &statements = step.script.statements;
    for (std::size_t i = 0; i < journal.fingerprints.size(); ++i)
        if (i >= statements.size() || fingerprint(step.script, statements[i]) != journal.fingerprints[i])
            throw changed(journal, i + 1);
}

} // namespace

void explain_unknown_row(core::Error &error, const std::vector<VersionRow> &rows)
{
    if (error.unknown_row().empty())
        return;
    for (const VersionRow &row : rows) {
        if (row.revision != error.unknown_row() || !row.applied_at)
            continue;
        const TimestampTz applied_at = *row.applied_at;
        error.set_detail("The version table names it; " + row.applied_by + " applied it at " +
                         std::string(call([&] { return timestamptz_to_str(applied_at); })) + ".");
        error.set_hint("Register the revision again, or set the version by migrate_stamp(target, purge => true).");
    }
}

std::vector<std::string> row_names(const std::vector<VersionRow> &rows)
{
    std::vector<std::string> names;
    names.reserve(rows.size());
    for (const VersionRow &row : rows)
        names.push_back(row.revision);
    return names;
}

std::string joined_names(std::span<const std::string> names)
{
    std::string text;
    for (const std::string &name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

core::Direction direction_of(const std::string &text)
{
    if (text == "upgrade")
        return core::Direction::upgrade;
    if (text == "downgrade")
        return core::Direction::downgrade;
    throw core::Error(core::sqlstate::invalid_parameter_value,
                      "direction must be upgrade or downgrade, not '" + text + "'");
}

const char *direction_name(core::Direction direction)
{
    return direction == core::Direction::upgrade ? "upgrade" : "downgrade";
}

void notice_unfinished(const JournalEntry &journal)
{
    notice(is_unfinished(journal), where_left(journal), ways_on(journal));
}

void notice_going_on(const executor::Step &step)
{
    if (step.done > 0 || step.in_doubt)
        notice("going on with revision \"" + step.revision + "\" at statement " + std::to_string(step.done + 1) +
               " of " + std::to_string(step.script.statements.size()));
}

void require_way_back(const PlannedRun &run)
{
    for (std::size_t i = 0; i < run.steps.size(); ++i)
        if (run.no_way_back[i])
            throw no_down_script(run.steps[i]);
}

namespace
{

// As its elements, whatever is between them.
std::string plain_path(const std::string &path)
{
    const MemoryScope memory;
    const char *text = path.c_str();
    const char *plain = call([&]() -> const char * {
        List *names = NIL;
        if (!SplitIdentifierString(pstrdup(text), ',', &names))
            return text;
        StringInfoData joined;
        initStringInfo(&joined);
        for (int i = 0; i < list_length(names); ++i)
            appendStringInfo(&joined, "%s%s", i == 0 ? "" : ", ",
                             quote_identifier(static_cast<const char *>(list_nth(names, i))));
        return joined.data;
    });
    return plain;
}

std::string shown_path(const std::string &path)
{
    return path.empty() ? "empty" : path;
}

// That the statements which are done have set; none: that of the caller is in force.
std::optional<std::string> path_of_script(const JournalEntry &journal)
{
    if (journal.settings)
        for (const executor::SettingValue &setting : *journal.settings)
            if (setting.name == "search_path")
                return setting.value;
    return std::nullopt;
}

// By "$user", of which the path speaks, a schema of one of the two is meant. A role that has another name now, or none,
// tells nothing.
bool means_another_schema(const PlannedRun &run, const std::string &path)
{
    return path.find("$user") != std::string::npos && run.begun_by != run.caller && role_exists(run.begun_by) &&
           (find_schema(run.begun_by) || find_schema(run.caller));
}

} // namespace

void require_same_session(const PlannedRun &run)
{
    if (!run.journal || run.steps.empty())
        return;
    const JournalEntry &journal = *run.journal;
    if (!journal.temporary.empty())
        throw core::Error(core::sqlstate::unfinished_revision,
                          "revision \"" + journal.revision + "\" would go on without its temporary objects")
            .detail("They have gone with the session of run " + std::to_string(journal.run) + ": " +
                    joined_names(journal.temporary) + ". Nothing has been run.")
            .hint("If the statements behind need them, let them make them again: those that have not been run may be "
                  "edited. Then " +
                  resolve_call(journal.revision, "run", journal.schema) + " has the next call go on.");
    const std::optional<std::string> set_path = path_of_script(journal);
    const std::string path(set_path ? *set_path : call([] { return GetConfigOption("search_path", false, false); }));
    if (means_another_schema(run, path))
        throw core::Error(core::sqlstate::unfinished_revision,
                          "revision \"" + journal.revision + "\" was begun by role \"" + run.begun_by + "\"")
            .detail("The schema that \"$user\" in search_path (" + path + ") means is another one for \"" + run.caller +
                    "\". Nothing has been run.")
            .hint("Call it as that role, or by SET ROLE. Or " +
                  resolve_call(journal.revision, "discard", journal.schema) + " forgets that the revision was begun.");
    if (!set_path && journal.search_path && plain_path(*journal.search_path) != plain_path(path))
        throw core::Error(core::sqlstate::unfinished_revision,
                          "revision \"" + journal.revision + "\" was begun with another search_path")
            .detail("In run " + std::to_string(journal.run) + " it was " + shown_path(*journal.search_path) +
                    ", now it is " + shown_path(path) + ". Nothing has been run.")
            .hint("Call it with that search_path. Or " + resolve_call(journal.revision, "discard", journal.schema) +
                  " forgets that the revision was begun.");
}

std::string shown_statement(const PlannedRun &run, const executor::StatementPlace &place)
{
    constexpr int shown_characters = 200;
    const executor::Step &step = run.steps[place.step];
    const executor::Statement &statement = step.script.statements[place.statement - 1];
    return "line " + std::to_string(statement.line) + ": " +
           excerpt(step.script.statement_text(statement), shown_characters);
}

std::string resolve_call(const std::string &revision, const char *action, const std::optional<std::string> &schema)
{
    return "migrate_resolve(" + quoted_literal(revision) + ", '" + action + "'" + schema_argument(schema) + ")";
}

std::string fingerprint(const executor::Script &script, const executor::Statement &statement)
{
    return checksum({{std::string(script.statement_text(statement)), true}});
}

std::vector<std::string> Planner::version(const std::optional<std::string> &schema, Snapshot snapshot)
{
    return row_names(catalogue_.read_version(schema, snapshot));
}

core::Plan Planner::make_plan(const core::RevisionGraph &graph, const RunRequest &request, bool offline)
{
    if (request.schema)
        schema_oid(*request.schema);
    const std::vector<std::string> rows = version(request.schema);
    try {
        if (offline)
            return core::plan_offline(graph, rows, request.target, request.direction, interrupts_);
        return request.direction == core::Direction::upgrade
                   ? core::plan_upgrade(graph, rows, request.target, interrupts_)
                   : core::plan_downgrade(graph, rows, request.target, interrupts_);
    } catch (core::Error &error) {
        explain_unknown_row(error, catalogue_.read_version(request.schema));
        throw;
    }
}

void Planner::load_steps(PlannedRun &run, const std::optional<std::string> &schema)
{
    const bool upgrade = run.plan.direction == core::Direction::upgrade;
    const std::size_t count = run.plan.steps.size();
    run.steps.reserve(count);
    run.no_way_back.reserve(count);
    for (std::size_t first = 0; first < count; first += revisions_per_read) {
        std::vector<std::string> ids;
        for (std::size_t i = first; i < std::min(count, first + revisions_per_read); ++i)
            ids.push_back(run.graph.id(run.plan.steps[i]));
        std::vector<StoredRevision> stored = catalogue_.read_revisions(ids, true);
        if (stored.size() != ids.size())
            throw core::Error(core::sqlstate::serialization_failure, "a revision of the plan has just been removed")
                .hint("Try again.");
        for (std::size_t i = 0; i < stored.size(); ++i) {
            interrupts_.check();
            executor::Step step;
            step.index = run.plan.steps[first + i];
            step.revision = stored[i].revision;
            step.message = stored[i].message;
            step.checksum = stored[i].checksum;
            const std::string parents = parent_ids(run.graph, step.index);
            step.from = upgrade ? parents : step.revision;
            step.to = upgrade ? step.revision : parents;
            // What did nothing on the way up, needs nothing on the way down.
            run.no_way_back.push_back(!upgrade && !stored[i].down &&
                                      has_statements(stored[i].up.value_or(std::string()), step.revision));
            step.lacks_down = upgrade && !stored[i].down;
            step.script.text = std::move(upgrade ? stored[i].up : stored[i].down).value_or(std::string());
            if (!step.script.text.empty()) {
                const MemoryScope memory;
                // What REINDEX and CLUSTER may do depends on the kind of the relation that the name means when they
                // run.
                const ScriptScope scope(catalogue_.caller(), schema);
                step.script.statements = parse_script(step.script.text, {step.revision, upgrade ? "up" : "down"});
            }
            run.steps.push_back(std::move(step));
        }
    }
}

void Planner::resume(PlannedRun &run, const RunRequest &request, bool offline)
{
    const bool from_somewhere_else = offline && request.target.find(':') != std::string::npos;
    run.journal = from_somewhere_else ? std::nullopt : catalogue_.read_journal(request.schema);
    if (!run.journal || run.steps.empty())
        return;
    const auto begun = std::find_if(run.steps.begin(), run.steps.end(),
                                    [&](const executor::Step &step) { return step.revision == run.journal->revision; });
    if (offline || begun == run.steps.end() || run.journal->direction != direction_name(request.direction))
        throw unfinished(*run.journal);
    require_same_statements(*begun, *run.journal);
    if (const std::optional<StoredRun> run_before = catalogue_.find_run(run.journal->run))
        run.begun_by = run_before->requested_by;
    begun->done = static_cast<std::size_t>(run.journal->done);
    begun->in_doubt = run.journal->running;
    begun->objects_before.assign(run.journal->objects_before.begin(), run.journal->objects_before.end());
    begun->objects_are_here = !run.journal->origin || *run.journal->origin == oids_are_of();
    begun->settings = run.journal->settings;
    // All that it needs was applied (or reverted) when it was begun.
    const auto position = begun - run.steps.begin();
    std::rotate(run.steps.begin(), begun, begun + 1);
    std::rotate(run.no_way_back.begin(), run.no_way_back.begin() + position, run.no_way_back.begin() + position + 1);
}

PlannedRun Planner::plan(const RunRequest &request, bool offline)
{
    core::RevisionGraph graph = catalogue_.read_graph(interrupts_);
    core::Plan plan = make_plan(graph, request, offline);
    PlannedRun run{std::move(graph), std::move(plan), {}, {}, std::nullopt, {}, catalogue_.caller_name()};
    load_steps(run, request.schema);
    resume(run, request, offline);
    return run;
}

} // namespace pgmigrate::pg

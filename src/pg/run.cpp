// SPDX-License-Identifier: PostgreSQL
#include "pg/run.hpp"

#include "core/target.hpp"
#include "pg/locks.hpp"
#include "pg/progress.hpp"
#include "pg/run_database.hpp"
#include "pg/script.hpp"
#include "pg/script_place.hpp"
#include "pg/session_settings.hpp"
#include "pg/settings.hpp"

#include <algorithm>

extern "C" {
#include "access/xact.h"
#include "utils/timestamp.h"
}

namespace pgmigrate::pg
{

namespace
{

// The revisions of a plan are read in portions, so that no more than one portion is in memory twice.
constexpr std::size_t revisions_per_read = 1000;

core::Error no_down_script(const executor::Step &step)
{
    return core::Error(core::sqlstate::no_down_script, "revision \"" + step.revision + "\" has no down script")
        .detail("Nothing has been run.")
        .hint("migrate_edit(revision, down => ...) stores one; down => '' says that nothing needs to be done.");
}

core::Error not_transactional(const executor::Step &step, std::size_t index, bool upgrade)
{
    constexpr int shown_characters = 200;
    const executor::Statement &statement = step.script.statements[index];
    return core::Error(core::sqlstate::active_sql_transaction, "statement " + std::to_string(index + 1) +
                                                                   " of revision \"" + step.revision +
                                                                   "\" cannot run in a transaction block")
        .detail("Line " + std::to_string(statement.line) + ": " +
                excerpt(step.script.statement_text(statement), shown_characters) + ". Nothing has been run.")
        .hint(upgrade ? "Take the plan in two: upgrade up to the revision before, then run the script that "
                        "migrate_upgrade_sql prints for this one by psql."
                      : "Take the plan in two: downgrade down to this revision, then run the script that "
                        "migrate_downgrade_sql prints for it by psql.");
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

// Version rows as an error text shows them.
std::string shown_rows(const std::vector<std::string> &rows)
{
    return rows.empty() ? "base" : joined_names(rows);
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

void require_way_back(const PlannedRun &run)
{
    for (std::size_t i = 0; i < run.steps.size(); ++i)
        if (run.no_way_back[i])
            throw no_down_script(run.steps[i]);
}

void require_runnable(const PlannedRun &run)
{
    require_way_back(run);
    for (const executor::Step &step : run.steps)
        for (std::size_t i = 0; i < step.script.statements.size(); ++i)
            if (!step.script.statements[i].transactional)
                throw not_transactional(step, i, run.plan.direction == core::Direction::upgrade);
}

std::vector<std::string> Run::version(const std::optional<std::string> &schema, Snapshot snapshot)
{
    return row_names(catalogue_.read_version(schema, snapshot));
}

core::Plan Run::make_plan(const core::RevisionGraph &graph, const RunRequest &request, bool offline)
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

void Run::load_steps(PlannedRun &run, const std::optional<std::string> &schema)
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

PlannedRun Run::plan(const RunRequest &request, bool offline)
{
    core::RevisionGraph graph = catalogue_.read_graph(interrupts_);
    core::Plan plan = make_plan(graph, request, offline);
    PlannedRun run{std::move(graph), std::move(plan), {}, {}};
    load_steps(run, request.schema);
    return run;
}

// Waits for its turn. Above READ COMMITTED the transaction may not see what has happened since it began: if the version
// has moved, nothing that it could plan would be true.
void Run::lock(const std::optional<std::string> &schema)
{
    // The line of a schema that is gone, which can only be stamped, takes turns with the database's own.
    lock_for_run(catalogue_.extension(), schema ? find_schema(*schema) : std::nullopt);
    const bool fixed_snapshot = call([] { return IsolationUsesXactSnapshot(); });
    if (!fixed_snapshot)
        return;
    const LatestSnapshot latest;
    const std::vector<std::string> now = version(schema, latest.get());
    const std::vector<std::string> seen = version(schema);
    if (now != seen)
        throw core::Error(core::sqlstate::serialization_failure,
                          "could not serialize access due to a concurrent migration")
            .detail("This transaction sees the version " + shown_rows(seen) + ", but it is " + shown_rows(now) +
                    " by now.")
            .hint("Retry the transaction.");
}

// The same for what is about to run: a script that has been replaced since the transaction began is not run any more.
void Run::require_current_content(const PlannedRun &run)
{
    const bool fixed_snapshot = call([] { return IsolationUsesXactSnapshot(); });
    if (!fixed_snapshot)
        return;
    const LatestSnapshot latest;
    for (std::size_t first = 0; first < run.steps.size(); first += revisions_per_read) {
        const MemoryScope memory;
        const std::size_t last = std::min(run.steps.size(), first + revisions_per_read);
        std::vector<std::string> ids;
        for (std::size_t i = first; i < last; ++i)
            ids.push_back(run.steps[i].revision);
        const bool with_scripts = false;
        const std::vector<StoredRevision> stored = catalogue_.read_revisions(ids, with_scripts, latest.get());
        for (std::size_t i = first; i < last; ++i)
            if (stored.size() != ids.size() || stored[i - first].checksum != run.steps[i].checksum)
                throw core::Error(core::sqlstate::serialization_failure,
                                  "could not serialize access due to a concurrent change of the revisions")
                    .detail("A revision of the plan has been replaced or removed since this transaction began.")
                    .hint("Retry the transaction.");
    }
}

void Run::execute(const RunRequest &request, const std::function<void(const executor::StepResult &)> &on_done)
{
    core::RevisionGraph graph = catalogue_.read_graph(interrupts_);
    core::Plan first_plan = make_plan(graph, request, false);
    if (first_plan.steps.empty())
        return;
    require_writable(function_);
    if (transaction_mode() == TransactionMode::per_revision)
        throw core::Error(core::sqlstate::feature_not_supported,
                          "pg_migrate.transaction_mode = per_revision is not supported by this version")
            .hint("Call it once per revision, with the target +1.");
    lock(request.schema);
    PlannedRun run = plan(request, false);
    for (const std::string &text : run.plan.warnings)
        warning(text);
    if (run.plan.steps.empty())
        return;
    require_runnable(run);
    require_current_content(run);
    run_plan(request, run, on_done);
}

void Run::run_plan(const RunRequest &request, PlannedRun &run,
                   const std::function<void(const executor::StepResult &)> &on_done)
{
    const bool upgrade = request.direction == core::Direction::upgrade;
    const std::int64_t id = catalogue_.begin_run(upgrade ? RunOperation::upgrade : RunOperation::downgrade,
                                                 request.target, request.schema, request.tag);
    core::VersionRows rows(run.graph, run.plan.rows_before);
    ProgressBoard board(id, request.schema, request.direction, run.steps.size());
    RunDatabase database(catalogue_, id, request.schema, request.tag, board);
    executor::run_steps(database, request.direction, run.steps, rows, on_done, interrupts_);
    catalogue_.finish_run(id);
}

std::vector<core::RowChange> Run::stamp(const std::string &targets, bool purge,
                                        const std::optional<std::string> &schema)
{
    // A line outlives its schema; somebody has to be able to clear it.
    if (schema && version(schema).empty())
        schema_oid(*schema);
    const auto planned = [&] {
        const core::RevisionGraph graph = catalogue_.read_graph(interrupts_);
        try {
            return core::plan_stamp(graph, version(schema), targets, purge, interrupts_);
        } catch (core::Error &error) {
            explain_unknown_row(error, catalogue_.read_version(schema));
            throw;
        }
    };
    std::vector<core::RowChange> written;
    if (planned().empty())
        return written;
    require_writable(function_);
    lock(schema);
    const std::vector<core::StampStep> steps = planned();
    if (steps.empty())
        return written;
    const std::int64_t id = catalogue_.begin_run(RunOperation::stamp, targets, schema, std::nullopt);
    for (const core::StampStep &step : steps) {
        notice("Running stamp_revision " + joined_names(step.from) + " -> " + step.to);
        catalogue_.write_version_changes(step.changes, schema, id);
        for (const core::RowChange &change : step.changes) {
            log_stamp(catalogue_, id, change, schema);
            written.push_back(change);
        }
    }
    catalogue_.finish_run(id);
    return written;
}

void Run::record(const RecordRequest &request)
{
    require_writable(function_);
    if (!request.check_only)
        restore_settings();
    if (request.schema)
        schema_oid(*request.schema);
    lock(request.schema);
    const core::RevisionGraph graph = catalogue_.read_graph(interrupts_);
    const std::optional<core::Index> index = graph.find(request.revision);
    const std::vector<StoredRevision> stored = catalogue_.read_revisions({request.revision}, false);
    if (!index || stored.empty())
        throw core::Error(core::sqlstate::revision_not_found,
                          "Can't locate revision identified by '" + request.revision + "'");
    if (!stored.front().checksum.starts_with(request.checksum))
        throw core::Error(core::sqlstate::step_out_of_order,
                          "revision \"" + request.revision + "\" has been changed since the script was printed")
            .detail("The script was printed from the checksum " + request.checksum + "; it is " +
                    stored.front().checksum + " now.")
            .hint("Print the script again.");
    core::VersionRows rows(graph, version(request.schema));
    const std::vector<core::RowChange> changes =
        request.direction == core::Direction::upgrade ? rows.upgrade(*index) : rows.downgrade(*index);
    if (request.check_only) {
        remember_settings();
        return;
    }
    const std::int64_t id = catalogue_.begin_run(RunOperation::script, request.revision, request.schema, request.tag);
    catalogue_.write_version_changes(changes, request.schema, id);
    LogEntry entry;
    entry.run = id;
    entry.revision = request.revision;
    entry.direction = direction_name(request.direction);
    entry.schema = request.schema;
    entry.tag = request.tag;
    entry.checksum = stored.front().checksum;
    entry.started_at = entry.finished_at = GetCurrentTimestamp();
    entry.note = "recorded by a printed script";
    catalogue_.log(entry);
    catalogue_.finish_run(id);
}

} // namespace pgmigrate::pg

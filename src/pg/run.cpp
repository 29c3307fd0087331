// SPDX-License-Identifier: PostgreSQL
#include "pg/run.hpp"

#include "core/graph_errors.hpp"
#include "core/target_parse.hpp"
#include "pg/background.hpp"
#include "pg/dead_runs.hpp"
#include "pg/drift.hpp"
#include "pg/index_filter.hpp"
#include "pg/lock_watch.hpp"
#include "pg/locks.hpp"
#include "pg/progress.hpp"
#include "pg/run_database.hpp"
#include "pg/session_settings.hpp"
#include "pg/settings.hpp"
#include "pg/waiting.hpp"

#include <algorithm>
#include <cstdint>

extern "C" {
#include "access/xact.h"
#include "access/xlog.h" // RecoveryInProgress
#include "utils/timestamp.h"
}

namespace pgmigrate::pg
{

namespace
{

// Version rows as an error text shows them.
std::string shown_rows(const std::vector<std::string> &rows)
{
    return rows.empty() ? "base" : joined_names(rows);
}

// Whether a value that ALTER TYPE ... ADD VALUE adds is used before it is committed, shows only when it is. A session
// that cannot wait for a worker tries it.
bool can_be_tried_here(const PlannedRun &run)
{
    const bool alone = !run.steps.empty() && executor::runs_alone_after(run.steps, 0, run.steps.front().done);
    return !alone && transaction_mode() == TransactionMode::single && obstacle_to_waiting();
}

// A revision that has been begun goes on with what its statements have set; a worker has a session for that.
const executor::Step *goes_on_with_settings(const PlannedRun &run)
{
    for (const executor::Step &step : run.steps)
        if ((step.settings && !step.settings->empty()) || executor::changes_session(step.script, step.done))
            return &step;
    return nullptr;
}

// What cannot run in the transaction of the caller; none for a plan that can.
std::optional<std::string> reason_for_worker(const PlannedRun &run)
{
    if (const executor::Step *step = goes_on_with_settings(run))
        return "revision \"" + step->revision +
               "\", which goes on with settings that its statements have made, cannot run in a transaction block";
    if (can_be_tried_here(run))
        return std::nullopt;
    if (const auto place = executor::beyond_one_transaction(run.steps))
        return "statement " + std::to_string(place->statement) + " of revision \"" + run.steps[place->step].revision +
               "\"" +
               (run.steps[place->step].script.statements[place->statement - 1].transactional
                    ? " and what follows it cannot run in one transaction"
                    : " cannot run in a transaction block");
    if (transaction_mode() == TransactionMode::per_revision)
        return "with pg_migrate.transaction_mode = per_revision a plan cannot run in a transaction block";
    return std::nullopt;
}

// A worker's run is waited for; this session must be able to do that.
void refuse_obstacle(const PlannedRun &run, const std::string &reason)
{
    const std::optional<core::Error> obstacle = obstacle_to_waiting();
    if (!obstacle)
        return;
    std::string statement;
    if (const auto place = executor::beyond_one_transaction(run.steps))
        statement = "It is on " + shown_statement(run, *place) + ". ";
    throw core::Error(obstacle->sqlstate(), reason)
        .detail(statement + "It needs a background worker, which this session cannot wait for: " + obstacle->detail() +
                " Nothing has been run.")
        .hint(obstacle->hint() +
              " Or call migrate_start(), which runs it in the background once the transaction has committed.");
}

} // namespace

// The transaction may not see what has happened since it began. If the version has moved, nothing that it could plan
// would be true.
void Run::require_current_version(const std::optional<std::string> &schema)
{
    const bool fixed_snapshot = call([] { return IsolationUsesXactSnapshot(); });
    if (!fixed_snapshot)
        return;
    const LatestSnapshot latest;
    const std::vector<std::string> now = planner_.version(schema, latest.get());
    const std::vector<std::string> seen = planner_.version(schema);
    if (now != seen)
        throw core::Error(core::sqlstate::serialization_failure,
                          "could not serialize access due to a concurrent migration")
            .detail("This transaction sees the version " + shown_rows(seen) + ", but it is " + shown_rows(now) +
                    " by now.")
            .hint("Retry the transaction.");
    const auto begun_now = catalogue_.read_journal(schema, latest.get());
    const auto begun_seen = catalogue_.read_journal(schema);
    if (begun_now.has_value() != begun_seen.has_value() ||
        (begun_now && (begun_now->run != begun_seen->run || begun_now->done != begun_seen->done ||
                       begun_now->running != begun_seen->running)))
        throw core::Error(core::sqlstate::serialization_failure,
                          "could not serialize access due to a concurrent migration")
            .detail("A revision has been begun, or gone on with, since this transaction began.")
            .hint("Retry the transaction.");
}

Line Run::lock(const std::optional<std::string> &schema)
{
    const Line line = line_of(catalogue_.extension(), schema);
    lock_for_run(line);
    require_current_version(schema);
    return line;
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

void Run::execute(const RunRequest &request, const std::function<void(const StepDone &)> &on_done)
{
    const core::RevisionGraph graph = catalogue_.read_graph(interrupts_);
    const Line line = line_of(catalogue_.extension(), request.schema);
    if (planner_.make_plan(graph, request, false).steps.empty()) {
        close_dead_runs_of(line);
        tell_unfinished(line);
        return;
    }
    require_writable(function_);
    if (!try_lock_for_run(line)) {
        require_no_obstacle(request);
        lock_for_run(line);
    }
    require_current_version(request.schema);
    PlannedRun run = planner_.plan(request, false);
    if (run.steps.empty()) {
        for (const std::string &text : run.plan.warnings)
            warning(text);
        if (run.journal)
            notice_unfinished(*run.journal);
        unlock_for_run(line);
        return;
    }
    require_way_back(run);
    require_same_session(run);
    require_current_content(run);
    if (const auto reason = reason_for_worker(run)) {
        refuse_obstacle(run, *reason);
        keep_turn_only(line);
        run_in_worker(catalogue_, request, on_done);
        return;
    }
    for (const std::string &text : run.plan.warnings)
        warning(text);
    run_here(request, run, on_done);
}

// Such as were queued, and have died before they could begin anything. Not in a transaction that goes on behind the
// call: others would have to wait for it.
void Run::close_dead_runs_of(const Line &line)
{
    if (call([] { return RecoveryInProgress() || XactReadOnly; }) || catalogue_.unfinished_runs(line.schema).empty() ||
        obstacle_to_waiting() || !try_lock_for_run(line))
        return;
    close_dead_runs(catalogue_, line.schema, 0);
}

// A run that is under way has its row, too: it is known by its locks, which a standby does not see.
void Run::tell_unfinished(const Line &line)
{
    const auto begun = [&] {
        const LatestSnapshot latest;
        return catalogue_.read_journal(line.schema, latest.get());
    };
    if (call([] { return RecoveryInProgress(); }) || !begun() || is_run_elsewhere(line))
        return;
    // One that has ended meanwhile has taken its row along.
    if (const auto journal = begun())
        notice_unfinished(*journal);
}

// A session that cannot wait for a worker is told so at once, not when its turn has come.
void Run::require_no_obstacle(const RunRequest &request)
{
    if (!obstacle_to_waiting())
        return;
    const PlannedRun run = planner_.plan(request, false);
    if (const auto reason = reason_for_worker(run))
        refuse_obstacle(run, *reason);
}

void Run::run_here(const RunRequest &request, PlannedRun &run, const std::function<void(const StepDone &)> &on_done)
{
    close_dead_runs(catalogue_, request.schema, 0);
    const LockWatch watch(catalogue_.caller().user);
    Attempt attempt;
    try {
        // So that everything the failed steps hold is released before another process is asked to log the failure.
        Subtransaction subtransaction;
        run_steps(request, run, attempt, on_done);
        subtransaction.commit();
        forget_plans_of_script();
        return;
    } catch (PgError &error) {
        if (attempt.step == nullptr)
            throw;
        name_blockers(error);
        attempt.failure = {error.sqlstate(), error.what(), {}, {}, {}};
        if (const std::string why = log_failure(catalogue_, request, attempt); !why.empty())
            error.add_detail(why);
        throw;
    } catch (core::Error &error) {
        if (attempt.step == nullptr)
            throw;
        attempt.failure = {error.sqlstate(), error.message(), {}, {}, {}};
        if (const std::string why = log_failure(catalogue_, request, attempt); !why.empty())
            error.set_detail(error.detail() + (error.detail().empty() ? "" : "\n") + why);
        throw;
    }
}

void Run::run_steps(const RunRequest &request, const PlannedRun &run, Attempt &attempt,
                    const std::function<void(const StepDone &)> &on_done)
{
    const bool upgrade = request.direction == core::Direction::upgrade;
    const std::int64_t id = catalogue_.begin_run(upgrade ? RunOperation::upgrade : RunOperation::downgrade,
                                                 request.target, request.schema, request.tag);
    core::VersionRows rows(run.graph, run.plan.rows_before);
    ProgressBoard board(id, request.schema, request.direction, run.steps.size());
    RunDatabase database(catalogue_, id, request.schema, request.tag, board);
    database.show_revisions();
    database.retry_statements();
    database.follow(attempt);
    DerivedDowns downs(request.schema);
    database.derive_downs(downs);
    executor::run_steps(
        database, request.direction, run.steps, rows,
        [&](const executor::StepResult &done) {
            on_done({done.step->revision, direction_name(request.direction), done.step->message,
                     static_cast<int>(done.step->script.statements.size()),
                     done.outcome.finished_at - done.outcome.started_at});
        },
        interrupts_);
    keep_snapshot(catalogue_, request.schema, id);
    catalogue_.finish_run(id);
}

std::vector<core::RowChange> Run::stamp(const std::string &targets, bool purge,
                                        const std::optional<std::string> &schema)
{
    // Alembic takes no target for base; a text that a deployment has left empty is a mistake.
    if (core::trim(targets).empty())
        throw core::empty_target();
    // A line outlives its schema; somebody has to be able to clear it.
    if (schema && planner_.version(schema).empty())
        schema_oid(*schema);
    const auto planned = [&] {
        const core::RevisionGraph graph = catalogue_.read_graph(interrupts_);
        try {
            return core::plan_stamp(graph, planner_.version(schema), targets, purge, interrupts_);
        } catch (core::Error &error) {
            explain_unknown_row(error, catalogue_.read_version(schema));
            throw;
        }
    };
    std::vector<core::RowChange> written;
    if (planned().empty() && !catalogue_.read_journal(schema))
        return written;
    require_writable(function_);
    lock(schema);
    const std::vector<core::StampStep> steps = planned();
    const auto begun = catalogue_.read_journal(schema);
    if (steps.empty() && !begun)
        return written;
    close_dead_runs(catalogue_, schema, 0);
    const std::int64_t id = catalogue_.begin_run(RunOperation::stamp, targets, schema, std::nullopt);
    if (begun) {
        catalogue_.clear_journal(schema);
        warning("revision \"" + begun->revision + "\" had been begun and was not complete; that is forgotten now",
                "Of its statements, " + std::to_string(begun->done) + " had been run.");
    }
    for (const core::StampStep &step : steps) {
        notice("Running stamp_revision " + joined_names(step.from) + " -> " + step.to);
        catalogue_.write_version_changes(step.changes, schema, id);
        for (const core::RowChange &change : step.changes) {
            log_stamp(catalogue_, id, change, schema);
            written.push_back(change);
        }
    }
    keep_snapshot(catalogue_, schema, id);
    catalogue_.finish_run(id);
    return written;
}

void Run::record(const RecordRequest &request)
{
    require_writable(function_);
    // Neither a direction nor an id holds a blank.
    const std::string settings_of =
        std::string(direction_name(request.direction)) + " " + request.revision + " " + request.schema.value_or("");
    if (!request.check_only)
        restore_settings(settings_of);
    if (request.schema)
        schema_oid(*request.schema);
    lock(request.schema);
    if (const auto begun = catalogue_.read_journal(request.schema))
        throw core::Error(core::sqlstate::unfinished_revision,
                          "revision \"" + begun->revision + "\" has been begun and is not complete")
            .hint("Finish it first, by migrate_upgrade() or migrate_downgrade().");
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
    core::VersionRows rows(graph, planner_.version(request.schema));
    const std::vector<core::RowChange> changes =
        request.direction == core::Direction::upgrade ? rows.upgrade(*index) : rows.downgrade(*index);
    if (request.check_only) {
        remember_settings(settings_of);
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
    keep_snapshot(catalogue_, request.schema, id);
    catalogue_.finish_run(id);
}

std::int64_t Run::start(const RunRequest &request)
{
    const core::RevisionGraph graph = catalogue_.read_graph(interrupts_);
    planner_.make_plan(graph, request, false); // what is wrong with the target is said now
    require_writable(function_);
    return start_run(catalogue_, request);
}

void Run::resolve(const std::string &revision, const std::string &action, const std::optional<std::string> &schema)
{
    if (action != "run" && action != "done" && action != "discard")
        throw core::Error(core::sqlstate::invalid_parameter_value, "unknown action '" + action + "'")
            .hint("The actions are run, done and discard.");
    require_writable(function_);
    lock(schema);
    std::optional<JournalEntry> begun = catalogue_.read_journal(schema);
    if (!begun && schema)
        schema_oid(*schema); // what was begun outlives its schema, and somebody has to be able to forget it
    if (!begun || begun->revision != revision)
        throw core::Error(core::sqlstate::invalid_parameter_value,
                          "revision \"" + revision + "\" is not one that has been begun and is not complete")
            .detail(begun ? "That is revision \"" + begun->revision + "\"." : "There is none.");
    const bool lacks_objects = !begun->temporary.empty();
    if (action != "discard" && !begun->running && !(action == "run" && lacks_objects))
        throw core::Error(core::sqlstate::invalid_parameter_value,
                          "no statement of revision \"" + revision + "\" is in doubt")
            .detail("Its statements up to number " + std::to_string(begun->done) + " are complete.")
            .hint("The next call goes on behind it. migrate_resolve(revision, 'discard') forgets that the revision was "
                  "begun.");
    close_dead_runs(catalogue_, schema, 0);
    if (action == "done")
        ++begun->done;
    else
        begun->fingerprints.resize(static_cast<std::size_t>(begun->done));
    begun->running = false;
    begun->objects_before.clear();
    if (action == "run")
        begun->temporary.clear();
    if (action == "discard" || begun->done == 0)
        catalogue_.clear_journal(schema);
    else
        catalogue_.write_journal(*begun);
}

} // namespace pgmigrate::pg

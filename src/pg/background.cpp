// SPDX-License-Identifier: PostgreSQL
#include "pg/background.hpp"

#include "executor/worker_request.hpp"
#include "pg/dead_runs.hpp"
#include "pg/locks.hpp"
#include "pg/waiting.hpp"
#include "pg/worker_process.hpp"

#include <csignal>
#include <set>
#include <utility>

extern "C" {
#include "access/xact.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "storage/procarray.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"
}

namespace pgmigrate::pg
{

namespace
{

using executor::WorkerRequest;

// How long the log of a failure may keep the error from its client.
constexpr std::int64_t longest_logging = 5000000;
// How long a process may need to end after it has let go of the lock that says that it is alive.
constexpr std::int64_t longest_farewell = 5000000;
constexpr std::int64_t longest_beginning = 1000000;
constexpr long farewell_poll_milliseconds = 20;

// The address of the client: a worker has none of its own.
constinit Query select_client_addr = {"SELECT pg_catalog.inet_client_addr()::text", 0, {}, nullptr};

WorkerRequest worker_request(Catalogue &catalogue, WorkerRequest::Kind kind, const RunRequest &request)
{
    WorkerRequest asked;
    asked.kind = kind;
    asked.direction = request.direction;
    asked.target = request.target;
    asked.tag = request.tag;
    asked.schema = request.schema;
    asked.function = catalogue.function();
    const SettingScope path("search_path", "pg_catalog, pg_temp");
    Values none;
    const Rows rows = run(select_client_addr, none);
    asked.client_addr = rows.optional_text(0, 1);
    return asked;
}

void add_rows(Catalogue &catalogue, int worker, const std::function<void(const StepDone &)> &on_done)
{
    const std::int64_t id = catalogue.run_of_process(worker);
    const std::vector<Catalogue::LoggedStep> steps = catalogue.logged_steps(id);
    std::vector<std::string> ids;
    for (const Catalogue::LoggedStep &step : steps)
        ids.push_back(step.revision);
    const bool with_scripts = false;
    const std::vector<StoredRevision> revisions = catalogue.read_revisions(ids, with_scripts);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        StepDone done;
        done.revision = steps[i].revision;
        done.direction = steps[i].direction;
        done.message = i < revisions.size() ? revisions[i].message : "";
        done.statements = static_cast<int>(steps[i].statements);
        done.duration = steps[i].duration;
        on_done(done);
    }
}

// The runs that the current transaction has queued: it cannot be prepared, since their workers wait for this process to
// commit; and until it does, nobody else sees their rows. A pointer, because an object would be constructed when the
// library is loaded.
constinit std::set<std::int64_t> *queued_here = nullptr;
constinit bool callback_is_registered = false;

void at_transaction_end(XactEvent event, void *)
{
    enter([&] {
        if (event == XACT_EVENT_PRE_PREPARE && queued_here != nullptr)
            throw core::Error(core::sqlstate::feature_not_supported,
                              "cannot PREPARE a transaction that has called migrate_start()");
        if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT)
            delete std::exchange(queued_here, nullptr);
        return true;
    });
}

void note_queued(std::int64_t run)
{
    if (!callback_is_registered)
        call([] { RegisterXactCallback(at_transaction_end, nullptr); });
    callback_is_registered = true;
    if (queued_here == nullptr)
        queued_here = new std::set<std::int64_t>;
    queued_here->insert(run);
}

bool is_queued_here(std::int64_t run)
{
    return queued_here != nullptr && queued_here->contains(run);
}

// Its worker, which does not see the row before, has nothing to do then.
void finish_cancelled(Catalogue &catalogue, std::int64_t run)
{
    const Failure failure{std::string(core::sqlstate::query_canceled), "the run was cancelled before it was begun", "",
                          "", ""};
    catalogue.finish_run(run, RunOutcome::cancelled, failure);
}

core::Error interrupted(std::int64_t run)
{
    return core::Error(core::sqlstate::worker_died, "run " + std::to_string(run) + " was interrupted")
        .detail("Its process ended before the run did.")
        .hint("The next call of migrate_upgrade() or migrate_downgrade() goes on where it stopped.");
}

[[noreturn]] void throw_failure(const StoredRun &run)
{
    const Failure &failure = run.failure;
    core::Error error(failure.sqlstate, failure.message);
    error.set_detail(failure.detail);
    error.set_hint(failure.hint);
    error.set_context(failure.context);
    throw error;
}

StoredRun require_run(Catalogue &catalogue, std::int64_t run)
{
    std::optional<StoredRun> stored;
    {
        // Above READ COMMITTED the snapshot of the transaction would never see how the run ends.
        const LatestSnapshot latest;
        stored = catalogue.find_run(run, latest.get());
    }
    if (!stored)
        throw core::Error(core::sqlstate::unknown_run, "there is no run " + std::to_string(run))
            .hint("migrate.run has the runs. One that migrate_start() has queued is there once its transaction has "
                  "committed.");
    return *stored;
}

void pause()
{
    call([] {
        (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, farewell_poll_milliseconds,
                        PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
    });
}

bool process_exists(int pid)
{
    return call([&] { return BackendPidGetProc(pid) != nullptr; });
}

// On a standby, where the process of a run is not, and one of the same number may be.
void refuse_in_recovery(const char *function)
{
    call([&] { PreventCommandDuringRecovery(function); });
}

// A run whose process is not there any more.
std::string outcome_of(const StoredRun &run)
{
    if (run.outcome == "failed" || run.outcome == "cancelled")
        throw_failure(run);
    if (run.outcome == "interrupted")
        throw interrupted(run.run);
    return run.outcome;
}

} // namespace

void run_in_worker(Catalogue &catalogue, const RunRequest &request,
                   const std::function<void(const StepDone &)> &on_done)
{
    const WorkerRequest asked = worker_request(catalogue, WorkerRequest::Kind::run, request);
    int pid = 0;
    {
        // Before there is a worker: an index build of it could find this session first.
        const SafeWait wait;
        WorkerProcess worker(executor::encode(asked), WorkerProcess::Lifetime::with_caller, catalogue.caller());
        pid = worker.pid();
        SelfBlockWatch watch;
        worker.wait([&] { watch.check({pid}); });
    }
    add_rows(catalogue, pid, on_done);
}

std::string log_failure(Catalogue &catalogue, const RunRequest &request, const Attempt &attempt)
{
    try {
        WorkerRequest asked = worker_request(catalogue, WorkerRequest::Kind::log_failure, request);
        asked.revision = attempt.step->revision;
        asked.checksum = attempt.step->checksum;
        asked.started_at = attempt.started_at;
        asked.finished_at = GetCurrentTimestamp();
        asked.statement = static_cast<std::int32_t>(attempt.statement);
        asked.sqlstate = attempt.failure.sqlstate;
        asked.error = attempt.failure.message;
        const std::int64_t until = GetCurrentTimestamp() + longest_logging;
        WorkerProcess worker(executor::encode(asked), WorkerProcess::Lifetime::with_caller, catalogue.caller());
        worker.wait([&] {
            refuse_self_block(worker.pid());
            if (GetCurrentTimestamp() > until)
                throw core::Error(core::sqlstate::lock_not_available,
                                  "the worker that logs it does not come to an end");
        });
        return {};
    } catch (const PgError &error) {
        return std::string("The failure could not be logged: ") + error.what();
    } catch (const core::Error &error) {
        return "The failure could not be logged: " + error.message();
    }
}

std::int64_t start_run(Catalogue &catalogue, const RunRequest &request)
{
    const bool upgrade = request.direction == core::Direction::upgrade;
    const bool queued = true;
    const std::int64_t id = catalogue.begin_run(upgrade ? RunOperation::upgrade : RunOperation::downgrade,
                                                request.target, request.schema, request.tag, queued);
    note_queued(id);
    WorkerRequest asked = worker_request(catalogue, WorkerRequest::Kind::start, request);
    asked.run = id;
    WorkerProcess worker(executor::encode(asked), WorkerProcess::Lifetime::independent, catalogue.caller(),
                         call([] { return GetTopTransactionId(); }));
    catalogue.set_run_pid(id, worker.pid());
    worker.release();
    return id;
}

std::string wait_for_run(Catalogue &catalogue, std::int64_t run, std::optional<std::int64_t> timeout)
{
    const std::int64_t until = timeout ? GetCurrentTimestamp() + std::max<std::int64_t>(*timeout, 1) : 0;
    std::int64_t gone_since = 0;
    for (;;) {
        const StoredRun stored = require_run(catalogue, run);
        if (stored.state == "finished")
            return outcome_of(stored);
        refuse_in_recovery("migrate_wait()");
        if (is_queued_here(run))
            throw core::Error(core::sqlstate::object_in_use,
                              "run " + std::to_string(run) + " begins when this transaction has committed")
                .hint("Commit, then wait for it.");
        if (stored.pid == MyProcPid)
            throw core::Error(core::sqlstate::object_in_use, "run " + std::to_string(run) + " is this session's own");
        if (alive_process(run) != 0) {
            gone_since = 0;
            if (!wait_until_ended(run, until))
                return require_run(catalogue, run).state;
            continue;
        }
        // After an error it takes a moment until the process has written down how the run ended.
        const std::int64_t now = GetCurrentTimestamp();
        if (gone_since == 0)
            gone_since = now;
        if (!process_exists(stored.pid) || now - gone_since > longest_farewell) {
            const StoredRun last = require_run(catalogue, run);
            if (last.state != "finished")
                throw interrupted(run);
            return outcome_of(last);
        }
        if (until != 0 && now >= until)
            return stored.state;
        pause();
    }
}

bool cancel_run(Catalogue &catalogue, std::int64_t run)
{
    // A worker that has just been started takes a moment to show that it is alive.
    const std::int64_t until = GetCurrentTimestamp() + longest_beginning;
    for (;;) {
        const StoredRun stored = require_run(catalogue, run);
        if (stored.state == "finished")
            return false;
        refuse_in_recovery("migrate_cancel()");
        if (is_queued_here(run)) {
            finish_cancelled(catalogue, run);
            return true;
        }
        if (const int pid = alive_process(run); pid != 0)
            return kill(pid, SIGINT) == 0;
        if (!process_exists(stored.pid) || GetCurrentTimestamp() > until)
            return false;
        pause();
    }
}

} // namespace pgmigrate::pg

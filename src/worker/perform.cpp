// SPDX-License-Identifier: PostgreSQL
#include "worker/perform.hpp"

#include "executor/worker_request.hpp"
#include "pg/dead_runs.hpp"
#include "pg/drift.hpp"
#include "pg/fault_point.hpp"
#include "pg/lock_watch.hpp"
#include "pg/run_database.hpp"
#include "worker/worker_database.hpp"

extern "C" {
#include "access/transam.h"
#include "storage/lmgr.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
}

namespace pgmigrate::worker
{

namespace
{

using executor::WorkerRequest;

constexpr const char *waiting_for_turn = "waiting for its turn";

pg::Failure failure_of(const pg::PgError &error)
{
    const auto text = [](const char *field) { return std::string(field == nullptr ? "" : field); };
    const ErrorData *data = error.data();
    if (data == nullptr)
        return {error.sqlstate(), error.what(), "", "", ""};
    return {error.sqlstate(), error.what(), text(data->detail), text(data->hint), text(data->context)};
}

pg::Failure failure_of(const core::Error &error)
{
    return {error.sqlstate(), error.message(), error.detail(), error.hint(), ""};
}

pg::RunOperation operation_of(core::Direction direction)
{
    return direction == core::Direction::upgrade ? pg::RunOperation::upgrade : pg::RunOperation::downgrade;
}

// One run, from the request to the row that says how it ended.
class WorkerRun
{
  public:
    WorkerRun(pg::WorkerSession &session, const WorkerRequest &request) : session_(session), request_(request)
    {
        assignment_.function = request.function;
        assignment_.caller = session.caller();
        assignment_.client_addr = request.client_addr;
        assignment_.application = pg::call([] { return GetConfigOption("application_name", false, false); });
        assignment_.request = {request.direction, request.target, request.tag, request.schema};
        assignment_.run = request.run;
    }

    void run();

  private:
    pg::Catalogue catalogue() const
    {
        return pg::Catalogue(assignment_.function, assignment_.caller, assignment_.client_addr);
    }
    bool independent() const { return request_.kind == WorkerRequest::Kind::start; }
    std::string find_caller_name() const;
    bool wait_for_caller() const;
    pg::Line find_line();
    void show(std::size_t steps, bool alone_ahead);
    void plan();
    void run_plan();
    void finish();
    void fail(const pg::Failure &failure) noexcept;
    void write_failure(const pg::Failure &failure);

    pg::WorkerSession &session_;
    const WorkerRequest &request_;
    Assignment assignment_;
    pg::ServerInterrupts interrupts_;
    std::optional<LineLocks> locks_;
    std::optional<pg::ProgressBoard> board_;
    std::optional<pg::PlannedRun> planned_; // none when there is nothing to do
    std::optional<WorkerDatabase> database_;
    std::string caller_name_;
    bool finished_ = false; // and written down as done
};

// The role may be gone when it is to be named in the log.
std::string WorkerRun::find_caller_name() const
{
    pg::Transaction transaction("pg_migrate: beginning a run");
    std::string name = catalogue().caller_name();
    transaction.commit();
    return name;
}

// A run that was queued begins when the transaction that has queued it has committed. False: it has not, or it has
// cancelled the run, or that was in a subtransaction that was rolled back.
bool WorkerRun::wait_for_caller() const
{
    const TransactionId caller = session_.start_after();
    pg::lock_alive(assignment_.run);
    {
        pg::Transaction transaction("pg_migrate: waiting for the transaction that queued the run",
                                    pg::Transaction::Snapshot::none);
        {
            const pg::SettingScope no_timeout("lock_timeout", "0"); // the caller takes its time
            pg::call([&] { XactLockTableWait(caller, nullptr, nullptr, XLTW_None); });
        }
        transaction.commit();
    }
    const bool committed = pg::call([&] { return TransactionIdDidCommit(caller); });
    if (!committed)
        return false;
    pg::Transaction transaction("pg_migrate: beginning a run");
    const std::optional<pg::StoredRun> run = catalogue().find_run(assignment_.run);
    transaction.commit();
    return run && run->state == "queued";
}

pg::Line WorkerRun::find_line()
{
    pg::Transaction transaction("pg_migrate: beginning a run");
    pg::Line line;
    {
        const pg::Catalogue tables = catalogue();
        line = pg::line_of(tables.extension(), request_.schema);
        assignment_.roles = {pg::role_of(GetSessionUserId()), pg::role_of(assignment_.caller.user)};
    }
    transaction.commit();
    return line;
}

// Where there is no room for a board, making one fails, and that has to be undone: hence the transaction.
void WorkerRun::show(std::size_t steps, bool alone_ahead)
{
    pg::Transaction transaction("pg_migrate: beginning a run", pg::Transaction::Snapshot::none);
    board_.reset();
    board_.emplace(assignment_.run, request_.schema, request_.direction, steps, alone_ahead);
    transaction.commit();
}

// Under the locks.
void WorkerRun::plan()
{
    pg::Transaction transaction("pg_migrate: planning");
    {
        pg::Catalogue tables = catalogue();
        pg::close_dead_runs(tables, request_.schema, assignment_.run);
        planned_.emplace(pg::Planner(tables, interrupts_).plan(assignment_.request, false));
        pg::require_way_back(*planned_);
        pg::require_same_session(*planned_);
        for (const std::string &text : planned_->plan.warnings)
            pg::warning(text);
        if (independent())
            tables.set_run_running(assignment_.run);
        else if (!planned_->steps.empty())
            assignment_.run =
                tables.begin_run(operation_of(request_.direction), request_.target, request_.schema, request_.tag);
        if (assignment_.run != 0 && !independent())
            pg::lock_alive(assignment_.run);
    }
    transaction.commit();
    if (planned_->steps.empty())
        planned_.reset();
}

void WorkerRun::run_plan()
{
    const std::vector<executor::Step> &steps = planned_->steps;
    show(steps.size(), executor::runs_alone_after(steps, 0, steps.front().done));
    core::VersionRows rows(planned_->graph, planned_->plan.rows_before);
    database_.emplace(session_, assignment_, *locks_, steps, *board_);
    executor::run_journaled(*database_, request_.direction, steps, rows, interrupts_);
}

void WorkerRun::finish()
{
    pg::Transaction transaction("pg_migrate: finishing a run");
    {
        pg::Catalogue tables = catalogue();
        tables.finish_run(assignment_.run);
    }
    transaction.commit();
    finished_ = true;
}

void WorkerRun::write_failure(const pg::Failure &failure)
{
    pg::fault_point("failure_known");
    pg::Transaction transaction("pg_migrate: logging a failure");
    {
        pg::Catalogue tables(assignment_.function, assignment_.caller, assignment_.client_addr, caller_name_);
        const pg::SettingScope application("application_name", assignment_.application);
        if (assignment_.run == 0)
            assignment_.run =
                tables.begin_run(operation_of(request_.direction), request_.target, request_.schema, request_.tag);
        else if (!tables.find_run(assignment_.run))
            return; // the transaction that has queued it has not committed
        if (database_ && database_->step() != nullptr) {
            pg::LogEntry entry =
                pg::log_entry(*database_->step(), request_.direction, assignment_.run, request_.schema, request_.tag);
            entry.started_at = database_->started_at();
            entry.finished_at = GetCurrentTimestamp();
            entry.statements = static_cast<int>(database_->statement());
            entry.failure = failure;
            tables.log(entry);
        }
        // What is committed of the run stays.
        if (database_)
            pg::keep_snapshot(tables, request_.schema, assignment_.run);
        const bool cancelled = failure.sqlstate == core::sqlstate::query_canceled;
        tables.finish_run(assignment_.run, cancelled ? pg::RunOutcome::cancelled : pg::RunOutcome::failed, failure);
    }
    transaction.commit();
}

// The error that is on its way has ended the transaction that it came from.
void WorkerRun::fail(const pg::Failure &failure) noexcept
{
    try {
        pg::abort_transaction();
        // What comes after that changes nothing of how it has ended.
        if (!finished_ && !(database_ && database_->complete()))
            write_failure(failure);
    } catch (const std::exception &error) {
        try {
            pg::warning("the failure could not be logged: " + std::string(error.what()));
        } catch (const std::exception &) {
            return; // nobody listens
        }
    }
}

void WorkerRun::run()
{
    const pg::LockWatch watch(assignment_.caller.user);
    caller_name_ = find_caller_name();
    try {
        if (independent() && !wait_for_caller())
            return;
        locks_.emplace(find_line(), independent());
        show(0, false);
        board_->phase(waiting_for_turn);
        {
            pg::Transaction transaction("pg_migrate: waiting for another run", pg::Transaction::Snapshot::none);
            locks_->take();
            transaction.commit();
        }
        pg::fault_point("run_locked");
        plan();
        if (planned_)
            run_plan();
        else if (assignment_.run != 0)
            finish();
        pg::fault_point("run_finished");
    } catch (pg::PgError &error) {
        pg::abort_transaction();
        pg::name_blockers(error);
        fail(failure_of(error));
        throw;
    } catch (const core::Error &error) {
        fail(failure_of(error));
        throw;
    }
    locks_->release();
    if (assignment_.run != 0)
        pg::unlock_alive(assignment_.run);
}

void log_failure(const pg::WorkerSession &session, const WorkerRequest &request)
{
    pg::Transaction transaction("pg_migrate: logging a failure");
    {
        pg::Catalogue tables(request.function, session.caller(), request.client_addr);
        const pg::Failure failure{request.sqlstate, request.error, "", "", ""};
        pg::LogEntry entry;
        entry.run = tables.begin_run(operation_of(request.direction), request.target, request.schema, request.tag);
        entry.revision = request.revision;
        entry.direction = pg::direction_name(request.direction);
        entry.schema = request.schema;
        entry.tag = request.tag;
        entry.checksum = request.checksum;
        entry.started_at = request.started_at;
        entry.finished_at = request.finished_at;
        entry.statements = request.statement;
        entry.failure = failure;
        tables.log(entry);
        const bool cancelled = request.sqlstate == core::sqlstate::query_canceled;
        tables.finish_run(entry.run, cancelled ? pg::RunOutcome::cancelled : pg::RunOutcome::failed, failure);
    }
    transaction.commit();
}

} // namespace

void perform(pg::WorkerSession &session)
{
    const WorkerRequest request = executor::decode(session.payload());
    pg::fix_roles();
    if (request.kind == WorkerRequest::Kind::log_failure)
        log_failure(session, request);
    else
        WorkerRun(session, request).run();
    session.finished();
}

} // namespace pgmigrate::worker

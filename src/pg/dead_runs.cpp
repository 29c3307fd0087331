// SPDX-License-Identifier: PostgreSQL
#include "pg/dead_runs.hpp"

#include "pg/compat.hpp"
#include "pg/locks.hpp"
#include "pg/scopes.hpp"

extern "C" {
#include "storage/latch.h"
#include "storage/procarray.h"
#include "utils/backend_status.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h" // PG_WAIT_EXTENSION
}

namespace pgmigrate::pg
{

namespace
{

constexpr const char *interrupted = "the process that ran it ended before the run did";
// How long a process that an error has taken its locks may need to write down how its run has ended.
constexpr std::int64_t longest_writing = 5000000;
constexpr long poll_milliseconds = 20;

void log_interruption(Catalogue &catalogue, const StoredRun &run, const JournalEntry &journal)
{
    LogEntry entry;
    entry.run = run.run;
    entry.revision = journal.revision;
    entry.direction = journal.direction;
    entry.schema = journal.schema;
    entry.started_at = journal.started_at;
    entry.finished_at = GetCurrentTimestamp();
    entry.statements = journal.done + (journal.running ? 1 : 0);
    entry.applied_by = run.requested_by;
    entry.failure = Failure{std::string(core::sqlstate::worker_died), interrupted, "", "", ""};
    catalogue.log(entry);
}

// Whether the process of the run is still there. One that has begun later than the run has only got its number; but a
// queued run is there before its worker is.
bool process_lives(const StoredRun &run)
{
    return call([&] {
        if (run.state == "queued")
            return BackendPidGetProc(run.pid) != nullptr;
        pgstat_clear_backend_activity_snapshot();
        const int count = pgstat_fetch_stat_numbackends();
        for (int number = 1; number <= count; ++number) {
            const PgBackendStatus &status = compat::backend_status(number);
            if (status.st_procpid == run.pid)
                return status.st_proc_start_timestamp <= run.started_at;
        }
        return false;
    });
}

void pause()
{
    call([] {
        (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, poll_milliseconds, PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
    });
}

// An error takes all locks from a process, and then it writes down how its run has ended. That is its own to do as
// long as it lives: false, unless it comes to its end without.
bool has_died(Catalogue &catalogue, const StoredRun &run)
{
    const std::int64_t until = GetCurrentTimestamp() + longest_writing;
    for (;;) {
        const bool living = alive_process(run.run) != 0 || process_lives(run);
        if (living && run.state == "queued")
            return false;
        // What it has written, it has written before it was gone.
        const LatestSnapshot latest;
        const std::optional<StoredRun> now = catalogue.find_run(run.run, latest.get());
        if (!now || now->state == "finished")
            return false;
        if (!living)
            return true;
        if (GetCurrentTimestamp() > until)
            return false;
        pause();
    }
}

} // namespace

void close_dead_runs(Catalogue &catalogue, const std::optional<std::string> &schema, std::int64_t own)
{
    const std::vector<StoredRun> runs = catalogue.unfinished_runs(schema);
    if (runs.empty())
        return;
    const std::optional<JournalEntry> journal = catalogue.read_journal(schema);
    for (const StoredRun &run : runs) {
        if (run.run == own || !has_died(catalogue, run))
            continue;
        if (journal && journal->run == run.run)
            log_interruption(catalogue, run, *journal);
        catalogue.finish_run(run.run, RunOutcome::interrupted);
    }
}

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#include "pg/dead_runs.hpp"

#include "pg/locks.hpp"

extern "C" {
#include "storage/procarray.h"
#include "utils/timestamp.h"
}

namespace pgmigrate::pg
{

namespace
{

constexpr const char *interrupted = "the process that ran it ended before the run did";

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

} // namespace

bool is_alive(const StoredRun &run)
{
    if (alive_process(run.run) != 0)
        return true;
    // A worker that has just been started has its process already.
    return run.state == "queued" && call([&] { return BackendPidGetProc(run.pid) != nullptr; });
}

void close_dead_runs(Catalogue &catalogue, const std::optional<std::string> &schema, std::int64_t own)
{
    const std::vector<StoredRun> runs = catalogue.unfinished_runs(schema);
    if (runs.empty())
        return;
    const std::optional<JournalEntry> journal = catalogue.read_journal(schema);
    for (const StoredRun &run : runs) {
        if (run.run == own || is_alive(run))
            continue;
        if (journal && journal->run == run.run)
            log_interruption(catalogue, run, *journal);
        catalogue.finish_run(run.run, RunOutcome::interrupted);
    }
}

} // namespace pgmigrate::pg

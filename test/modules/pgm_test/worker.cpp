// SPDX-License-Identifier: PostgreSQL

// Background workers that run a statement, and some that fail in ways of their own.

#include "pg/worker_process.hpp"
#include "pg/worker_session.hpp"

#include "pg/spi.hpp"
#include "pg/values.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "storage/ipc.h"
#include "storage/lock.h"
#include "utils/snapmgr.h"

PGM_EXPORT void pgm_test_worker_main(Datum argument);
PGM_EXPORT void pgm_test_worker_unfinished(Datum argument);
PGM_EXPORT void pgm_test_worker_not_attaching(Datum argument);
PGM_EXPORT void pgm_test_worker_with_lock(Datum argument);
}

using namespace pgmigrate;

namespace
{

// The payload, in one transaction.
void perform(pg::WorkerSession &session)
{
    const char *sql = session.payload().c_str();
    pg::call([] {
        SetCurrentStatementStartTimestamp();
        StartTransactionCommand();
        PushActiveSnapshot(GetTransactionSnapshot());
    });
    {
        const pg::SpiConnection spi;
        pg::call([&] { SPI_execute(sql, false, 0); });
    }
    pg::call([] {
        PopActiveSnapshot();
        CommitTransactionCommand();
    });
    session.finished();
}

void perform_and_forget(pg::WorkerSession &) {}

void perform_with_lock(pg::WorkerSession &session)
{
    LOCKTAG tag;
    SET_LOCKTAG_OBJECT(tag, MyDatabaseId, DatabaseRelationId, MyDatabaseId, 4711);
    pg::call([&] {
        const bool session_lock = true;
        const bool dont_wait = false;
        StartTransactionCommand();
        (void)LockAcquire(&tag, ExclusiveLock, session_lock, dont_wait);
        CommitTransactionCommand();
    });
    perform(session);
}

} // namespace

void pgm_test_worker_main(Datum argument)
{
    pg::run_worker(argument, perform);
}

void pgm_test_worker_unfinished(Datum argument)
{
    pg::run_worker(argument, perform_and_forget);
}

void pgm_test_worker_with_lock(Datum argument)
{
    pg::run_worker(argument, perform_with_lock);
}

void pgm_test_worker_not_attaching(Datum)
{
    proc_exit(1);
}

// Runs `sql` in a worker and waits for it; returns how often there was nothing to do while waiting.
PGM_FUNCTION(pgm_test_worker)
{
    const pg::Arguments arguments(fcinfo);
    const std::string sql = arguments.required_text(0, "sql");
    const std::string function = arguments.required_text(1, "function");
    const pg::WorkerEntry entry{"pgm_test", function.c_str()};
    pg::WorkerProcess worker(sql, pg::WorkerProcess::Lifetime::with_caller, pg::Identity::current(),
                             InvalidTransactionId, entry);
    int idle = 0;
    worker.wait([&] { ++idle; });
    return Int32GetDatum(idle);
}

// Returns its process id at once.
PGM_FUNCTION(pgm_test_independent_worker)
{
    const std::string sql = pg::Arguments(fcinfo).required_text(0, "sql");
    const pg::WorkerEntry entry{"pgm_test", "pgm_test_worker_main"};
    pg::WorkerProcess worker(sql, pg::WorkerProcess::Lifetime::independent, pg::Identity::current(),
                             InvalidTransactionId, entry);
    const int pid = worker.pid();
    worker.release();
    return Int32GetDatum(pid);
}

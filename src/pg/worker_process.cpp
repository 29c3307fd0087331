// SPDX-License-Identifier: PostgreSQL
#include "pg/worker_process.hpp"

#include "pg/channel.hpp"
#include "pg/setting_values.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <new>

extern "C" {
#include "libpq/pqmq.h"
#include "mb/pg_wchar.h"
#include "storage/latch.h"
#include "storage/procsignal.h"
#include "utils/memutils.h"
#include "utils/wait_event.h" // PG_WAIT_EXTENSION
}

namespace pgmigrate::pg
{

// What a process that exits without running destructors still needs: the callback of the segment gets it.
struct WorkerProcess::State {
    MemoryContext memory;  // of this struct and all below
    MemoryContext scratch; // of one message
    channel::Header orders;
    channel::Segment segment;
    shm_mq_handle *queue;
    BackgroundWorkerHandle *worker;
    const char *hint;
    bool spares_statement; // of a caller that has lost its client
};

namespace
{

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds idle_time{500};
// How long a cancelled worker is waited for.
constexpr milliseconds farewell_time{3000};
// After which the postmaster starts a worker again that has left something.
constexpr int restart_seconds = 5;

// Cancels the worker; one that has not begun is never started. Not from a signal handler: takes a lock.
void interrupt(BackgroundWorkerHandle *worker)
{
    pid_t pid = 0;
    switch (GetBackgroundWorkerPid(worker, &pid)) {
    case BGWH_STARTED:
        ::kill(pid, SIGINT);
        break;
    case BGWH_NOT_YET_STARTED:
        TerminateBackgroundWorker(worker);
        break;
    case BGWH_STOPPED:
    case BGWH_POSTMASTER_DIED:
        break;
    }
}

WorkerOptions plain_options(WorkerProcess::Lifetime lifetime, TransactionId start_after, const WorkerEntry &entry)
{
    WorkerOptions options;
    options.entry = entry;
    options.lifetime = lifetime;
    options.start_after = start_after;
    return options;
}

// Waits for the latch. Inside of call().
void doze(milliseconds time)
{
    (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, static_cast<long>(time.count()),
                    PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
}

char *to_server_encoding(char *text, int encoding)
{
    return text == nullptr ? nullptr : pg_any_to_server(text, static_cast<int>(std::strlen(text)), encoding);
}

void to_server_encoding(ErrorData &error, int encoding)
{
    char **texts[] = {&error.message,       &error.detail,         &error.hint,       &error.context,
                      &error.internalquery, &error.schema_name,    &error.table_name, &error.column_name,
                      &error.datatype_name, &error.constraint_name};
    for (char **text : texts)
        *text = to_server_encoding(*text, encoding);
}

// Raises the message here, with the level it has there: what ends the worker does not end the caller's session.
void raise_here(const channel::MessageHead &head, const char *body, Size size, const char *hint)
{
    StringInfoData message;
    initStringInfo(&message);
    appendBinaryStringInfo(&message, body, static_cast<int>(size));
    ErrorData error;
    pq_parse_errornotice(&message, &error);
    if (head.encoding != GetDatabaseEncoding())
        to_server_encoding(error, head.encoding);
    if (error.elevel > ERROR) {
        error.elevel = ERROR;
        if (hint != nullptr && error.hint == nullptr)
            error.hint = pstrdup(hint);
    }
    ThrowErrorData(&error);
}

core::Error start_failure()
{
    return core::Error(core::sqlstate::worker_died, "the background worker ended before it was connected")
        .hint("The server log may say why. When pg_migrate has been installed anew since this session began, connect "
              "again.");
}

} // namespace

WorkerProcess::WorkerProcess(const std::string &payload, Lifetime lifetime, const Identity &caller,
                             TransactionId start_after, const WorkerEntry &entry)
    : WorkerProcess(payload, caller, plain_options(lifetime, start_after, entry))
{
}

WorkerProcess::WorkerProcess(const std::string &payload, const Identity &caller, const WorkerOptions &options)
    : WorkerProcess(call([] {
          MemoryContext memory =
              AllocSetContextCreate(TopMemoryContext, "pg_migrate worker process", ALLOCSET_SMALL_SIZES);
          auto *state = new (MemoryContextAllocZero(memory, sizeof(State))) State{};
          state->memory = memory;
          return state;
      }))
{
    state_->hint = options.hint;
    state_->spares_statement = options.lifetime == Lifetime::with_caller;
    state_->orders.database = OidIsValid(options.database) ? options.database : MyDatabaseId;
    state_->orders.authenticated_user = GetAuthenticatedUserId();
    state_->orders.session_user = GetSessionUserId();
    state_->orders.caller = caller;
    state_->orders.start_after = options.start_after;
    state_->orders.caller_pid = MyProcPid;
    state_->orders.caller_process = MyProc;
    state_->orders.independent = options.lifetime == Lifetime::independent;
    state_->orders.payload_size = payload.size();
    start(payload, options);
    wait_until_connected(options);
}

WorkerProcess::~WorkerProcess()
{
    if (state_ == nullptr)
        return;
    if (state_->worker != nullptr && !state_->orders.independent)
        cancel();
    call_noexcept([&] {
        if (state_->segment.memory != nullptr)
            dsm_detach(state_->segment.memory);
        MemoryContextDelete(state_->memory);
    });
}

void WorkerProcess::start(const std::string &payload, const WorkerOptions &options)
{
    const char *text = payload.c_str();
    const std::string packed = overridden_settings();
    state_->orders.overridden_size = packed.size();
    const char *overridden = packed.c_str();
    const bool registered = call([&] {
        MemoryContext outer = MemoryContextSwitchTo(state_->memory);
        state_->scratch = AllocSetContextCreate(state_->memory, "pg_migrate message", ALLOCSET_SMALL_SIZES);
        state_->segment = channel::create(state_->orders, text, overridden);
        state_->queue = shm_mq_attach(state_->segment.queue, state_->segment.memory, nullptr);

        BackgroundWorker worker{};
        ::pg_snprintf(worker.bgw_name, BGW_MAXLEN, "pg_migrate worker for pid %d", MyProcPid);
        strlcpy(worker.bgw_type, "pg_migrate", BGW_MAXLEN);
        worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
        worker.bgw_start_time = options.cleans_up ? BgWorkerStart_RecoveryFinished : BgWorkerStart_ConsistentState;
        worker.bgw_restart_time = options.cleans_up ? restart_seconds : BGW_NEVER_RESTART;
        strlcpy(worker.bgw_library_name, options.entry.library, sizeof worker.bgw_library_name);
        strlcpy(worker.bgw_function_name, options.entry.function, sizeof worker.bgw_function_name);
        // For one that is started again, when the segment is gone.
        std::memcpy(worker.bgw_extra, &state_->orders.database, sizeof state_->orders.database);
        worker.bgw_main_arg = UInt32GetDatum(dsm_segment_handle(state_->segment.memory));
        worker.bgw_notify_pid = MyProcPid;
        // Before the worker exists, so that there is no moment in which it would be left alone.
        on_dsm_detach(
            state_->segment.memory,
            [](dsm_segment *, Datum argument) {
                const auto *state = reinterpret_cast<State *>(DatumGetPointer(argument));
                pg_atomic_write_u32(&state->segment.header->caller_gone, 1);
                // Whose client has gone lets the worker end its statement; it stops before the next one by itself.
                const bool spared = ClientConnectionLost && state->spares_statement;
                if (state->worker != nullptr && !state->orders.independent && !spared &&
                    channel::progress_of(state->segment) != channel::Progress::finished)
                    interrupt(state->worker);
            },
            PointerGetDatum(state_));
        const bool success = RegisterDynamicBackgroundWorker(&worker, &state_->worker);
        // A worker that dies before it attaches reads as detached then.
        if (success)
            shm_mq_set_handle(state_->queue, state_->worker);
        MemoryContextSwitchTo(outer);
        return success;
    });
    if (!registered)
        throw core::Error(core::sqlstate::configuration_limit_exceeded,
                          std::string("no background worker is free ") + options.purpose)
            .detail("Nothing has been done.")
            .hint("Raise max_worker_processes (it takes a restart of the server), or try again later.");
}

void WorkerProcess::check_on_the_way(const WorkerOptions &options)
{
    const pid_t pid = call([&] {
        CHECK_FOR_INTERRUPTS();
        pid_t found = 0;
        return GetBackgroundWorkerPid(state_->worker, &found) == BGWH_STARTED ? found : 0;
    });
    if (options.on_idle && pid != 0)
        options.on_idle(pid);
}

void WorkerProcess::wait_until_connected(const WorkerOptions &options)
{
    while (channel::progress_of(state_->segment) == channel::Progress::starting) {
        switch (receive()) {
        case Received::message:
            break;
        case Received::closed:
            // It may have come as far as that, and ended.
            if (channel::progress_of(state_->segment) == channel::Progress::starting)
                throw start_failure();
            break;
        case Received::nothing:
            call([] { doze(idle_time); });
            check_on_the_way(options);
            break;
        }
    }
    // The server knows it as long as the process is there only: it may have come to its end by now.
    pid_ = state_->segment.header->worker_pid;
}

Oid WorkerProcess::made_database() const
{
    return state_->segment.header->made_database;
}

void WorkerProcess::ask_to_finish()
{
    call([&] {
        pg_atomic_write_u32(&state_->segment.header->asked_to_finish, 1);
        interrupt(state_->worker);
    });
}

bool WorkerProcess::is_running()
{
    return call([&] {
        pid_t pid = 0;
        const BgwHandleStatus status = GetBackgroundWorkerPid(state_->worker, &pid);
        return status == BGWH_STARTED || status == BGWH_NOT_YET_STARTED;
    });
}

WorkerProcess::Received WorkerProcess::receive()
{
    Size size = 0;
    void *data = nullptr;
    const shm_mq_result result = call([&] {
        CHECK_FOR_INTERRUPTS();
        const bool nowait = true;
        return shm_mq_receive(state_->queue, &size, &data, nowait);
    });
    if (result == SHM_MQ_WOULD_BLOCK)
        return Received::nothing;
    if (result == SHM_MQ_DETACHED)
        return Received::closed;
    relay(static_cast<const char *>(data), size);
    return Received::message;
}

void WorkerProcess::relay(const char *data, std::size_t size)
{
    channel::MessageHead head{};
    if (size < sizeof head)
        throw core::Error(core::sqlstate::internal_error, "a message of the background worker is too short");
    std::memcpy(&head, data, sizeof head);
    const char *body = data + sizeof head;
    const std::size_t body_size = size - sizeof head;
    if (head.type == channel::dropped_messages) {
        std::uint64_t count = 0;
        std::memcpy(&count, body, std::min(body_size, sizeof count));
        warning(std::to_string(count) + " messages of the background worker have been left out",
                "They came faster than the client took them.");
        return;
    }
    if (head.type == channel::result_part) {
        result_.append(body, body_size);
        return;
    }
    failed_ = failed_ || head.type == 'E';
    const bool connected = channel::progress_of(state_->segment) != channel::Progress::starting;
    const char *hint = connected ? state_->hint : nullptr;
    call([&] {
        MemoryContext outer = MemoryContextSwitchTo(state_->scratch);
        MemoryContextReset(state_->scratch);
        raise_here(head, body, body_size, hint);
        MemoryContextSwitchTo(outer);
    });
}

void WorkerProcess::wait(const std::function<void()> &on_idle)
{
    auto idle_since = Clock::now();
    bool closed = false;
    // The process is waited for, too: when the call returns, its slot is free and its locks are.
    while (!closed || is_running()) {
        const Received received = closed ? Received::nothing : receive();
        closed = closed || received == Received::closed;
        if (received != Received::nothing) {
            idle_since = Clock::now();
            continue;
        }
        const auto idle = std::chrono::duration_cast<milliseconds>(Clock::now() - idle_since);
        if (idle >= idle_time) {
            on_idle();
            idle_since = Clock::now();
            continue;
        }
        call([&] {
            doze(idle_time - idle);
            CHECK_FOR_INTERRUPTS();
        });
    }
    if (channel::progress_of(state_->segment) != channel::Progress::finished)
        throw core::Error(core::sqlstate::worker_died, "the background worker ended before it had finished")
            .hint(state_->hint == nullptr ? "" : state_->hint);
}

void WorkerProcess::release()
{
    State *state = std::exchange(state_, nullptr);
    call([&] {
        dsm_detach(state->segment.memory);
        MemoryContextDelete(state->memory);
    });
}

// Runs where an error is on its way already, so interrupts are left for later.
void WorkerProcess::cancel() noexcept
{
    call_noexcept([&] {
        pg_atomic_write_u32(&state_->segment.header->caller_gone, 1);
        if (!failed_ && channel::progress_of(state_->segment) != channel::Progress::finished)
            interrupt(state_->worker);
        const auto end = Clock::now() + farewell_time;
        for (;;) {
            pid_t pid = 0;
            const BgwHandleStatus status = GetBackgroundWorkerPid(state_->worker, &pid);
            const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
            if (status == BGWH_STOPPED || status == BGWH_POSTMASTER_DIED || left.count() <= 0)
                break;
            doze(left);
            // Somebody who drops a database, this worker perhaps, waits until every process has done this.
            if (ProcSignalBarrierPending)
                ProcessProcSignalBarrier();
        }
        // Whoever has waited with this latch looks again.
        SetLatch(MyLatch);
    });
}

} // namespace pgmigrate::pg

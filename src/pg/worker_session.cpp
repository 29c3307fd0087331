// SPDX-License-Identifier: PostgreSQL
#include "pg/worker_session.hpp"

#include "pg/fault_point.hpp"
#include "pg/setting_values.hpp"

#include <csignal>
#include <cstdint>
#include <new>

extern "C" {
#include "access/xact.h"
#include "mb/pg_wchar.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lock.h"
#include "tcop/tcopprot.h" // die
#include "utils/guc.h"
#include "utils/memutils.h"
}

namespace pgmigrate::pg
{

namespace
{

constinit emit_log_hook_type next_log_hook = nullptr;

// An error that the caller gets is written to the log by the caller, with the statement that has caused it. What ends
// this process is written here as well.
void leave_log_to_caller(ErrorData *error)
{
    if (error->elevel <= ERROR && error->output_to_client && channel::caller_listens())
        error->output_to_server = false;
    else if (next_log_hook != nullptr)
        next_log_hook(error);
}

// The server releases locks that are held for the session only when a transaction aborts, and counts on none being left
// when a process is gone.
void release_session_locks(int, Datum)
{
    const bool all_locks = true;
    LockReleaseAll(DEFAULT_LOCKMETHOD, all_locks);
}

} // namespace

// The first thing: until then a caller can learn nothing but that the process has ended.
bool worker::attach(Datum argument, channel::Segment &segment)
{
    segment = channel::attach(DatumGetUInt32(argument));
    if (segment.memory == nullptr)
        return false;
    segment.header->worker_pid = MyProcPid;
    MemoryContext outer = MemoryContextSwitchTo(TopMemoryContext);
    shm_mq_handle *queue = shm_mq_attach(segment.queue, segment.memory, nullptr);
    MemoryContextSwitchTo(outer);
    channel::send_messages_to(segment, queue);
    next_log_hook = emit_log_hook;
    emit_log_hook = leave_log_to_caller;
    return true;
}

// Called after the transaction is gone: the callbacks run in reverse order.
void worker::release_locks_at_exit()
{
    before_shmem_exit(release_session_locks, 0);
}

void worker::tell_progress(const channel::Segment &segment, channel::Progress progress)
{
    pg_atomic_write_u32(&segment.header->progress, static_cast<std::uint32_t>(progress));
    SetLatch(&segment.header->caller_process->procLatch);
}

// What cannot be reported is nobody's loss: the caller sees that the worker ends.
void worker::report_current_exception() noexcept
{
    const boundary::Failure failure = boundary::describe_current_exception();
    call_noexcept([] { AbortOutOfAnyTransaction(); });
    boundary::report(failure);
}

namespace
{

// The server checks whether the authenticated user may become the session user, and that one the role; what is
// beneath a function with the rights of its owner is taken on without.
void take_on_identity(const channel::Header &header)
{
    if (GetSessionUserId() != header.session_user)
        return;
    if (header.caller.user == header.session_user)
        SetCurrentRoleId(InvalidOid, false);
    else
        SetCurrentRoleId(header.caller.user, superuser_arg(header.caller.user));
}

void connect(const channel::Segment &segment)
{
    channel::Header &header = *segment.header;
    // The caller is connected already, whatever the database and the role allow by now.
    std::uint32_t flags = BGWORKER_BYPASS_ALLOWCONN;
#if PG_VERSION_NUM >= 170000 // commit 492217301f1c
    flags |= BGWORKER_BYPASS_ROLELOGINCHECK;
#endif
    call([&] {
        BackgroundWorkerInitializeConnectionByOid(header.database, header.authenticated_user, flags);
        StartTransactionCommand();
        RestoreLibraryState(segment.libraries);
        RestoreGUCState(segment.settings);
        // As a setting, so that it is what a script comes back to. The caller's client has an encoding of its own.
        SetConfigOption("client_encoding", GetDatabaseEncodingName(), PGC_USERSET, PGC_S_SESSION);
        // The caller's transaction can write, whatever is the default of its session.
        SetConfigOption("default_transaction_read_only", "off", PGC_USERSET, PGC_S_SESSION);
    });
    override_settings(segment.overridden, header.overridden_size);
    call([&] {
        take_on_identity(header);
        CommitTransactionCommand();
    });
    if (GetSessionUserId() != header.session_user)
        throw core::Error(core::sqlstate::internal_error, "the background worker has not got the session user");
    worker::tell_progress(segment, channel::Progress::connected);
}

// False after an error.
bool live(Datum argument, void (*perform)(WorkerSession &session)) noexcept
{
    channel::Segment segment{};
    bool success = false;
    try {
        const bool attached = call([&] {
            pqsignal(SIGTERM, die);
            if (!worker::attach(argument, segment))
                return false;
            worker::release_locks_at_exit();
            BackgroundWorkerUnblockSignals();
            return true;
        });
        if (!attached)
            return true;
        fault_point("worker_attached");
        connect(segment);
        fault_point("worker_connected");
        WorkerSession session(segment);
        perform(session);
        success = true;
    } catch (...) {
        worker::report_current_exception();
    }
    try {
        call([&] { channel::deliver_messages(); });
    } catch (...) {
        return false; // cancelled by a caller that wants to hear no more
    }
    return success;
}

} // namespace

WorkerSession::WorkerSession(const channel::Segment &segment)
    : segment_(segment), payload_(segment.payload, segment.header->payload_size)
{
}

void WorkerSession::send_result(const std::string &bytes)
{
    if (!call([&] { return channel::send_result(bytes.data(), bytes.size()); }))
        throw std::bad_alloc();
}

void WorkerSession::finished()
{
    pg_atomic_write_u32(&segment_.header->progress, static_cast<std::uint32_t>(channel::Progress::finished));
}

void run_worker(Datum argument, void (*perform)(WorkerSession &session))
{
    boundary::set_error_home(TopMemoryContext);
    const bool success = live(argument, perform);
    proc_exit(success ? 0 : 1);
}

} // namespace pgmigrate::pg

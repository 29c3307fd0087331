// SPDX-License-Identifier: PostgreSQL
#pragma once

// A background worker, as it sees itself.

#include "pg/channel.hpp"

#include <string>

namespace pgmigrate::pg
{

// Exists once per worker, made by run_worker(), connected: session user, current role, libraries and settings are the
// caller's; the client encoding is that of the database. There is no transaction.
class WorkerSession
{
  public:
    explicit WorkerSession(const channel::Segment &segment);
    WorkerSession(const WorkerSession &) = delete;
    WorkerSession &operator=(const WorkerSession &) = delete;

    const std::string &payload() const { return payload_; }
    int caller_pid() const { return segment_.header->caller_pid; }
    bool independent() const { return segment_.header->independent; }
    TransactionId start_after() const { return segment_.header->start_after; }
    // User and security context of whoever has called the function that has started this worker.
    Identity caller() const { return segment_.header->caller; }

    // The caller has let go of the channel: it is done, has failed, or its process is gone.
    bool caller_gone() const { return channel::caller_gone(segment_); }
    // Sends messages that the caller had no room for. Never waits.
    void flush() { channel::flush_messages(); }
    // Sends bytes to the caller, who gets them by WorkerProcess::take_result().
    void send_result(const std::string &bytes);
    // To be called when everything is committed. Without it the caller reports a worker that has died.
    void finished();

  private:
    channel::Segment segment_;
    std::string payload_;
};

// The whole life of a worker, for the function that the server calls: attaches, connects, performs, reports what has
// been thrown, and exits. A transaction that is open when `perform` throws is aborted. Locks that are held for the
// session are released at the end, however it comes; also by every transaction that is aborted, as the server has it.
[[noreturn]] void run_worker(Datum argument, void (*perform)(WorkerSession &session));

// For a worker that is no session of the caller's: the pieces of it.
namespace worker
{
// Inside call(). False if the caller is gone. From here on messages go to the caller.
bool attach(Datum argument, channel::Segment &segment);
// For locks of the session, however the process ends. To be called before it is connected.
void release_locks_at_exit();
void tell_progress(const channel::Segment &segment, channel::Progress progress);
// Rolls back, and reports the exception in flight.
void report_current_exception() noexcept;
} // namespace worker

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#pragma once

// A background worker, as its caller sees it. It needs no preloaded library.

#include "pg/scopes.hpp"

#include <functional>
#include <string>

namespace pgmigrate::pg
{

// The function that the worker begins with: exported, void (Datum), and calling run_worker() (pg/worker_session.hpp).
struct WorkerEntry {
    const char *library = "pg_migrate";
    const char *function = "pgm_worker_main";
};

class WorkerProcess
{
  public:
    enum class Lifetime {
        with_caller, // is cancelled when the caller fails, is cancelled or terminated
        independent, // goes on whatever becomes of the caller
    };

    // Starts a worker with `payload` and waits until it is connected or has failed: then it has the session user, the
    // libraries and the settings that are in force here and now (so not within an OwnerScope), and `caller` as its
    // current role. Without a free slot nothing is done (53400). A worker that fails before it is connected: its own
    // error (the role is not permitted to log in).
    WorkerProcess(const std::string &payload, Lifetime lifetime, const Identity &caller,
                  TransactionId start_after = InvalidTransactionId, const WorkerEntry &entry = {});
    WorkerProcess(const WorkerProcess &) = delete;
    WorkerProcess &operator=(const WorkerProcess &) = delete;
    // A worker that is to live with the caller and has not ended is cancelled, and waited for a short time.
    ~WorkerProcess();

    int pid() const { return pid_; }

    // Receives messages until the worker has ended. Notices and warnings are raised here as they come, an error is
    // thrown with everything it has; what is FATAL for the worker is an ERROR here. A worker that has ended without
    // having said that it is finished, and why: worker_died. `on_idle` is called about twice a second while nothing
    // comes, and may throw. Obeys interrupts.
    void wait(const std::function<void()> &on_idle);

    // Lets go of an independent worker.
    void release();

  private:
    struct State;
    enum class Received { nothing, message, closed };

    explicit WorkerProcess(State *state) : state_(state) {}
    void start(const std::string &payload, const WorkerEntry &entry);
    void wait_until_connected();
    bool is_running();
    Received receive();
    void relay(const char *data, std::size_t size);
    void cancel() noexcept;

    State *state_; // in a memory context of its own; null when released
    int pid_ = 0;
    bool failed_ = false; // its error has come
};

} // namespace pgmigrate::pg

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

// What a worker may be beside one that runs a migration in the caller's database.
struct WorkerOptions;

class WorkerProcess
{
  public:
    enum class Lifetime {
        with_caller, // is cancelled when the caller fails, is cancelled or terminated
        bound,       // the same, and also in the middle of a statement when the caller has lost its client
        independent, // goes on whatever becomes of the caller
    };

    // Starts a worker with `payload` and waits until it is connected or has failed: then it has the session user, the
    // libraries and the settings that are in force here and now (so not within an OwnerScope), and `caller` as its
    // current role. Without a free slot nothing is done (53400). A worker that fails before it is connected: its own
    // error (the role is not permitted to log in).
    WorkerProcess(const std::string &payload, Lifetime lifetime, const Identity &caller,
                  TransactionId start_after = InvalidTransactionId, const WorkerEntry &entry = {});
    WorkerProcess(const std::string &payload, const Identity &caller, const WorkerOptions &options);
    WorkerProcess(const WorkerProcess &) = delete;
    WorkerProcess &operator=(const WorkerProcess &) = delete;
    // A worker that is to live with the caller and has not ended is cancelled, and waited for a short time.
    ~WorkerProcess();

    int pid() const { return pid_; }
    // The database that it has made; InvalidOid for none.
    Oid made_database() const;
    // Asks it to come to its end, which wait() waits for.
    void ask_to_finish();
    // Whether its process is there, or is yet to be.
    bool is_running();
    // What it has sent as its result, in full once wait() has returned.
    std::string take_result() { return std::move(result_); }

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
    void start(const std::string &payload, const WorkerOptions &options);
    void wait_until_connected(const WorkerOptions &options);
    void check_on_the_way(const WorkerOptions &options);
    Received receive();
    void relay(const char *data, std::size_t size);
    void cancel() noexcept;

    State *state_; // in a memory context of its own; null when released
    std::string result_;
    int pid_ = 0;
    bool failed_ = false; // its error has come
};

struct WorkerOptions {
    WorkerEntry entry{};
    WorkerProcess::Lifetime lifetime = WorkerProcess::Lifetime::with_caller;
    TransactionId start_after = InvalidTransactionId;
    Oid database = InvalidOid; // to connect to; InvalidOid for the caller's
    const char *purpose = "to run the migration";
    // To the user, when the worker has ended before it was done.
    const char *hint = "The next call resumes where this run has stopped.";
    // Has something to clean up: after a crash of the server, and when it exits with an error, it is started again.
    bool cleans_up = false;
    // Called about twice a second, with its process id, while it is not connected; may throw.
    std::function<void(int pid)> on_idle{};
};

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#include "pg/lock_watch.hpp"

#include "pg/scopes.hpp"
#include "pg/transaction.hpp"
#include "pg/waiting.hpp"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

extern "C" {
#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"
}

namespace pgmigrate::pg
{

namespace
{

constexpr int longest_query = 500; // bytes of it that are shown

struct AwaitedLock {
    LOCKTAG tag;
    LOCKMODE mode;
};

// What the signal handler leaves behind.
constinit AwaitedLock awaited = {};
constinit volatile std::sig_atomic_t awaited_is_known = 0;

constinit bool watching = false;
constinit Oid reader_of_queries = InvalidOid;
constinit struct sigaction next_action = {};

extern "C" {
// A lock timeout sends SIGINT to its own process, while that is still waiting. Only memory is read, and that of a lock
// stays readable when somebody else grants it meanwhile.
static void note_awaited_lock(int signal_number, siginfo_t *info, void *context)
{
    const LOCK *lock = MyProc == nullptr ? nullptr : MyProc->waitLock;
    if (lock != nullptr)
        awaited = {lock->tag, MyProc->waitLockMode};
    awaited_is_known = lock != nullptr ? 1 : 0;
    if ((next_action.sa_flags & SA_SIGINFO) != 0)
        next_action.sa_sigaction(signal_number, info, context);
    else if (next_action.sa_handler != SIG_DFL && next_action.sa_handler != SIG_IGN)
        next_action.sa_handler(signal_number);
}
}

bool is_lock_timeout(const PgError &error)
{
    // NOWAIT and RAISE have the same SQLSTATE.
    return error.sqlstate() == core::sqlstate::lock_not_available && error.data() != nullptr &&
           error.data()->funcname != nullptr && std::strcmp(error.data()->funcname, "ProcessInterrupts") == 0;
}

// Who keeps a lock from being granted: he holds one that conflicts, or waited for one before.
struct Blocker {
    int pid; // 0: a prepared transaction
    LOCKMODE mode;
    bool holds;
};

LOCKMODE strongest_conflict(LOCKMASK held, LOCKMODE wanted)
{
    for (LOCKMODE mode = MaxLockMode; mode > NoLock; --mode)
        if ((held & LOCKBIT_ON(mode)) != 0 && DoLockModesConflict(mode, wanted))
            return mode;
    return NoLock;
}

std::vector<Blocker> blockers_of(const AwaitedLock &lock, TimestampTz waited_since)
{
    const MemoryScope memory;
    const LockData *locks = call([] { return GetLockStatusData(); });
    std::vector<Blocker> blockers;
    for (int i = 0; i < locks->nelements; ++i) {
        const LockInstanceData &use = locks->locks[i];
        if (std::memcmp(&use.locktag, &lock.tag, sizeof(LOCKTAG)) != 0 || use.pid == MyProcPid)
            continue;
        const LOCKMODE held = strongest_conflict(use.holdMask, lock.mode);
        const bool in_front = use.waitLockMode != NoLock && DoLockModesConflict(use.waitLockMode, lock.mode) &&
                              use.waitStart != 0 && use.waitStart < waited_since;
        if (held == NoLock && !in_front)
            continue;
        // Parallel workers are shown as the process that they work for.
        const Blocker blocker = {use.leaderPid != 0 ? use.leaderPid : use.pid, held != NoLock ? held : use.waitLockMode,
                                 held != NoLock};
        if (std::none_of(blockers.begin(), blockers.end(), [&](const Blocker &b) { return b.pid == blocker.pid; }))
            blockers.push_back(blocker);
    }
    std::sort(blockers.begin(), blockers.end(), [](const Blocker &a, const Blocker &b) { return a.pid < b.pid; });
    return blockers;
}

// As hours, minutes and seconds.
std::string duration_since(TimestampTz since)
{
    const std::int64_t seconds = std::max<std::int64_t>(0, (GetCurrentTimestamp() - since) / USECS_PER_SEC);
    const auto two_digits = [](std::int64_t number) { return (number < 10 ? ":0" : ":") + std::to_string(number); };
    const std::int64_t hours = seconds / 3600;
    return (hours < 10 ? "0" : "") + std::to_string(hours) + two_digits(seconds / 60 % 60) + two_digits(seconds % 60);
}

const char *state_name(BackendState state)
{
    switch (state) {
    case STATE_IDLE:
        return "idle";
    case STATE_IDLEINTRANSACTION:
        return "idle in transaction";
    case STATE_IDLEINTRANSACTION_ABORTED:
        return "idle in transaction (aborted)";
    case STATE_RUNNING:
        return "running its statement";
    default:
        return nullptr;
    }
}

// Inside call().
const PgBackendStatus *status_of(int pid)
{
    for (int number = 1; number <= pgstat_fetch_stat_numbackends(); ++number) {
        const PgBackendStatus &status = compat::backend_status(number);
        if (status.st_procpid == pid)
            return &status;
    }
    return nullptr;
}

// The rule of pg_stat_activity.
bool may_see_activity(const PgBackendStatus &status)
{
    return call([&] {
        return has_privs_of_role(reader_of_queries, ROLE_PG_READ_ALL_STATS) ||
               has_privs_of_role(reader_of_queries, status.st_userid);
    });
}

// On one line, and not longer than it helps.
std::string shown_query(const PgBackendStatus &status)
{
    std::string text(call([&] { return pgstat_clip_activity(status.st_activity_raw); }));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    const int size = static_cast<int>(text.size());
    if (size <= longest_query)
        return text;
    const char *whole = text.c_str();
    return text.substr(0, static_cast<std::size_t>(call([&] { return pg_mbcliplen(whole, size, longest_query); }))) +
           " ...";
}

// "(user postgres, application psql)"
std::string session_name(const PgBackendStatus &status)
{
    const char *user = call([&] { return GetUserNameFromId(status.st_userid, true); });
    std::string name;
    if (user != nullptr)
        name = "user " + std::string(user);
    if (status.st_appname != nullptr && status.st_appname[0] != '\0')
        name += (name.empty() ? "application " : ", application ") + std::string(status.st_appname);
    return name.empty() ? name : " (" + name + ")";
}

void describe(const Blocker &blocker, const AwaitedLock &lock, std::string &shared, std::string &confidential)
{
    const MemoryScope memory;
    const char *mode = call([&] { return GetLockmodeName(lock.tag.locktag_lockmethodid, blocker.mode); });
    const std::string what = (blocker.holds ? " holds " : " waits in front for ") + std::string(mode);
    if (blocker.pid == 0) {
        shared += "\nA prepared transaction" + what + "; pg_prepared_xacts has those.";
        return;
    }
    shared += "\nProcess " + std::to_string(blocker.pid);
    const PgBackendStatus *status = call([&] { return status_of(blocker.pid); });
    if (status == nullptr) {
        shared += what + ".";
        return;
    }
    shared += session_name(*status) + what;
    if (status->st_xact_start_timestamp != 0)
        shared += "; its transaction has lasted " + duration_since(status->st_xact_start_timestamp);
    shared += ".";
    if (!may_see_activity(*status))
        return;
    const char *state = state_name(status->st_state);
    if (state != nullptr)
        confidential += (confidential.empty() ? "Process " : "\nProcess ") + std::to_string(blocker.pid) + " is " +
                        state + " for " + duration_since(status->st_state_start_timestamp) + ": " +
                        shown_query(*status);
}

void describe_all(PgError &error, const AwaitedLock &lock, TimestampTz waited_since)
{
    // The activity as it is now, whatever the transaction has seen of it before.
    call([] { pgstat_clear_backend_activity_snapshot(); });
    const std::vector<Blocker> blockers = blockers_of(lock, waited_since);
    std::string shared = "It was " + describe_lock(lock.tag, lock.mode) + " that was waited for.";
    std::string confidential;
    for (const Blocker &blocker : blockers)
        describe(blocker, lock, shared, confidential);
    if (blockers.empty())
        shared += " Nobody is in the way any more.";
    error.add_detail(shared);
    if (!confidential.empty())
        error.add_private_detail(confidential);
}

} // namespace

LockWatch::LockWatch(Oid reader) : outermost_(!watching)
{
    if (!outermost_)
        return;
    reader_of_queries = reader;
    awaited_is_known = 0;
    sigaction(SIGINT, nullptr, &next_action);
    struct sigaction own = next_action;
    own.sa_sigaction = note_awaited_lock;
    own.sa_flags |= SA_SIGINFO;
    sigaction(SIGINT, &own, nullptr);
    watching = true;
}

LockWatch::~LockWatch()
{
    if (!outermost_)
        return;
    sigaction(SIGINT, &next_action, nullptr);
    watching = false;
}

void name_blockers(PgError &error)
{
    if (!is_lock_timeout(error) || awaited_is_known == 0)
        return;
    awaited_is_known = 0;
    const AwaitedLock lock = awaited;
    const TimestampTz waited_since = call([] { return get_timeout_start_time(LOCK_TIMEOUT); });
    std::optional<Transaction> transaction;
    if (!IsTransactionState())
        transaction.emplace("pg_migrate: looking for what is in the way", Transaction::Snapshot::none);
    try {
        Subtransaction lookup;
        describe_all(error, lock, waited_since);
        lookup.commit();
    } catch (const PgError &failure) {
        if (failure.sqlstate() == core::sqlstate::query_canceled)
            throw;
        error.add_detail("Who was in the way could not be found out."); // the lock timeout is the error to tell
    }
    if (transaction)
        transaction->commit();
}

} // namespace pgmigrate::pg

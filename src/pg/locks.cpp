// SPDX-License-Identifier: PostgreSQL
#include "pg/locks.hpp"

#include "pg/progress.hpp"
#include "pg/scopes.hpp"
#include "pg/settings.hpp"
#include "pg/waiting.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <vector>

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "storage/sinvaladt.h"
#include "utils/lsyscache.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"
}

namespace pgmigrate::pg
{

namespace
{

// How long a lock is held.
enum class Holder {
    transaction, // to the end of the caller's transaction
    session      // until it is released, or the process ends: a worker, over many transactions
};

// After so long a waiter looks whether the one it waits for waits for it.
constexpr std::int64_t slice_milliseconds = 250;

LOCKTAG line_tag(const Line &line, uint16 sub_id)
{
    return line.schema_oid ? own_lock_tag(NamespaceRelationId, *line.schema_oid, sub_id)
                           : own_lock_tag(ExtensionRelationId, line.extension, sub_id);
}

LOCKTAG revisions_tag(const Line &line)
{
    return own_lock_tag(ExtensionRelationId, line.extension, author_sub_id);
}

LOCKTAG relation_tag(Oid relation)
{
    LOCKTAG tag;
    SET_LOCKTAG_RELATION(tag, MyDatabaseId, relation);
    return tag;
}

LOCKTAG alive_tag(std::int64_t run)
{
    return own_lock_tag(ExtensionRelationId, static_cast<Oid>(run), alive_sub_id);
}

// Locks are of the transaction, not of the query that asks for them: there those of a subtransaction go when it has
// come to its end, and only their owner can release them.
class OwnerOfLocks
{
  public:
    OwnerOfLocks() : outer_(CurrentResourceOwner)
    {
        if (CurTransactionResourceOwner != nullptr)
            CurrentResourceOwner = CurTransactionResourceOwner;
    }
    OwnerOfLocks(const OwnerOfLocks &) = delete;
    OwnerOfLocks &operator=(const OwnerOfLocks &) = delete;
    ~OwnerOfLocks() { CurrentResourceOwner = outer_; }

  private:
    ResourceOwner outer_;
};

bool acquire(const LOCKTAG &tag, LOCKMODE mode, Holder holder, bool dont_wait)
{
    const OwnerOfLocks owner;
    const bool session_lock = holder == Holder::session;
    return call([&] { return LockAcquire(&tag, mode, session_lock, dont_wait) != LOCKACQUIRE_NOT_AVAIL; });
}

bool held(const LOCKTAG &tag, LOCKMODE mode)
{
    return compat::lock_held_by_me(tag, mode);
}

// Does nothing for a lock that is not held: an error has released those of a session as well.
void release(const LOCKTAG &tag, LOCKMODE mode, Holder holder)
{
    const OwnerOfLocks owner;
    const bool session_lock = holder == Holder::session;
    if (held(tag, mode))
        call([&] { LockRelease(&tag, mode, session_lock); });
}

// The processes that hold the lock; they may be gone by the time this is read.
std::vector<int> holders(const LOCKTAG &tag, LOCKMODE mode)
{
    int count = 0;
    VirtualTransactionId *conflicts = call([&] { return GetLockConflicts(&tag, mode, &count); });
    std::vector<int> processes;
    for (int i = 0; i < count; ++i) {
        PGPROC *process = compat::process_of(conflicts[i]);
        if (process != nullptr && process->pid != 0)
            processes.push_back(process->pid);
    }
    return processes;
}

std::string joined(const std::vector<int> &processes)
{
    std::string text;
    for (const int process : processes)
        text += (text.empty() ? "" : ", ") + std::to_string(process);
    return text;
}

// What is waited for, and how.
struct Wait {
    LOCKTAG tag;
    LOCKMODE mode;
    const char *what;                                 // is held, for the error text
    std::function<bool(const Board &)> is_waited_for; // whose statements would have to wait for this session
};

// Waits for one slice. In a subtransaction: the timeout is an error of the server. A lock that has come at the same
// moment goes with the subtransaction: the server raises the error then when it looks for interrupts the next time,
// which is to be here.
bool acquire_within_slice(const LOCKTAG &tag, LOCKMODE mode)
{
    try {
        Subtransaction attempt;
        acquire(tag, mode, Holder::transaction, false);
        ServerInterrupts().check();
        attempt.commit();
        return true;
    } catch (const PgError &error) {
        if (error.sqlstate() != core::sqlstate::lock_not_available)
            throw;
        return false;
    }
}

// A session that has a transaction open is waited for by statements that run outside of transactions.
void refuse_to_block(const std::vector<Board> &boards, const Wait &wait, const core::Error &obstacle)
{
    for (const Board &board : boards)
        if (board.nontransactional_ahead && wait.is_waited_for(board))
            throw core::Error(core::sqlstate::lock_not_available,
                              "a migration is running that would have to wait for this transaction")
                .detail("Process " + std::to_string(board.pid) +
                        " has statements before it that run outside of a transaction, and so wait until all others "
                        "have ended. This one cannot wait for it: " +
                        obstacle.detail())
                .hint("Try again when it is done, or call it with autocommit on, outside of a transaction block, "
                      "where it waits.");
}

std::vector<int> waited_for(const std::vector<Board> &boards, const Wait &wait)
{
    std::vector<int> processes = holders(wait.tag, wait.mode);
    for (const Board &board : boards)
        if (wait.is_waited_for(board))
            processes.push_back(board.pid);
    return processes;
}

// Waits until the lock is there (true) or the time is up. `until`: 0 for no limit.
bool wait_in_slices(const Wait &wait, TimestampTz until)
{
    const std::optional<core::Error> obstacle = obstacle_to_waiting();
    if (obstacle)
        refuse_to_block(read_boards(), wait, *obstacle);
    std::optional<SafeWait> safe;
    if (!obstacle)
        safe.emplace();
    SelfBlockWatch watch;
    for (;;) {
        std::int64_t slice = slice_milliseconds;
        if (until != 0)
            slice = std::clamp<std::int64_t>((until - GetCurrentTimestamp()) / 1000, 1, slice);
        const SettingScope timeout("lock_timeout", std::to_string(slice));
        if (acquire_within_slice(wait.tag, wait.mode))
            break;
        if (until != 0 && GetCurrentTimestamp() >= until)
            return false;
        const std::vector<Board> boards = read_boards();
        if (obstacle)
            refuse_to_block(boards, wait, *obstacle);
        watch.check(waited_for(boards, wait));
    }
    return true;
}

// Waits as long as pg_migrate.lock_timeout, or else lock_timeout, allows.
void wait_for(const Wait &wait, Holder holder)
{
    if (acquire(wait.tag, wait.mode, holder, true))
        return;
    const int limit = runner_lock_timeout() > 0 ? runner_lock_timeout() : LockTimeout;
    if (holder == Holder::session) { // has no snapshot that anybody could wait for
        const SettingScope timeout("lock_timeout", std::to_string(limit));
        acquire(wait.tag, wait.mode, holder, false);
        return;
    }
    const std::vector<int> processes = holders(wait.tag, wait.mode);
    const TimestampTz until = limit > 0 ? GetCurrentTimestamp() + std::int64_t{limit} * 1000 : 0;
    if (!wait_in_slices(wait, until)) {
        core::Error error(core::sqlstate::lock_not_available, "canceling statement due to lock timeout");
        if (!processes.empty())
            error.set_detail(std::string(wait.what) + " is held by process " + joined(processes) + ".");
        throw error;
    }
}

std::function<bool(const Board &)> runs(const Line &line)
{
    return [&line](const Board &board) {
        return line.schema ? board.has_schema && *line.schema == board.schema : !board.has_schema;
    };
}

Wait for_turn(const Line &line)
{
    return {line_tag(line, turn_sub_id), ExclusiveLock, "Another run of this version line", runs(line)};
}

Wait for_runner(const Line &line)
{
    return {line_tag(line, runner_sub_id), ExclusiveLock, "Another run of this version line", runs(line)};
}

constexpr LOCKMODE adding = ShareUpdateExclusiveLock;

// Who adds a revision has no run in his way: at most another author who waits for one, a slice at a time.
Wait for_revisions(const Line &line, LOCKMODE mode)
{
    const bool waits_for_runs = mode != adding;
    return {revisions_tag(line), mode, "The lock on the revisions",
            [waits_for_runs](const Board &) { return waits_for_runs; }};
}

// Takes the locks in order, and the one on the revisions. Neither is held while the other is waited for: whoever holds
// the one may be about to ask for the other.
void lock_all(const std::vector<Wait> &line_locks, const Wait &revisions, Holder holder)
{
    for (;;) {
        for (const Wait &wait : line_locks)
            wait_for(wait, holder);
        if (acquire(revisions.tag, revisions.mode, holder, true))
            return;
        for (const Wait &wait : line_locks)
            release(wait.tag, wait.mode, holder);
        wait_for(revisions, holder);
        release(revisions.tag, revisions.mode, holder);
    }
}

} // namespace

LOCKTAG own_lock_tag(Oid class_id, Oid object_id, uint16 sub_id)
{
    LOCKTAG tag;
    SET_LOCKTAG_OBJECT(tag, MyDatabaseId, class_id, object_id, sub_id);
    return tag;
}

Line line_of(Oid extension, const std::optional<std::string> &schema)
{
    return {extension, schema ? find_schema(*schema) : std::nullopt, schema};
}

Oid schema_oid(const std::string &schema)
{
    // In search_path the first would mean the schema named like the user, quoted or not.
    if (schema == "$user" || schema == "information_schema" || schema.starts_with("pg_"))
        throw core::Error(core::sqlstate::invalid_parameter_value,
                          "schema \"" + schema + "\" cannot have a version line of its own");
    const char *name = schema.c_str();
    return call([&] { return get_namespace_oid(name, false); });
}

std::optional<Oid> find_schema(const std::string &schema)
{
    const char *name = schema.c_str();
    const Oid oid = call([&] { return get_namespace_oid(name, true); });
    return OidIsValid(oid) ? std::optional<Oid>(oid) : std::nullopt;
}

std::optional<std::string> schema_name(Oid schema)
{
    const char *name = call([&] { return get_namespace_name(schema); });
    return name == nullptr ? std::nullopt : std::optional<std::string>(name);
}

void lock_for_run(const Line &line)
{
    lock_all({for_turn(line), for_runner(line)}, for_revisions(line, AccessShareLock), Holder::transaction);
}

bool try_lock_for_run(const Line &line)
{
    const bool no_wait = true;
    if (!acquire(line_tag(line, turn_sub_id), ExclusiveLock, Holder::transaction, no_wait))
        return false;
    if (acquire(line_tag(line, runner_sub_id), ExclusiveLock, Holder::transaction, no_wait)) {
        if (acquire(revisions_tag(line), AccessShareLock, Holder::transaction, no_wait))
            return true;
        release(line_tag(line, runner_sub_id), ExclusiveLock, Holder::transaction);
    }
    release(line_tag(line, turn_sub_id), ExclusiveLock, Holder::transaction);
    return false;
}

bool is_run_elsewhere(const Line &line)
{
    return !holders(line_tag(line, turn_sub_id), ExclusiveLock).empty() ||
           !holders(line_tag(line, runner_sub_id), ExclusiveLock).empty();
}

void unlock_for_run(const Line &line)
{
    keep_turn_only(line);
    release(line_tag(line, turn_sub_id), ExclusiveLock, Holder::transaction);
}

void keep_turn_only(const Line &line)
{
    release(revisions_tag(line), AccessShareLock, Holder::transaction);
    release(line_tag(line, runner_sub_id), ExclusiveLock, Holder::transaction);
}

void lock_as_worker(const Line &line, bool with_turn)
{
    std::vector<Wait> line_locks;
    if (with_turn)
        line_locks.push_back(for_turn(line));
    line_locks.push_back(for_runner(line));
    lock_all(line_locks, for_revisions(line, AccessShareLock), Holder::session);
}

bool lock_as_worker_again(const Line &line, std::int64_t run)
{
    const LOCKTAG runner = line_tag(line, runner_sub_id);
    if (held(runner, ExclusiveLock))
        return true;
    const bool no_wait = true;
    if (run != 0)
        acquire(alive_tag(run), ExclusiveLock, Holder::session, no_wait);
    if (!acquire(runner, ExclusiveLock, Holder::session, no_wait))
        return false;
    if (acquire(revisions_tag(line), AccessShareLock, Holder::session, no_wait))
        return true;
    release(runner, ExclusiveLock, Holder::session);
    return false;
}

void unlock_as_worker(const Line &line, bool with_turn)
{
    release(revisions_tag(line), AccessShareLock, Holder::session);
    release(line_tag(line, runner_sub_id), ExclusiveLock, Holder::session);
    if (with_turn)
        release(line_tag(line, turn_sub_id), ExclusiveLock, Holder::session);
}

void lock_alive(std::int64_t run)
{
    acquire(alive_tag(run), ExclusiveLock, Holder::session, false);
}

void unlock_alive(std::int64_t run)
{
    release(alive_tag(run), ExclusiveLock, Holder::session);
}

int alive_process(std::int64_t run)
{
    const LOCKTAG tag = alive_tag(run);
    // Not holders(): between two of its transactions a process is no conflict to the server.
    for (const LockUse &use : own_lock_uses())
        if (use.held && std::memcmp(&use.tag, &tag, sizeof tag) == 0)
            return use.pid;
    return 0;
}

bool wait_until_ended(std::int64_t run, std::int64_t until)
{
    const Wait wait = {alive_tag(run), ShareLock, "", [run](const Board &board) { return board.run == run; }};
    if (!acquire(wait.tag, wait.mode, Holder::transaction, true) && !wait_in_slices(wait, until))
        return false;
    release(wait.tag, wait.mode, Holder::transaction);
    return true;
}

void lock_relation(Oid relation)
{
    acquire(relation_tag(relation), ShareUpdateExclusiveLock, Holder::session, false);
}

void unlock_relation(Oid relation)
{
    release(relation_tag(relation), ShareUpdateExclusiveLock, Holder::session);
}

void lock_authors(Oid extension, AuthorLock mode)
{
    const Line line = {extension, std::nullopt, std::nullopt};
    wait_for(for_revisions(line, mode == AuthorLock::add ? adding : AccessExclusiveLock), Holder::transaction);
}

std::vector<LockUse> own_lock_uses()
{
    const MemoryScope memory;
    const LockData *locks = call([] { return GetLockStatusData(); });
    std::vector<LockUse> uses;
    for (int i = 0; i < locks->nelements; ++i) {
        const LockInstanceData &lock = locks->locks[i];
        const LOCKTAG &tag = lock.locktag;
        if (tag.locktag_type == LOCKTAG_OBJECT && tag.locktag_field1 == MyDatabaseId && tag.locktag_field4 != 0 &&
            (tag.locktag_field2 == ExtensionRelationId || tag.locktag_field2 == NamespaceRelationId))
            uses.push_back({tag, lock.pid, lock.holdMask != 0, lock.waitLockMode, lock.waitStart});
    }
    return uses;
}

std::vector<WaitingRun> waiting_runs()
{
    std::vector<WaitingRun> runs;
    for (const LockUse &use : own_lock_uses()) {
        const uint16 sub_id = use.tag.locktag_field4;
        const bool for_revisions = sub_id == author_sub_id && use.awaited == AccessShareLock;
        const bool for_line = (sub_id == runner_sub_id || sub_id == turn_sub_id) && use.awaited != NoLock;
        if (!for_revisions && !for_line)
            continue;
        WaitingRun run{use.pid, for_revisions, std::nullopt, use.waiting_since};
        if (use.tag.locktag_field2 == NamespaceRelationId)
            run.schema = use.tag.locktag_field3;
        runs.push_back(run);
    }
    return runs;
}

} // namespace pgmigrate::pg

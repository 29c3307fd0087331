// SPDX-License-Identifier: PostgreSQL
#include "pg/locks.hpp"

#include "pg/scopes.hpp"
#include "pg/settings.hpp"

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
}

namespace pgmigrate::pg
{

namespace
{

bool acquire(const LOCKTAG &tag, LOCKMODE mode, bool dont_wait)
{
    const bool session_lock = false;
    return call([&] { return LockAcquire(&tag, mode, session_lock, dont_wait) != LOCKACQUIRE_NOT_AVAIL; });
}

// The processes that hold the lock, for an error text; they may be gone by the time it is read.
std::string holders(const LOCKTAG &tag, LOCKMODE mode)
{
    int count = 0;
    VirtualTransactionId *conflicts = call([&] { return GetLockConflicts(&tag, mode, &count); });
    std::string text;
    for (int i = 0; i < count; ++i) {
        PGPROC *process = compat::process_of(conflicts[i]);
        if (process == nullptr || process->pid == 0)
            continue;
        text += (text.empty() ? "" : ", ") + std::to_string(process->pid);
    }
    return text;
}

void release(const LOCKTAG &tag, LOCKMODE mode)
{
    const bool session_lock = false;
    call([&] { LockRelease(&tag, mode, session_lock); });
}

// Waits as long as pg_migrate.lock_timeout allows; `what` is held, for the error text.
void wait_for(const LOCKTAG &tag, LOCKMODE mode, const std::string &what)
{
    if (acquire(tag, mode, true))
        return;
    const std::string processes = holders(tag, mode);
    std::optional<SettingScope> timeout;
    if (runner_lock_timeout() > 0)
        timeout.emplace("lock_timeout", std::to_string(runner_lock_timeout()));
    try {
        acquire(tag, mode, false);
    } catch (PgError &error) {
        if (error.sqlstate() == "55P03" && !processes.empty())
            error.set_detail(what + " is held by process " + processes + ".");
        throw;
    }
}

constexpr const char *a_run = "Another run of this version line";
constexpr const char *the_revisions = "The lock on the revisions";

} // namespace

LOCKTAG own_lock_tag(Oid class_id, Oid object_id, uint16 sub_id)
{
    LOCKTAG tag;
    SET_LOCKTAG_OBJECT(tag, MyDatabaseId, class_id, object_id, sub_id);
    return tag;
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

void lock_for_run(Oid extension, const std::optional<Oid> &schema)
{
    const LOCKTAG revisions = own_lock_tag(ExtensionRelationId, extension, author_sub_id);
    const LOCKTAG line = schema ? own_lock_tag(NamespaceRelationId, *schema, runner_sub_id)
                                : own_lock_tag(ExtensionRelationId, extension, runner_sub_id);
    // Neither lock is held while the other is waited for: whoever holds one may be about to ask for the other.
    for (;;) {
        wait_for(revisions, AccessShareLock, the_revisions);
        if (acquire(line, ExclusiveLock, true))
            return;
        release(revisions, AccessShareLock);
        wait_for(line, ExclusiveLock, a_run);
        if (acquire(revisions, AccessShareLock, true))
            return;
        release(line, ExclusiveLock);
    }
}

void lock_authors(Oid extension, AuthorLock mode)
{
    wait_for(own_lock_tag(ExtensionRelationId, extension, author_sub_id),
             mode == AuthorLock::add ? ShareUpdateExclusiveLock : AccessExclusiveLock, the_revisions);
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
        if (!for_revisions && (sub_id != runner_sub_id || use.awaited == NoLock))
            continue;
        WaitingRun run{use.pid, for_revisions, std::nullopt, use.waiting_since};
        if (use.tag.locktag_field2 == NamespaceRelationId)
            run.schema = use.tag.locktag_field3;
        runs.push_back(run);
    }
    return runs;
}

} // namespace pgmigrate::pg

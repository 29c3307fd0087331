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
}

namespace pgmigrate::pg
{

namespace
{

// Sub-ids of the object locks; the server itself uses 0 for both classes.
constexpr uint16 runner_sub_id = 0x4D47;
constexpr uint16 author_sub_id = 0x4D48;

LOCKTAG object_tag(Oid class_id, Oid object_id, uint16 sub_id)
{
    LOCKTAG tag;
    SET_LOCKTAG_OBJECT(tag, MyDatabaseId, class_id, object_id, sub_id);
    return tag;
}

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

void wait_for_runner(const LOCKTAG &tag)
{
    const std::string running = holders(tag, ExclusiveLock);
    std::optional<SettingScope> timeout;
    if (runner_lock_timeout() > 0)
        timeout.emplace("lock_timeout", std::to_string(runner_lock_timeout()));
    try {
        acquire(tag, ExclusiveLock, false);
    } catch (PgError &error) {
        if (error.sqlstate() == "55P03" && !running.empty())
            error.set_detail("Another run of this version line is held by process " + running + ".");
        throw;
    }
}

} // namespace

Oid schema_oid(const std::string &schema)
{
    const char *name = schema.c_str();
    return call([&] { return get_namespace_oid(name, false); });
}

void lock_runner(Oid extension, const std::optional<std::string> &schema)
{
    const LOCKTAG tag = schema ? object_tag(NamespaceRelationId, schema_oid(*schema), runner_sub_id)
                               : object_tag(ExtensionRelationId, extension, runner_sub_id);
    if (!acquire(tag, ExclusiveLock, true))
        wait_for_runner(tag);
}

void lock_authors(Oid extension, AuthorLock mode)
{
    acquire(object_tag(ExtensionRelationId, extension, author_sub_id),
            mode == AuthorLock::add ? ShareUpdateExclusiveLock : AccessExclusiveLock, false);
}

void lock_revisions_for_run(Oid extension)
{
    acquire(object_tag(ExtensionRelationId, extension, author_sub_id), AccessShareLock, false);
}

} // namespace pgmigrate::pg

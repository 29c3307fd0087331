// SPDX-License-Identifier: PostgreSQL
#include "pg/pages.hpp"

#include "pg/compat.hpp"
#include "pg/scopes.hpp"
#include "pg/waiting.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/lsyscache.h"
#include "utils/wait_event.h"
}

namespace pgmigrate::pg
{

namespace
{

constexpr uint32 class_of_wait = 0xFF000000;

// What pg_migrate reads itself is not in use while it waits.
bool is_own(const LOCKTAG &tag)
{
    return get_rel_namespace(tag.locktag_field2) == get_namespace_oid("migrate", true);
}

} // namespace

// Read without a lock, as pg_stat_activity does: whoever asks asks again.
bool waits_for_page(int pid)
{
    for (uint32 i = 0; i < ProcGlobal->allProcCount; ++i) {
        const PGPROC &process = ProcGlobal->allProcs[i];
        const PGPROC *leader = process.lockGroupLeader;
        const bool belongs = process.pid == pid || (process.pid != 0 && leader != nullptr && leader->pid == pid);
        const volatile uint32 &wait = process.wait_event_info;
        if (belongs && (wait & class_of_wait) == compat::wait_for_page)
            return true;
    }
    return false;
}

std::string relation_in_use()
{
    const MemoryScope memory;
    const LockData *data = call([] { return GetLockStatusData(); });
    for (int i = 0; i < data->nelements; ++i) {
        const LockInstanceData &lock = data->locks[i];
        if (lock.pid != MyProcPid || lock.holdMask == 0 || lock.locktag.locktag_type != LOCKTAG_RELATION)
            continue;
        if (call([&] { return is_own(lock.locktag); }))
            continue;
        return describe_held(lock.locktag, lock.holdMask);
    }
    return {};
}

} // namespace pgmigrate::pg

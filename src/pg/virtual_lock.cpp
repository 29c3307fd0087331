// SPDX-License-Identifier: PostgreSQL
#include "pg/virtual_lock.hpp"

#include "pg/scopes.hpp"

extern "C" {
#include "access/transam.h" // FirstNormalObjectId
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/lsyscache.h"
}

namespace pgmigrate::pg
{

namespace
{

// Catalogues are never built, reindexed or dropped concurrently. The tables of pg_migrate are read by pg_migrate alone,
// and anew for each statement. Who locks a relation of TOAST has locked its table as well.
bool is_harmless(const LOCKTAG &tag)
{
    const Oid relation = tag.locktag_field2;
    if (tag.locktag_type != LOCKTAG_RELATION || relation < FirstNormalObjectId)
        return true;
    const Oid schema = get_rel_namespace(relation);
    return schema == PG_TOAST_NAMESPACE || schema == get_namespace_oid("migrate", true);
}

bool holds_relations()
{
    const MemoryScope memory;
    return call([] {
        const LockData *data = GetLockStatusData();
        for (int i = 0; i < data->nelements; ++i) {
            const LockInstanceData &lock = data->locks[i];
            if (lock.pid == MyProcPid && lock.holdMask != 0 && !is_harmless(lock.locktag))
                return true;
        }
        return false;
    });
}

} // namespace

Unawaited::Unawaited()
{
    const bool has_lock = LocalTransactionIdIsValid(MyProc->fpLocalTransactionId);
    if (!has_lock || holds_relations())
        return;
    call([] { VirtualXactLockTableCleanup(); });
    released_ = true;
}

void Unawaited::end() noexcept
{
    if (!released_)
        return;
    released_ = false;
    call_noexcept([] {
        VirtualTransactionId transaction;
        GET_VXID_FROM_PGPROC(transaction, *MyProc);
        VirtualXactLockTableInsert(transaction);
    });
}

} // namespace pgmigrate::pg

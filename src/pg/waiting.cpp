// SPDX-License-Identifier: PostgreSQL
#include "pg/waiting.hpp"

#include "pg/index_filter.hpp"

extern "C" {
#include "storage/lwlock.h"
#include "storage/proc.h"
}

namespace pgmigrate::pg
{

namespace
{

void set_flag(bool on)
{
    LWLockAcquire(ProcArrayLock, LW_EXCLUSIVE);
    if (on)
        MyProc->statusFlags |= PROC_IN_SAFE_IC;
    else
        MyProc->statusFlags &= static_cast<uint8>(~PROC_IN_SAFE_IC);
    ProcGlobal->statusFlags[MyProc->pgxactoff] = MyProc->statusFlags;
    LWLockRelease(ProcArrayLock);
}

} // namespace

// What is valid before the flag is on has waited for the snapshots of this backend, or is older than they are.
SafeWait::SafeWait()
{
    if ((MyProc->statusFlags & PROC_IN_SAFE_IC) != 0)
        return;
    keep_planner_from_later_indexes();
    call([] { set_flag(true); });
    flagged_ = true;
    try {
        // For the builds that have found the snapshot before the flag was on.
        unawaited_.emplace();
    } catch (...) {
        call_noexcept([] { set_flag(false); });
        throw;
    }
}

SafeWait::~SafeWait()
{
    if (!flagged_)
        return;
    // Builds that find the snapshot from now on wait for it, so the lock that they wait for has to be there first.
    unawaited_.reset();
    call_noexcept([] { set_flag(false); });
}

} // namespace pgmigrate::pg

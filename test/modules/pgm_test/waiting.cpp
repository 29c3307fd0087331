// SPDX-License-Identifier: PostgreSQL
#include "pg/waiting.hpp"

#include "pg/index_filter.hpp"
#include "pg/scopes.hpp"
#include "pg/values.hpp"

extern "C" {
#include "storage/lmgr.h"
#include "storage/lock.h"
}

namespace
{

using namespace pgmigrate;

// pg_advisory_lock_shared(key), released at once.
void wait_for_advisory_lock(std::int64_t key)
{
    LOCKTAG tag;
    SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, static_cast<uint32>(key >> 32), static_cast<uint32>(key), 1);
    pg::call([&] {
        LockAcquire(&tag, ShareLock, false, false);
        LockRelease(&tag, ShareLock, false);
    });
}

} // namespace

PGM_FUNCTION(pgm_test_obstacle_to_waiting)
{
    if (const std::optional<core::Error> obstacle = pg::obstacle_to_waiting())
        throw core::Error(*obstacle);
    PG_RETURN_VOID();
}

// Waits until nobody holds the advisory lock exclusively; flagged or not.
PGM_FUNCTION(pgm_test_wait)
{
    const std::int64_t key = DatumGetInt64(PG_GETARG_DATUM(0));
    const bool flagged = DatumGetBool(PG_GETARG_DATUM(1));
    std::optional<pg::SafeWait> wait;
    if (flagged)
        wait.emplace();
    wait_for_advisory_lock(key);
    PG_RETURN_VOID();
}

// From now on the indexes that are built while this session waits are kept from its planner.
PGM_FUNCTION(pgm_test_install_index_filter)
{
    pg::install_index_filter();
    PG_RETURN_VOID();
}

PGM_FUNCTION(pgm_test_waits_for_this_backend)
{
    return BoolGetDatum(pg::waits_for_this_backend(DatumGetInt32(PG_GETARG_DATUM(0))));
}

PGM_FUNCTION(pgm_test_refuse_self_block)
{
    pg::refuse_self_block(DatumGetInt32(PG_GETARG_DATUM(0)));
    PG_RETURN_VOID();
}

// SPDX-License-Identifier: PostgreSQL
#include "pg/deferred_cancel.hpp"

#include "pg/postgres.hpp"

extern "C" {
#include "miscadmin.h"
}

namespace pgmigrate::pg
{

DeferredCancel::DeferredCancel() noexcept : pending_(QueryCancelPending != 0)
{
    QueryCancelPending = false;
}

DeferredCancel::~DeferredCancel()
{
    if (!pending_)
        return;
    QueryCancelPending = true;
    InterruptPending = true;
}

} // namespace pgmigrate::pg

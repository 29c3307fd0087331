// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "pg/boundary.hpp"

namespace pgmigrate::pg
{

// While it lives, nobody waits for the transaction of this backend to end: an index build that found its snapshot
// before it was flagged goes on, as if the transaction had ended. Where this session holds locks on relations that
// somebody could wait for in the same way (DROP INDEX CONCURRENTLY waits for readers), nothing is done.
//
// It releases the lock on the virtual transaction id and takes it again, as the server does at the beginning and the
// end of a transaction (VirtualXactLockTableInsert, VirtualXactLockTableCleanup).
class Unawaited
{
  public:
    Unawaited();
    Unawaited(const Unawaited &) = delete;
    Unawaited &operator=(const Unawaited &) = delete;
    ~Unawaited() { end(); }
    void end() noexcept;

  private:
    bool released_ = false;
};

} // namespace pgmigrate::pg

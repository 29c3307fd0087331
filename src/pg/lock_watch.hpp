// SPDX-License-Identifier: PostgreSQL
#pragma once

// After a lock timeout: which lock was waited for, and who is in the way.

#include "pg/boundary.hpp"

namespace pgmigrate::pg
{

// While it lives, a lock timeout leaves behind which lock was waited for; the server has forgotten it by the time the
// error is raised. A second one inside of the first does nothing.
class LockWatch
{
  public:
    // `reader`: whose rights decide what of the queries of others an error tells.
    explicit LockWatch(Oid reader);
    LockWatch(const LockWatch &) = delete;
    LockWatch &operator=(const LockWatch &) = delete;
    ~LockWatch();

  private:
    bool outermost_;
};

// Adds to the DETAIL of a lock timeout the lock that was waited for and the processes that hold it, or wait for it in
// front; to the private detail what they run. Does nothing for other errors, nor a second time. To be called when what
// has failed is rolled back, with or without a transaction.
void name_blockers(PgError &error);

} // namespace pgmigrate::pg

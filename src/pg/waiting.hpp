// SPDX-License-Identifier: PostgreSQL
#pragma once

// Waiting for a migration that builds indexes concurrently. The server lets such a build end only when every snapshot
// older than it is gone, that of the session that waits for the migration among them. So whoever waits says that he
// does nothing else (SafeWait).

#include "pg/boundary.hpp"
#include "pg/virtual_lock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pgmigrate::pg
{

// Null, or why this session must not wait for a migration that runs statements outside transactions: its own snapshot
// or locks would be waited for in turn. SQLSTATE 25001, with detail and hint.
std::optional<core::Error> obstacle_to_waiting();

// While it lives, index builds do not wait for the snapshots of this backend. For nothing but waiting: no query, no
// snapshot that is kept, no transaction id. obstacle_to_waiting() comes before.
//
// A snapshot that nobody waits for may see rows that an index lacks which has been built meanwhile. So from here to the
// end of the transaction the planner does not use such an index: see index_filter.hpp.
class SafeWait
{
  public:
    SafeWait();
    SafeWait(const SafeWait &) = delete;
    SafeWait &operator=(const SafeWait &) = delete;
    ~SafeWait();

  private:
    bool flagged_ = false;
    std::optional<Unawaited> unawaited_;
};

// As the server's own messages name it: AccessShareLock on relation public.t. In a transaction.
std::string describe_lock(const LOCKTAG &tag, LOCKMODE mode);
std::string describe_held(const LOCKTAG &tag, LOCKMASK held);

// Does the process wait, directly or through others, for this backend (as pg_blocking_pids tells)?
bool waits_for_this_backend(int pid);
// Throws 55006 that names the lock and the processes if so.
void refuse_self_block(int pid);

// The same for those that are waited for, looked at again and again. Who is blocked by way of others may get on without
// this backend: a third session that waits for a run lets its builds pass, or gives up, as soon as it looks; and who
// waits for a page that this backend may use may wait for another one that does. So those count only when it has
// lasted.
class SelfBlockWatch
{
  public:
    void check(const std::vector<int> &pids);

  private:
    std::int64_t since_ = 0; // as in timestamptz; 0: not blocked
};

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#pragma once

// Waiting for a migration that builds indexes concurrently. The server lets such a build end only when every snapshot
// older than it is gone, that of the session that waits for the migration among them. So whoever waits says that he
// does nothing else (SafeWait), and answers for what follows from it: his snapshot may see rows that the new index
// lacks.

#include "pg/boundary.hpp"
#include "pg/virtual_lock.hpp"

#include <optional>
#include <vector>

namespace pgmigrate::pg
{

// Null, or why this session must not wait for a migration that runs statements outside transactions: its own snapshot
// or locks would be waited for in turn. SQLSTATE 25001, with detail and hint.
std::optional<core::Error> obstacle_to_waiting();

// While it lives, index builds do not wait for the snapshots of this backend. For nothing but waiting: no query, no
// snapshot that is kept, no transaction id. obstacle_to_waiting() comes before.
class SafeWait
{
  public:
    SafeWait();
    SafeWait(const SafeWait &) = delete;
    SafeWait &operator=(const SafeWait &) = delete;
    ~SafeWait();

    // Ends the wait. Throws 40001 if an index has been built meanwhile, or is about to be, that could lack rows which
    // the snapshots of this transaction see, unless hide_new_indexes_from_old_snapshots() keeps them from using it.
    // Without it the transaction must not go on: an error that ended the wait has to leave the call.
    void finish();

  private:
    void take_flag_off();
    bool could_be_read_wrongly(Oid table) const;

    TransactionId began_ = InvalidTransactionId; // no transaction id that any snapshot of this backend knows follows
    std::vector<Oid> valid_before_;              // sorted
    bool flagged_ = false;
    std::optional<Unawaited> unawaited_;
};

// Every index that an update has made valid since `horizon`, a transaction id, is marked so that only snapshots newer
// than the mark use it. Whoever has built an index while others were in SafeWait calls this, in a transaction that
// commits before they go on. An index whose table is locked by somebody else is left to the check of the waiters.
void hide_new_indexes_from_old_snapshots(TransactionId horizon);

// Does the process wait, directly or through others, for this backend (as pg_blocking_pids tells)?
bool waits_for_this_backend(int pid);
// Throws 55006 that names the lock and the processes if so.
void refuse_self_block(int pid);

} // namespace pgmigrate::pg

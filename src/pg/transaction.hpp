// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <string>

#include "pg/boundary.hpp"

namespace pgmigrate::pg
{

// A transaction of a background worker's own; rolled back unless commit() is called. The server releases all locks with
// a transaction that is rolled back, those that are held for the session as well.
class Transaction
{
  public:
    // Without a snapshot, and so without reading anything, a worker can wait for others that build indexes.
    enum class Snapshot { taken, none };
    // That of a script is the session's default.
    enum class Isolation { read_committed, session };
    // `activity` is what pg_stat_activity shows.
    explicit Transaction(const std::string &activity, Snapshot snapshot = Snapshot::taken,
                         Isolation isolation = Isolation::read_committed);
    Transaction(const Transaction &) = delete;
    Transaction &operator=(const Transaction &) = delete;
    ~Transaction();
    void commit();

  private:
    bool has_snapshot_;
    bool open_ = false;
};

// A role that a statement is run by.
struct Role {
    Oid oid;
    bool superuser;
};
// In a transaction.
Role role_of(Oid oid);

// Those of a worker's session, outside of what it runs.
struct SessionRoles {
    Role session_user;
    Role current_user;
};

// In a worker: from now on nothing changes the role or the session authorization but run_alone() and ScriptScope: no
// SET, no RESET, no set_config(), at no depth. Outside of transactions the server would let a script go back to
// whatever rights the session has beside those of its current role.
void fix_roles();

// Runs one statement as if a client had sent it by itself, at the top level, where the server accepts what it refuses
// in functions. Its rows are nobody's. Outside of any transaction, and none is left open; but where the statement
// begins a transaction block, those after it run in that until one of them ends it. `discards`: it is DISCARD ALL,
// which resets the session authorization itself.
void run_alone(const std::string &sql, const Role &role, const SessionRoles &session, bool discards);

// What is left open by a statement that begins a transaction block.
bool in_transaction_block();

// Rolls back whatever transaction is open.
void abort_transaction() noexcept;

} // namespace pgmigrate::pg

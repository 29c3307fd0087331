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
    // `activity` is what pg_stat_activity shows.
    explicit Transaction(const std::string &activity, Snapshot snapshot = Snapshot::taken);
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

// Runs one statement as if a client had sent it by itself: outside of a transaction block, at the top level, where the
// server accepts what it refuses in functions. Its rows are nobody's. Outside of any transaction; none is left open.
//
// `as_session_user`: the role is the session's as well, so that nothing within the statement can go back to the rights
// that the session has beside.
void run_alone(const std::string &sql, const Role &role, bool as_session_user, const SessionRoles &session);

// Rolls back whatever transaction is open.
void abort_transaction() noexcept;

} // namespace pgmigrate::pg

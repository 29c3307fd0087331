// SPDX-License-Identifier: PostgreSQL
#pragma once

// How long one statement of a script may take.

#include "pg/boundary.hpp"

#include <cstdint>
#include <optional>

namespace pgmigrate::pg
{

struct StatementLimit {
    int milliseconds = 0;          // 0: none
    const char *setting = nullptr; // that says so
};

// pg_migrate.statement_timeout; for `whole_session`, where nobody waits whose own timeout counts for all, the
// statement_timeout of the session too. The shorter one.
StatementLimit statement_limit(bool whole_session);

// While it lives, the statement has so much time; less where less is left of the statement that the client has sent.
// The server counts only what a client has sent, and in a worker nothing.
class StatementTimer
{
  public:
    explicit StatementTimer(const StatementLimit &limit);
    StatementTimer(const StatementTimer &) = delete;
    StatementTimer &operator=(const StatementTimer &) = delete;
    ~StatementTimer() { stop(); }

    // The statement is done; throws 57014 if the time was up.
    void finish();
    // What follows has no part in it.
    void stop() noexcept;
    // Adds to the error, if it is this timer's, which setting it comes from.
    void explain(PgError &error) const;

  private:
    StatementLimit limit_;
    bool running_ = false;
    std::int64_t end_ = 0;
    std::optional<std::int64_t> outer_end_; // of the statement of the client
};

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#pragma once

// What has failed for want of a lock is tried again.

#include "pg/boundary.hpp"

#include <optional>
#include <string>

namespace pgmigrate::pg
{

// Whether the error is a lock timeout or a deadlock.
bool is_lock_failure(const PgError &error);

// Pauses before attempt number `attempt` (from 2), longer each time and never twice the same, and says so.
void pause_before(int attempt, const std::string &reason);

// Runs `attempt`, which undoes what it has done when it throws, and again after a lock timeout or a deadlock, as
// pg_migrate.lock_retries allows. `again` is called before each further attempt; false gives up.
template <class Attempt, class Again>
auto with_lock_retries(int retries, Attempt attempt, Again again)
{
    for (int number = 1;; ++number) {
        std::optional<std::string> reason;
        try {
            return attempt();
        } catch (const PgError &error) {
            if (number > retries || !is_lock_failure(error) || !again())
                throw;
            reason = error.what();
        }
        pause_before(number + 1, *reason);
    }
}

} // namespace pgmigrate::pg

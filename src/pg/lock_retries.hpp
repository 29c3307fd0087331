// SPDX-License-Identifier: PostgreSQL
#pragma once

// What has failed for want of a lock is tried again.

#include "pg/lock_watch.hpp"

#include <optional>
#include <string>

namespace pgmigrate::pg
{

// Whether the error is a lock timeout or a deadlock.
bool is_lock_failure(const PgError &error);
// Whether it says that a transaction above READ COMMITTED is to be run once more.
bool is_serialization_failure(const PgError &error);
constexpr int serialization_retries = 9;

// An attempt that has failed, and what is told of it.
struct FailedAttempt {
    std::string message;
    std::string detail;
};
FailedAttempt describe_attempt(const PgError &error);

// Pauses before attempt number `attempt` (from 2) of `attempts`, longer each time and never twice the same, and says
// so.
void pause_before(int attempt, int attempts, const FailedAttempt &last);

// Runs `attempt`, which undoes what it has done when it throws, and again after an error of that kind, as often as
// `retries` says. `again` is called before each further attempt; false gives up. A lock timeout names who is in the
// way.
template <class Attempt, class Again>
auto with_retries(int retries, bool (*is_retried)(const PgError &), Attempt attempt, Again again)
{
    for (int number = 1;; ++number) {
        std::optional<FailedAttempt> failed;
        try {
            return attempt();
        } catch (PgError &error) {
            const bool gives_up = number > retries || !is_retried(error) || !again();
            name_blockers(error);
            if (gives_up)
                throw;
            failed = describe_attempt(error);
        }
        pause_before(number + 1, retries + 1, *failed);
    }
}

// After a lock timeout or a deadlock, as pg_migrate.lock_retries allows.
template <class Attempt, class Again>
auto with_lock_retries(int retries, Attempt attempt, Again again)
{
    return with_retries(retries, is_lock_failure, attempt, again);
}

} // namespace pgmigrate::pg

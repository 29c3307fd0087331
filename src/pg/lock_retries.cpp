// SPDX-License-Identifier: PostgreSQL
#include "pg/lock_retries.hpp"

#include <algorithm>
#include <cstdint>

extern "C" {
#include "common/pg_prng.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"
}

namespace pgmigrate::pg
{

namespace
{

constexpr std::int64_t first_pause_milliseconds = 100;
constexpr std::int64_t longest_pause_milliseconds = 10000;
constexpr int longest_doubling = 7;

void sleep_for(std::int64_t milliseconds)
{
    const TimestampTz until = GetCurrentTimestamp() + milliseconds * 1000;
    call([&] {
        for (;;) {
            const long left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until);
            if (left <= 0)
                return;
            (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, left, PG_WAIT_EXTENSION);
            ResetLatch(MyLatch);
            CHECK_FOR_INTERRUPTS();
        }
    });
}

} // namespace

bool is_lock_failure(const PgError &error)
{
    const std::string code = error.sqlstate();
    return code == core::sqlstate::lock_not_available || code == "40P01";
}

bool is_serialization_failure(const PgError &error)
{
    return error.sqlstate() == core::sqlstate::serialization_failure;
}

FailedAttempt describe_attempt(const PgError &error)
{
    FailedAttempt failed = {error.what(), {}};
    if (error.data() != nullptr && error.data()->detail != nullptr)
        failed.detail = error.data()->detail;
    if (error.private_detail() != nullptr)
        failed.detail += (failed.detail.empty() ? "" : "\n") + std::string(error.private_detail());
    return failed;
}

void pause_before(int attempt, int attempts, const FailedAttempt &last)
{
    const std::int64_t longest =
        std::min(first_pause_milliseconds << std::min(attempt - 2, longest_doubling), longest_pause_milliseconds);
    const double share = call([] { return 0.5 + pg_prng_double(&pg_global_prng_state) / 2; });
    notice("attempt " + std::to_string(attempt) + " of " + std::to_string(attempts) + " follows after: " + last.message,
           last.detail);
    sleep_for(static_cast<std::int64_t>(static_cast<double>(longest) * share));
}

} // namespace pgmigrate::pg

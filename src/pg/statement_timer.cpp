// SPDX-License-Identifier: PostgreSQL
#include "pg/statement_timer.hpp"

#include "pg/settings.hpp"

#include <cstring>
#include <string>

extern "C" {
#include "miscadmin.h"
#include "storage/proc.h" // StatementTimeout
#include "utils/timeout.h"
#include "utils/timestamp.h"
}

namespace pgmigrate::pg
{

StatementLimit statement_limit(bool whole_session)
{
    const int own = statement_timeout();
    if (whole_session && StatementTimeout > 0 && (own == 0 || StatementTimeout < own))
        return {StatementTimeout, "statement_timeout"};
    return {own, "pg_migrate.statement_timeout"};
}

StatementTimer::StatementTimer(const StatementLimit &limit) : limit_(limit)
{
    if (limit.milliseconds == 0)
        return;
    call([&] {
        end_ = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), limit_.milliseconds);
        const bool outer_runs = get_timeout_active(STATEMENT_TIMEOUT);
        if (outer_runs && get_timeout_finish_time(STATEMENT_TIMEOUT) <= end_)
            return;
        if (outer_runs)
            outer_end_ = get_timeout_finish_time(STATEMENT_TIMEOUT);
        running_ = true;
        enable_timeout_at(STATEMENT_TIMEOUT, end_);
    });
}

void StatementTimer::finish()
{
    if (running_)
        call([] {
            const bool keep_indicator = true;
            disable_timeout(STATEMENT_TIMEOUT, keep_indicator);
            CHECK_FOR_INTERRUPTS();
        });
    stop();
}

void StatementTimer::stop() noexcept
{
    if (!running_)
        return;
    running_ = false;
    call_noexcept([&] {
        const bool keep_indicator = true;
        disable_timeout(STATEMENT_TIMEOUT, keep_indicator);
        // The statement has failed otherwise in the same moment.
        if (get_timeout_indicator(STATEMENT_TIMEOUT, true))
            QueryCancelPending = false;
        if (outer_end_)
            enable_timeout_at(STATEMENT_TIMEOUT, *outer_end_);
    });
}

void StatementTimer::explain(PgError &error) const
{
    const bool by_interrupt = error.sqlstate() == core::sqlstate::query_canceled && error.data() != nullptr &&
                              error.data()->funcname != nullptr &&
                              std::strcmp(error.data()->funcname, "ProcessInterrupts") == 0;
    if (by_interrupt && running_ && GetCurrentTimestamp() >= end_)
        error.set_hint(std::string(limit_.setting) + " allows each statement of a script " +
                       std::to_string(limit_.milliseconds) + " ms.");
}

} // namespace pgmigrate::pg

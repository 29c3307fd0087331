// SPDX-License-Identifier: PostgreSQL
#include "pg/settings.hpp"

#include <climits>

#include "pg/boundary.hpp"

extern "C" {
#include "utils/guc.h"
}

namespace pgmigrate::pg
{

namespace
{

constinit int transaction_mode_setting = static_cast<int>(TransactionMode::single);
constinit int lock_timeout_setting = 0;
constinit int lock_retries_setting = 0;
constinit int statement_timeout_setting = 0;
constinit bool keep_snapshot_setting = true;
constinit bool derive_down_setting = false;
constinit char *fault_point_value = nullptr;

constexpr config_enum_entry transaction_modes[] = {
    {"single", static_cast<int>(TransactionMode::single), false},
    {"per_revision", static_cast<int>(TransactionMode::per_revision), false},
    {nullptr, 0, false},
};

} // namespace

void define_settings()
{
    call([] {
        DefineCustomEnumVariable("pg_migrate.transaction_mode",
                                 "Runs a plan in one transaction, the caller's, or each revision in one of its own.",
                                 nullptr, &transaction_mode_setting, static_cast<int>(TransactionMode::single),
                                 transaction_modes, PGC_USERSET, 0, nullptr, nullptr, nullptr);
        DefineCustomIntVariable(
            "pg_migrate.lock_timeout",
            "How long to wait for another run, and for each lock that a statement of a script needs.",
            "0 leaves it to the session's own lock_timeout.", &lock_timeout_setting, 0, 0, INT_MAX, PGC_USERSET,
            GUC_UNIT_MS, nullptr, nullptr, nullptr);
        DefineCustomStringVariable("pg_migrate.fault_point", "Lets something go wrong at a named place, for tests.",
                                   "<action>:<place>, the actions being wait, error, exit and kill.",
                                   &fault_point_value, "", PGC_SUSET, GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE, nullptr,
                                   nullptr, nullptr);
        DefineCustomIntVariable("pg_migrate.lock_retries",
                                "How often a step is tried again that has failed for want of a lock.",
                                "After a lock timeout or a deadlock; with growing pauses in between.",
                                &lock_retries_setting, 0, 0, 1000, PGC_USERSET, 0, nullptr, nullptr, nullptr);
        DefineCustomIntVariable("pg_migrate.statement_timeout", "How long each statement of a script may take.",
                                "0 sets no limit.", &statement_timeout_setting, 0, 0, INT_MAX, PGC_USERSET, GUC_UNIT_MS,
                                nullptr, nullptr, nullptr);
        DefineCustomBoolVariable("pg_migrate.keep_snapshot",
                                 "Remembers the schema at the end of each run, for migrate_drift().", nullptr,
                                 &keep_snapshot_setting, true, PGC_USERSET, 0, nullptr, nullptr, nullptr);
        DefineCustomBoolVariable("pg_migrate.derive_down",
                                 "Computes a down script for each revision without one when it is upgraded to.",
                                 "From the schema before and behind its up script.", &derive_down_setting, false,
                                 PGC_USERSET, 0, nullptr, nullptr, nullptr);
        MarkGUCPrefixReserved("pg_migrate");
    });
}

TransactionMode transaction_mode()
{
    return static_cast<TransactionMode>(transaction_mode_setting);
}

int lock_retries()
{
    return lock_retries_setting;
}

int statement_timeout()
{
    return statement_timeout_setting;
}

int runner_lock_timeout()
{
    return lock_timeout_setting;
}

bool keeps_snapshot()
{
    return keep_snapshot_setting;
}

bool derives_down()
{
    return derive_down_setting;
}

const char *fault_point_setting()
{
    return fault_point_value == nullptr ? "" : fault_point_value;
}

} // namespace pgmigrate::pg

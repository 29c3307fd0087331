// SPDX-License-Identifier: PostgreSQL
#include "pg/fault_point.hpp"

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>

#include "pg/boundary.hpp"
#include "pg/settings.hpp"

extern "C" {
#include "storage/latch.h"
#include "utils/wait_event.h"
}

namespace pgmigrate::pg
{

namespace
{

constexpr std::chrono::seconds pause_time{2};

// The waiting shows in the log, and as wait event Extension, to those who wait for it.
void wait_at(const char *name, std::optional<std::chrono::seconds> time)
{
    call([&] { ereport(LOG, (errmsg_internal("pg_migrate: fault point %s", name))); });
    const auto begin = std::chrono::steady_clock::now();
    while (!time || std::chrono::steady_clock::now() - begin < *time)
        call([] {
            constexpr long milliseconds = 100;
            (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds, PG_WAIT_EXTENSION);
            ResetLatch(MyLatch);
            CHECK_FOR_INTERRUPTS();
        });
}

} // namespace

void fault_point(const char *name)
{
    const std::string_view wanted = fault_point_setting();
    const std::size_t colon = wanted.find(':');
    if (colon == std::string_view::npos || wanted.substr(colon + 1) != name)
        return;
    const std::string_view action = wanted.substr(0, colon);
    if (action == "wait")
        wait_at(name, std::nullopt);
    if (action == "pause")
        wait_at(name, pause_time);
    if (action == "error")
        throw core::Error(core::sqlstate::internal_error, std::string("fault point ") + name);
    if (action == "exit")
        boundary::end_process("fault point of pg_migrate");
    if (action == "kill")
        std::raise(SIGKILL);
}

} // namespace pgmigrate::pg

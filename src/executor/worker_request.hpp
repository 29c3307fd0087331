// SPDX-License-Identifier: PostgreSQL
#pragma once

// What a background worker is asked to do, and its wire form.

#include "core/plan.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pgmigrate::executor
{

struct WorkerRequest {
    enum class Kind : std::uint8_t {
        run,        // run the plan while the caller waits
        start,      // run the plan once the transaction that asked for it has committed
        log_failure // write down an attempt whose transaction has been rolled back
    };
    Kind kind = Kind::run;
    core::Direction direction = core::Direction::upgrade;
    std::string target;
    std::optional<std::string> tag;
    std::optional<std::string> schema;
    std::uint32_t function = 0;             // OID of the SQL function that was called
    std::optional<std::string> client_addr; // of the caller's client
    std::int64_t run = 0;                   // for `start`: the row of the run

    // For log_failure.
    std::string revision;
    std::string checksum;
    std::int64_t started_at = 0;
    std::int64_t finished_at = 0;
    std::int32_t statement = 0;
    std::string sqlstate;
    std::string error;
};

std::string encode(const WorkerRequest &request);
// Throws core::Error internal_error for anything that encode() has not made.
WorkerRequest decode(std::string_view wire);

} // namespace pgmigrate::executor

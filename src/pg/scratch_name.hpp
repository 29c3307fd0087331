// SPDX-License-Identifier: PostgreSQL
#pragma once

// The name of a scratch database, and the lock that says that its maker is alive.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pg/boundary.hpp"

namespace pgmigrate::pg
{

// The server itself uses 0 for databases.
constexpr uint16 scratch_sub_id = 0x4D51;

struct ScratchName {
    int caller = 0;           // process id of the session that the database is for
    std::uint32_t number = 0; // drawn by lot

    std::string text() const;
    static std::optional<ScratchName> parse(std::string_view text);

    // Held by the maker from before the database is there until it is gone; ends with its process, however that ends.
    // In no database: whoever cleans up may be in any.
    LOCKTAG lock() const;
};

// The comment of a scratch database begins so. By name and comment it is known for one.
inline constexpr const char *scratch_mark = "pg_migrate: scratch database";

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "files/format.hpp"

namespace pgmigrate::files
{

// What a file `<script>.sql.conf` says of its script.
struct FlywaySettings {
    bool execute_in_transaction = true;
    bool placeholder_replacement = true;
};

// What has no counterpart here, and a key that flyway does not know, is an error.
FlywaySettings read_flyway_settings(const File &file);

} // namespace pgmigrate::files

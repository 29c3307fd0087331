// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "files/format.hpp"

namespace pgmigrate::files
{

struct DieselMetadata {
    bool run_in_transaction = true;
};

// A metadata.toml. A key that is not known is an error, as it may change what the migration means.
DieselMetadata read_diesel_metadata(const File &file);

} // namespace pgmigrate::files

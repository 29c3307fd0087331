// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "pg/catalogue.hpp"

namespace pgmigrate::pg
{

// The runs of the line whose process ended before they did are written down as interrupted, and the attempt that the
// journal knows of as failed. `own`: a run that is not to be looked at. The caller holds the lock of the line.
void close_dead_runs(Catalogue &catalogue, const std::optional<std::string> &schema, std::int64_t own);

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#pragma once

// What has changed in the schema since the last revision was applied.

#include "core/interrupt.hpp"
#include "model/diff.hpp"
#include "pg/catalogue.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pgmigrate::pg
{

// At the end of a run, in its transaction: what the schema is now is what migrate_drift() compares with from now on.
// Where pg_migrate.keep_snapshot is off, there is nothing to compare with.
void keep_snapshot(Catalogue &catalogue, const std::optional<std::string> &schema, std::int64_t run);

// The objects that are not as the last run left them; `sql` of each would bring it back. Throws no_snapshot when there
// is nothing to compare with.
std::vector<model::Difference> find_drift(Catalogue &catalogue, const std::optional<std::string> &schema,
                                          core::InterruptCheck &interrupts);

} // namespace pgmigrate::pg

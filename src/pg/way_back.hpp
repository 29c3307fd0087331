// SPDX-License-Identifier: PostgreSQL
#pragma once

// The down script that undoes what an up script has just done.

#include "executor/database.hpp"
#include "model/snapshot.hpp"
#include "pg/catalogue.hpp"
#include "pg/planning.hpp"
#include "pg/schema_reader.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pgmigrate::pg
{

// The schemas that a version line is about, as they are now: that of the tenant, or all.
SchemaScope scope_of(const std::optional<std::string> &schema);

// What leads from the schema as it is now, behind the up script of `step`, back to `before`. Renames are seen for what
// they are, since the objects are the same. Leaves nothing but the script, which says what it cannot bring back.
std::string derive_way_back(Catalogue &catalogue, const executor::Step &step, const model::Snapshot &before,
                            const std::optional<std::string> &schema, core::InterruptCheck &interrupts);

// Runs the upgrade to the revision in a subtransaction that is rolled back, derives the way back from its last step,
// stores and returns it. Throws revision_applied for one that is.
std::string derive_down_script(Catalogue &catalogue, const std::string &revision, core::InterruptCheck &interrupts);

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/revision_graph.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::core
{

enum class Direction { upgrade, downgrade };

struct Plan {
    Direction direction = Direction::upgrade;
    std::vector<Index> steps;             // in the order in which they run
    std::vector<std::string> rows_before; // version rows that the plan starts from
    std::vector<std::string> warnings;    // Alembic's warnings, e.g. about `-1` from several heads
};

// What `alembic upgrade TARGET` would run when the version table holds `rows` (ids; order matters only where Alembic
// looks at "the first row"). Throws core::Error with Alembic's text. A row that names an unknown revision:
// revision_not_found with unknown_row() set. A needed revision that is missing: missing_revision, naming both.
Plan plan_upgrade(const RevisionGraph &graph, const std::vector<std::string> &rows, std::string_view target,
                  InterruptCheck &interrupts);
// The same for `alembic downgrade TARGET`.
Plan plan_downgrade(const RevisionGraph &graph, const std::vector<std::string> &rows, std::string_view target,
                    InterruptCheck &interrupts);
// As for `alembic upgrade|downgrade --sql`: `range` is `from:to`, and `from` takes the place of the version rows; or, a
// thing Alembic does not have, a plain target, which starts from `rows`.
Plan plan_offline(const RevisionGraph &graph, const std::vector<std::string> &rows, std::string_view range,
                  Direction direction, InterruptCheck &interrupts);

// Indices in the order in which `alembic history -r RANGE` lists them (newest first); an empty range lists everything.
std::vector<Index> plan_history(const RevisionGraph &graph, const std::vector<std::string> &rows,
                                std::string_view range, InterruptCheck &interrupts);

// True for each revision that is at or below one of `rows`, dependencies included. Unknown rows count for nothing.
std::vector<bool> applied_revisions(const RevisionGraph &graph, const std::vector<std::string> &rows);

// The rows, and the branch tips that they imply through depends_on (Alembic's _get_all_current). Unknown rows are left
// out.
std::vector<Index> all_current(const RevisionGraph &graph, const std::vector<std::string> &rows);

} // namespace pgmigrate::core

// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/adjacency.hpp"
#include "core/ticker.hpp"

#include <span>
#include <vector>

namespace pgmigrate::core
{

// Marks `starts` and everything that `edges` lead to from there. What is marked already is taken as done.
void mark_reachable(const Adjacency &edges, std::span<const Index> starts, Marks &marks, Ticker &ticker);

// Marks `targets` and all that they need. Throws Alembic's "overlaps" error when one target is needed by another.
Marks required_by(const RevisionGraph &graph, std::span<const Index> targets, Ticker &ticker);

// All revisions that share a line with one of `members` (ancestors, descendants, themselves): by parents only, or by
// dependencies too.
Marks lineage_of(const RevisionGraph &graph, std::span<const Index> members, bool include_dependencies, Ticker &ticker);

} // namespace pgmigrate::core

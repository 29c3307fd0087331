// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/adjacency.hpp"
#include "core/ticker.hpp"

#include <optional>
#include <vector>

namespace pgmigrate::core
{

// All revisions, those that an edge leads to first. Nothing when there is a cycle.
std::optional<std::vector<Index>> topological_order(const Adjacency &edges, Ticker &ticker);

// The strongly connected component of each revision; revisions with the same number lie on a common cycle.
std::vector<Index> strong_components(const Adjacency &edges, Ticker &ticker);

} // namespace pgmigrate::core

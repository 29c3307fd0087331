// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/graph_data.hpp"
#include "core/ticker.hpp"

#include <string>

namespace pgmigrate::core
{

// The steps of RevisionGraph::build, in the order in which they run. Each reads what the ones before have filled in.
void check_self_loops(const RevisionGraph::Data &data);
void add_names(RevisionGraph::Data &data, Ticker &ticker);
// Returns parents and dependencies together, which is what has to be free of cycles.
Adjacency add_edges(RevisionGraph::Data &data, Ticker &ticker);
void add_order(RevisionGraph::Data &data, const Adjacency &all_down, Ticker &ticker);
void add_normalized(RevisionGraph::Data &data, Ticker &ticker);
void add_ends(RevisionGraph::Data &data);
void add_label_links(RevisionGraph::Data &data, Ticker &ticker);

// For each dependency, in the order of data.dependencies_: is it also a dependency of an ancestor by down_revision?
Marks inherited_dependencies(const RevisionGraph::Data &data, Ticker &ticker);

// Throws Alembic's error about the cycle that is known to exist.
[[noreturn]] void throw_cycle(const RevisionGraph::Data &data, const Adjacency &all_down, Ticker &ticker);

} // namespace pgmigrate::core

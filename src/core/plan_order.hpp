// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/adjacency.hpp"
#include "core/ticker.hpp"

#include <span>
#include <vector>

namespace pgmigrate::core
{

// What is to be put in order: the revisions `todo`, starting from those of `heads` that are among them. `region` holds
// all that the heads need (or just `todo`, where nothing outside of it lies on a way from one of its revisions to
// another).
struct OrderRequest {
    const Marks &todo;
    const Marks &region;
    std::span<const Index> heads;
};

// The revisions of `todo` in the order of Alembic's RevisionMap._topological_sort: children and dependents first, depth
// first along the first parent. What cannot be reached from `heads` through `todo` is started from its own tips.
std::vector<Index> plan_order(const RevisionGraph &graph, const OrderRequest &request, Ticker &ticker);

} // namespace pgmigrate::core

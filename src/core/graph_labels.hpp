// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/adjacency.hpp"
#include "core/ticker.hpp"

namespace pgmigrate::core
{

// All revisions that have the labels of `owner`, by Alembic's rule: the owner, its descendants, and, when the line from
// the owner up to its only tip has neither branch point nor merge, its ancestors down to the next of these.
Marks labelled_by(const RevisionGraph &graph, Index owner, Ticker &ticker);

} // namespace pgmigrate::core

// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/interrupt.hpp"
#include "core/revision_graph.hpp"

#include <vector>

#include "pg/boundary.hpp"

extern "C" {
#include "utils/relcache.h"
#include "utils/snapshot.h"
}

namespace pgmigrate::pg
{

// The revisions without their labels, in the byte order of the ids. Every call that runs or looks needs them all, also
// the one that finds nothing to do, so they are read by a scan of the heap: no plan, no sort, and no copy of what a row
// holds besides. `table` is migrate.revision, open; `snapshot` null is what a volatile function sees now.
std::vector<core::RevisionInput> read_revision_inputs(Relation table, Snapshot snapshot,
                                                      core::InterruptCheck &interrupts);

} // namespace pgmigrate::pg

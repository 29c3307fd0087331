// SPDX-License-Identifier: PostgreSQL
#pragma once

// What had better be done before something else, and need not.

#include "model/merging.hpp"

namespace pgmigrate::model
{

// Puts operations behind others unless that closes a circle: what names columns by their positions behind all changes
// of these, what is of a domain behind the domain's constraints, what takes the name of a NOT NULL behind what frees
// it, and tables below others behind the defaults of those.
void grant_wishes(std::vector<Operation> &operations, const OperationsOf &objects, const Comparison &comparison,
                  core::InterruptCheck &interrupts);

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "model/snapshot.hpp"

#include <vector>

namespace pgmigrate::model
{

// The shells that no operator names as its commutator or negator: what is left of operators that were dropped. They can
// be dropped, too, but not made: no pg_dump prints them.
std::vector<const Object *> unnamed_shells(const Snapshot &snapshot);

} // namespace pgmigrate::model

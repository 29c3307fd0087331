// SPDX-License-Identifier: PostgreSQL
#pragma once

// Objects that are the same in both snapshots of one database, and have another name.

#include "model/snapshot.hpp"

#include <string>
#include <vector>

namespace pgmigrate::model
{

// The statements that give the objects of `now` the names that they had in `then`, in an order in which they can run.
// An object of `now` that has a name which is needed gets another one. Both snapshots are of the same database: an
// object is known by its address.
std::vector<std::string> rename_back(const Snapshot &now, const Snapshot &then);

} // namespace pgmigrate::model

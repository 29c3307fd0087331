// SPDX-License-Identifier: PostgreSQL
#pragma once

// What objects of all kinds have: an owner, privileges, a comment, security labels. Read for all at once, and given to
// the objects by their addresses.

#include "model/object.hpp"
#include "pg/boundary.hpp"

#include <functional>

extern "C" {
#include "utils/snapshot.h"
}

namespace pgmigrate::pg
{

// `find` returns nullptr for an address where none of the snapshot's objects is; `with_column_privileges` are the
// relations that have a column with privileges of its own.
void read_decorations(const std::function<model::Object *(const model::Address &)> &find,
                      const std::vector<Oid> &with_column_privileges, Snapshot snapshot);

} // namespace pgmigrate::pg

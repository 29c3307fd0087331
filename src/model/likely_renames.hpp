// SPDX-License-Identifier: PostgreSQL
#pragma once

// What may have another name in the model, and be no other thing: only a user can know.

#include "model/snapshot.hpp"

#include <string>
#include <vector>

namespace pgmigrate::model
{

struct LikelyRename {
    std::string from; // the identity of what the database has
    std::string to;   // of what the model has
    std::string list; // as `renames` takes it: public.t.a:b

    bool operator==(const LikelyRename &) const = default;
};

// A table of `database` and one of `model`, no partitions, that have the same columns in the same order, and a column
// of each that have the same type in a table of both: where neither is in the other snapshot, and there is one of its
// kind on either side. Tables come first.
std::vector<LikelyRename> likely_renames(const Snapshot &database, const Snapshot &model);

} // namespace pgmigrate::model

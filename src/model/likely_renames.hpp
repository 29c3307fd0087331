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
    std::string list; // as `renames` takes it: public.t.a:b, public.t:other.t

    bool operator==(const LikelyRename &) const = default;
};

// Of tables, no partitions, those that have the same columns in the same order, or are in another schema under the same
// name with half of their columns at least; of columns those that have the same type in a table of both. Neither is in
// the other snapshot, and there is one of its kind on either side. Tables come first.
std::vector<LikelyRename> likely_renames(const Snapshot &database, const Snapshot &model);

} // namespace pgmigrate::model

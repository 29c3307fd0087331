// SPDX-License-Identifier: PostgreSQL
#pragma once

// Partitions that take the same rows when the key of the partitioned table gets other types.

#include "model/rules.hpp"

#include <string>
#include <string_view>

namespace pgmigrate::model
{

// An item of partition_types: "integer COLLATE -".
struct KeyType {
    std::string_view type;
    std::string_view collation; // "-" where the type has none
};
KeyType key_type(std::string_view item);

// A bound as it is compared: the server writes the same number with quotes for one type, without for another, with the
// digits behind the point that the type has, and midnight for a day.
struct BoundOf {
    bool numbers = false; // all columns of the key are, in any type
    bool days = false;
};
std::string comparable_bound(std::string_view bound, BoundOf of);

// Whether all rows of a partition of `was` belong to the one of that name of `is`, where the table above it is made
// anew because its key has other types: the partition is detached, altered and attached again.
bool keeps_its_rows(const Object &was, const Comparison &comparison);

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#pragma once

// What the server makes again when a column gets another type, and not as it was: it takes the indexes of partitions
// for parts of those above them, and forgets statistics targets and the extensions that an index goes with
// (ATPostAlterTypeCleanup).

#include "model/rules.hpp"

namespace pgmigrate::model
{

// For a column of a table, which no column above takes along. Indexes of partitioned tables that have more to say than
// the server knows are dropped before, and made again.
void keep_indexes(const Object &was, const Comparison &comparison, Alteration &alteration);

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#pragma once

// Whether the system catalogues are still what they were, told without reading what they say.

#include <cstdint>

#include "pg/boundary.hpp"

namespace pgmigrate::pg
{

// A hash of which versions of which rows are there in the catalogues that say what the schema is. Two that are equal
// mean that nothing has been changed, for a change writes a row anew. Two that are not may mean nothing: a temporary
// table changes the catalogues as well, and so does VACUUM FULL.
std::int64_t schema_fingerprint();

// Whether that catalogue is one of those.
bool says_what_the_schema_is(Oid catalogue);

} // namespace pgmigrate::pg

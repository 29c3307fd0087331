// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "pg/schema_objects.hpp"

namespace pgmigrate::pg
{

// The indexes that no constraint owns (those are parts of the constraints), as rows of a query of schema_queries.hpp.
// "definition" is what pg_get_indexdef() has after USING, without storage parameters. It is composed from the catalogue
// for indexes of columns only: that function looks for the default operator class of each column in all of pg_opclass,
// which for a database of many indexes takes longer than everything else.
void read_indexes(SchemaObjects &objects, const std::vector<Oid> &schemas, Snapshot snapshot);

} // namespace pgmigrate::pg

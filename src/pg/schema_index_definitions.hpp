// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "pg/schema_objects.hpp"

namespace pgmigrate::pg
{

// Gives the indexes among `objects` that have no "definition" yet, those of columns only, the one that
// pg_get_indexdef() would have after USING, without storage parameters. That function looks for the default operator
// class of each column in all of pg_opclass, which for a database of many indexes takes longer than everything else.
void read_index_definitions(SchemaObjects &objects, Snapshot snapshot);

} // namespace pgmigrate::pg

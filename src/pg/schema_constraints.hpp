// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "pg/schema_objects.hpp"

namespace pgmigrate::pg
{

// The constraints of tables and domains, as rows of a query of schema_queries.hpp. The definitions of keys are composed
// from the catalogue as pg_get_constraintdef() would write them: that function looks each up by itself.
void read_constraints(SchemaObjects &objects, const std::vector<Oid> &schemas, Snapshot snapshot);

} // namespace pgmigrate::pg

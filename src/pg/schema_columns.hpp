// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "pg/schema_objects.hpp"

namespace pgmigrate::pg
{

// The columns of the relations that have been read. A database has more of them than of everything else, and few have
// more than a name and a type, so that what is rare is asked for only where it is.
void read_columns(SchemaObjects &objects, Snapshot snapshot);

} // namespace pgmigrate::pg

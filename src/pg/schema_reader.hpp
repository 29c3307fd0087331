// SPDX-License-Identifier: PostgreSQL
#pragma once

// Reads the catalogue of the database into a model::Snapshot.

#include "model/snapshot.hpp"
#include "pg/boundary.hpp"

#include <vector>

namespace pgmigrate::pg
{

struct SchemaScope {
    std::vector<Oid> schemas;
    bool database_wide = true; // extensions, languages, … : what is in no schema
};

// Every schema but the server's, those of pg_migrate and those that belong to an extension.
SchemaScope whole_database();
// Throws core::Error invalid_schema_name for one that does not exist. Without what is in no schema.
SchemaScope schemas_named(const std::vector<std::string> &names);

// What is there now, by the latest snapshot of the catalogue, as the current user sees it. Members of extensions,
// temporary objects, TOAST tables and pg_migrate's own are left out.
model::Snapshot read_schema(const SchemaScope &scope);

} // namespace pgmigrate::pg

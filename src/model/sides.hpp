// SPDX-License-Identifier: PostgreSQL
#pragma once

// What a model does not say.

#include "model/snapshot.hpp"

namespace pgmigrate::model
{

// An ORM writes tables, not views, functions or grants: of each kind that the model has not a single object of, those
// of the database are taken over, and with them owners and, if the model has none, privileges. Notes say which.
void complete_from_database(Snapshot &model, const Snapshot &database);

// For a text that names no owner: owners are not compared. A note says so if they differ.
void keep_owners(Snapshot &model, const Snapshot &database);

// Adds the schema of that name, if the model lacks it and the database has it.
void keep_schema(Snapshot &model, const Snapshot &database, std::string_view name);

} // namespace pgmigrate::model

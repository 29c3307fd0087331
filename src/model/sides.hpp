// SPDX-License-Identifier: PostgreSQL
#pragma once

// What a model does not say.

#include "model/snapshot.hpp"

namespace pgmigrate::model
{

// An ORM writes tables, not views, functions or grants: of each kind that the model has not a single object of, those
// of the database are taken over, and with them owners and, if the model has none, privileges. Notes say which.
void complete_from_database(Snapshot &model, const Snapshot &database);

// A text that names no owner is loaded by somebody who owns nothing in the database: then owners are not compared.
void ignore_foreign_owners(Snapshot &model, const Snapshot &database);

} // namespace pgmigrate::model

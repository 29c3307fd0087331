// SPDX-License-Identifier: PostgreSQL
#pragma once

// Keys that others stand on: foreign keys that refer to them, queries that group by them.

#include "model/object.hpp"

namespace pgmigrate::model
{

// Whether `now`, a constraint or an index, gives `dependent` what it has from `was`, another one of the same table.
bool serves_as(const Object &now, const Object &was, const Object &dependent);

} // namespace pgmigrate::model

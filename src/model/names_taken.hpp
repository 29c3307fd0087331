// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "model/object.hpp"

#include <string>
#include <vector>

namespace pgmigrate::model
{

// The names, each with what it is a name of, that no other object can have at the same time.
std::vector<std::string> names_taken(const Object &object);

} // namespace pgmigrate::model

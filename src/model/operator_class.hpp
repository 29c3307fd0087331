// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "model/object.hpp"

#include <string>
#include <vector>

namespace pgmigrate::model
{

// What an operator class or a loose member takes of its family, which nothing else can have at the same time.
std::vector<std::string> places_taken(const Object &object);

} // namespace pgmigrate::model

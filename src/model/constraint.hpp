// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "model/rules.hpp"

#include <string>

namespace pgmigrate::model
{

// CONSTRAINT name …, as CREATE TABLE, CREATE DOMAIN and ADD have it.
std::string constraint_clause(const Object &constraint);

// Whether an index of `was` that is dropped becomes the index of a constraint of `is` that has its name.
bool becomes_constraint(const Object &index, const Comparison &comparison);

} // namespace pgmigrate::model

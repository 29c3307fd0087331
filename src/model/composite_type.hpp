// SPDX-License-Identifier: PostgreSQL
#pragma once

// The attributes of composite types, which are columns as the catalogue has it.

#include "model/rules.hpp"

namespace pgmigrate::model
{

void make_attribute(const Object &column, const Comparison &comparison, Statements &statements);
void drop_attribute(const Object &column, const Comparison &comparison, Statements &statements);
void alter_attribute(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration);

} // namespace pgmigrate::model

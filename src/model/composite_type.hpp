// SPDX-License-Identifier: PostgreSQL
#pragma once

// The attributes of composite types, which are columns as the catalogue has it.

#include "model/rules.hpp"

namespace pgmigrate::model
{

void make_attribute(const Object &column, const Comparison &comparison, Statements &statements);
void drop_attribute(const Object &column, const Comparison &comparison, Statements &statements);
void alter_attribute(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration);

// What cannot be there while an attribute of a composite type, or a column of a table, gets another type: expressions
// in which the row type occurs (15.18 lets them be, 15.20 refuses the change), and views with columns of it
// (find_composite_type_dependencies() in tablecmds.c).
void rebuild_users_of_row(const Object &row, const Comparison &comparison, std::vector<Reference> &also);

} // namespace pgmigrate::model

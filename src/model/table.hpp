// SPDX-License-Identifier: PostgreSQL
#pragma once

// Tables, in several files: made, dropped and altered (table.cpp), put below others (table_above.cpp), moved
// (table_move.cpp).

#include "model/rules.hpp"

namespace pgmigrate::model
{

// "ALTER TABLE public.t", or FOREIGN TABLE.
std::string alter_table(const Object &table);

// What puts a table below others, behind CREATE TABLE. A partition of a table that is new, too, is attached at once:
// the indexes and constraints of both come later. Otherwise that is done when it has all that it needs for it.
void attach_new(const Object &object, const Comparison &comparison, Statements &statements);
void attach_later(const Object &object, const Comparison &comparison, std::vector<FollowUp> &later);
void alter_above(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration);

void set_table_aside(const Object &was, const Comparison &comparison, Statements &statements);
void drop_table_aside(const Object &was, Statements &statements);
void refill_table(const Object &was, const Object &is, const Comparison &comparison, Statements &statements);

} // namespace pgmigrate::model

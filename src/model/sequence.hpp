// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "model/rules.hpp"

#include <string>

namespace pgmigrate::model
{

// "START WITH 5 INCREMENT BY 2 …" of what is not as by default; may be empty.
std::string sequence_options(const Object &sequence);
// ALTER SEQUENCE for numbers that differ, in an order in which none of them is refused.
void alter_sequence_numbers(const Object &was, const Object &is, Statements &statements);
// Lets the sequence of an identity column go on behind the values that the column has. Does nothing where there are
// none.
void go_on_behind_values(const Object &sequence, const Object &column, Statements &statements);
// Lets a sequence of `is` go on where one of `was`, which is called `old` by now, has come to, if it can be there.
void go_on_from(std::string_view old, const Object &was, const Object &is, Statements &statements);
// Whether a sequence of `was` is renamed with its table, which is made anew: the new one needs its name.
bool goes_aside_with_table(const Object &sequence, const Comparison &comparison);
// The sequence that belongs to a column which is no identity column, as serial makes it; nullptr if there is none.
const Object *owned_sequence(const Object &column, const Snapshot &snapshot);

} // namespace pgmigrate::model

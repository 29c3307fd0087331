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

// ---- constraint_above.cpp

// The constraint that one of a child or partition is inherited from changes in the same way, and this one with it.
bool follows_parent(const Object &was, const Object &is, const Comparison &comparison, std::string_view attribute);
// Whether it goes when that it was inherited from is dropped, though it is to stay.
bool loses_parent(const Object &was, const Object &is, const Comparison &comparison);
// Whether a constraint can only become what it is by being inherited anew; `also` are those above and below it, then.
bool replace_tree(const Object &was, const Object &is, const Comparison &comparison, std::vector<Reference> &also);
std::optional<Emergence> emerge_constraint(const Object &is, const Comparison &comparison);
// Gives one that has emerged its name, where that is not the one it comes with.
void name_emerged(const Object &is, const Comparison &comparison, Statements &statements);
std::optional<Reference> vanish_constraint(const Object &was, const Comparison &comparison);
// Whether it comes with a parent that a table gets which is there already, and what makes it inherited only, then.
bool comes_with_parent(const Object &is, const Comparison &comparison);
void make_below_helper(const Object &is, const Comparison &comparison, Statements &statements);
// Those below one that is dropped which are the tables' own, too, and are to go as well.
void drop_constraints_below(const Object &was, const Comparison &comparison, Statements &statements);
// The new partitions of a table that get one that is not valid with it.
void behind_new_partitions(const Object &is, const Comparison &comparison, std::vector<Reference> &first);
// Those below one that is not valid that are made before it.
void valid_below(const Object &is, const Comparison &comparison, std::vector<Reference> &first);

} // namespace pgmigrate::model

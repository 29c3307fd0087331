// SPDX-License-Identifier: PostgreSQL
#pragma once

// How constraints and indexes are made without long locks.

#include "model/rules.hpp"

#include <string>

namespace pgmigrate::model::online
{

// Whether there is such a way for the constraint.
bool can_add(const Object &constraint, const Comparison &comparison);
// CREATE UNIQUE INDEX CONCURRENTLY for a PRIMARY KEY or UNIQUE constraint, and the CONSTRAINT … USING INDEX that takes
// it.
std::string unique_index_for(const Object &constraint);
std::string using_index(const Object &constraint);
// ALTER COLUMN … SET NOT NULL, which takes a valid CHECK for a proof that no row is to be looked at: what adds that,
// and what validates it and drops it again.
void set_not_null(const Object &column, const std::string &may_fail, const Comparison &comparison,
                  Statements &statements, FollowUp &follow);

} // namespace pgmigrate::model::online

// SPDX-License-Identifier: PostgreSQL
#pragma once

// What is done soon, because rows are out of sight until then.

#include "model/operation_table.hpp"

namespace pgmigrate::model
{

// Puts the follow-ups that bring rows back (FollowUp::hides) early, with what has to come before them: what commits
// comes before the rows are hidden, or behind. What reads rows by way of a table that has them back comes behind, too.
void hasten(OperationTable &table);

} // namespace pgmigrate::model

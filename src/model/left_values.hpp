// SPDX-License-Identifier: PostgreSQL
#pragma once

// Values in tables and indexes that stay, while what they were computed from, or refer to, does not.

#include "model/rules.hpp"

#include <string>
#include <vector>

namespace pgmigrate::model
{

// Adds what is to be said of them in the head of a script:
// - A function that indexes, CHECK constraints, generated columns or partition keys call computes something else: the
//   server keeps what has been computed (CREATE FUNCTION's page in its manual warns of it).
// - A value of regclass, regprocedure or the like is the OID of an object that is made again.
void note_left_values(const Comparison &comparison, std::vector<std::string> &notes);

} // namespace pgmigrate::model

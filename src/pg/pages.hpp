// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "pg/boundary.hpp"

#include <string>

namespace pgmigrate::pg
{

// VACUUM clears a page only while nobody else uses it. A query that calls a function uses pages of what it reads until
// the function has returned; that is no lock, and no detector of deadlocks sees who waits for it.

// Whether the process, or a parallel worker of it, waits for a page.
bool waits_for_page(int pid);

// A relation of whose pages this backend may use one, with the lock on it, as text; empty if there is none.
std::string relation_in_use();

} // namespace pgmigrate::pg

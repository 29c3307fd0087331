// SPDX-License-Identifier: PostgreSQL
#pragma once

namespace pgmigrate::pg
{

// A session that index builds do not wait for (waiting.hpp) may keep snapshots that see rows which a new index lacks.
// Up to the end of its transaction the planner of this session is kept from every index that was not valid when the
// wait began and that has been made valid since by an update, as CONCURRENTLY does it. Other sessions use it at once.

// Installs the hook of the planner; when the library is loaded.
void install_index_filter();

// Remembers which indexes are valid now, unless the transaction has done so before.
void keep_planner_from_later_indexes();

// After a script has run with snapshots of its own, which may use any index that they see: its plans are not for the
// snapshots that are older.
void forget_plans_of_script();

} // namespace pgmigrate::pg

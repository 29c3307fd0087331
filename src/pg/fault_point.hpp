// SPDX-License-Identifier: PostgreSQL
#pragma once

namespace pgmigrate::pg
{

// A place at which the tests let something go wrong, as pg_migrate.fault_point says: `wait:<name>` waits there until it
// is cancelled or terminated, `pause:<name>` waits for two seconds and goes on, `error:<name>` raises XX000,
// `exit:<name>` ends the process with FATAL, `kill:<name>` with SIGKILL. Anywhere else, and without the setting,
// nothing happens.
void fault_point(const char *name);

} // namespace pgmigrate::pg

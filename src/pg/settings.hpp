// SPDX-License-Identifier: PostgreSQL
#pragma once

namespace pgmigrate::pg
{

enum class TransactionMode { single, per_revision };

// The settings pg_migrate.*; they exist once the library is loaded in a session.
void define_settings();
TransactionMode transaction_mode();
// Milliseconds to wait for another run of the same version line, and for each lock of a statement in a script; 0 leaves
// it to the lock_timeout of the session.
int runner_lock_timeout();
// Milliseconds for each statement of a script; 0 for no limit.
int statement_timeout();
// How often what has failed for want of a lock is tried again.
int lock_retries();
// Whether the schema is remembered at the end of each run, for migrate_drift().
bool keeps_snapshot();
// Whether a revision without a down script gets one when it is first upgraded to.
bool derives_down();
// For tests; see fault_point.hpp.
const char *fault_point_setting();

} // namespace pgmigrate::pg

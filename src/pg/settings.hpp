// SPDX-License-Identifier: PostgreSQL
#pragma once

namespace pgmigrate::pg
{

enum class TransactionMode { single, per_revision };

// The settings pg_migrate.*; they exist once the library is loaded in a session.
void define_settings();
TransactionMode transaction_mode();
// Milliseconds to wait for another run of the same version line; 0 waits as long as the session's lock_timeout does.
int runner_lock_timeout();
// For tests; see fault_point.hpp.
const char *fault_point_setting();

} // namespace pgmigrate::pg

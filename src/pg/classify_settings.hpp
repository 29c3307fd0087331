// SPDX-License-Identifier: PostgreSQL
#pragma once

// What a statement does to the settings of the session. Everything here runs inside call().

#include "pg/classify.hpp"

namespace pgmigrate::pg
{

// SET TRANSACTION, or the settings behind it.
bool sets_transaction(const VariableSetStmt &statement);

// standard_conforming_strings to anything but on.
bool sets_nonstandard_strings(const VariableSetStmt &statement);

// The setting that it resets for the session; "*": all of them; empty: none.
const char *setting_reset_by(const Node *statement);

executor::RoleChange role_change_of(const Node *statement, const char *&role);

} // namespace pgmigrate::pg

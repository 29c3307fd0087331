// SPDX-License-Identifier: PostgreSQL
#pragma once

// What views and materialized views have in common.

#include "model/rules.hpp"

namespace pgmigrate::model
{

// " WITH (security_barrier='true')", or nothing.
std::string with_options(const Object &object);

// ALTER … SET and RESET of the options that differ.
void alter_options(const Object &was, const Object &is, Statements &statements);

} // namespace pgmigrate::model

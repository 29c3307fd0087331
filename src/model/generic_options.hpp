// SPDX-License-Identifier: PostgreSQL
#pragma once

// OPTIONS of foreign-data wrappers and of what belongs to them: the attribute "options", a sorted list of "name=value",
// as the catalogue has them.

#include <span>
#include <string>

namespace pgmigrate::model
{

// " OPTIONS (name 'value')"; empty where there are none.
std::string generic_options(std::span<const std::string> options);
// " OPTIONS (ADD …, SET …, DROP …)"; empty where they are the same.
std::string generic_options_change(std::span<const std::string> was, std::span<const std::string> is);

} // namespace pgmigrate::model

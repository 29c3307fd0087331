// SPDX-License-Identifier: PostgreSQL
#pragma once

// Lists of name=value as the catalogue has them: storage parameters, options of columns and of foreign objects.

#include <span>
#include <string>

namespace pgmigrate::model
{

using OptionList = std::span<const std::string>;

// "fillfactor='70', …"; empty for none.
std::string parameters(OptionList options);
// What SET and RESET take to turn one list into the other; each may be empty.
struct ParameterChanges {
    std::string set;
    std::string reset;
};
ParameterChanges parameter_changes(OptionList was, OptionList is);

// " OPTIONS (name 'value', …)" of foreign-data wrappers and of what belongs to them; empty for none.
std::string foreign_options(OptionList options);
// " OPTIONS (ADD name 'value', SET name 'value', DROP name, …)"; empty where they are the same.
std::string foreign_option_changes(OptionList was, OptionList is);

} // namespace pgmigrate::model

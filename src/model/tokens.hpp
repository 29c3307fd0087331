// SPDX-License-Identifier: PostgreSQL
#pragma once

// The tokens of SQL that the server has deparsed: without comments, in its spelling.

#include <string_view>
#include <vector>

namespace pgmigrate::model
{

using Tokens = std::vector<std::string_view>; // of the text that they were read from

// Never fails: what is no token is taken for one character each.
Tokens tokens_of(std::string_view deparsed);

bool is_digit(char each);
// Letters of other alphabets, too: what is not ASCII belongs to names.
bool starts_name(char each);

} // namespace pgmigrate::model

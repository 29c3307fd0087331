// SPDX-License-Identifier: PostgreSQL
#pragma once

// The tokens of SQL that the server has deparsed: without comments, in its spelling.

#include <cstddef>
#include <string_view>
#include <vector>

namespace pgmigrate::model
{

using Tokens = std::vector<std::string_view>; // of the text that they were read from

// Never fails: what is no token is taken for one character each.
Tokens tokens_of(std::string_view deparsed);

// For each bracket, ( or [, the index of the one that closes it; no_token for what closes none.
inline constexpr std::size_t no_token = static_cast<std::size_t>(-1);
std::vector<std::size_t> closings_of(const Tokens &tokens);

bool is_digit(char each);
// Letters of other alphabets, too: what is not ASCII belongs to names.
bool starts_name(char each);

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#pragma once

// Pieces of SQL.

#include <concepts>
#include <span>
#include <string>
#include <string_view>

namespace pgmigrate::model
{

template <std::convertible_to<std::string_view>... Parts>
std::string cat(const Parts &...parts)
{
    std::string all;
    all.reserve((std::string_view(parts).size() + ... + std::size_t{0}));
    (all.append(std::string_view(parts)), ...);
    return all;
}

std::string join(std::span<const std::string> parts, std::string_view separator);

// A string constant, as quote_literal() makes it: right whatever standard_conforming_strings is.
std::string literal(std::string_view text);

// A dollar-quoted constant whose tag does not occur in the text, nor where it ends.
std::string dollar_quoted(std::string_view text);

// A name as the catalogue has it.
std::string unquoted(std::string_view quoted_name);

// A name that is quoted where it needs to be, with `suffix` behind it, in at most 63 bytes, which is what the server
// keeps of a name.
std::string with_suffix(std::string_view quoted_name, std::string_view suffix);

// Where the name ends, quoted or not, that the text begins with.
std::size_t length_of_name(std::string_view text);

} // namespace pgmigrate::model

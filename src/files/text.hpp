// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/error.hpp"

#include <string>
#include <string_view>

// What the formats share. Characters are classified as ASCII, never by locale: the result must not depend on the server
// it is made on.
namespace pgmigrate::files
{

constexpr bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
constexpr bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower_case(std::string_view text);

// "down.sql" of "a/b/down.sql"; the directory is "a/b", or empty.
std::string_view base_name(std::string_view path);
std::string_view directory_of(std::string_view path);

// The message starts with the path: `file "x/up.sql": <what>`.
core::Error invalid_file(std::string_view path, std::string_view what);

} // namespace pgmigrate::files

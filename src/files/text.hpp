// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <span>
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
constexpr bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}
constexpr char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower_case(std::string_view text);

std::string_view trimmed(std::string_view text);

bool has(std::span<const std::string> names, std::string_view name);

// `text` with a blank for each '_'.
std::string spaced(std::string_view text);

// "down.sql" of "a/b/down.sql"; the directory is "a/b", or empty.
std::string_view base_name(std::string_view path);
std::string_view directory_of(std::string_view path);

// The lines of a text, one after the other, without their ends (LF or CRLF).
class Lines
{
  public:
    explicit Lines(std::string_view text) : text_(text) {}

    // False behind the last one.
    bool next();
    std::string_view line() const { return line_; }
    int number() const { return number_; }
    std::size_t start() const { return start_; }
    std::size_t end() const { return next_; } // behind its end

  private:
    std::string_view text_;
    std::string_view line_;
    std::size_t start_ = 0;
    std::size_t next_ = 0;
    int number_ = 0;
};

// The message starts with the path: `file "x/up.sql": <what>`.
core::Error invalid_file(std::string_view path, std::string_view what);

// For messages: the first of them, and how many there are beside.
std::string list_of(std::span<const std::string_view> paths);

// For files that a format has and that have no counterpart here; `what` is one of them, as in "a migration in Go".
core::Error cannot_be_loaded(std::string_view what, std::span<const std::string_view> paths);

} // namespace pgmigrate::files

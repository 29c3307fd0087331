// SPDX-License-Identifier: PostgreSQL
#pragma once

// Where something is in a script, in the terms of its reader: lines, columns, excerpts. Lines end with \n, \r\n or \r.

#include <cstddef>
#include <string>
#include <string_view>

#include "pg/boundary.hpp"

namespace pgmigrate::pg
{

struct Place {
    int line = 1;   // counted from 1
    int column = 1; // in characters, counted from 1
};

int count_newlines(std::string_view text);
Place place_of(std::string_view text, std::size_t offset);
// The beginning of `text`, at most so many characters of it, in one line.
std::string excerpt(std::string_view text, int characters);
// Of the line that `offset` is in, so much that the place itself is seen.
std::string excerpt_of_line(std::string_view text, std::size_t offset);
// From a position that counts characters from 1, as the server's errors do.
std::size_t byte_offset(std::string_view text, int position);
int character_position(std::string_view text, std::size_t offset);

// The position that PositionKeeper has left in an error; 0 for none.
int error_position(const PgError &error);

// "Line 3, column 7 of <name>: <excerpt>".
std::string describe_place(std::string_view text, std::size_t offset, std::string_view name, const std::string &shown);

} // namespace pgmigrate::pg

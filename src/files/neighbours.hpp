// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "files/format.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

// What other files of a directory say about the format: names of SQL files alone do not tell the tools apart.
namespace pgmigrate::files
{

// `<digits>_...` in the directory itself.
bool is_numbered(std::string_view path);

bool is_javascript(std::string_view path); // or TypeScript
bool is_go(std::string_view path);         // and no test

// What shows that a file is of a tool that marks its files, as in: has a line "-- migrate:up".
std::optional<std::string> mark_of_a_tool(std::string_view content);

// Why the files cannot be those of a tool whose migrations are all SQL: a numbered program among them is a step, and
// would be left out.
std::optional<std::string> numbered_program(std::span<const File> files);

// Whether numbered programs are all that tells whose the files are: the SQL files beside them are numbered as well, and
// no tool's mark is in them, nor are there migrations of diesel.
bool only_programs_tell(std::span<const File> files, bool (*is_program)(std::string_view path));

} // namespace pgmigrate::files

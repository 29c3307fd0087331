// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "files/format.hpp"

#include <compare>
#include <string>
#include <string_view>
#include <vector>

// What the formats of numbered files have in common: versions that are numbers, and revisions that are one line.
namespace pgmigrate::files
{

// The digits that the text begins with.
std::string_view leading_digits(std::string_view text);

// The number that digits stand for, without zeros in front.
std::string_view number_of(std::string_view digits);
std::strong_ordering compare_numbers(std::string_view left_digits, std::string_view right_digits);

// The same as an id, for tools that store a version as a bigint: what has no place in one is an error.
std::string bigint_of(std::string_view digits, std::string_view path);

// Each revision on top of the one before it, the first on none. A version that is there twice is an error.
void make_line(std::vector<SourceRevision> &revisions);

// Files with one script, of which one or two make a revision.
struct ScriptFile {
    const File *file = nullptr;
    std::string version;
    std::string message;
    bool is_down = false;
    bool in_transaction = true;
};

// One line in the order of the versions, which are numbers. `is_up_needed`: a down script without an up script is an
// error.
std::vector<SourceRevision> line_of(std::vector<ScriptFile> scripts, bool is_up_needed);

} // namespace pgmigrate::files

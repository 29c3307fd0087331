// SPDX-License-Identifier: PostgreSQL
#pragma once

// Deparsed text that names the columns of a relation by their positions.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::model
{

// Of whose columns the positions are.
struct RowSource {
    std::string type;                   // the relation, quoted
    std::vector<std::string> functions; // which return its rows, without arguments
    std::vector<std::size_t> columns;   // for each new position, the old one
};

struct MovedColumns {
    std::string text;
    bool complete = true; // whether nothing is left that names columns by position, as far as that can be seen
};

// `FROM t x(a, b)`, `FROM f() x(a, b)` and `ROW(1, 2)::t` with the columns in their new positions.
MovedColumns move_columns(std::string_view deparsed, const RowSource &source);

} // namespace pgmigrate::model

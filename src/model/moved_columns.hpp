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
    std::vector<std::string> others;    // which do not
    std::vector<std::string> names;     // of the columns, in their old positions
    struct Place {
        std::size_t old;  // position; `added` for a column that was not there
        std::string name; // of the column
    };
    static constexpr std::size_t added = static_cast<std::size_t>(-1);
    std::vector<Place> columns; // in their new positions
};

struct MovedColumns {
    std::string text;
    bool complete = true; // whether nothing is left that names columns by position, as far as that can be seen
};

// `FROM t x(a, b)`, `FROM f() x(a, b)` and `ROW(1, 2)::t` with the columns in their new positions, as the server writes
// them when columns are added or dropped: lists get the name of one that is added, rows NULL.
MovedColumns move_columns(std::string_view deparsed, const RowSource &source);

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#pragma once

// The lines of Alembic's output that are no SQL, found without reading the SQL.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pgmigrate::files
{

enum class PrintedDirection { upgrade, downgrade };

// "-- Running upgrade a, b -> c", which stands above the statements of a revision.
struct Marker {
    PrintedDirection direction = PrintedDirection::upgrade;
    std::vector<std::string> from;
    std::vector<std::string> to;
    std::optional<std::string> message; // from the log line above it
    std::size_t offset = 0;             // of the line
    std::size_t end = 0;                // behind the line
    int line = 1;

    const std::string &revision() const { return direction == PrintedDirection::upgrade ? to.front() : from.front(); }
    const std::vector<std::string> &parents() const { return direction == PrintedDirection::upgrade ? from : to; }
};

// What `alembic history --verbose` says of a revision.
struct HistoryEntry {
    std::vector<std::string> parents;
    std::vector<std::string> depends_on;
    std::vector<std::string> labels; // its own and those that it has inherited
    std::string message;
};

// Bytes of the text.
struct TextRange {
    std::size_t offset = 0;
    std::size_t end = 0;
};

struct AlembicText {
    std::string sql; // as long as the text, with blanks for the lines that are no SQL
    std::vector<TextRange> blanked;
    std::vector<Marker> markers;
    std::map<std::string, HistoryEntry, std::less<>> history;
};

// `name` is what errors call the text. Throws core::Error (invalid_file) for a marker that is none, and for the output
// of `alembic stamp`.
AlembicText read_alembic_text(const std::string &text, const std::string &name);

int line_of(const std::string &text, std::size_t offset);

} // namespace pgmigrate::files

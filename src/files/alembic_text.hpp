// SPDX-License-Identifier: PostgreSQL
#pragma once

// The lines of Alembic's output that are no SQL, found without a grammar.

#include "core/interrupt.hpp"

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
    std::vector<std::string> depends_on; // ids and labels, as they are written in the file
    std::vector<std::string> labels;     // its own and those that it has inherited
    std::string message;
};

using History = std::map<std::string, HistoryEntry, std::less<>>;

// Bytes of the text.
struct TextRange {
    std::size_t offset = 0;
    std::size_t end = 0;
};

struct AlembicText {
    std::string sql; // as long as the text, with blanks for the lines that are no SQL
    std::vector<TextRange> blanked;
    std::vector<Marker> markers;
    std::vector<TextRange> failures; // of Alembic itself, where it was to go back
    History history;
    std::vector<std::size_t> statement_ends;      // behind Alembic's semicolons
    std::vector<std::size_t> doubled_backslashes; // where literals begin that have them
    std::vector<std::size_t> lines;               // where they begin

    int line_of(std::size_t offset) const;
};

// `name` is what errors call the text. Throws core::Error (invalid_file) for a marker that is none, for the output of
// `alembic stamp`, and for a comment that hides the end of a statement.
AlembicText read_alembic_text(const std::string &text, const std::string &name, PrintedDirection direction,
                              core::InterruptCheck &interrupts);

} // namespace pgmigrate::files

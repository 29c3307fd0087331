// SPDX-License-Identifier: PostgreSQL
#pragma once

// The statements of Alembic's output, also where some of its ways back are no SQL.

#include "core/error.hpp"
#include "files/alembic.hpp"
#include "files/alembic_text.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pgmigrate::files
{

struct AlembicStatements {
    std::vector<PrintedStatement> all; // in their order
    std::optional<core::Error> error;  // about the first of those that are broken
};

// What was taken for a line of the log and stands within a statement is put back into `printed`.
//
// Throws core::Error (invalid_file) where the text is no SQL; of a downgrade only where that is not within the
// statements between two ends that Alembic has written.
AlembicStatements read_alembic_statements(const std::string &text, const std::string &name, PrintedDirection direction,
                                          AlembicText &printed, PrintedSqlReader &reader,
                                          core::InterruptCheck &interrupts);

// Whether the bytes from `start` to `end` are, in part, those of a statement.
bool is_within_statement(const std::vector<PrintedStatement> &statements, std::size_t start, std::size_t end);

} // namespace pgmigrate::files

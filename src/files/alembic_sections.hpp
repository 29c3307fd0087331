// SPDX-License-Identifier: PostgreSQL
#pragma once

// Alembic's output, divided among the revisions.
//
// Follows alembic/runtime/migration.py. MigrationContext.run_migrations() prints for each step its marker, what the
// migration does, and the changes of the version table; then what the callbacks of on_version_apply do. What stands
// behind these, or above the first marker, is env.py's.

#include "files/alembic.hpp"
#include "files/alembic_text.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pgmigrate::files
{

// Of the version table; either can be empty.
struct RowChange {
    std::string removed;
    std::string added;
};

// One direction of a revision.
struct Section {
    Marker marker;
    std::string script;
    std::vector<RowChange> changes;      // by Alembic itself
    std::vector<std::string> depends_on; // as these tell
    bool is_stopped = false;             // Alembic has given up within it
    std::string failure;                 // what it has said then, if that is in the text
};

struct PrintedSections {
    std::string name; // of the text
    std::vector<Section> sections;
    History history;
};

PrintedSections read_sections(const std::string &text, const std::string &name, PrintedDirection direction,
                              PrintedSqlReader &reader, core::InterruptCheck &interrupts,
                              std::vector<ImportRemark> &warnings);

} // namespace pgmigrate::files

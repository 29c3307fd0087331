// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/interrupt.hpp"
#include "core/revision_graph.hpp"
#include "files/format.hpp"

#include <span>
#include <string>
#include <vector>

// How the line of a directory, whose parents come from the order of versions, stands to what is registered.
namespace pgmigrate::files
{

// False for files that name their parents; the others of these are not for them.
bool is_line(std::span<const SourceRevision> sources);

// Throws where the line cannot become that of the directory, as its part that is applied would get other parents: a new
// file comes before an applied revision, or an applied one is on top of a revision whose file is gone. `applied` has an
// element for each revision of the graph.
void check_line(std::span<const SourceRevision> sources, const core::RevisionGraph &graph,
                const std::vector<bool> &applied);

// The revisions of the line that have a version for an id, and no file.
std::vector<std::string> without_file(std::span<const SourceRevision> sources, const core::RevisionGraph &graph,
                                      core::InterruptCheck &interrupts);

} // namespace pgmigrate::files

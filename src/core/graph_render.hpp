// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/interrupt.hpp"
#include "core/revision_graph.hpp"

#include <string>
#include <vector>

namespace pgmigrate::core
{

// What a picture says of a revision besides its place in the graph.
struct RevisionNote {
    std::string message; // the first line is shown
    bool is_current = false;
    bool is_applied = false;
};

struct RenderInfo {
    std::vector<RevisionNote> revisions; // by Index; as many as the graph has
};

// Newest first, like `git log --graph`: each revision on a line `* <id> <marks>, <message>` with the marks of Alembic's
// one-line form; the lanes lead from a revision down to its parents. Dependencies are named in a mark, not drawn.
std::vector<std::string> render_text(const RevisionGraph &graph, const RenderInfo &info, InterruptCheck &interrupts);

// A Graphviz digraph; an edge leads from the child to the parent.
std::vector<std::string> render_dot(const RevisionGraph &graph, const RenderInfo &info, InterruptCheck &interrupts);

// A Mermaid flowchart that grows upwards; an edge leads from the parent to the child.
std::vector<std::string> render_mermaid(const RevisionGraph &graph, const RenderInfo &info, InterruptCheck &interrupts);

} // namespace pgmigrate::core

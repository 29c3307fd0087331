// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/error.hpp"
#include "core/revision_graph.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::core
{

// The errors of this layer that are raised in more than one place. The texts are Alembic's, because people search for
// them; what it knows but does not say is in DETAIL and HINT.
Error cannot_locate(std::string_view argument, std::string detail, std::string hint = {});
Error empty_target();
Error unknown_row(const std::string &row);
Error missing_parent(const RevisionGraph &graph, Index revision, std::string_view missing);
// `step` may be below what is missing below `applied`.
Error applied_unknown(const RevisionGraph &graph, Index applied, Index step);
Error relative_too_far(std::string_view relative, std::string_view count);
Error overlapping(const RevisionGraph &graph, Index revision, std::span<const Index> others);
Error ambiguous_walk(const RevisionGraph &graph, std::span<const Index> choices);

std::string join(std::span<const std::string> texts, std::string_view separator = ", ");
std::string join_ids(const RevisionGraph &graph, std::span<const Index> revisions, std::string_view separator = ", ");

// The revisions that the version rows name. Exact ids only: a row is never a prefix.
std::vector<Index> revisions_of_rows(const RevisionGraph &graph, const std::vector<std::string> &rows);

} // namespace pgmigrate::core

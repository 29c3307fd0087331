// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/revision_graph.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::core
{

enum class RowAction { insert, update, remove };

// One change of the version table. insert: `to`; update: `from` becomes `to`; remove: `from`.
struct RowChange {
    RowAction action = RowAction::insert;
    std::string from;
    std::string to;
};

// Keeps the rows of a version line while revisions are applied and reverted: after each step they are the maximal
// elements of what is applied, under parents and dependencies. Each step costs the degree of its revision, not the size
// of the graph.
class VersionRows
{
  public:
    // Throws revision_not_found with unknown_row() set for a row that names no revision.
    VersionRows(const RevisionGraph &graph, const std::vector<std::string> &rows);
    VersionRows(VersionRows &&) noexcept;
    VersionRows &operator=(VersionRows &&) noexcept;
    ~VersionRows();

    // The changes, in the order in which they are written. Throws step_out_of_order when `revision` is applied already,
    // or not all that it needs is (upgrade); or when it is not applied, or something applied needs it (downgrade).
    std::vector<RowChange> upgrade(Index revision);
    std::vector<RowChange> downgrade(Index revision);
    bool is_applied(Index revision) const;
    std::vector<std::string> rows() const; // in load order

  private:
    struct State;
    std::unique_ptr<State> state_;
};

struct StampStep {
    std::vector<std::string> from;
    std::string to; // empty for base
    std::vector<RowChange> changes;
};

// What `alembic stamp TARGETS` writes; `targets` is a comma separated list, empty or `base` means base. With `purge`
// the rows are treated as deleted first (a remove change each, in the first step), so that unknown rows do no harm.
// Targets of which one is an ancestor of another are refused with Alembic's "overlaps" text.
std::vector<StampStep> plan_stamp(const RevisionGraph &graph, const std::vector<std::string> &rows,
                                  std::string_view targets, bool purge, InterruptCheck &interrupts);

} // namespace pgmigrate::core

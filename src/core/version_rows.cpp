// SPDX-License-Identifier: PostgreSQL
#include "core/version_rows.hpp"

#include "core/error.hpp"
#include "core/graph_data.hpp"
#include "core/graph_errors.hpp"
#include "core/traversal.hpp"

#include <algorithm>
#include <utility>

namespace pgmigrate::core
{

struct VersionRows::State {
    const RevisionGraph *graph = nullptr;
    Marks applied;
    Marks is_row;
    std::vector<Index> dependents; // applied ones, by normalized edges
};

namespace
{

Error out_of_order(std::string message)
{
    return Error(sqlstate::step_out_of_order, std::move(message))
        .hint("The version rows have changed since the steps were planned; plan again.");
}

} // namespace

VersionRows::VersionRows(const RevisionGraph &graph, const std::vector<std::string> &rows)
    : state_(std::make_unique<State>())
{
    state_->graph = &graph;
    state_->applied.assign(graph.size(), 0);
    state_->is_row.assign(graph.size(), 0);
    state_->dependents.assign(graph.size(), 0);
    const std::vector<Index> revisions = revisions_of_rows(graph, rows);
    for (const Index revision : revisions)
        state_->is_row[revision] = 1;
    NoInterrupts never;
    Ticker ticker(never);
    mark_reachable(graph.data().normalized(), revisions, state_->applied, ticker);
    for (Index revision = 0; revision < graph.size(); ++revision)
        if (state_->applied[revision])
            for (const Index needed : graph.normalized_down(revision))
                ++state_->dependents[needed];
}

VersionRows::VersionRows(VersionRows &&) noexcept = default;
VersionRows &VersionRows::operator=(VersionRows &&) noexcept = default;
VersionRows::~VersionRows() = default;

bool VersionRows::is_applied(Index revision) const
{
    return state_->applied[revision] != 0;
}

std::vector<std::string> VersionRows::rows() const
{
    std::vector<std::string> result;
    for (Index revision = 0; revision < state_->graph->size(); ++revision)
        if (state_->is_row[revision])
            result.push_back(state_->graph->id(revision));
    return result;
}

std::vector<RowChange> VersionRows::upgrade(Index revision)
{
    const RevisionGraph &graph = *state_->graph;
    const std::string &id = graph.id(revision);
    if (state_->applied[revision])
        throw out_of_order("Revision " + id + " is applied already");
    if (!graph.missing(revision).empty())
        throw missing_parent(graph, revision, graph.missing(revision).front());
    for (const Index needed : graph.normalized_down(revision))
        if (!state_->applied[needed])
            throw out_of_order("Revision " + id + " needs revision " + graph.id(needed) + ", which is not applied");
    std::vector<Index> replaced;
    for (const Index needed : graph.normalized_down(revision)) {
        ++state_->dependents[needed];
        if (std::exchange(state_->is_row[needed], std::uint8_t{0}))
            replaced.push_back(needed);
    }
    state_->applied[revision] = 1;
    state_->is_row[revision] = 1;
    if (replaced.empty())
        return {{RowAction::insert, {}, id}};
    std::vector<RowChange> changes;
    for (std::size_t i = 0; i + 1 < replaced.size(); ++i)
        changes.push_back({RowAction::remove, graph.id(replaced[i]), {}});
    changes.push_back({RowAction::update, graph.id(replaced.back()), id});
    return changes;
}

std::vector<RowChange> VersionRows::downgrade(Index revision)
{
    const RevisionGraph &graph = *state_->graph;
    const std::string &id = graph.id(revision);
    if (!state_->applied[revision])
        throw out_of_order("Revision " + id + " is not applied");
    if (state_->dependents[revision] > 0)
        for (const Index dependent : graph.all_next(revision))
            if (state_->applied[dependent])
                throw out_of_order("Revision " + id + " is needed by revision " + graph.id(dependent) +
                                   ", which is applied");
    if (!graph.missing(revision).empty())
        throw missing_parent(graph, revision, graph.missing(revision).front());
    std::vector<Index> exposed;
    for (const Index needed : graph.normalized_down(revision))
        // A row of its own, although something above it was applied: only in a table that was damaged before.
        if (--state_->dependents[needed] == 0 && !std::exchange(state_->is_row[needed], std::uint8_t{1}))
            exposed.push_back(needed);
    state_->applied[revision] = 0;
    state_->is_row[revision] = 0;
    if (exposed.empty())
        return {{RowAction::remove, id, {}}};
    std::vector<RowChange> changes;
    for (std::size_t i = 0; i + 1 < exposed.size(); ++i)
        changes.push_back({RowAction::insert, {}, graph.id(exposed[i])});
    changes.push_back({RowAction::update, id, graph.id(exposed.back())});
    return changes;
}

} // namespace pgmigrate::core

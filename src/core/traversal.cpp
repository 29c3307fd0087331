// SPDX-License-Identifier: PostgreSQL
#include "core/traversal.hpp"

#include "core/graph_data.hpp"
#include "core/graph_errors.hpp"

#include <algorithm>

namespace pgmigrate::core
{

void mark_reachable(const Adjacency &edges, std::span<const Index> starts, Marks &marks, Ticker &ticker)
{
    std::vector<Index> todo;
    for (const Index start : starts) {
        if (marks[start])
            continue;
        marks[start] = 1;
        todo.push_back(start);
    }
    while (!todo.empty()) {
        ticker.tick();
        const Index revision = todo.back();
        todo.pop_back();
        for (const Index neighbour : edges[revision]) {
            if (marks[neighbour])
                continue;
            marks[neighbour] = 1;
            todo.push_back(neighbour);
        }
    }
}

Marks required_by(const RevisionGraph &graph, std::span<const Index> targets, Ticker &ticker)
{
    Marks marks(graph.size());
    if (targets.size() < 2) {
        mark_reachable(graph.data().normalized(), targets, marks, ticker);
        return marks;
    }
    Marks is_target(graph.size());
    for (const Index target : targets)
        is_target[target] = 1;
    std::vector<Index> todo;
    std::vector<Index> overlaps;
    for (const Index target : targets) {
        // A revision met again is not followed again, but counts as met: whoever met it first has looked below it.
        todo.push_back(target);
        while (!todo.empty()) {
            ticker.tick();
            const Index revision = todo.back();
            todo.pop_back();
            if (is_target[revision] && revision != target)
                overlaps.push_back(revision);
            if (marks[revision])
                continue;
            marks[revision] = 1;
            for (const Index needed : graph.data().normalized()[revision])
                todo.push_back(needed);
        }
        if (overlaps.empty())
            continue;
        std::sort(overlaps.begin(), overlaps.end());
        overlaps.erase(std::unique(overlaps.begin(), overlaps.end()), overlaps.end());
        throw overlapping(graph, target, overlaps);
    }
    return marks;
}

Marks lineage_of(const RevisionGraph &graph, std::span<const Index> members, bool include_dependencies, Ticker &ticker)
{
    const RevisionGraph::Data &data = graph.data();
    Marks marks(graph.size());
    mark_reachable(include_dependencies ? data.normalized() : data.down, members, marks, ticker);
    Marks above(graph.size());
    mark_reachable(include_dependencies ? data.all_next() : data.next, members, above, ticker);
    for (Index revision = 0; revision < graph.size(); ++revision)
        marks[revision] |= above[revision];
    return marks;
}

} // namespace pgmigrate::core

// SPDX-License-Identifier: PostgreSQL
#include "core/error.hpp"
#include "core/graph_build.hpp"
#include "core/graph_errors.hpp"
#include "core/topology.hpp"
#include "core/traversal.hpp"

#include <algorithm>

namespace pgmigrate::core
{

namespace
{

// Revisions that have a neighbour in the same strong component, which without self-loops means: that lie on a cycle.
std::vector<Index> on_cycles(const Adjacency &edges, const std::vector<Index> &component)
{
    std::vector<Index> result;
    for (Index revision = 0; revision < edges.size(); ++revision) {
        const auto targets = edges[revision];
        if (std::any_of(targets.begin(), targets.end(),
                        [&](Index target) { return component[target] == component[revision]; }))
            result.push_back(revision);
    }
    return result;
}

// Walks inside one component until a revision comes again; the way between the two visits is a cycle.
std::vector<Index> one_cycle(const Adjacency &edges, const std::vector<Index> &component, Index start)
{
    std::vector<Index> way;
    std::vector<std::size_t> seen_at(edges.size(), edges.size());
    Index at = start;
    while (seen_at[at] == edges.size()) {
        seen_at[at] = way.size();
        way.push_back(at);
        const auto targets = edges[at];
        at = *std::find_if(targets.begin(), targets.end(),
                           [&](Index target) { return component[target] == component[start]; });
    }
    way.erase(way.begin(), way.begin() + static_cast<std::ptrdiff_t>(seen_at[at]));
    std::rotate(way.begin(), std::min_element(way.begin(), way.end()), way.end());
    way.push_back(way.front());
    return way;
}

// Alembic names what cannot be reached both from a head downwards and from a base upwards. A cycle between a base and
// a head escapes it; then we name the revisions on cycles. Without any head or base it names everything, unsorted.
std::vector<std::string> names_of_cycle(const RevisionGraph::Data &data, const Adjacency &edges,
                                        const std::vector<Index> &cyclic, Ticker &ticker)
{
    const Adjacency up = edges.reversed();
    std::vector<Index> tops;
    std::vector<Index> bottoms;
    std::vector<std::string> all;
    for (Index revision = 0; revision < data.size(); ++revision) {
        all.push_back(data.revisions[revision].id);
        if (up[revision].empty())
            tops.push_back(revision);
        if (edges[revision].empty())
            bottoms.push_back(revision);
    }
    if (tops.empty() || bottoms.empty())
        return all;
    Marks below_tops(data.size());
    Marks above_bottoms(data.size());
    mark_reachable(edges, tops, below_tops, ticker);
    mark_reachable(up, bottoms, above_bottoms, ticker);
    std::vector<std::string> names;
    for (Index revision = 0; revision < data.size(); ++revision)
        if (!below_tops[revision] || !above_bottoms[revision])
            names.push_back(all[revision]);
    if (names.empty())
        for (const Index revision : cyclic)
            names.push_back(all[revision]);
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

void throw_cycle(const RevisionGraph::Data &data, const Adjacency &all_down, Ticker &ticker)
{
    std::string_view kind = "Cycle";
    const Adjacency *edges = &data.down;
    std::vector<Index> component = strong_components(*edges, ticker);
    std::vector<Index> cyclic = on_cycles(*edges, component);
    if (cyclic.empty()) {
        kind = "Dependency cycle";
        edges = &all_down;
        component = strong_components(*edges, ticker);
        cyclic = on_cycles(*edges, component);
    }
    std::vector<std::string> way;
    for (const Index revision : one_cycle(*edges, component, cyclic.front()))
        way.push_back(data.revisions[revision].id);
    throw Error(sqlstate::invalid_graph, std::string(kind) + " is detected in revisions (" +
                                             join(names_of_cycle(data, *edges, cyclic, ticker)) + ")")
        .detail(join(way, " -> "))
        .hint("An arrow leads from a revision to one that it needs.");
}

} // namespace pgmigrate::core

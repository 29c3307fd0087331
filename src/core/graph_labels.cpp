// SPDX-License-Identifier: PostgreSQL
#include "core/graph_labels.hpp"

#include "core/graph_build.hpp"
#include "core/traversal.hpp"

#include <algorithm>
#include <unordered_set>

namespace pgmigrate::core
{

namespace
{

// Labels do not spread downwards across such a revision; dependents count as branches here.
bool ends_line(const RevisionGraph::Data &data, Index revision)
{
    return data.all_next()[revision].size() > 1 || data.is_merge_point(revision);
}

void add_below(RevisionGraph::Data &data, Ticker &ticker)
{
    std::vector<Index> &below = data.label_links.below;
    below.assign(data.revisions.size(), no_revision);
    for (const Index revision : data.topological) {
        ticker.tick();
        Index found = no_revision;
        bool joins = !data.revisions[revision].labels.empty();
        for (const Index parent : data.down[revision]) {
            if (below[parent] == no_revision || below[parent] == found)
                continue;
            joins = joins || found != no_revision;
            found = below[parent];
        }
        below[revision] = joins ? revision : found;
    }
}

void add_above(RevisionGraph::Data &data, Ticker &ticker)
{
    std::vector<Index> &above = data.label_links.above;
    above.assign(data.revisions.size(), no_revision);
    for (const Index tip : data.heads) {
        Index labelled = no_revision;
        Index revision = tip;
        while (!ends_line(data, revision)) {
            ticker.tick();
            above[revision] = labelled;
            if (!data.revisions[revision].labels.empty())
                labelled = revision;
            if (data.down[revision].empty())
                break;
            revision = data.down[revision].front();
        }
    }
}

// The revisions whose labels `revision` has, in load order.
std::vector<Index> label_owners(const RevisionGraph::Data &data, Index revision)
{
    std::vector<Index> owners;
    std::unordered_set<Index> seen;
    std::vector<Index> todo = {data.label_links.below[revision]};
    while (!todo.empty()) {
        const Index place = todo.back();
        todo.pop_back();
        if (place == no_revision || !seen.insert(place).second)
            continue;
        if (!data.revisions[place].labels.empty())
            owners.push_back(place);
        for (const Index parent : data.down[place])
            todo.push_back(data.label_links.below[parent]);
    }
    for (Index above = data.label_links.above[revision]; above != no_revision; above = data.label_links.above[above])
        owners.push_back(above);
    std::sort(owners.begin(), owners.end());
    return owners;
}

} // namespace

void add_label_links(RevisionGraph::Data &data, Ticker &ticker)
{
    if (data.labels.empty())
        return;
    add_below(data, ticker);
    add_above(data, ticker);
}

std::vector<std::string> RevisionGraph::labels(Index revision) const
{
    std::vector<std::string> result = data_->revisions[revision].labels;
    if (data_->labels.empty())
        return result;
    for (const Index owner : label_owners(*data_, revision))
        if (owner != revision)
            result.insert(result.end(), data_->revisions[owner].labels.begin(), data_->revisions[owner].labels.end());
    return result;
}

Marks labelled_by(const RevisionGraph &graph, Index owner, Ticker &ticker)
{
    const RevisionGraph::Data &data = graph.data();
    Marks marks(graph.size());
    mark_reachable(data.next, std::span(&owner, 1), marks, ticker);
    Index revision = owner;
    while (!ends_line(data, revision) && !data.next[revision].empty())
        revision = data.next[revision].front();
    if (ends_line(data, revision))
        return marks;
    for (revision = owner; !ends_line(data, revision); revision = data.down[revision].front()) {
        ticker.tick();
        marks[revision] = 1;
        if (data.down[revision].empty())
            break;
    }
    return marks;
}

} // namespace pgmigrate::core

// SPDX-License-Identifier: PostgreSQL
#include "core/graph_build.hpp"

#include "core/error.hpp"
#include "core/topology.hpp"

#include <algorithm>
#include <utility>

namespace pgmigrate::core
{

namespace
{

bool contains(std::span<const Index> list, Index element)
{
    return std::find(list.begin(), list.end(), element) != list.end();
}

bool contains(const std::vector<std::string> &list, const std::string &element)
{
    return std::find(list.begin(), list.end(), element) != list.end();
}

[[noreturn]] void throw_self_loop(std::string_view kind, const std::string &id)
{
    throw Error(sqlstate::invalid_graph, std::string(kind) + " is detected in revisions (" + id + ")")
        .detail(id + " -> " + id);
}

// Looks the names up and adds those that are present to the open row of `edges`; the others are missing.
void add_row(RevisionGraph::Data &data, Index revision, const std::vector<std::string> &names, std::string_view loop,
             Adjacency &edges)
{
    for (const std::string &name : names) {
        const std::optional<Index> target = data.lookup(name);
        if (target) {
            // The text was compared already: this is a revision that is named by its own label.
            if (*target == revision)
                throw_self_loop(loop, data.revisions[revision].id);
            if (!contains(edges.open_row(), *target))
                edges.add(*target);
            continue;
        }
        if (data.missing.empty() || data.missing.back().first != revision)
            data.missing.push_back({revision, {}});
        if (!contains(data.missing.back().second, name))
            data.missing.back().second.push_back(name);
    }
    edges.end_row();
}

Adjacency joined(const Adjacency &first, const Adjacency &second, const Marks *skip_second)
{
    Adjacency edges;
    edges.reserve(first.size());
    std::size_t at = 0;
    for (Index revision = 0; revision < first.size(); ++revision) {
        for (const Index target : first[revision])
            edges.add(target);
        for (const Index target : second[revision]) {
            if (!(skip_second && (*skip_second)[at]) && !contains(edges.open_row(), target))
                edges.add(target);
            ++at;
        }
        edges.end_row();
    }
    return edges;
}

} // namespace

Adjacency Adjacency::reversed() const
{
    Adjacency result;
    result.offsets_.assign(offsets_.size(), 0);
    result.targets_.resize(targets_.size());
    for (const Index target : targets_)
        ++result.offsets_[target + 1];
    for (Index node = 0; node < size(); ++node)
        result.offsets_[node + 1] += result.offsets_[node];
    std::vector<Index> end(result.offsets_);
    for (Index node = 0; node < size(); ++node)
        for (const Index target : (*this)[node])
            result.targets_[end[target]++] = node;
    return result;
}

bool RevisionGraph::Data::is_merge_point(Index revision) const
{
    const std::vector<std::string> &parents = revisions[revision].down;
    return std::any_of(parents.begin(), parents.end(),
                       [&](const std::string &parent) { return parent != parents.front(); });
}

void check_self_loops(const RevisionGraph::Data &data)
{
    for (const RevisionInput &revision : data.revisions) {
        if (contains(revision.down, revision.id))
            throw_self_loop("Self-loop", revision.id);
        if (contains(revision.depends_on, revision.id))
            throw_self_loop("Dependency self-loop", revision.id);
    }
}

void add_names(RevisionGraph::Data &data, Ticker &ticker)
{
    std::size_t label_count = 0;
    for (const RevisionInput &revision : data.revisions)
        label_count += revision.labels.size();
    data.names = NameTable(data.revisions.size() + label_count);
    for (Index index = 0; index < data.size(); ++index) {
        ticker.tick();
        const std::string &id = data.revisions[index].id;
        if (!data.names.add(id, index))
            throw Error(sqlstate::invalid_graph, "Revision " + id + " is present more than once");
    }
    for (Index index = 0; index < data.size(); ++index) {
        for (const std::string &label : data.revisions[index].labels) {
            ticker.tick();
            if (!data.names.add(label, data.size() + static_cast<Index>(data.labels.size())))
                throw Error(sqlstate::invalid_graph, "Branch name '" + label + "' in revision " +
                                                         data.revisions[index].id + " already used by revision " +
                                                         data.revisions[*data.lookup(label)].id);
            data.labels.push_back({label, index});
        }
    }
}

Adjacency add_edges(RevisionGraph::Data &data, Ticker &ticker)
{
    data.down.reserve(data.revisions.size());
    for (const RevisionInput &revision : data.revisions)
        data.has_dependencies = data.has_dependencies || !revision.depends_on.empty();
    for (Index index = 0; index < data.size(); ++index) {
        ticker.tick();
        add_row(data, index, data.revisions[index].down, "Self-loop", data.down);
        if (data.has_dependencies)
            add_row(data, index, data.revisions[index].depends_on, "Dependency self-loop", data.dependencies_);
    }
    return data.has_dependencies ? joined(data.down, data.dependencies_, nullptr) : data.down;
}

void add_order(RevisionGraph::Data &data, const Adjacency &all_down, Ticker &ticker)
{
    std::optional<std::vector<Index>> order = topological_order(all_down, ticker);
    if (!order)
        throw_cycle(data, all_down, ticker);
    data.topological = std::move(*order);
    data.next = data.down.reversed();
    if (data.has_dependencies)
        data.all_next_ = all_down.reversed();
}

void add_normalized(RevisionGraph::Data &data, Ticker &ticker)
{
    if (!data.has_dependencies)
        return;
    const Marks inherited = inherited_dependencies(data, ticker);
    data.normalized_ = joined(data.down, data.dependencies_, &inherited);
}

void add_ends(RevisionGraph::Data &data)
{
    for (Index index = 0; index < data.size(); ++index) {
        if (data.next[index].empty())
            data.heads.push_back(index);
        if (data.all_next()[index].empty())
            data.real_heads.push_back(index);
        if (data.revisions[index].down.empty())
            data.bases.push_back(index);
    }
}

} // namespace pgmigrate::core

// SPDX-License-Identifier: PostgreSQL
#include "core/revision_graph.hpp"

#include "core/error.hpp"
#include "core/graph_build.hpp"
#include "core/graph_data.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace pgmigrate::core
{

RevisionGraph::RevisionGraph(std::unique_ptr<Data> data) : data_(std::move(data)) {}
RevisionGraph::RevisionGraph(RevisionGraph &&) noexcept = default;
RevisionGraph &RevisionGraph::operator=(RevisionGraph &&) noexcept = default;
RevisionGraph::~RevisionGraph() = default;

RevisionGraph RevisionGraph::build(std::vector<RevisionInput> revisions, InterruptCheck &interrupts)
{
    // Half of the numbers, because labels share them.
    if (revisions.size() > std::numeric_limits<Index>::max() / 2)
        throw Error(sqlstate::invalid_graph, "There are too many revisions");
    Ticker ticker(interrupts);
    auto data = std::make_unique<Data>();
    data->revisions = std::move(revisions);
    check_self_loops(*data);
    add_names(*data, ticker);
    const Adjacency all_down = add_edges(*data, ticker);
    add_order(*data, all_down, ticker);
    add_normalized(*data, ticker);
    add_ends(*data);
    add_label_links(*data, ticker);
    return RevisionGraph(std::move(data));
}

Index RevisionGraph::size() const
{
    return data_->size();
}

const std::string &RevisionGraph::id(Index revision) const
{
    return data_->revisions[revision].id;
}

std::optional<Index> RevisionGraph::find(std::string_view id) const
{
    const std::optional<Index> value = data_->names.find(id);
    return value && *value < size() ? value : std::nullopt;
}

std::optional<Index> RevisionGraph::find_label(std::string_view label) const
{
    const std::optional<Index> value = data_->names.find(label);
    return value && *value >= size() ? std::optional(data_->labels[*value - size()].owner) : std::nullopt;
}

std::span<const Index> RevisionGraph::down(Index revision) const
{
    return data_->down[revision];
}

std::span<const Index> RevisionGraph::dependencies(Index revision) const
{
    return data_->has_dependencies ? data_->dependencies_[revision] : std::span<const Index>();
}

std::span<const Index> RevisionGraph::normalized_down(Index revision) const
{
    return data_->normalized()[revision];
}

std::span<const Index> RevisionGraph::next(Index revision) const
{
    return data_->next[revision];
}

std::span<const Index> RevisionGraph::all_next(Index revision) const
{
    return data_->all_next()[revision];
}

std::span<const std::string> RevisionGraph::declared_down(Index revision) const
{
    return data_->revisions[revision].down;
}

std::span<const std::string> RevisionGraph::declared_dependencies(Index revision) const
{
    return data_->revisions[revision].depends_on;
}

std::span<const std::string> RevisionGraph::own_labels(Index revision) const
{
    return data_->revisions[revision].labels;
}

std::span<const std::string> RevisionGraph::missing(Index revision) const
{
    const auto &all = data_->missing;
    const auto found = std::lower_bound(all.begin(), all.end(), revision,
                                        [](const auto &entry, Index wanted) { return entry.first < wanted; });
    if (found == all.end() || found->first != revision)
        return {};
    return found->second;
}

std::span<const Index> RevisionGraph::heads() const
{
    return data_->heads;
}

std::span<const Index> RevisionGraph::real_heads() const
{
    return data_->real_heads;
}

std::span<const Index> RevisionGraph::bases() const
{
    return data_->bases;
}

bool RevisionGraph::is_head(Index revision) const
{
    return data_->next[revision].empty();
}

bool RevisionGraph::is_real_head(Index revision) const
{
    return data_->all_next()[revision].empty();
}

bool RevisionGraph::is_branch_point(Index revision) const
{
    return data_->next[revision].size() > 1;
}

bool RevisionGraph::is_merge_point(Index revision) const
{
    return data_->is_merge_point(revision);
}

} // namespace pgmigrate::core

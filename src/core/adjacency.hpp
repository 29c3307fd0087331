// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/revision_graph.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pgmigrate::core
{

// A flag per revision.
using Marks = std::vector<std::uint8_t>;

// One kind of edge for all revisions in two flat arrays: the neighbours of revision i are
// targets[offsets[i]] … targets[offsets[i + 1] - 1].
class Adjacency
{
  public:
    Adjacency() = default;

    void reserve(std::size_t nodes)
    {
        offsets_.reserve(nodes + 1);
        targets_.reserve(nodes);
    }
    // Rows are filled one after the other: add() its targets, then end_row().
    void add(Index target) { targets_.push_back(target); }
    void end_row() { offsets_.push_back(static_cast<Index>(targets_.size())); }
    // What has been added to the row that has not ended yet.
    std::span<const Index> open_row() const { return std::span(targets_).subspan(offsets_.back()); }

    std::span<const Index> operator[](Index node) const
    {
        return {targets_.data() + offsets_[node], offsets_[node + 1] - offsets_[node]};
    }
    Index size() const { return static_cast<Index>(offsets_.size() - 1); }
    std::size_t edge_count() const { return targets_.size(); }

    // The same edges the other way round; neighbours come out in load order.
    Adjacency reversed() const;

  private:
    std::vector<Index> offsets_ = {0};
    std::vector<Index> targets_;
};

} // namespace pgmigrate::core

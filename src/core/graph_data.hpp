// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/adjacency.hpp"
#include "core/name_table.hpp"
#include "core/revision_graph.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgmigrate::core
{

inline constexpr Index no_revision = ~Index{0};

struct BranchLabel {
    std::string_view name;
    Index owner;
};

// What a revision inherits, without a set of labels per revision: a link to the next place where labels are found.
struct LabelLinks {
    // The nearest revision at or below this one, by down_revision, that has labels itself or joins lines of different
    // labels.
    std::vector<Index> below;
    // The nearest labelled revision above this one on a line that has neither branch point nor merge up to its tip.
    std::vector<Index> above;
};

struct RevisionGraph::Data {
    std::vector<RevisionInput> revisions;
    NameTable names;                 // ids are 0 … n-1, labels n … in the order of `labels`
    std::vector<BranchLabel> labels; // in load order
    Adjacency down;
    Adjacency next;
    // Empty unless has_dependencies: then `down` and `next` say it all.
    bool has_dependencies = false;
    Adjacency dependencies_;
    Adjacency normalized_;
    Adjacency all_next_;
    std::vector<Index> heads;
    std::vector<Index> real_heads;
    std::vector<Index> bases;
    std::vector<Index> topological; // parents and dependencies first
    std::vector<std::pair<Index, std::vector<std::string>>> missing;
    LabelLinks label_links; // empty without labels

    const Adjacency &normalized() const { return has_dependencies ? normalized_ : down; }
    const Adjacency &all_next() const { return has_dependencies ? all_next_ : next; }
    // The revision that an exact id or label stands for.
    std::optional<Index> lookup(std::string_view name) const
    {
        const std::optional<Index> value = names.find(name);
        if (value && *value >= revisions.size())
            return labels[*value - revisions.size()].owner;
        return value;
    }
    Index size() const { return static_cast<Index>(revisions.size()); }
    // More than one parent as registered, present or not.
    bool is_merge_point(Index revision) const;
};

} // namespace pgmigrate::core

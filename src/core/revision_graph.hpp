// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/interrupt.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::core
{

// A revision as it is registered: names, not yet looked up. A parent is an id (or a branch label), a dependency an id
// or a branch label; either may be unknown.
struct RevisionInput {
    std::string id;
    std::vector<std::string> down;
    std::vector<std::string> depends_on;
    std::vector<std::string> labels;
};

// Position of a revision in load order.
using Index = std::uint32_t;

// The revisions and how they hang together, with the properties that Alembic's RevisionMap derives
// (alembic/script/revision.py, _initialize and what it calls). Immutable once built.
class RevisionGraph
{
  public:
    // `revisions` in load order, which is the tie-break of every traversal. Throws invalid_graph for duplicate ids,
    // labels used twice, self-loops and cycles, with Alembic's texts. A parent or dependency that is not there is
    // remembered (missing()), and is an error only for a plan that needs it.
    static RevisionGraph build(std::vector<RevisionInput> revisions, InterruptCheck &interrupts);

    RevisionGraph(RevisionGraph &&) noexcept;
    RevisionGraph &operator=(RevisionGraph &&) noexcept;
    ~RevisionGraph();

    Index size() const;
    const std::string &id(Index revision) const;
    // Exact id only.
    std::optional<Index> find(std::string_view id) const;
    // Exact branch label only.
    std::optional<Index> find_label(std::string_view label) const;

    std::span<const Index> down(Index revision) const;                // real parents that are present
    std::span<const Index> dependencies(Index revision) const;        // depends_on, looked up, as declared
    std::span<const Index> normalized_down(Index revision) const;     // down, then dependencies less those of ancestors
    std::span<const Index> next(Index revision) const;                // children by down_revision
    std::span<const Index> all_next(Index revision) const;            // children and dependents
    std::span<const std::string> declared_down(Index revision) const; // as registered
    std::span<const std::string> declared_dependencies(Index revision) const;
    std::span<const std::string> own_labels(Index revision) const;
    std::vector<std::string> labels(Index revision) const;      // own and inherited
    std::span<const std::string> missing(Index revision) const; // declared, but not present

    std::span<const Index> heads() const;      // no child by down_revision, in load order
    std::span<const Index> real_heads() const; // no child and no dependent
    std::span<const Index> bases() const;      // no down_revision
    bool is_head(Index revision) const;
    bool is_real_head(Index revision) const;
    bool is_branch_point(Index revision) const; // Alembic's is_branch_point: more than one child by down_revision
    bool is_merge_point(Index revision) const;  // more than one parent

    struct Data;
    const Data &data() const { return *data_; }

  private:
    explicit RevisionGraph(std::unique_ptr<Data> data);
    std::unique_ptr<Data> data_;
};

} // namespace pgmigrate::core

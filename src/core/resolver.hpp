// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/adjacency.hpp"
#include "core/error.hpp"
#include "core/target_parse.hpp"
#include "core/ticker.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::core
{

// Looks up what a user writes for a revision, by the rules of Alembic's RevisionMap (get_revision, get_revisions,
// filter_for_lineage, _walk).
class Resolver
{
  public:
    // Whom the error about several heads speaks to.
    enum class Asker { target, author, stamp };

    // `argument` is what several heads are reported for; without it, the symbol that stands for them.
    Resolver(const RevisionGraph &graph, InterruptCheck &interrupts, Asker asker = Asker::target,
             std::optional<std::string> argument = {});

    // One revision; nothing for `base`.
    std::optional<Index> revision(std::string_view text);
    std::optional<Index> revision(std::string_view text, std::string_view branch);
    // Any number: `heads`, `-N` (from the heads), label@… too.
    std::vector<Index> revisions(std::string_view text);

    // The end of a walk. Below a root there is one more stop, `base`; beyond it and above a head there is nothing.
    struct Stop {
        enum class Kind { nothing, base, revision };
        Kind kind = Kind::nothing;
        Index revision = 0;
    };
    // Steps along down_revision only. `start` nothing: from below the roots upwards, or from above the heads downwards.
    // A lenient walk stays where it is when there is no way on. `branch` chooses among children, on the way up.
    Stop walk(std::optional<Index> start, const Steps &steps, std::optional<std::string_view> branch = {},
              bool lenient = false);

    // Those of `candidates` that share a line with what `against` stands for; all of them when that is nothing.
    std::vector<Index> in_lineage(std::span<const Index> candidates, std::string_view against,
                                  bool include_dependencies = false);

    // The revision that stands for a branch: the owner of the label, or any revision of the branch.
    Index branch(std::string_view label);
    // The heads that `-N` counts from.
    std::vector<Index> counting_heads(std::optional<std::string_view> label);

    Ticker &ticker() { return ticker_; }
    const RevisionGraph &graph() const { return graph_; }

  private:
    // A text after `head`, `heads` and `base` are replaced: revisions, or a symbol still to be looked up, or nothing.
    struct Reference {
        std::optional<std::string_view> branch;
        std::optional<std::string_view> symbol;
        std::vector<Index> revisions;
    };
    Reference reference(std::string_view text);
    std::vector<Index> members(const Reference &reference);
    std::optional<Index> head(std::optional<std::string_view> branch);
    Index lookup(std::string_view symbol, std::optional<std::string_view> branch);
    Index lookup_prefix(std::string_view symbol, std::optional<std::string_view> branch);
    std::vector<std::string_view> names_starting_with(std::string_view prefix);
    std::optional<Marks> lineage(const Reference &against, bool include_dependencies);
    void require_parents(Index revision) const;
    Stop walk_up(std::optional<Index> start, const Steps &steps, std::optional<std::string_view> branch, bool lenient);
    Stop walk_down(std::optional<Index> start, const Steps &steps, bool lenient);
    Error several_heads(std::span<const Index> heads, std::string_view symbol) const;

    const RevisionGraph &graph_;
    Ticker ticker_;
    Asker asker_;
    std::optional<std::string> argument_;
};

} // namespace pgmigrate::core

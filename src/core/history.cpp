// SPDX-License-Identifier: PostgreSQL
#include "core/error.hpp"
#include "core/graph_data.hpp"
#include "core/graph_errors.hpp"
#include "core/graph_labels.hpp"
#include "core/plan.hpp"
#include "core/plan_order.hpp"
#include "core/resolver.hpp"
#include "core/traversal.hpp"
#include "core/upgrade_target.hpp"

#include <algorithm>

namespace pgmigrate::core
{

namespace
{

constexpr std::string_view current_word = "current";

struct Range {
    std::string_view from = "base";
    std::string_view to = "heads";
};

Range parse_range(std::string_view text)
{
    Range range;
    text = trim(text);
    if (text.empty())
        return range;
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos)
        throw Error(sqlstate::invalid_target, "History range requires [start]:[end], [start]:, or :[end]")
            .detail("The range is '" + std::string(text) + "'.");
    if (const std::string_view from = trim(text.substr(0, colon)); !from.empty())
        range.from = from;
    if (const std::string_view to = trim(text.substr(colon + 1)); !to.empty())
        range.to = to;
    return range;
}

// The lower end of a history. It belongs to the list; base stands for no lower end.
class Lower
{
  public:
    Lower(Resolver &resolver, const std::vector<std::string> &rows, const Range &range)
        : resolver_(resolver), rows_(rows), range_(range)
    {
    }

    Origin origin() const
    {
        return range_.from == current_word ? Origin::of_rows(rows_) : Origin::of_text(range_.from);
    }

    // `required` is what the upper end needs.
    std::vector<Index> revisions(const Marks &required) const
    {
        std::optional<std::string_view> label;
        std::string_view symbol = range_.from;
        if (const std::size_t at = symbol.find('@'); at != std::string_view::npos) {
            if (at > 0)
                label = symbol.substr(0, at);
            symbol.remove_prefix(at + 1);
        }
        if (const std::optional<Steps> steps = parse_steps_down(symbol))
            return steps_back(*steps, label, required);
        return origin().revisions(resolver_);
    }

  private:
    // N back from current where the range ends there, otherwise, as Alembic does it, from the heads. A line that is
    // shorter is listed from its root, if it is in the range at all.
    std::vector<Index> steps_back(const Steps &steps, std::optional<std::string_view> label,
                                  const Marks &required) const
    {
        const std::vector<Index> tops = range_.to == current_word ? current(label) : resolver_.counting_heads(label);
        std::vector<Index> result;
        bool all_from_base = true;
        for (const Index top : tops) {
            const Resolver::Stop stop = resolver_.walk(top, steps, {}, true);
            const bool from_base = stop.kind != Resolver::Stop::Kind::revision;
            all_from_base = all_from_base && from_base;
            const Index lowest = from_base ? root_below(top) : stop.revision;
            if (!from_base || required[lowest])
                result.push_back(lowest);
        }
        if (all_from_base)
            result.clear();
        std::sort(result.begin(), result.end());
        result.erase(std::unique(result.begin(), result.end()), result.end());
        return range_.to == current_word ? lowest_of(result) : result;
    }

    // Two rows that are not equally far above their fork: what is on the one's way down is listed with the other's.
    std::vector<Index> lowest_of(const std::vector<Index> &revisions) const
    {
        std::vector<Index> result;
        for (const Index revision : revisions) {
            const Marks below = required_by(resolver_.graph(), std::span(&revision, 1), resolver_.ticker());
            if (std::none_of(revisions.begin(), revisions.end(),
                             [&](Index other) { return other != revision && below[other]; }))
                result.push_back(revision);
        }
        return result;
    }

    std::vector<Index> current(std::optional<std::string_view> label) const
    {
        const std::vector<Index> revisions = revisions_of_rows(resolver_.graph(), rows_);
        return label ? resolver_.in_lineage(revisions, *label) : revisions;
    }

    // The walk that has just passed it met no merge.
    Index root_below(Index revision) const
    {
        const RevisionGraph &graph = resolver_.graph();
        while (!graph.down(revision).empty())
            revision = graph.down(revision).front();
        return revision;
    }

    Resolver &resolver_;
    const std::vector<std::string> &rows_;
    const Range &range_;
};

// A lower end like label@… limits the list to targets with that label. A revision stands for its own label there, or,
// when it has none or several, for its line.
std::vector<Index> targets_on_branch(Resolver &resolver, std::vector<Index> targets, std::string_view from)
{
    const std::size_t at = from.find('@');
    if (at == std::string_view::npos || at == 0)
        return targets;
    const RevisionGraph &graph = resolver.graph();
    const std::string_view name = from.substr(0, at);
    std::optional<Index> owner = graph.find_label(name);
    if (!owner) {
        const std::optional<Index> revision = resolver.revision(name);
        const std::vector<std::string> labels = revision ? graph.labels(*revision) : std::vector<std::string>();
        if (labels.size() != 1)
            return resolver.in_lineage(targets, name);
        owner = graph.find_label(labels.front());
    }
    const Marks labelled = labelled_by(graph, *owner, resolver.ticker());
    std::erase_if(targets, [&](Index target) { return !labelled[target]; });
    return targets;
}

} // namespace

std::vector<Index> plan_history(const RevisionGraph &graph, const std::vector<std::string> &rows, std::string_view text,
                                InterruptCheck &interrupts)
{
    const Range range = parse_range(text);
    Resolver resolver(graph, interrupts, Resolver::Asker::target, std::string(range.to));
    const Lower lower(resolver, rows, range);
    std::vector<Index> targets = range.to == current_word ? revisions_of_rows(graph, rows)
                                                          : upgrade_targets(resolver, lower.origin(), range.to, true);
    targets = targets_on_branch(resolver, std::move(targets), range.from);
    const Marks required = required_by(graph, targets, resolver.ticker());
    const std::vector<Index> from = lower.revisions(required);
    if (std::any_of(from.begin(), from.end(), [&](Index revision) { return !required[revision]; }))
        throw Error(sqlstate::invalid_target,
                    "Requested range " + std::string(range.from) + ":" + std::string(range.to) +
                        " does not refer to ancestor/descendant revisions along the same branch")
            .detail("The lower end is: " + join_ids(graph, from) + ".");
    Marks listed = required;
    if (!from.empty()) {
        const Marks have = required_by(graph, from, resolver.ticker());
        Marks above(graph.size());
        mark_reachable(graph.data().next, from, above, resolver.ticker());
        for (Index revision = 0; revision < graph.size(); ++revision)
            listed[revision] = required[revision] && !have[revision] && above[revision];
        for (const Index revision : from)
            listed[revision] = 1;
    }
    return plan_order(graph, {listed, required, targets}, resolver.ticker());
}

} // namespace pgmigrate::core

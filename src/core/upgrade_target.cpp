// SPDX-License-Identifier: PostgreSQL
#include "core/upgrade_target.hpp"

#include "core/graph_data.hpp"
#include "core/graph_errors.hpp"
#include "core/target.hpp"
#include "core/traversal.hpp"

#include <algorithm>

namespace pgmigrate::core
{

namespace
{

// The tips, without a child or dependent among them, of the revisions at or below `origin` that are on the branch.
std::vector<Index> tips_on_branch(Resolver &resolver, std::span<const Index> origin, std::string_view label)
{
    const RevisionGraph &graph = resolver.graph();
    Marks below(graph.size());
    mark_reachable(graph.data().normalized(), origin, below, resolver.ticker());
    std::vector<Index> active;
    for (Index revision = 0; revision < graph.size(); ++revision)
        if (below[revision])
            active.push_back(revision);
    active = resolver.in_lineage(active, label);
    Marks needed(graph.size());
    for (const Index revision : active)
        for (const Index parent : graph.normalized_down(revision))
            needed[parent] = 1;
    std::erase_if(active, [&](Index revision) { return needed[revision]; });
    return active;
}

std::optional<Index> start_of_walk(Resolver &resolver, const Origin &origin, std::optional<std::string_view> label)
{
    std::vector<std::optional<Index>> starts;
    if (label) {
        const std::vector<Index> revisions = origin.revisions(resolver);
        std::vector<Index> on_branch = resolver.in_lineage(revisions, *label);
        if (on_branch.empty())
            on_branch = tips_on_branch(resolver, revisions, *label);
        starts.assign(on_branch.begin(), on_branch.end());
        if (starts.empty())
            starts.emplace_back();
    } else {
        starts = origin.starts(resolver);
    }
    if (starts.size() == 1)
        return starts.front();
    std::vector<Index> choices;
    for (const std::optional<Index> start : starts)
        if (start)
            choices.push_back(*start);
    throw Error(sqlstate::ambiguous_target, "Ambiguous upgrade from multiple current revisions")
        .detail("The current revisions are: " + join_ids(resolver.graph(), choices) + ".")
        .hint("Name the branch, as in 'label@+1' or 'revision@+1'.");
}

// Where a walk from a named revision ended; `base` is below all targets.
std::vector<Index> end_of_walk(const Resolver::Stop &stop, const Steps &steps)
{
    if (stop.kind == Resolver::Stop::Kind::nothing)
        throw relative_too_far(steps.text, steps.magnitude());
    if (stop.kind == Resolver::Stop::Kind::base)
        return {};
    return {stop.revision};
}

std::vector<Index> relative_target(Resolver &resolver, const Origin &origin, const RelativeTarget &target, bool lenient)
{
    const Steps &steps = target.steps;
    const bool up = !steps.down && steps.count > 0;
    if (!target.symbol) {
        if (!up)
            throw relative_too_far(steps.normalized(), steps.magnitude());
        const std::optional<Index> start = start_of_walk(resolver, origin, target.label);
        return end_of_walk(resolver.walk(start, steps, target.label, lenient), steps);
    }
    if (up)
        return end_of_walk(resolver.walk(resolver.revision(*target.symbol), steps, target.label, lenient), steps);
    const std::optional<Index> start =
        target.label ? resolver.revision(*target.symbol, *target.label) : resolver.revision(*target.symbol);
    return end_of_walk(resolver.walk(start, steps, {}, lenient), steps);
}

} // namespace

std::vector<Index> Origin::revisions(Resolver &resolver) const
{
    return rows_ ? revisions_of_rows(resolver.graph(), *rows_) : resolver.revisions(text_);
}

std::vector<std::optional<Index>> Origin::starts(Resolver &resolver) const
{
    if (!rows_)
        return {resolver.revision(text_)};
    const std::vector<Index> revisions = revisions_of_rows(resolver.graph(), *rows_);
    if (revisions.empty())
        return {std::nullopt};
    return {revisions.begin(), revisions.end()};
}

std::vector<Index> upgrade_targets(Resolver &resolver, const Origin &origin, std::string_view text, bool lenient)
{
    const std::vector<std::string> elements = split_list(text);
    if (elements.size() < 2) {
        const std::string_view element = elements.empty() ? std::string_view() : elements.front();
        if (const std::optional<RelativeTarget> relative = parse_relative(element))
            return relative_target(resolver, origin, *relative, lenient);
        return resolver.revisions(element);
    }
    std::vector<Index> targets;
    for (const std::string &element : elements) {
        const std::vector<Index> found = resolver.revisions(element);
        targets.insert(targets.end(), found.begin(), found.end());
    }
    return targets;
}

} // namespace pgmigrate::core

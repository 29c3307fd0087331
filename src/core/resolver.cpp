// SPDX-License-Identifier: PostgreSQL
#include "core/resolver.hpp"

#include "core/graph_data.hpp"
#include "core/graph_errors.hpp"
#include "core/graph_labels.hpp"
#include "core/traversal.hpp"

#include <algorithm>
#include <utility>

namespace pgmigrate::core
{

namespace
{

std::optional<std::string_view> non_empty(std::string_view text)
{
    return text.empty() ? std::nullopt : std::optional(text);
}

// Names of three characters or fewer cannot be abbreviated.
bool is_abbreviable(std::string_view name)
{
    constexpr std::ptrdiff_t longest_never_abbreviated = 3;
    return std::count_if(name.begin(), name.end(), [](char byte) {
               return (static_cast<unsigned char>(byte) & 0xc0u) != 0x80u; // the first byte of a UTF-8 character
           }) > longest_never_abbreviated;
}

std::string quoted(std::string_view text)
{
    return "'" + std::string(text) + "'";
}

Error not_found(std::string_view symbol)
{
    if (symbol.empty())
        return empty_target();
    return cannot_locate(symbol, "No such revision or branch " + quoted(symbol) +
                                     "; identifiers of four or more characters can be abbreviated.");
}

Error ambiguous(std::string_view symbol, const std::vector<std::string_view> &names)
{
    constexpr std::size_t most_shown = 20;
    std::string list;
    for (std::size_t i = 0; i < std::min(names.size(), most_shown); ++i)
        list += (i == 0 ? "" : ", ") + quoted(names[i]);
    if (names.size() > most_shown)
        list += ", and " + std::to_string(names.size() - most_shown) + " more";
    return cannot_locate(symbol, "Multiple revisions start with " + quoted(symbol) + ": " + list + ".",
                         "Write more characters of the identifier.");
}

} // namespace

Resolver::Resolver(const RevisionGraph &graph, InterruptCheck &interrupts, Asker asker,
                   std::optional<std::string> argument)
    : graph_(graph), ticker_(interrupts), asker_(asker), argument_(std::move(argument))
{
}

Error Resolver::several_heads(std::span<const Index> heads, std::string_view symbol) const
{
    const std::string argument = argument_ ? *argument_ : std::string(symbol);
    std::string message;
    std::string hint = "Name one of them.";
    switch (asker_) {
    case Asker::target:
        message = "Multiple head revisions are present for given argument '" + argument +
                  "'; please specify a specific target revision, '<branchname>@" + argument +
                  "' to narrow to a specific head, or 'heads' for all heads";
        hint = "Name one of them, use 'heads' for all, or join them with migrate_merge().";
        break;
    case Asker::author:
        message = "Multiple heads are present; please specify the head revision on which the new revision should be "
                  "based, or perform a merge.";
        hint = "Name one of them, or join them with migrate_merge().";
        break;
    case Asker::stamp:
        message = "Multiple heads are present; please specify a single target revision";
        hint = "Name one of them, or use 'heads' for all.";
        break;
    }
    return Error(sqlstate::multiple_heads, std::move(message))
        .detail("The heads are: " + join_ids(graph_, heads) + ".")
        .hint(std::move(hint));
}

Resolver::Reference Resolver::reference(std::string_view text)
{
    Reference result;
    std::string_view symbol = text;
    if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
        result.branch = non_empty(text.substr(0, at));
        symbol = text.substr(at + 1);
    }
    if (symbol == "heads") {
        if (result.branch)
            result.revisions = in_lineage(graph_.heads(), *result.branch);
        else
            result.revisions.assign(graph_.real_heads().begin(), graph_.real_heads().end());
    } else if (symbol == "head") {
        if (const std::optional<Index> found = head(result.branch))
            result.revisions.push_back(*found);
    } else if (symbol != "base") {
        result.symbol = symbol;
    }
    return result;
}

std::optional<Index> Resolver::head(std::optional<std::string_view> branch)
{
    std::vector<Index> heads(graph_.heads().begin(), graph_.heads().end());
    if (branch)
        heads = in_lineage(heads, *branch);
    if (heads.size() > 1)
        throw several_heads(heads, branch ? std::string(*branch) + "@head" : "head");
    return heads.empty() ? std::nullopt : std::optional(heads.front());
}

std::optional<Index> Resolver::revision(std::string_view text)
{
    const Reference found = reference(text);
    if (found.symbol)
        return lookup(*found.symbol, found.branch);
    if (found.revisions.size() > 1)
        throw several_heads(found.revisions, text);
    if (found.branch)
        branch(*found.branch);
    return found.revisions.empty() ? std::nullopt : std::optional(found.revisions.front());
}

std::optional<Index> Resolver::revision(std::string_view text, std::string_view branch)
{
    return revision(std::string(branch) + "@" + std::string(text));
}

std::vector<Index> Resolver::revisions(std::string_view text)
{
    const Reference found = reference(text);
    if (!found.symbol) {
        if (found.branch && found.revisions.empty())
            branch(*found.branch);
        return found.revisions;
    }
    const std::optional<Steps> steps = parse_steps_down(*found.symbol);
    if (!steps)
        return {lookup(*found.symbol, found.branch)};
    std::vector<Index> result;
    bool too_far = false;
    for (const Index from : counting_heads(found.branch)) {
        const Stop stop = walk(from, *steps);
        too_far = too_far || stop.kind == Stop::Kind::nothing;
        if (stop.kind == Stop::Kind::revision)
            result.push_back(stop.revision);
    }
    if (too_far)
        throw relative_too_far(steps->text, steps->magnitude());
    return result;
}

std::vector<Index> Resolver::counting_heads(std::optional<std::string_view> label)
{
    if (!label)
        return {graph_.real_heads().begin(), graph_.real_heads().end()};
    const std::optional<Index> owner = graph_.find_label(*label);
    if (!owner)
        return in_lineage(graph_.real_heads(), *label);
    const Marks labelled = labelled_by(graph_, *owner, ticker_);
    std::vector<Index> result;
    for (const Index candidate : graph_.real_heads())
        if (labelled[candidate])
            result.push_back(candidate);
    return result;
}

std::vector<Index> Resolver::members(const Reference &reference)
{
    std::vector<Index> result;
    if (reference.branch)
        result.push_back(branch(*reference.branch));
    if (reference.symbol)
        result.push_back(lookup(*reference.symbol, {}));
    result.insert(result.end(), reference.revisions.begin(), reference.revisions.end());
    return result;
}

std::optional<Marks> Resolver::lineage(const Reference &against, bool include_dependencies)
{
    const std::vector<Index> branch_members = members(against);
    if (branch_members.empty())
        return std::nullopt;
    return lineage_of(graph_, branch_members, include_dependencies, ticker_);
}

std::vector<Index> Resolver::in_lineage(std::span<const Index> candidates, std::string_view against,
                                        bool include_dependencies)
{
    const Reference found = reference(against);
    std::vector<Index> result(candidates.begin(), candidates.end());
    // As in Alembic, a name that nothing is compared with is not looked up.
    if (candidates.empty())
        return result;
    if (const std::optional<Marks> marks = lineage(found, include_dependencies))
        std::erase_if(result, [&](Index candidate) { return !(*marks)[candidate]; });
    return result;
}

Index Resolver::branch(std::string_view label)
{
    if (const std::optional<Index> found = graph_.data().lookup(label))
        return *found;
    const std::vector<std::string_view> names = names_starting_with(label);
    if (names.size() == 1)
        return *graph_.data().lookup(names.front());
    if (names.size() > 1)
        throw ambiguous(label, names);
    throw cannot_locate(label, "No such branch: " + quoted(label),
                        "A branch is named by its label, or by a revision that lies on it.");
}

Index Resolver::lookup(std::string_view symbol, std::optional<std::string_view> branch_label)
{
    const std::optional<Index> branch_revision = branch_label ? std::optional(branch(*branch_label)) : std::nullopt;
    std::optional<Index> found = graph_.data().lookup(symbol);
    if (!found)
        found = lookup_prefix(symbol, branch_label);
    if (branch_revision && !lineage_of(graph_, std::span(&*branch_revision, 1), false, ticker_)[*found])
        throw cannot_locate(symbol,
                            "Revision " + graph_.id(*found) + " is not a member of branch " + quoted(*branch_label),
                            "Name a revision of that branch, or leave the branch out.");
    return *found;
}

Index Resolver::lookup_prefix(std::string_view symbol, std::optional<std::string_view> branch_label)
{
    std::vector<std::string_view> names;
    if (!symbol.empty())
        names = names_starting_with(symbol);
    if (branch_label && !names.empty()) {
        std::vector<Index> revisions;
        revisions.reserve(names.size());
        for (const std::string_view name : names)
            revisions.push_back(*graph_.data().lookup(name));
        const std::vector<Index> kept = in_lineage(revisions, *branch_label);
        std::erase_if(names, [&](std::string_view name) {
            return std::find(kept.begin(), kept.end(), *graph_.data().lookup(name)) == kept.end();
        });
    }
    if (names.empty())
        throw not_found(symbol);
    if (names.size() > 1)
        throw ambiguous(symbol, names);
    return *graph_.data().lookup(names.front());
}

std::vector<std::string_view> Resolver::names_starting_with(std::string_view prefix)
{
    std::vector<std::string_view> names;
    const auto consider = [&](std::string_view name) {
        ticker_.tick();
        if (name.starts_with(prefix) && is_abbreviable(name))
            names.push_back(name);
    };
    if (prefix.empty())
        return names;
    for (const RevisionInput &revision : graph_.data().revisions)
        consider(revision.id);
    for (const BranchLabel &label : graph_.data().labels)
        consider(label.name);
    return names;
}

void Resolver::require_parents(Index revision) const
{
    const auto missing = graph_.missing(revision);
    for (const std::string &parent : graph_.declared_down(revision))
        if (std::find(missing.begin(), missing.end(), parent) != missing.end())
            throw missing_parent(graph_, revision, parent);
}

Resolver::Stop Resolver::walk_up(std::optional<Index> start, const Steps &steps,
                                 std::optional<std::string_view> branch_label, bool lenient)
{
    std::optional<Marks> allowed;
    bool looked_up = !branch_label;
    std::optional<Index> at = start;
    for (std::uint64_t step = 0; step < steps.count; ++step) {
        ticker_.tick();
        const auto children = at ? graph_.next(*at) : graph_.bases();
        std::vector<Index> ways(children.begin(), children.end());
        if (!looked_up && !ways.empty()) {
            allowed = lineage(reference(*branch_label), false);
            looked_up = true;
        }
        if (allowed)
            std::erase_if(ways, [&](Index child) { return !(*allowed)[child]; });
        if (ways.size() > 1)
            throw ambiguous_walk(graph_, ways);
        if (ways.empty())
            return lenient && at ? Stop{Stop::Kind::revision, *at} : Stop{};
        at = ways.front();
    }
    return at ? Stop{Stop::Kind::revision, *at} : Stop{};
}

Resolver::Stop Resolver::walk_down(std::optional<Index> start, const Steps &steps, bool lenient)
{
    std::optional<Index> at = start;
    for (std::uint64_t step = 0; step < steps.count; ++step) {
        ticker_.tick();
        if (at)
            require_parents(*at);
        const auto ways = at ? graph_.down(*at) : graph_.heads();
        if (ways.size() > 1)
            throw ambiguous_walk(graph_, ways);
        // One more step leads below the root, and no further.
        if (ways.empty())
            return lenient || step + 1 == steps.count ? Stop{Stop::Kind::base, 0} : Stop{};
        at = ways.front();
    }
    return at ? Stop{Stop::Kind::revision, *at} : Stop{};
}

Resolver::Stop Resolver::walk(std::optional<Index> start, const Steps &steps,
                              std::optional<std::string_view> branch_label, bool lenient)
{
    return steps.down ? walk_down(start, steps, lenient) : walk_up(start, steps, branch_label, lenient);
}

} // namespace pgmigrate::core

// SPDX-License-Identifier: PostgreSQL
#include "core/plan.hpp"

#include "core/error.hpp"
#include "core/graph_data.hpp"
#include "core/graph_errors.hpp"
#include "core/plan_order.hpp"
#include "core/resolver.hpp"
#include "core/target.hpp"
#include "core/traversal.hpp"
#include "core/upgrade_target.hpp"

#include <algorithm>

namespace pgmigrate::core
{

namespace
{

void refuse_range(std::string_view target)
{
    if (target.find(':') != std::string_view::npos)
        throw Error(sqlstate::invalid_target, "Range revision not allowed")
            .detail("The target is '" + std::string(target) + "'.")
            .hint("A range is accepted by migrate_history, migrate_upgrade_sql and migrate_downgrade_sql.");
}

// As Alembic does, which finds nothing below the current revision to upgrade to.
void refuse_way_back(std::string_view target)
{
    const std::optional<RelativeTarget> relative = parse_relative(target);
    if (relative && !relative->symbol && relative->steps.down)
        throw relative_too_far(relative->steps.normalized(), relative->steps.magnitude())
            .hint("An upgrade goes on, by +N. migrate_downgrade goes back.");
}

// A step that needs a revision that is not there would leave version rows that say something else than was done.
void require_present(const RevisionGraph &graph, const Marks &steps)
{
    for (const auto &[revision, names] : graph.data().missing)
        if (steps[revision])
            throw missing_parent(graph, revision, names.front());
}

// Below an applied revision that lacks a parent, everything may have been applied, but for what descends from it, or
// from a version row.
void require_unapplied(const RevisionGraph &graph, const Marks &steps, const std::vector<Index> &current,
                       const Marks &applied, Ticker &ticker)
{
    for (const auto &[revision, names] : graph.data().missing) {
        if (!applied[revision])
            continue;
        std::vector<Index> starts{current};
        starts.push_back(revision);
        Marks unapplied(graph.size());
        mark_reachable(graph.data().all_next(), starts, unapplied, ticker);
        for (Index step = 0; step < graph.size(); ++step)
            if (steps[step] && !unapplied[step])
                throw applied_unknown(graph, revision, step);
    }
}

bool any(const Marks &marks)
{
    return std::find(marks.begin(), marks.end(), std::uint8_t{1}) != marks.end();
}

struct DowngradeTarget {
    std::optional<std::string> branch;
    std::optional<Index> revision; // nothing: base
};

// The row that `-N` and `label@-N` start from.
std::string downgrade_start(Resolver &resolver, const std::vector<std::string> &rows, const RelativeTarget &target,
                            std::vector<std::string> &warnings)
{
    const RevisionGraph &graph = resolver.graph();
    const Steps &steps = target.steps;
    const std::vector<Index> current = revisions_of_rows(graph, rows);
    if (!target.label) {
        if (rows.empty())
            throw relative_too_far(steps.text, steps.magnitude());
        if (std::any_of(current.begin(), current.end(), [&](Index row) { return row != current.front(); }))
            warnings.push_back("downgrade -1 from multiple heads is ambiguous; this usage will be disallowed in a "
                               "future release.");
        return rows.front();
    }
    std::vector<Index> starts = resolver.in_lineage(current, *target.label);
    // The branch may be there without a row of its own, because another one depends on it.
    if (starts.empty())
        starts = resolver.in_lineage(all_current(graph, rows), *target.label);
    if (starts.empty())
        throw relative_too_far(steps.text, steps.magnitude())
            .detail("Nothing of branch '" + std::string(*target.label) + "' is applied.");
    if (starts.size() > 1)
        throw Error(sqlstate::ambiguous_target, "Ambiguous downgrade from multiple current revisions")
            .detail("The current revisions of branch '" + std::string(*target.label) +
                    "' are: " + join_ids(graph, starts) + ".")
            .hint("Name the revision to downgrade to.");
    return graph.id(starts.front());
}

Error walked_too_far()
{
    return Error(sqlstate::invalid_target, "Walked too far").detail("The target lies beyond the end of its line.");
}

DowngradeTarget relative_downgrade_target(Resolver &resolver, const std::vector<std::string> &rows,
                                          const RelativeTarget &target, std::vector<std::string> &warnings)
{
    const Steps &steps = target.steps;
    std::optional<std::string> branch;
    if (target.label)
        branch = std::string(*target.label);
    Resolver::Stop stop;
    if (!steps.down || steps.count == 0) {
        if (!target.symbol)
            throw relative_too_far(steps.text, steps.magnitude())
                .hint("A downgrade goes back, by -N. migrate_upgrade goes on.");
        stop = resolver.walk(resolver.revision(*target.symbol), steps, branch);
    } else if (target.symbol) {
        stop = resolver.walk(branch ? resolver.revision(*target.symbol, *branch) : resolver.revision(*target.symbol),
                             steps);
    } else {
        const std::string start = downgrade_start(resolver, rows, target, warnings);
        // From one of several rows, the branches of the others are to be left alone.
        if (!branch)
            branch = start;
        stop = resolver.walk(resolver.revision(start, *branch), steps);
        if (stop.kind == Resolver::Stop::Kind::nothing)
            throw relative_too_far(steps.text, steps.magnitude());
    }
    if (stop.kind == Resolver::Stop::Kind::nothing)
        throw walked_too_far();
    if (stop.kind == Resolver::Stop::Kind::base)
        return {branch, std::nullopt};
    return {branch, stop.revision};
}

// Alembic's _parse_downgrade_target. In an absolute target only what follows the last `@` is looked up as a revision.
DowngradeTarget downgrade_target(Resolver &resolver, const std::vector<std::string> &rows, std::string_view text,
                                 std::vector<std::string> &warnings)
{
    if (const std::optional<RelativeTarget> relative = parse_relative(text))
        return relative_downgrade_target(resolver, rows, *relative, warnings);
    const std::size_t at = text.rfind('@');
    DowngradeTarget target;
    if (at != std::string_view::npos && at > 0)
        target.branch = std::string(text.substr(0, at));
    target.revision = resolver.revision(at == std::string_view::npos ? text : text.substr(at + 1));
    return target;
}

// The lowest revisions to be reverted, applied or not.
std::vector<Index> downgrade_roots(Resolver &resolver, const DowngradeTarget &target)
{
    const RevisionGraph &graph = resolver.graph();
    std::vector<Index> roots;
    if (target.revision) {
        const auto children = graph.next(*target.revision);
        roots.assign(children.begin(), children.end());
    } else {
        // Where the parents are missing, a line starts too.
        for (Index revision = 0; revision < graph.size(); ++revision)
            if (graph.down(revision).empty())
                roots.push_back(revision);
    }
    if (!target.branch)
        return roots;
    const Index branch = resolver.branch(*target.branch);
    if (roots.size() < 2)
        return roots;
    Marks below(graph.size());
    mark_reachable(graph.data().down, std::span(&branch, 1), below, resolver.ticker());
    std::erase_if(roots, [&](Index root) { return !below[root]; });
    if (roots.empty())
        throw Error(sqlstate::invalid_target, "Not a valid downgrade target from current heads")
            .detail("Branch '" + *target.branch + "' does not lead through a child of the target.");
    return roots;
}

} // namespace

Plan plan_upgrade(const RevisionGraph &graph, const std::vector<std::string> &rows, std::string_view target,
                  InterruptCheck &interrupts)
{
    target = trim(target);
    refuse_range(target);
    refuse_way_back(target);
    Resolver resolver(graph, interrupts, Resolver::Asker::target, std::string(target));
    const std::vector<Index> targets = upgrade_targets(resolver, Origin::of_rows(rows), target, false);
    Marks needs = required_by(graph, targets, resolver.ticker());
    const std::vector<Index> current = revisions_of_rows(graph, rows);
    const Marks have = required_by(graph, current, resolver.ticker());
    for (Index revision = 0; revision < graph.size(); ++revision)
        needs[revision] = needs[revision] && !have[revision];
    Plan plan;
    plan.rows_before = rows;
    if (!any(needs))
        return plan;
    require_present(graph, needs);
    require_unapplied(graph, needs, current, have, resolver.ticker());
    plan.steps = plan_order(graph, {needs, needs, targets}, resolver.ticker());
    std::reverse(plan.steps.begin(), plan.steps.end());
    return plan;
}

Plan plan_downgrade(const RevisionGraph &graph, const std::vector<std::string> &rows, std::string_view target,
                    InterruptCheck &interrupts)
{
    target = trim(target);
    refuse_range(target);
    Resolver resolver(graph, interrupts, Resolver::Asker::target, std::string(target));
    Plan plan;
    plan.direction = Direction::downgrade;
    plan.rows_before = rows;
    const DowngradeTarget parsed = downgrade_target(resolver, rows, target, plan.warnings);
    const std::vector<Index> roots = downgrade_roots(resolver, parsed);
    const std::vector<Index> current = revisions_of_rows(graph, rows);
    Marks drop(graph.size());
    Marks active(graph.size());
    mark_reachable(graph.data().all_next(), roots, drop, resolver.ticker());
    mark_reachable(graph.data().normalized(), current, active, resolver.ticker());
    for (Index revision = 0; revision < graph.size(); ++revision)
        drop[revision] = drop[revision] && active[revision];
    if (any(drop)) {
        require_present(graph, drop);
        plan.steps = plan_order(graph, {drop, drop, current}, resolver.ticker());
        return plan;
    }
    if (parsed.revision && std::find(current.begin(), current.end(), *parsed.revision) == current.end())
        throw Error(sqlstate::invalid_target,
                    "Destination " + std::string(target) + " is not a valid downgrade target from current head(s)")
            .detail("Nothing that is applied lies above revision " + graph.id(*parsed.revision) + ".");
    return plan;
}

Plan plan_offline(const RevisionGraph &graph, const std::vector<std::string> &rows, std::string_view range,
                  Direction direction, InterruptCheck &interrupts)
{
    const auto plan_from = [&](const std::vector<std::string> &start, std::string_view target) {
        return direction == Direction::upgrade ? plan_upgrade(graph, start, target, interrupts)
                                               : plan_downgrade(graph, start, target, interrupts);
    };
    const std::size_t colon = range.find(':');
    if (colon == std::string_view::npos)
        return plan_from(rows, range);
    const std::string_view from = trim(range.substr(0, colon));
    const std::string_view to = trim(range.substr(colon + 1));
    if (from.empty() || to.empty() || to.find(':') != std::string_view::npos)
        throw Error(sqlstate::invalid_target, "Range '" + std::string(range) + "' is not of the form <from>:<to>")
            .hint("Write 'base:head' for everything, or a target alone to start from what is applied.");
    std::vector<std::string> start;
    for (const Index revision : resolve_revisions(graph, from, &rows, interrupts))
        start.push_back(graph.id(revision));
    return plan_from(start, to);
}

std::vector<bool> applied_revisions(const RevisionGraph &graph, const std::vector<std::string> &rows)
{
    std::vector<Index> known;
    for (const std::string &row : rows)
        if (const std::optional<Index> revision = graph.find(row))
            known.push_back(*revision);
    NoInterrupts never;
    Ticker ticker(never);
    Marks marks(graph.size());
    mark_reachable(graph.data().normalized(), known, marks, ticker);
    return {marks.begin(), marks.end()};
}

std::vector<Index> all_current(const RevisionGraph &graph, const std::vector<std::string> &rows)
{
    const std::vector<bool> applied = applied_revisions(graph, rows);
    std::vector<Index> result;
    for (Index revision = 0; revision < graph.size(); ++revision) {
        const auto children = graph.next(revision);
        if (applied[revision] &&
            std::none_of(children.begin(), children.end(), [&](Index child) { return applied[child]; }))
            result.push_back(revision);
    }
    return result;
}

} // namespace pgmigrate::core

// SPDX-License-Identifier: PostgreSQL
// The fast order against the literal one, on random graphs of different shapes.
#include "core/graph_data.hpp"
#include "core/plan_order.hpp"
#include "core/traversal.hpp"
#include "support/graphs.hpp"
#include "support/literal_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace pgmigrate::test
{
namespace
{

using Random = std::mt19937;

struct Shape {
    unsigned revisions;
    unsigned window;       // parents are at most so far back
    unsigned base_percent; // roots
    unsigned merge_percent;
    unsigned dependency_percent;
};

unsigned below(Random &random, unsigned bound)
{
    return std::uniform_int_distribution<unsigned>(0, bound - 1)(random);
}

core::RevisionGraph random_graph(Random &random, const Shape &shape)
{
    std::vector<core::RevisionInput> revisions;
    for (unsigned i = 0; i < shape.revisions; ++i) {
        core::RevisionInput revision;
        revision.id = "r" + std::to_string(i);
        const auto earlier = [&](unsigned window) { return "r" + std::to_string(i - 1 - below(random, window)); };
        if (i > 0 && below(random, 100) >= shape.base_percent) {
            revision.down.push_back(earlier(std::min(i, shape.window)));
            while (below(random, 100) < shape.merge_percent)
                revision.down.push_back(earlier(std::min(i, shape.window)));
        }
        while (i > 0 && below(random, 100) < shape.dependency_percent)
            revision.depends_on.push_back(earlier(i));
        revisions.push_back(std::move(revision));
    }
    std::shuffle(revisions.begin(), revisions.end(), random);
    core::NoInterrupts never;
    return core::RevisionGraph::build(std::move(revisions), never);
}

std::set<core::Index> closure(const LiteralOrder &literal, const std::vector<core::Index> &starts)
{
    std::set<core::Index> result;
    for (const core::Index start : starts)
        result.merge(literal.ancestors_of(start));
    return result;
}

std::vector<core::Index> some(Random &random, const core::RevisionGraph &graph, unsigned most)
{
    std::vector<core::Index> result;
    for (unsigned i = 0; i < 1 + below(random, most); ++i)
        result.push_back(below(random, graph.size()));
    return result;
}

core::Marks marks(const core::RevisionGraph &graph, const std::set<core::Index> &members)
{
    core::Marks result(graph.size());
    for (const core::Index member : members)
        result[member] = 1;
    return result;
}

constexpr Shape shapes[] = {
    {6, 6, 20, 30, 20},  {12, 3, 5, 50, 0}, {20, 20, 10, 30, 10}, {40, 5, 3, 40, 30},   {40, 40, 0, 60, 0},
    {60, 8, 30, 20, 60}, {60, 2, 0, 50, 0}, {120, 15, 5, 35, 10}, {150, 150, 2, 50, 5},
};

// Everything that some targets need less what some rows have, as an upgrade takes it.
TEST(PlanOrder, UpgradesAreInTheLiteralOrder)
{
    Random random(20240501);
    core::NoInterrupts never;
    for (const Shape &shape : shapes)
        for (int round = 0; round < 120; ++round) {
            const core::RevisionGraph graph = random_graph(random, shape);
            const LiteralOrder literal(graph);
            std::vector<core::Index> targets = some(random, graph, 4);
            if (round % 2 == 0)
                targets.assign(graph.real_heads().begin(), graph.real_heads().end());
            std::set<core::Index> todo = closure(literal, targets);
            if (round % 3 == 0)
                for (const core::Index had : closure(literal, some(random, graph, 3)))
                    todo.erase(had);
            core::Ticker ticker(never);
            const core::Marks region = marks(graph, todo);
            ASSERT_EQ(core::plan_order(graph, {region, region, targets}, ticker), literal.sort(todo, targets))
                << "round " << round << " of " << shape.revisions << " revisions";
        }
}

// A history may leave out what lies between two revisions that it lists.
TEST(PlanOrder, PartsWithGapsAreInTheLiteralOrder)
{
    Random random(7);
    core::NoInterrupts never;
    int compared = 0;
    for (const Shape &shape : shapes)
        for (int round = 0; round < 300; ++round) {
            const core::RevisionGraph graph = random_graph(random, shape);
            const LiteralOrder literal(graph);
            const std::vector<core::Index> targets = some(random, graph, 3);
            const std::set<core::Index> all = closure(literal, targets);
            const core::Marks region = marks(graph, all);
            core::Marks above(graph.size());
            core::Ticker ticker(never);
            core::mark_reachable(graph.data().next, some(random, graph, 2), above, ticker);
            std::set<core::Index> todo;
            for (const core::Index revision : all)
                if (above[revision])
                    todo.insert(revision);
            const core::Marks wanted = marks(graph, todo);
            const std::vector<core::Index> order = core::plan_order(graph, {wanted, region, targets}, ticker);
            EXPECT_EQ(std::set<core::Index>(order.begin(), order.end()), todo);
            try {
                ASSERT_EQ(order, literal.sort(todo, targets));
                ++compared;
            } catch (const std::logic_error &) {
                // The literal order does not exist; it is enough that ours lists everything, which is checked above.
            }
        }
    EXPECT_GT(compared, 1000);
}

// Children and dependents first, whatever is left out.
TEST(PlanOrder, NothingComesBeforeWhatNeedsIt)
{
    Random random(99);
    core::NoInterrupts never;
    for (const Shape &shape : shapes) {
        const core::RevisionGraph graph = random_graph(random, shape);
        core::Ticker ticker(never);
        const core::Marks all(graph.size(), 1);
        const std::vector<core::Index> order = core::plan_order(graph, {all, all, graph.real_heads()}, ticker);
        ASSERT_EQ(order.size(), graph.size());
        std::vector<std::size_t> place(graph.size());
        for (std::size_t i = 0; i < order.size(); ++i)
            place[order[i]] = i;
        for (core::Index revision = 0; revision < graph.size(); ++revision)
            for (const core::Index needed : graph.normalized_down(revision))
                EXPECT_LT(place[revision], place[needed]);
    }
}

} // namespace
} // namespace pgmigrate::test

// SPDX-License-Identifier: PostgreSQL
#include "core/graph_data.hpp"
#include "support/graphs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace pgmigrate::test
{
namespace
{

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

core::Index at(const core::RevisionGraph &graph, std::string_view id)
{
    return graph.find(id).value();
}

core::Error build_error(std::string_view text)
{
    return error_of([&] { make_graph(text); });
}

TEST(RevisionGraph, OfNothing)
{
    const core::RevisionGraph graph = make_graph("");
    EXPECT_EQ(graph.size(), 0u);
    EXPECT_THAT(graph.heads(), IsEmpty());
    EXPECT_THAT(graph.real_heads(), IsEmpty());
    EXPECT_THAT(graph.bases(), IsEmpty());
    EXPECT_FALSE(graph.find("aaaa"));
}

TEST(RevisionGraph, HeadsAndBasesIgnoreDependenciesAndRealHeadsDoNot)
{
    const core::RevisionGraph graph = make_graph("aaaa; bbbb < aaaa; cccc; dddd < cccc ^ bbbb");
    EXPECT_EQ(ids(graph, graph.heads()), "bbbb dddd");
    EXPECT_EQ(ids(graph, graph.real_heads()), "dddd");
    EXPECT_EQ(ids(graph, graph.bases()), "aaaa cccc");
    EXPECT_TRUE(graph.is_head(at(graph, "bbbb")));
    EXPECT_FALSE(graph.is_real_head(at(graph, "bbbb")));
    EXPECT_EQ(ids(graph, graph.next(at(graph, "bbbb"))), "");
    EXPECT_EQ(ids(graph, graph.all_next(at(graph, "bbbb"))), "dddd");
    EXPECT_EQ(ids(graph, graph.dependencies(at(graph, "dddd"))), "bbbb");
    EXPECT_EQ(ids(graph, graph.normalized_down(at(graph, "dddd"))), "cccc bbbb");
    EXPECT_FALSE(graph.is_branch_point(at(graph, "bbbb")));
    EXPECT_FALSE(graph.is_merge_point(at(graph, "dddd")));
}

TEST(RevisionGraph, BranchAndMergePoints)
{
    const core::RevisionGraph graph = make_graph("aaaa; bbb1 < aaaa; bbb2 < aaaa; cccc < bbb1, bbb2");
    EXPECT_TRUE(graph.is_branch_point(at(graph, "aaaa")));
    EXPECT_TRUE(graph.is_merge_point(at(graph, "cccc")));
    EXPECT_FALSE(graph.is_merge_point(at(graph, "bbb1")));
    EXPECT_EQ(ids(graph, graph.down(at(graph, "cccc"))), "bbb1 bbb2");
}

TEST(RevisionGraph, AParentCanBeALabelAndCountsOnce)
{
    const core::RevisionGraph graph = make_graph("aaaa @lab; bbbb < lab, aaaa");
    EXPECT_EQ(ids(graph, graph.down(at(graph, "bbbb"))), "aaaa");
    EXPECT_THAT(graph.declared_down(at(graph, "bbbb")), ElementsAre("lab", "aaaa"));
    EXPECT_EQ(ids(graph, graph.heads()), "bbbb");
    EXPECT_EQ(graph.find_label("lab"), at(graph, "aaaa"));
    EXPECT_FALSE(graph.find("lab"));
    EXPECT_FALSE(graph.find_label("aaaa"));
}

TEST(RevisionGraph, WhatIsMissingIsRemembered)
{
    const core::RevisionGraph graph = make_graph("bbbb < aaaa; cccc < bbbb ^ xxxx, lab, xxxx");
    EXPECT_THAT(graph.missing(at(graph, "bbbb")), ElementsAre("aaaa"));
    EXPECT_THAT(graph.missing(at(graph, "cccc")), ElementsAre("xxxx", "lab"));
    EXPECT_THAT(graph.declared_dependencies(at(graph, "cccc")), ElementsAre("xxxx", "lab", "xxxx"));
    EXPECT_THAT(graph.bases(), IsEmpty());
    EXPECT_EQ(ids(graph, graph.heads()), "cccc");
    EXPECT_THAT(make_graph("aaaa").missing(0), IsEmpty());
}

TEST(RevisionGraph, RefusesNamesThatAreTaken)
{
    EXPECT_EQ(build_error("aaaa; bbbb; aaaa").message(), "Revision aaaa is present more than once");
    EXPECT_EQ(build_error("aaaa @lab; bbbb < aaaa @lab").message(),
              "Branch name 'lab' in revision bbbb already used by revision aaaa");
    EXPECT_EQ(build_error("aaaa @bbbb; bbbb < aaaa").message(),
              "Branch name 'bbbb' in revision aaaa already used by revision bbbb");
    EXPECT_EQ(build_error("aaaa @lab, lab").message(),
              "Branch name 'lab' in revision aaaa already used by revision aaaa");
    EXPECT_EQ(build_error("aaaa; aaaa").sqlstate(), core::sqlstate::invalid_graph);
}

TEST(RevisionGraph, RefusesLoops)
{
    EXPECT_EQ(build_error("aaaa < aaaa").message(), "Self-loop is detected in revisions (aaaa)");
    EXPECT_EQ(build_error("aaaa ^ aaaa").message(), "Dependency self-loop is detected in revisions (aaaa)");
    EXPECT_EQ(build_error("aaaa < lab @lab").message(), "Self-loop is detected in revisions (aaaa)");
    EXPECT_EQ(build_error("aaaa ^ lab @lab").message(), "Dependency self-loop is detected in revisions (aaaa)");
}

TEST(RevisionGraph, RefusesCyclesAndShowsOne)
{
    // No head and no base: everything, in load order.
    const core::Error all = build_error("bbbb < aaaa; aaaa < bbbb");
    EXPECT_EQ(all.message(), "Cycle is detected in revisions (bbbb, aaaa)");
    EXPECT_EQ(all.detail(), "bbbb -> aaaa -> bbbb");
    EXPECT_EQ(all.sqlstate(), core::sqlstate::invalid_graph);
    // What cannot be reached from both ends, sorted.
    const core::Error above = build_error("eeee < dddd; aaaa; dddd < cccc, eeee; cccc < aaaa; ffff < cccc");
    EXPECT_EQ(above.message(), "Cycle is detected in revisions (dddd, eeee)");
    EXPECT_EQ(above.detail(), "eeee -> dddd -> eeee");
    const core::Error dependency = build_error("aaaa ^ cccc; bbbb < aaaa; cccc < bbbb");
    EXPECT_EQ(dependency.message(), "Dependency cycle is detected in revisions (aaaa, bbbb, cccc)");
    EXPECT_EQ(dependency.detail(), "aaaa -> cccc -> bbbb -> aaaa");
}

TEST(RevisionGraph, FindsACycleBetweenABaseAndAHead)
{
    const core::Error error = build_error("base1; aaaa < base1, bbbb; bbbb < aaaa; head1 < bbbb");
    EXPECT_EQ(error.message(), "Cycle is detected in revisions (aaaa, bbbb)");
    EXPECT_EQ(error.detail(), "aaaa -> bbbb -> aaaa");
}

TEST(RevisionGraph, DependenciesOfAncestorsAreLeftOut)
{
    const core::RevisionGraph graph =
        make_graph("aaaa; bbbb; cccc; root ^ bbbb, aaaa; mid < root ^ aaaa, cccc; top < mid ^ bbbb, cccc, aaaa");
    EXPECT_EQ(ids(graph, graph.dependencies(at(graph, "root"))), "bbbb aaaa");
    EXPECT_EQ(ids(graph, graph.normalized_down(at(graph, "root"))), "bbbb aaaa");
    EXPECT_EQ(ids(graph, graph.normalized_down(at(graph, "mid"))), "root cccc");
    EXPECT_EQ(ids(graph, graph.normalized_down(at(graph, "top"))), "mid");
}

// Random graphs with many shared dependencies, more of them than fit into one block of the fast algorithm.
TEST(RevisionGraph, NormalizedDependenciesFollowTheDefinition)
{
    std::mt19937 random(11);
    const auto below = [&](unsigned bound) { return std::uniform_int_distribution<unsigned>(0, bound - 1)(random); };
    core::NoInterrupts never;
    for (int round = 0; round < 60; ++round) {
        std::vector<core::RevisionInput> revisions;
        for (unsigned i = 0; i < 200; ++i) {
            core::RevisionInput revision;
            revision.id = "r" + std::to_string(i);
            if (i > 0 && below(8) != 0)
                revision.down.push_back("r" + std::to_string(below(i)));
            while (i > 0 && below(2) == 0)
                revision.depends_on.push_back("r" + std::to_string(below(std::min(i, round % 2 == 0 ? 4u : 200u))));
            revisions.push_back(std::move(revision));
        }
        std::shuffle(revisions.begin(), revisions.end(), random);
        const auto graph = core::RevisionGraph::build(std::move(revisions), never);
        for (core::Index revision = 0; revision < graph.size(); ++revision) {
            std::set<core::Index> inherited;
            std::vector<core::Index> todo(graph.down(revision).begin(), graph.down(revision).end());
            std::set<core::Index> seen;
            while (!todo.empty()) {
                const core::Index ancestor = todo.back();
                todo.pop_back();
                if (!seen.insert(ancestor).second)
                    continue;
                inherited.insert(graph.dependencies(ancestor).begin(), graph.dependencies(ancestor).end());
                todo.insert(todo.end(), graph.down(ancestor).begin(), graph.down(ancestor).end());
            }
            std::vector<core::Index> expected(graph.down(revision).begin(), graph.down(revision).end());
            for (const core::Index dependency : graph.dependencies(revision))
                if (!inherited.count(dependency) &&
                    std::find(expected.begin(), expected.end(), dependency) == expected.end())
                    expected.push_back(dependency);
            ASSERT_EQ(ids(graph, graph.normalized_down(revision)), ids(graph, expected));
        }
    }
}

std::vector<std::string> labels(const core::RevisionGraph &graph, std::string_view id)
{
    return graph.labels(at(graph, id));
}

TEST(Labels, SpreadOverALine)
{
    const core::RevisionGraph graph = make_graph("aaaa; bbbb < aaaa @lab, lib; cccc < bbbb @two; dddd < cccc");
    EXPECT_THAT(labels(graph, "aaaa"), ElementsAre("lab", "lib", "two"));
    EXPECT_THAT(labels(graph, "bbbb"), ElementsAre("lab", "lib", "two"));
    EXPECT_THAT(labels(graph, "cccc"), ElementsAre("two", "lab", "lib"));
    EXPECT_THAT(labels(graph, "dddd"), ElementsAre("lab", "lib", "two"));
    EXPECT_THAT(graph.own_labels(at(graph, "dddd")), IsEmpty());
}

TEST(Labels, StopAtTheBranchPointBelow)
{
    const core::RevisionGraph graph =
        make_graph("aaaa; bbbb < aaaa; ccc1 < bbbb; ccc2 < bbbb; ddd1 < ccc1 @one; ddd2 < ccc2 @two");
    EXPECT_THAT(labels(graph, "ddd1"), ElementsAre("one"));
    EXPECT_THAT(labels(graph, "ccc1"), ElementsAre("one"));
    EXPECT_THAT(labels(graph, "bbbb"), IsEmpty());
    EXPECT_THAT(labels(graph, "ccc2"), ElementsAre("two"));
}

TEST(Labels, DoNotSpreadDownFromALineThatForksOrIsMerged)
{
    const core::RevisionGraph fork = make_graph("aaaa; bbbb < aaaa @lab; ccc1 < bbbb; ccc2 < bbbb");
    EXPECT_THAT(labels(fork, "aaaa"), IsEmpty());
    EXPECT_THAT(labels(fork, "ccc1"), ElementsAre("lab"));
    EXPECT_THAT(labels(fork, "ccc2"), ElementsAre("lab"));
    const core::RevisionGraph merge = make_graph("aaaa; bbbb < aaaa @lab; xxxx @lux; mmmm < bbbb, xxxx; tttt < mmmm");
    EXPECT_THAT(labels(merge, "aaaa"), IsEmpty());
    EXPECT_THAT(labels(merge, "mmmm"), ElementsAre("lab", "lux"));
    EXPECT_THAT(labels(merge, "tttt"), ElementsAre("lab", "lux"));
    EXPECT_THAT(labels(merge, "xxxx"), ElementsAre("lux"));
}

TEST(Labels, DependentsCountAsBranchesAndAreNotLabelled)
{
    const core::RevisionGraph graph = make_graph("aaaa; bbbb < aaaa @lab; cccc < bbbb; xxxx ^ aaaa");
    EXPECT_THAT(labels(graph, "aaaa"), IsEmpty());
    EXPECT_THAT(labels(graph, "xxxx"), IsEmpty());
    EXPECT_THAT(labels(make_graph("aaaa @lab; xxxx ^ aaaa"), "aaaa"), ElementsAre("lab"));
}

TEST(Cancellation, StopsBuilding)
{
    std::vector<core::RevisionInput> revisions;
    for (int i = 0; i < 20000; ++i) {
        revisions.push_back({});
        revisions.back().id = "r" + std::to_string(i);
        if (i > 0)
            revisions.back().down = {"r" + std::to_string(i - 1)};
    }
    unsigned stopped = 0;
    for (unsigned checks = 0; checks < 40; checks += 4) {
        Canceller canceller(checks);
        try {
            core::RevisionGraph::build(revisions, canceller);
        } catch (const Canceller::Cancelled &) {
            ++stopped;
        }
    }
    // The loops over names, edges and order all ask, each at least every few thousand revisions.
    EXPECT_GE(stopped, 7u);
}

TEST(Cancellation, StopsPlanning)
{
    const core::RevisionGraph graph = make_graph("aaaa; bbbb < aaaa; cccc < bbbb");
    const auto cancelled = [&](const auto &call) {
        Canceller canceller(0);
        EXPECT_THROW(call(canceller), Canceller::Cancelled);
    };
    cancelled([&](auto &check) { core::plan_upgrade(graph, {}, "head", check); });
    cancelled([&](auto &check) { core::plan_downgrade(graph, {"cccc"}, "base", check); });
    cancelled([&](auto &check) { core::plan_history(graph, {}, "", check); });
    cancelled([&](auto &check) { core::plan_offline(graph, {}, "base:head", core::Direction::upgrade, check); });
    cancelled([&](auto &check) { core::plan_stamp(graph, {"aaaa"}, "head", false, check); });
}

} // namespace
} // namespace pgmigrate::test

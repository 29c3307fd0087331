// SPDX-License-Identifier: PostgreSQL
#include "core/version_rows.hpp"

#include "support/graphs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace pgmigrate::test
{
namespace
{

core::NoInterrupts never;

TEST(VersionRows, StepsOutOfOrder)
{
    const core::RevisionGraph graph = make_graph("aaaa; bbbb < aaaa; cccc < bbbb; dddd; eeee < gone");
    core::VersionRows rows(graph, {"bbbb"});
    const auto error = [&](std::string_view id, bool up) {
        const core::Index revision = graph.find(id).value();
        return error_of([&] { up ? rows.upgrade(revision) : rows.downgrade(revision); });
    };
    EXPECT_EQ(error("aaaa", true).message(), "Revision aaaa is applied already");
    EXPECT_EQ(error("cccc", false).message(), "Revision cccc is not applied");
    EXPECT_EQ(error("aaaa", false).message(), "Revision aaaa is needed by revision bbbb, which is applied");
    EXPECT_EQ(error("aaaa", false).sqlstate(), core::sqlstate::step_out_of_order);
    EXPECT_EQ(error("eeee", true).sqlstate(), core::sqlstate::missing_revision);
    core::VersionRows empty(graph, {});
    EXPECT_EQ(error_of([&] { empty.upgrade(graph.find("cccc").value()); }).message(),
              "Revision cccc needs revision bbbb, which is not applied");
    // A refused step changes nothing.
    EXPECT_EQ(rows.rows(), words("bbbb"));
    EXPECT_EQ(to_text(rows.upgrade(graph.find("cccc").value())), "UPDATE bbbb cccc");
    EXPECT_TRUE(rows.is_applied(graph.find("aaaa").value()));
    EXPECT_FALSE(rows.is_applied(graph.find("dddd").value()));
    EXPECT_EQ(error_of([&] { core::VersionRows(graph, {"nope"}); }).unknown_row(), "nope");
}

TEST(VersionRows, MergesAndUnmerges)
{
    const core::RevisionGraph graph =
        make_graph("aaaa; bbb1 < aaaa; bbb2 < aaaa; bbb3 < aaaa; mmmm < bbb1, bbb2, bbb3");
    core::VersionRows rows(graph, {"bbb1", "bbb3", "bbb2"});
    EXPECT_EQ(to_text(rows.upgrade(4)), "DELETE bbb1; DELETE bbb2; UPDATE bbb3 mmmm");
    EXPECT_EQ(rows.rows(), words("mmmm"));
    EXPECT_EQ(to_text(rows.downgrade(4)), "INSERT bbb1; INSERT bbb2; UPDATE mmmm bbb3");
    EXPECT_EQ(rows.rows(), words("bbb1 bbb2 bbb3"));
}

TEST(VersionRows, WhatAnotherRowImpliesGetsNoRow)
{
    const core::RevisionGraph graph = make_graph("aaaa; bbb1 < aaaa; bbb2 < aaaa; cccc ^ bbb1");
    core::VersionRows rows(graph, {"bbb1", "bbb2"});
    EXPECT_EQ(to_text(rows.downgrade(2)), "DELETE bbb2");
    EXPECT_EQ(to_text(rows.upgrade(3)), "UPDATE bbb1 cccc");
    EXPECT_EQ(to_text(rows.upgrade(2)), "INSERT bbb2");
    EXPECT_EQ(to_text(rows.downgrade(3)), "UPDATE cccc bbb1");
}

// After every step: exactly what is applied and needed by nothing that is applied, by any edge.
TEST(VersionRows, AreTheMaximalRevisions)
{
    std::mt19937 random(5);
    const auto below = [&](unsigned bound) { return std::uniform_int_distribution<unsigned>(0, bound - 1)(random); };
    for (int round = 0; round < 100; ++round) {
        std::vector<core::RevisionInput> revisions;
        for (unsigned i = 0; i < 25; ++i) {
            revisions.push_back({});
            revisions.back().id = "r" + std::to_string(i);
            while (i > 0 && below(5) < 3)
                revisions.back().down.push_back("r" + std::to_string(below(i)));
            while (i > 0 && below(5) == 0)
                revisions.back().depends_on.push_back("r" + std::to_string(below(i)));
        }
        const auto graph = core::RevisionGraph::build(std::move(revisions), never);
        core::VersionRows rows(graph, {});
        const auto expect_maximal = [&] {
            std::vector<std::string> expected;
            for (core::Index i = 0; i < graph.size(); ++i) {
                const auto above = graph.all_next(i);
                if (rows.is_applied(i) &&
                    std::none_of(above.begin(), above.end(), [&](core::Index next) { return rows.is_applied(next); }))
                    expected.push_back(graph.id(i));
            }
            ASSERT_EQ(rows.rows(), expected);
        };
        std::vector<std::string> written;
        const auto write = [&](const std::vector<core::RowChange> &changes) {
            for (const core::RowChange &change : changes) {
                if (!change.from.empty()) {
                    ASSERT_EQ(std::erase(written, change.from), 1u);
                }
                if (!change.to.empty())
                    written.push_back(change.to);
            }
            std::vector<std::string> sorted = written;
            std::vector<std::string> now = rows.rows();
            std::sort(sorted.begin(), sorted.end());
            std::sort(now.begin(), now.end());
            ASSERT_EQ(sorted, now);
            expect_maximal();
        };
        for (const core::Index step : core::plan_upgrade(graph, {}, "heads", never).steps)
            write(rows.upgrade(step));
        for (const core::Index step : core::plan_downgrade(graph, rows.rows(), "base", never).steps)
            write(rows.downgrade(step));
        EXPECT_TRUE(written.empty());
    }
}

class Stamp : public testing::Test
{
  protected:
    std::vector<core::StampStep> plan(std::string_view rows, std::string_view targets, bool purge = false)
    {
        return core::plan_stamp(graph, words(rows), targets, purge, never);
    }
    std::string stamp(std::string_view rows, std::string_view targets, bool purge = false)
    {
        std::string result;
        for (const core::StampStep &step : plan(rows, targets, purge))
            result += (result.empty() ? "" : " | ") + to_text(step.changes);
        return result;
    }
    core::RevisionGraph graph = make_graph("aaaa; bbb1 < aaaa @one; bbb2 < aaaa @two; mmmm < bbb1, bbb2; xxxx; "
                                           "yyyy < xxxx ^ bbb1");
};

TEST_F(Stamp, OneTarget)
{
    EXPECT_EQ(stamp("", "mmmm"), "INSERT mmmm");
    EXPECT_EQ(stamp("mmmm", "mmmm"), "");
    EXPECT_EQ(stamp("aaaa", "mmmm"), "UPDATE aaaa mmmm");
    EXPECT_EQ(stamp("bbb1 bbb2", "mmmm"), "DELETE bbb1; UPDATE bbb2 mmmm");
    EXPECT_EQ(stamp("mmmm", "aaaa"), "UPDATE mmmm aaaa");
    EXPECT_EQ(stamp("bbb2", "xxxx"), "INSERT xxxx");
    // By its dependency yyyy belongs to the line of bbb1.
    EXPECT_EQ(stamp("bbb1", "yyyy"), "UPDATE bbb1 yyyy");
    EXPECT_EQ(stamp("yyyy bbb2", "bbb1"), "UPDATE yyyy bbb1");
}

TEST_F(Stamp, Base)
{
    EXPECT_EQ(stamp("bbb1 bbb2", "base"), "DELETE bbb1 | DELETE bbb2");
    EXPECT_EQ(stamp("bbb1 bbb2", ""), "DELETE bbb1 | DELETE bbb2");
    EXPECT_EQ(stamp("bbb1 bbb2", "one@base"), "DELETE bbb1");
    EXPECT_EQ(stamp("", "base"), "");
    EXPECT_TRUE(plan("bbb1", "base").at(0).to.empty());
}

TEST_F(Stamp, SeveralTargets)
{
    EXPECT_EQ(stamp("", "bbb1,bbb2"), "INSERT bbb1 | INSERT bbb2");
    EXPECT_EQ(stamp("mmmm", "bbb1,bbb2"), "UPDATE mmmm bbb1 | INSERT bbb2");
    EXPECT_EQ(stamp("aaaa", "bbb1,bbb2"), "UPDATE aaaa bbb1 | INSERT bbb2");
    // A row that is a target itself stays.
    EXPECT_EQ(stamp("bbb2 yyyy", "bbb1,bbb2"), "UPDATE yyyy bbb1");
    EXPECT_EQ(stamp("", "bbb1,bbb1"), "INSERT bbb1");
}

TEST_F(Stamp, Errors)
{
    const auto error = [&](std::string_view rows, std::string_view targets) {
        return error_of([&] { plan(rows, targets); });
    };
    EXPECT_EQ(error("", "head").message(), "Multiple heads are present; please specify a single target revision");
    EXPECT_EQ(error("", "head").sqlstate(), core::sqlstate::multiple_heads);
    EXPECT_EQ(error("", "mmmm,aaaa").message(), "Requested revision mmmm overlaps with other requested revisions aaaa");
    EXPECT_EQ(error("", "nothing").message(), "Can't locate revision identified by 'nothing'");
    EXPECT_EQ(error("gone", "mmmm").unknown_row(), "gone");
}

TEST_F(Stamp, PurgeDeletesFirst)
{
    EXPECT_EQ(stamp("gone bbb1", "mmmm", true), "DELETE gone; DELETE bbb1 | INSERT mmmm");
    EXPECT_EQ(stamp("gone", "base", true), "DELETE gone");
    EXPECT_EQ(stamp("", "mmmm", true), "INSERT mmmm");
    EXPECT_EQ(stamp("", "base", true), "");
    EXPECT_EQ(error_of([&] { plan("gone", "nothing", true); }).unknown_row(), "");
}

} // namespace
} // namespace pgmigrate::test

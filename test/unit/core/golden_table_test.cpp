// SPDX-License-Identifier: PostgreSQL
// Plans and version rows that were worked out with Alembic, on three small graphs.
#include "support/graphs.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace pgmigrate::test
{
namespace
{

constexpr std::string_view two_branches = "aaaa1111; bbbb2222 < aaaa1111; cccc3333 < bbbb2222 @lab1; "
                                          "cccc4444 < bbbb2222 @lab2; dddd5555 < cccc3333; eeee6666 < cccc4444";
constexpr std::string_view dependency = "aaaa; bbbb < aaaa; cccc; dddd < cccc ^ bbbb";
constexpr std::string_view diamond = "aaaa; bbb1 < aaaa; bbb2 < aaaa; cccc < bbb1, bbb2; dddd < cccc";

struct Case {
    std::string_view graph;
    core::Direction direction;
    std::string_view target;
    std::string_view rows;
    std::string_view steps;
    std::string_view rows_after; // or the beginning of the error, when there are no steps
};

constexpr auto up = core::Direction::upgrade;
constexpr auto down = core::Direction::downgrade;

const Case cases[] = {
    {two_branches, up, "heads", "", "aaaa1111 bbbb2222 cccc4444 eeee6666 cccc3333 dddd5555", "dddd5555 eeee6666"},
    {two_branches, up, "head", "", "",
     "Multiple head revisions are present for given argument 'head'; please specify a specific target revision, "
     "'<branchname>@head' to narrow to a specific head, or 'heads' for all heads"},
    {two_branches, up, "lab1@head", "", "aaaa1111 bbbb2222 cccc3333 dddd5555", "dddd5555"},
    {two_branches, up, "lab1", "aaaa1111", "bbbb2222 cccc3333", "cccc3333"},
    {two_branches, up, "+1", "bbbb2222", "", "Ambiguous walk"},
    {two_branches, up, "lab1@+2", "aaaa1111", "bbbb2222 cccc3333", "cccc3333"},
    {two_branches, up, "lab2@+1", "cccc3333", "cccc4444", "cccc3333 cccc4444"},
    {two_branches, up, "+1", "cccc3333 cccc4444", "", "Ambiguous upgrade from multiple current revisions"},
    {two_branches, up, "+2", "cccc3333", "", "Relative revision +2 didn't produce 2 migrations"},
    {two_branches, up, "cccc", "", "", "Can't locate revision identified by 'cccc'"},
    {two_branches, up, "lab1@head-1", "bbbb2222", "cccc3333", "cccc3333"},
    {two_branches, down, "-1", "dddd5555 eeee6666", "dddd5555", "cccc3333 eeee6666"},
    {two_branches, down, "base", "dddd5555 eeee6666", "dddd5555 cccc3333 eeee6666 cccc4444 bbbb2222 aaaa1111", ""},
    {two_branches, down, "bbbb", "dddd5555 eeee6666", "dddd5555 cccc3333 eeee6666 cccc4444", "bbbb2222"},
    {two_branches, down, "lab1@bbbb2222", "dddd5555 eeee6666", "dddd5555 cccc3333", "eeee6666"},
    {two_branches, down, "cccc3333@base", "dddd5555 eeee6666", "dddd5555 cccc3333 eeee6666 cccc4444 bbbb2222 aaaa1111",
     ""},
    {two_branches, down, "lab1@-2", "cccc3333 cccc4444", "cccc3333 cccc4444 bbbb2222", "aaaa1111"},
    {two_branches, down, "cccc4444-9", "", "", "Walked too far"},
    {two_branches, down, "cccc4444-9", "dddd5555", "", "Walked too far"},
    {two_branches, down, "cccc3333", "aaaa1111", "",
     "Destination cccc3333 is not a valid downgrade target from current head(s)"},
    {dependency, up, "head", "", "", "Multiple head revisions are present for given argument 'head'"},
    {dependency, up, "heads", "", "aaaa bbbb cccc dddd", "dddd"},
    {dependency, up, "dddd@+1", "", "cccc", "cccc"},
    {dependency, down, "-1", "dddd", "dddd", "bbbb cccc"},
    {dependency, down, "cccc@base", "dddd", "dddd cccc", "bbbb"},
    {dependency, down, "aaaa@base", "dddd", "dddd bbbb aaaa", "cccc"},
    {dependency, down, "bbbb", "dddd", "", "Destination bbbb is not a valid downgrade target from current head(s)"},
    {diamond, up, "head", "", "aaaa bbb2 bbb1 cccc dddd", "dddd"},
    {diamond, up, "+1", "bbb1", "bbb2 cccc", "cccc"},
    {diamond, down, "-1", "cccc", "", "Ambiguous walk"},
    {diamond, down, "bbb1", "dddd", "dddd cccc", "bbb1 bbb2"},
    {diamond, down, "bbb1@aaaa", "dddd", "dddd cccc bbb1", "bbb2"},
    {diamond, down, "aaaa", "dddd", "dddd cccc bbb1 bbb2", "aaaa"},
};

core::Plan plan_of(const core::RevisionGraph &graph, const Case &expected)
{
    core::NoInterrupts never;
    return expected.direction == up ? core::plan_upgrade(graph, words(expected.rows), expected.target, never)
                                    : core::plan_downgrade(graph, words(expected.rows), expected.target, never);
}

TEST(GoldenTable, PlansRowsAndErrors)
{
    for (const Case &expected : cases) {
        SCOPED_TRACE(std::string(expected.direction == up ? "upgrade " : "downgrade ") + std::string(expected.target) +
                     " from '" + std::string(expected.rows) + "' in " + std::string(expected.graph));
        const core::RevisionGraph graph = make_graph(expected.graph);
        if (expected.steps.empty()) {
            const core::Error error = error_of([&] { plan_of(graph, expected); });
            EXPECT_EQ(error.message().substr(0, expected.rows_after.size()), expected.rows_after);
            continue;
        }
        const core::Plan plan = plan_of(graph, expected);
        EXPECT_EQ(ids(graph, plan.steps), expected.steps);
        EXPECT_EQ(rows_after(graph, plan), expected.rows_after);
        EXPECT_EQ(plan.rows_before, words(expected.rows));
        EXPECT_EQ(plan.direction, expected.direction);
    }
}

std::string changes(std::string_view graph_text, core::Direction direction, std::string_view rows,
                    std::string_view target)
{
    const core::RevisionGraph graph = make_graph(graph_text);
    return changes_of(graph, plan_of(graph, {graph_text, direction, target, rows, "", ""}));
}

TEST(GoldenTable, Statements)
{
    EXPECT_EQ(changes(two_branches, up, "", "heads"),
              "INSERT aaaa1111; UPDATE aaaa1111 bbbb2222; UPDATE bbbb2222 cccc4444; UPDATE cccc4444 eeee6666; "
              "INSERT cccc3333; UPDATE cccc3333 dddd5555");
    EXPECT_EQ(changes(dependency, up, "", "heads"),
              "INSERT aaaa; UPDATE aaaa bbbb; INSERT cccc; DELETE cccc; UPDATE bbbb dddd");
    EXPECT_EQ(changes(dependency, down, "dddd", "-1"), "INSERT cccc; UPDATE dddd bbbb");
    EXPECT_EQ(changes(dependency, down, "dddd", "base"),
              "INSERT cccc; UPDATE dddd bbbb; DELETE cccc; UPDATE bbbb aaaa; DELETE aaaa");
    EXPECT_EQ(changes(diamond, up, "", "head"),
              "INSERT aaaa; UPDATE aaaa bbb2; INSERT bbb1; DELETE bbb1; UPDATE bbb2 cccc; UPDATE cccc dddd");
    EXPECT_EQ(changes(diamond, down, "dddd", "base"),
              "UPDATE dddd cccc; INSERT bbb1; UPDATE cccc bbb2; DELETE bbb1; UPDATE bbb2 aaaa; DELETE aaaa");
}

TEST(GoldenTable, WarnsOfAmbiguousStepDown)
{
    const core::RevisionGraph graph = make_graph(two_branches);
    core::NoInterrupts never;
    const auto warnings = [&](std::string_view rows, std::string_view target) {
        return core::plan_downgrade(graph, words(rows), target, never).warnings;
    };
    EXPECT_EQ(warnings("dddd5555 eeee6666", "-1"),
              std::vector<std::string>({"downgrade -1 from multiple heads is ambiguous; this usage will be disallowed "
                                        "in a future release."}));
    EXPECT_TRUE(warnings("dddd5555", "-1").empty());
    EXPECT_TRUE(warnings("dddd5555 eeee6666", "lab1@-1").empty());
    // The first row counts, as the caller has it.
    EXPECT_EQ(downgrade(graph, "eeee6666 dddd5555", "-1"), "eeee6666");
}

std::string stamp(std::string_view graph_text, std::string_view rows, std::string_view targets, bool purge = false)
{
    const core::RevisionGraph graph = make_graph(graph_text);
    core::NoInterrupts never;
    std::string result;
    for (const core::StampStep &step : core::plan_stamp(graph, words(rows), targets, purge, never))
        result += (result.empty() ? "" : " | ") + to_text(step.changes);
    return result;
}

TEST(GoldenTable, Stamp)
{
    EXPECT_EQ(stamp(two_branches, "bbbb2222", "heads"), "UPDATE bbbb2222 dddd5555 | INSERT eeee6666");
    EXPECT_EQ(stamp(two_branches, "dddd5555 eeee6666", "bbbb2222"), "DELETE dddd5555; UPDATE eeee6666 bbbb2222");
    EXPECT_EQ(stamp(two_branches, "dddd5555 eeee6666", "lab1@base"), "DELETE dddd5555");
}

TEST(GoldenTable, HistoryThatAlembicCannotList)
{
    const core::RevisionGraph graph = make_graph(dependency);
    EXPECT_EQ(history(graph, "", "aaaa:"), "bbbb aaaa");
}

} // namespace
} // namespace pgmigrate::test

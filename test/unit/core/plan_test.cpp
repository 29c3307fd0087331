// SPDX-License-Identifier: PostgreSQL
#include "core/plan.hpp"

#include "support/graphs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgmigrate::test
{
namespace
{

using testing::HasSubstr;

constexpr std::string_view two_branches = "aaaa1111; bbbb2222 < aaaa1111; cccc3333 < bbbb2222 @lab1; "
                                          "cccc4444 < bbbb2222 @lab2; dddd5555 < cccc3333; eeee6666 < cccc4444";

core::Error upgrade_error(const core::RevisionGraph &graph, std::string_view rows, std::string_view target)
{
    return error_of([&] { upgrade(graph, rows, target); });
}

core::Error downgrade_error(const core::RevisionGraph &graph, std::string_view rows, std::string_view target)
{
    return error_of([&] { downgrade(graph, rows, target); });
}

core::Error history_error(const core::RevisionGraph &graph, std::string_view rows, std::string_view range)
{
    return error_of([&] { history(graph, rows, range); });
}

std::string offline(const core::RevisionGraph &graph, std::string_view rows, std::string_view range,
                    core::Direction direction)
{
    core::NoInterrupts never;
    return ids(graph, core::plan_offline(graph, words(rows), range, direction, never).steps);
}

TEST(PlanUpgrade, OneRevision)
{
    const core::RevisionGraph graph = make_graph("aaaa");
    EXPECT_EQ(upgrade(graph, "", "head"), "aaaa");
    EXPECT_EQ(upgrade(graph, "", "+1"), "aaaa");
    EXPECT_EQ(upgrade(graph, "aaaa", "head"), "");
    EXPECT_EQ(upgrade(graph, "aaaa", "base"), "");
    EXPECT_EQ(downgrade(graph, "aaaa", "-1"), "aaaa");
    EXPECT_EQ(downgrade(graph, "aaaa", "aaaa"), "");
    EXPECT_EQ(history(graph, "", ""), "aaaa");
}

TEST(PlanUpgrade, SeveralTargets)
{
    const core::RevisionGraph graph = make_graph(two_branches);
    EXPECT_EQ(upgrade(graph, "", "lab1, lab2"), "aaaa1111 bbbb2222 cccc4444 cccc3333");
    EXPECT_EQ(upgrade(graph, "", "lab1,lab1"), "aaaa1111 bbbb2222 cccc3333");
    EXPECT_EQ(upgrade_error(graph, "", "bbbb2222,dddd5555").message(),
              "Requested revision dddd5555 overlaps with other requested revisions bbbb2222");
}

TEST(PlanUpgrade, WhatIsAtOrBelowCurrentIsNothingToDo)
{
    const core::RevisionGraph graph = make_graph(two_branches);
    EXPECT_EQ(upgrade(graph, "dddd5555", "bbbb2222"), "");
    EXPECT_EQ(upgrade(graph, "dddd5555", "dddd5555-1"), "");
    EXPECT_EQ(upgrade(graph, "dddd5555", "lab2"), "cccc4444");
}

TEST(PlanUpgrade, RelativeToSomethingNamed)
{
    const core::RevisionGraph graph = make_graph(two_branches);
    EXPECT_EQ(upgrade(graph, "", "aaaa+1"), "aaaa1111 bbbb2222");
    EXPECT_EQ(upgrade(graph, "", "lab1@bbbb2222+1"), "aaaa1111 bbbb2222 cccc3333");
    EXPECT_EQ(upgrade(graph, "", "lab1@head-1xyz"), "aaaa1111 bbbb2222 cccc3333");
    EXPECT_EQ(upgrade(graph, "", "dddd5555-3"), "aaaa1111");
    EXPECT_EQ(upgrade(graph, "", "dddd5555-4"), "");
    EXPECT_EQ(upgrade(graph, "", "bbbb2222+0"), "aaaa1111 bbbb2222");
    EXPECT_EQ(upgrade(graph, "", "base+1"), "aaaa1111");
}

TEST(PlanUpgrade, RelativeErrors)
{
    const core::RevisionGraph graph = make_graph(two_branches);
    EXPECT_EQ(upgrade_error(graph, "", "dddd5555+1").message(), "Relative revision +1 didn't produce 1 migrations");
    EXPECT_EQ(upgrade_error(graph, "", "dddd5555-5").message(), "Relative revision -5 didn't produce 5 migrations");
    EXPECT_EQ(upgrade_error(graph, "cccc3333", "-1").message(), "Relative revision -1 didn't produce 1 migrations");
    EXPECT_EQ(upgrade_error(graph, "cccc3333", "+0").message(), "Relative revision 0 didn't produce 0 migrations");
    EXPECT_EQ(upgrade_error(graph, "cccc3333", "+02").message(), "Relative revision +02 didn't produce 2 migrations");
    EXPECT_EQ(upgrade_error(graph, "cccc3333", "+99999999999999999999999").message(),
              "Relative revision +99999999999999999999999 didn't produce 99999999999999999999999 migrations");
    EXPECT_EQ(upgrade_error(graph, "", "bbbb2222+1").message(), "Ambiguous walk");
    EXPECT_EQ(upgrade_error(graph, "", "bbbb2222+1").detail(), "There is more than one way to go: cccc3333, cccc4444.");
    EXPECT_EQ(upgrade_error(graph, "", "bbbb2222+1").sqlstate(), core::sqlstate::ambiguous_target);
    EXPECT_EQ(upgrade_error(graph, "cccc3333 cccc4444", "+1").sqlstate(), core::sqlstate::ambiguous_target);
    EXPECT_EQ(upgrade_error(graph, "", "").message(), "Can't locate revision identified by ''");
    EXPECT_EQ(upgrade_error(graph, "", "aaaa1111:bbbb2222").message(), "Range revision not allowed");
    EXPECT_EQ(upgrade_error(graph, "", "head-1").message(),
              "Multiple head revisions are present for given argument 'head-1'; please specify a specific target "
              "revision, '<branchname>@head-1' to narrow to a specific head, or 'heads' for all heads");
}

TEST(PlanUpgrade, IdsWithOtherCharactersHaveRelativeForms)
{
    const core::RevisionGraph graph = make_graph("v1.0; v1.1 < v1.0; v1.2 < v1.1");
    EXPECT_EQ(upgrade(graph, "", "v1.0+1"), "v1.0 v1.1");
    EXPECT_EQ(downgrade(graph, "v1.2", "v1.2-1"), "v1.2");
}

TEST(PlanUpgrade, AMergeWhoseParentIsImpliedByADependency)
{
    const core::RevisionGraph graph = make_graph("r000; r001; r002 ^ r000; r003 < r000, r001 ^ r002");
    core::NoInterrupts never;
    const core::Plan plan = core::plan_upgrade(graph, {}, "heads", never);
    EXPECT_EQ(ids(graph, plan.steps), "r000 r001 r002 r003");
    EXPECT_EQ(rows_after(graph, plan), "r003");
}

TEST(PlanUpgrade, UnknownRow)
{
    const core::RevisionGraph graph = make_graph("aaaa; bbbb < aaaa");
    for (const auto &call : {upgrade_error, downgrade_error}) {
        const core::Error error = call(graph, "gone", "aaaa");
        EXPECT_EQ(error.message(), "Can't locate revision identified by 'gone'");
        EXPECT_EQ(error.unknown_row(), "gone");
        EXPECT_EQ(error.sqlstate(), core::sqlstate::revision_not_found);
    }
    // Rows are not abbreviated.
    EXPECT_EQ(upgrade_error(graph, "aaa", "head").unknown_row(), "aaa");
    EXPECT_EQ(upgrade_error(graph, "", "nothing").unknown_row(), "");
}

TEST(PlanUpgrade, OverlappingRows)
{
    EXPECT_EQ(upgrade_error(make_graph("aaaa; bbbb < aaaa; cccc < bbbb"), "bbbb aaaa", "head").message(),
              "Requested revision bbbb overlaps with other requested revisions aaaa");
}

TEST(Missing, StopsOnlyWhatNeedsIt)
{
    const core::RevisionGraph graph = make_graph("aaaa; bbbb < aaaa; cccc < gone; dddd < cccc; eeee < bbbb ^ nowhere");
    EXPECT_EQ(upgrade(graph, "", "bbbb"), "aaaa bbbb");
    const core::Error needed = upgrade_error(graph, "", "dddd");
    EXPECT_EQ(needed.message(), "Revision gone referenced from cccc is not present");
    EXPECT_EQ(needed.sqlstate(), core::sqlstate::missing_revision);
    EXPECT_THAT(needed.detail(), HasSubstr("cccc"));
    EXPECT_EQ(upgrade_error(graph, "bbbb", "eeee").message(), "Revision nowhere referenced from eeee is not present");
    // What is applied is not asked again.
    EXPECT_EQ(upgrade(graph, "cccc", "dddd"), "dddd");
    EXPECT_EQ(downgrade(graph, "dddd", "cccc"), "dddd");
    EXPECT_EQ(downgrade_error(graph, "dddd", "base").message(), "Revision gone referenced from cccc is not present");
    EXPECT_EQ(downgrade_error(graph, "dddd", "-2").message(), "Revision gone referenced from cccc is not present");
    EXPECT_EQ(downgrade(graph, "bbbb", "base"), "bbbb aaaa");
    EXPECT_EQ(history(graph, "", ":dddd"), "dddd cccc");
}

TEST(Missing, StopsWhatMayBeAppliedBelowIt)
{
    const core::RevisionGraph graph =
        make_graph("aaaa; cccc < gone; dddd < cccc; eeee < cccc; ffff < dddd ^ eeee; gggg; hhhh < cut; iiii < hhhh");
    const core::Error below = upgrade_error(graph, "dddd", "aaaa");
    EXPECT_EQ(below.message(), "Revision gone referenced from cccc is not present");
    EXPECT_EQ(below.sqlstate(), core::sqlstate::missing_revision);
    EXPECT_EQ(below.detail(), "Revision cccc is applied. Without revision gone it cannot be known whether aaaa, which "
                              "would run, is applied below it.");
    EXPECT_THAT(below.hint(), HasSubstr("gone"));
    EXPECT_EQ(upgrade_error(graph, "iiii", "gggg").message(), "Revision cut referenced from hhhh is not present");
    // What stands on what is applied is above it, also beside a branch that lacks another revision.
    EXPECT_EQ(upgrade(graph, "dddd", "eeee"), "eeee");
    EXPECT_EQ(upgrade(graph, "dddd", "ffff"), "eeee ffff");
    EXPECT_EQ(upgrade(graph, "hhhh dddd", "iiii"), "iiii");
    EXPECT_EQ(upgrade_error(graph, "hhhh dddd", "eeee").message(), "Revision cut referenced from hhhh is not present")
        << "it may be below cut";
    EXPECT_EQ(upgrade(graph, "dddd", "dddd"), "");
}

TEST(PlanDowngrade, Errors)
{
    const core::RevisionGraph graph = make_graph(two_branches);
    EXPECT_EQ(downgrade_error(graph, "dddd5555", "+1").message(), "Relative revision +1 didn't produce 1 migrations");
    EXPECT_EQ(downgrade_error(graph, "", "-1").message(), "Relative revision -1 didn't produce 1 migrations");
    EXPECT_EQ(downgrade_error(graph, "aaaa1111", "-2").message(), "Relative revision -2 didn't produce 2 migrations");
    EXPECT_EQ(downgrade_error(graph, "aaaa1111", "aaaa1111-2").message(), "Walked too far");
    EXPECT_EQ(downgrade_error(graph, "dddd5555", "dddd5555+1").message(), "Walked too far");
    EXPECT_EQ(downgrade_error(graph, "dddd5555", "aaaa1111@bbbb2222").message(),
              "Not a valid downgrade target from current heads");
    EXPECT_EQ(downgrade_error(graph, "dddd5555", "aaaa1111:bbbb2222").message(), "Range revision not allowed");
    EXPECT_EQ(downgrade_error(graph, "dddd5555", "head").sqlstate(), core::sqlstate::multiple_heads);
    EXPECT_EQ(downgrade_error(graph, "dddd5555", "aaaa1111,bbbb2222").message(),
              "Can't locate revision identified by 'aaaa1111,bbbb2222'");
    EXPECT_EQ(downgrade_error(graph, "dddd5555", "").message(), "Can't locate revision identified by ''");
    EXPECT_EQ(downgrade_error(graph, "aaaa1111", "dddd5555").sqlstate(), core::sqlstate::invalid_target);
    // A branch that does not exist must not drop everything.
    EXPECT_EQ(downgrade_error(graph, "dddd5555", "nolabel@base").detail(), "No such branch: 'nolabel'");
}

TEST(PlanDowngrade, StepsBackOnABranchThatHasNoSingleRow)
{
    const core::RevisionGraph graph = make_graph(two_branches);
    const core::Error none = downgrade_error(graph, "dddd5555", "lab2@-1");
    // lab1's row implies bbbb2222, which lab2 has as well, but it has a child that is applied.
    EXPECT_EQ(none.message(), "Relative revision -1 didn't produce 1 migrations");
    EXPECT_THAT(none.detail(), HasSubstr("lab2"));
    const core::Error several = downgrade_error(graph, "dddd5555 eeee6666", "aaaa1111@-1");
    EXPECT_EQ(several.message(), "Ambiguous downgrade from multiple current revisions");
    EXPECT_EQ(several.sqlstate(), core::sqlstate::ambiguous_target);
    // A branch that is there only because another depends on it.
    const core::RevisionGraph implied = make_graph("aaaa; bbbb < aaaa @lab; cccc; dddd < cccc ^ bbbb");
    EXPECT_EQ(downgrade(implied, "dddd", "lab@-1"), "dddd bbbb");
}

TEST(PlanDowngrade, OtherBranchesAreLeftAloneByAStepBack)
{
    const core::RevisionGraph graph = make_graph(two_branches);
    EXPECT_EQ(downgrade(graph, "cccc3333 cccc4444", "-1"), "cccc3333");
    EXPECT_EQ(downgrade(graph, "cccc3333 cccc3333", "-1"), "cccc3333");
}

TEST(RedundantEdges, RowsAreTheMaximalRevisions)
{
    const core::RevisionGraph graph = make_graph("aaaa; bbbb < aaaa; cccc < aaaa, bbbb; dddd < cccc ^ aaaa");
    core::NoInterrupts never;
    const core::Plan up = core::plan_upgrade(graph, {}, "head", never);
    EXPECT_EQ(ids(graph, up.steps), "aaaa bbbb cccc dddd");
    EXPECT_EQ(changes_of(graph, up), "INSERT aaaa; UPDATE aaaa bbbb; UPDATE bbbb cccc; UPDATE cccc dddd");
    const core::Plan down = core::plan_downgrade(graph, {"dddd"}, "base", never);
    EXPECT_EQ(changes_of(graph, down), "UPDATE dddd cccc; UPDATE cccc bbbb; UPDATE bbbb aaaa; DELETE aaaa");
}

TEST(PlanOffline, Ranges)
{
    const core::RevisionGraph graph = make_graph(two_branches);
    constexpr auto up = core::Direction::upgrade;
    constexpr auto down = core::Direction::downgrade;
    EXPECT_EQ(offline(graph, "eeee6666", "base:bbbb2222", up), "aaaa1111 bbbb2222");
    EXPECT_EQ(offline(graph, "", "bbbb:lab1@head", up), "cccc3333 dddd5555");
    EXPECT_EQ(offline(graph, "", "bbbb2222:lab1@+1", up), "cccc3333");
    EXPECT_EQ(offline(graph, "", " cccc3333 : dddd5555 ", up), "dddd5555");
    EXPECT_EQ(offline(graph, "", "dddd5555:bbbb2222", down), "dddd5555 cccc3333");
    EXPECT_EQ(offline(graph, "", "dddd5555:-1", down), "dddd5555");
    EXPECT_EQ(offline(graph, "", "heads:aaaa1111", down), "dddd5555 cccc3333 eeee6666 cccc4444 bbbb2222");
    EXPECT_EQ(offline(graph, "", "lab1,lab2:bbbb2222", down), "cccc3333 cccc4444");
    // Without a range, from what is applied.
    EXPECT_EQ(offline(graph, "cccc3333", "dddd5555", up), "dddd5555");
    EXPECT_EQ(offline(graph, "cccc3333", "-1", down), "cccc3333");
    EXPECT_EQ(offline(graph, "cccc3333", "current:dddd5555", up), "dddd5555");
    core::NoInterrupts never;
    EXPECT_EQ(core::plan_offline(graph, {}, "bbbb:lab1", up, never).rows_before, words("bbbb2222"));
    for (const std::string_view bad : {":head", "aaaa1111:", ":", "aaaa1111:bbbb2222:cccc3333"})
        EXPECT_EQ(error_of([&] { offline(graph, "", bad, up); }).sqlstate(), core::sqlstate::invalid_target) << bad;
    EXPECT_EQ(error_of([&] { offline(graph, "", "head:aaaa1111", down); }).sqlstate(), core::sqlstate::multiple_heads);
}

TEST(PlanHistory, Ranges)
{
    const core::RevisionGraph graph = make_graph(two_branches);
    const std::string all = "dddd5555 cccc3333 eeee6666 cccc4444 bbbb2222 aaaa1111";
    for (const std::string_view range : {"", ":", "base:heads", "base:", ":heads", " : "})
        EXPECT_EQ(history(graph, "", range), all) << range;
    EXPECT_EQ(history(graph, "", "bbbb:lab1"), "cccc3333 bbbb2222");
    EXPECT_EQ(history(graph, "", ":bbbb"), "bbbb2222 aaaa1111");
    EXPECT_EQ(history(graph, "", "cccc3333:"), "dddd5555 cccc3333");
    EXPECT_EQ(history(graph, "", "aaaa1111:lab1@+2"), "cccc3333 bbbb2222 aaaa1111");
    EXPECT_EQ(history(graph, "", "cccc3333:+9"), "dddd5555 cccc3333");
    EXPECT_EQ(history(graph, "", "lab1@base:"), "dddd5555 cccc3333 bbbb2222 aaaa1111");
    EXPECT_EQ(history(graph, "", "cccc3333@base:"), "dddd5555 cccc3333 bbbb2222 aaaa1111");
    EXPECT_EQ(history(graph, "", "dddd5555@cccc3333:"), "dddd5555 cccc3333");
}

TEST(PlanHistory, Current)
{
    const core::RevisionGraph graph = make_graph(two_branches);
    EXPECT_EQ(history(graph, "cccc3333", "current:"), "dddd5555 cccc3333");
    EXPECT_EQ(history(graph, "cccc3333", ":current"), "cccc3333 bbbb2222 aaaa1111");
    EXPECT_EQ(history(graph, "cccc3333 cccc4444", "current:current"), "cccc3333 cccc4444");
    EXPECT_EQ(history(graph, "", "current:bbbb2222"), "bbbb2222 aaaa1111");
    EXPECT_EQ(history(graph, "", ":current"), "");
    EXPECT_EQ(history_error(graph, "gone", ":current").unknown_row(), "gone");
}

TEST(PlanHistory, StepsBackAreCountedFromCurrentWhereItEndsThere)
{
    const core::RevisionGraph graph = make_graph("r001; r002 < r001; r003 < r002; r004 < r003; r005 < r004");
    EXPECT_EQ(history(graph, "r003", "-1:current"), "r003 r002");
    EXPECT_EQ(history(graph, "r003", "-2:current"), "r003 r002 r001");
    EXPECT_EQ(history(graph, "r003", "-9:current"), "r003 r002 r001");
    EXPECT_EQ(history(graph, "r003", "-1:"), "r005 r004");
    EXPECT_EQ(history(graph, "r003", "-5:"), "r005 r004 r003 r002 r001");
    EXPECT_EQ(history(graph, "r003", "-9:r004"), "r004 r003 r002 r001");
    EXPECT_EQ(history(graph, "r003", "current:+1"), "r004 r003");
    // Two rows that are not equally far above their fork.
    const core::RevisionGraph fork = make_graph("r001; aaa2 < r001; aaa3 < aaa2; bbb2 < r001");
    EXPECT_EQ(history(fork, "aaa3 bbb2", "-1:current"), "aaa3 aaa2 bbb2 r001");
    EXPECT_EQ(history(fork, "aaa2 bbb2", "-1:current"), "aaa2 bbb2 r001");
}

TEST(PlanHistory, Errors)
{
    const core::RevisionGraph graph = make_graph(two_branches);
    for (const std::string_view bad : {"aaaa1111", "a:b:c", "head"})
        EXPECT_EQ(history_error(graph, "", bad).message(), "History range requires [start]:[end], [start]:, or :[end]");
    EXPECT_EQ(
        history_error(graph, "", "cccc3333:eeee6666").message(),
        "Requested range cccc3333:eeee6666 does not refer to ancestor/descendant revisions along the same branch");
    EXPECT_EQ(history_error(graph, "", "nothing:").message(), "Can't locate revision identified by 'nothing'");
    EXPECT_EQ(history_error(graph, "", ":head").sqlstate(), core::sqlstate::multiple_heads);
    EXPECT_EQ(history_error(graph, "", ":-1").message(), "Relative revision -1 didn't produce 1 migrations");
}

TEST(Applied, IncludesDependenciesAndSkipsUnknownRows)
{
    const core::RevisionGraph graph = make_graph("aaaa; bbbb < aaaa; cccc; dddd < cccc ^ bbbb; eeee < dddd");
    EXPECT_EQ(core::applied_revisions(graph, words("dddd gone")), std::vector<bool>({true, true, true, true, false}));
    EXPECT_EQ(ids(graph, core::all_current(graph, words("dddd gone"))), "bbbb dddd");
    EXPECT_EQ(ids(graph, core::all_current(graph, words("bbbb"))), "bbbb");
    EXPECT_EQ(ids(graph, core::all_current(graph, {})), "");
}

} // namespace
} // namespace pgmigrate::test

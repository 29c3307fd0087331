// SPDX-License-Identifier: PostgreSQL
#include "executor/journaled_runner.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace
{

using namespace pgmigrate;
using executor::Segment;
using testing::ElementsAre;
using testing::IsEmpty;

// t: transactional, a: runs alone, v: adds an enum value, c: is to begin behind a COMMIT.
executor::Script script(const std::string &kinds)
{
    executor::Script script;
    script.text = kinds;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        executor::Statement statement;
        statement.offset = i;
        statement.length = 1;
        statement.transactional = kinds[i] != 'a';
        statement.ends_segment = kinds[i] == 'v';
        statement.begins_segment = kinds[i] == 'c';
        script.statements.push_back(statement);
    }
    return script;
}

executor::Step step(const std::string &kinds, std::size_t done = 0)
{
    executor::Step step;
    step.script = script(kinds);
    step.done = done;
    return step;
}

TEST(Segments, StatementsThatRunAloneCutTheScript)
{
    EXPECT_THAT(executor::segments_of(script("ttatta"), 0),
                ElementsAre(Segment{1, 2, false}, Segment{3, 3, true}, Segment{4, 5, false}, Segment{6, 6, true}));
}

TEST(Segments, BeginBehindWhatIsDone)
{
    EXPECT_THAT(executor::segments_of(script("ttat"), 1),
                ElementsAre(Segment{2, 2, false}, Segment{3, 3, true}, Segment{4, 4, false}));
    EXPECT_THAT(executor::segments_of(script("ttat"), 3), ElementsAre(Segment{4, 4, false}));
    EXPECT_THAT(executor::segments_of(script("ttat"), 4), IsEmpty());
}

TEST(Segments, AnEnumValueEndsItsSegment)
{
    EXPECT_THAT(executor::segments_of(script("tvvt"), 0),
                ElementsAre(Segment{1, 2, false}, Segment{3, 3, false}, Segment{4, 4, false}));
}

TEST(Segments, ACommitIsBeforeItsStatement)
{
    EXPECT_THAT(executor::segments_of(script("ctct"), 0), ElementsAre(Segment{1, 2, false}, Segment{3, 4, false}));
    EXPECT_THAT(executor::segments_of(script("tacc"), 0),
                ElementsAre(Segment{1, 1, false}, Segment{2, 2, true}, Segment{3, 3, false}, Segment{4, 4, false}));
    EXPECT_THAT(executor::segments_of(script("tct"), 1), ElementsAre(Segment{2, 3, false}));
}

// As step.statement, or nothing.
std::string beyond(const std::vector<executor::Step> &steps)
{
    const auto place = executor::beyond_one_transaction(steps);
    return place ? std::to_string(place->step) + "." + std::to_string(place->statement) : "";
}

TEST(BeyondOneTransaction, NamesTheStatement)
{
    EXPECT_EQ(beyond({}), "");
    EXPECT_EQ(beyond({step("tt"), step(""), step("t")}), "");
    EXPECT_EQ(beyond({step("tt"), step("ta")}), "1.2");
    EXPECT_EQ(beyond({step("tat", 2)}), "") << "what is left is transactional";
    EXPECT_EQ(beyond({step("tv")}), "") << "nothing follows that could use the value";
    EXPECT_EQ(beyond({step("tvt")}), "0.2");
    EXPECT_EQ(beyond({step("v"), step(""), step("t")}), "0.1");
    EXPECT_EQ(beyond({step("v"), step("a")}), "1.1") << "the statement that runs alone says more";
    EXPECT_EQ(beyond({step("vt"), step("ta")}), "1.2") << "also where something else comes between";
    EXPECT_EQ(beyond({step("v"), step("")}), "");
    EXPECT_EQ(beyond({step("ct")}), "") << "nothing is to be committed";
    EXPECT_EQ(beyond({step("tct")}), "0.2");
    EXPECT_EQ(beyond({step("tct", 1)}), "");
    EXPECT_EQ(beyond({step("t"), step("c")}), "1.1");
    EXPECT_EQ(beyond({step("tc"), step("a")}), "1.1");
}

TEST(RunsAloneAfter, LooksBehindAStatementAndInLaterSteps)
{
    const std::vector<executor::Step> steps{step("tat"), step(""), step("a")};
    EXPECT_TRUE(executor::runs_alone_after(steps, 0, 0));
    EXPECT_TRUE(executor::runs_alone_after(steps, 0, 1));
    EXPECT_TRUE(executor::runs_alone_after(steps, 0, 2));
    EXPECT_FALSE(executor::runs_alone_after(steps, 2, 1));
    EXPECT_FALSE(executor::runs_alone_after({step("att")}, 0, 1));
    EXPECT_FALSE(executor::runs_alone_after({}, 0, 0));
}

class FakeDatabase final : public executor::JournaledDatabase
{
  public:
    std::vector<std::string> calls;
    std::string fail_at;
    std::string stop_after;
    std::vector<executor::StepOutcome> recorded;

    executor::Timestamp now() override { return ++clock_; }
    void announce(const std::string &message) override { note(message); }
    void check_stop() override
    {
        if (!calls.empty() && calls.back() == stop_after)
            throw core::Error("57014", "stopped");
    }
    void begin_revision(const executor::Step &step, std::size_t position) override
    {
        note("begin " + step.revision + " " + std::to_string(position));
    }
    executor::StepOutcome run_segment(const executor::Step &, const Segment &segment,
                                      const executor::Ending *ending) override
    {
        std::string text = "segment " + std::to_string(segment.first) + "-" + std::to_string(segment.last);
        if (ending != nullptr)
            for (const core::RowChange &change : ending->changes)
                text += " [" + change.from + ">" + change.to + "]";
        note(text);
        if (ending == nullptr)
            return {};
        recorded.push_back(ending->outcome);
        return ending->outcome;
    }
    void run_alone(const executor::Step &, std::size_t number, bool in_doubt) override
    {
        note("alone " + std::to_string(number) + (in_doubt ? " in doubt" : ""));
    }
    void end_revision(const executor::Step &step) override { note("end " + step.revision); }

  private:
    void note(const std::string &call)
    {
        calls.push_back(call);
        if (call == fail_at)
            throw core::Error("22012", "division by zero");
    }
    executor::Timestamp clock_ = 0;
};

struct Fixture {
    core::NoInterrupts interrupts;
    core::RevisionGraph graph =
        core::RevisionGraph::build({{"aaaa", {}, {}, {}}, {"bbbb", {"aaaa"}, {}, {}}}, interrupts);
    std::vector<executor::Step> steps;
    FakeDatabase database;

    Fixture(const std::string &first, const std::string &second)
    {
        for (const auto &[id, kinds] : {std::pair("aaaa", first), std::pair("bbbb", second)}) {
            executor::Step added = step(kinds);
            added.index = *graph.find(id);
            added.revision = added.to = id;
            steps.push_back(added);
        }
    }
    void run(core::Direction direction = core::Direction::upgrade)
    {
        const bool upgrade = direction == core::Direction::upgrade;
        core::VersionRows rows(graph, upgrade ? std::vector<std::string>{} : std::vector<std::string>{"bbbb"});
        executor::run_journaled(database, direction, steps, rows, interrupts);
    }
};

TEST(JournaledRunner, RecordsEachRevisionWithItsLastTransaction)
{
    Fixture fixture("tat", "a");
    fixture.run();
    EXPECT_THAT(fixture.database.calls,
                ElementsAre("Running upgrade  -> aaaa", "begin aaaa 0", "segment 1-1", "alone 2", "segment 3-3 [>aaaa]",
                            "end aaaa", "Running upgrade  -> bbbb", "begin bbbb 1", "alone 1",
                            "segment 2-1 [aaaa>bbbb]", "end bbbb"));
}

TEST(JournaledRunner, RecordsTheDirectionAndTheBeginningOfTheRevision)
{
    Fixture fixture("tat", "ata");
    std::swap(fixture.steps[0], fixture.steps[1]);
    fixture.run(core::Direction::downgrade);
    ASSERT_EQ(fixture.database.recorded.size(), 2U);
    for (const executor::StepOutcome &outcome : fixture.database.recorded)
        EXPECT_EQ(outcome.direction, core::Direction::downgrade);
    EXPECT_EQ(fixture.database.recorded[0].started_at, 1);
    EXPECT_EQ(fixture.database.recorded[1].started_at, 2);
}

TEST(JournaledRunner, GoesOnBehindWhatIsDone)
{
    Fixture fixture("tat", "");
    fixture.steps[0].done = 1;
    fixture.steps[0].in_doubt = true;
    fixture.run();
    EXPECT_THAT(fixture.database.calls, ElementsAre("Running upgrade  -> aaaa", "begin aaaa 0", "alone 2 in doubt",
                                                    "segment 3-3 [>aaaa]", "end aaaa", "Running upgrade  -> bbbb",
                                                    "begin bbbb 1", "segment 1-0 [aaaa>bbbb]", "end bbbb"));
}

TEST(JournaledRunner, WhatIsCompleteButNotRecordedIsRecorded)
{
    Fixture fixture("ta", "");
    fixture.steps[0].done = 2;
    fixture.steps.pop_back();
    fixture.run();
    EXPECT_THAT(fixture.database.calls,
                ElementsAre("Running upgrade  -> aaaa", "begin aaaa 0", "segment 3-2 [>aaaa]", "end aaaa"));
}

TEST(JournaledRunner, AFailureLeavesAtOnce)
{
    Fixture fixture("tat", "t");
    fixture.database.fail_at = "alone 2";
    EXPECT_THROW(fixture.run(), core::Error);
    EXPECT_THAT(fixture.database.calls.back(), "alone 2");
}

TEST(JournaledRunner, StopsBetweenStatements)
{
    Fixture fixture("tat", "t");
    fixture.database.stop_after = "alone 2";
    EXPECT_THROW(fixture.run(), core::Error);
    EXPECT_THAT(fixture.database.calls.back(), "alone 2");
}

} // namespace

// SPDX-License-Identifier: PostgreSQL
#include "executor/runner.hpp"

#include "core/error.hpp"
#include "core/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace
{

using namespace pgmigrate;
using testing::ElementsAre;
using testing::IsEmpty;

// Writes down what it is asked to do, and fails where it is told to.
class FakeDatabase final : public executor::Database
{
  public:
    std::vector<std::string> calls;
    std::string fail_at;

    executor::Timestamp now() override { return ++clock_; }
    void announce(const std::string &message) override { note("announce " + message); }
    void begin_script(const executor::Step &step) override { note("begin " + step.revision); }
    void end_script() noexcept override { calls.push_back("end"); }
    void execute(const executor::Step &step, std::size_t number) override
    {
        note("execute " + std::string(step.script.statement_text(step.script.statements[number - 1])));
    }
    void record(const executor::Step &step, const std::vector<core::RowChange> &changes,
                const executor::StepOutcome &outcome) override
    {
        std::string text = "record " + step.revision;
        for (const core::RowChange &change : changes)
            text += " [" + change.from + ">" + change.to + "]";
        text += outcome.finished_at > outcome.started_at ? "" : " without a duration";
        note(text);
    }

  private:
    void note(const std::string &call)
    {
        calls.push_back(call);
        if (call == fail_at)
            throw core::Error("22012", "division by zero");
    }
    executor::Timestamp clock_ = 0;
};

core::RevisionGraph line()
{
    core::NoInterrupts interrupts;
    return core::RevisionGraph::build({{"aaaa", {}, {}, {}}, {"bbbb", {"aaaa"}, {}, {}}}, interrupts);
}

executor::Step step(const core::RevisionGraph &graph, const std::string &id, const std::string &text,
                    std::vector<std::string> statements)
{
    executor::Step step;
    step.index = *graph.find(id);
    step.revision = id;
    step.to = id;
    step.message = "message of " + id + "\nand more of it";
    step.script.text = text;
    for (const std::string &statement : statements) {
        executor::Statement entry;
        entry.offset = text.find(statement);
        entry.length = statement.size();
        step.script.statements.push_back(entry);
    }
    return step;
}

struct Fixture {
    core::RevisionGraph graph = line();
    std::vector<executor::Step> steps{step(graph, "aaaa", "one; two", {"one", "two"}), step(graph, "bbbb", "", {})};
    FakeDatabase database;
    core::NoInterrupts interrupts;
    std::vector<std::string> done;

    void run(core::Direction direction, const std::vector<std::string> &version)
    {
        core::VersionRows rows(graph, version);
        executor::run_steps(
            database, direction, steps, rows,
            [this](const executor::StepResult &result) { done.push_back(result.step->revision); }, interrupts);
    }
};

TEST(Runner, AnnouncesRunsAndRecordsEachStepInOrder)
{
    Fixture fixture;
    fixture.run(core::Direction::upgrade, {});
    EXPECT_THAT(fixture.database.calls,
                ElementsAre("announce Running upgrade  -> aaaa, message of aaaa", "begin aaaa", "execute one",
                            "execute two", "end", "record aaaa [>aaaa]",
                            "announce Running upgrade  -> bbbb, message of bbbb", "record bbbb [aaaa>bbbb]"));
    EXPECT_THAT(fixture.done, ElementsAre("aaaa", "bbbb"));
}

TEST(Runner, AFailingStatementEndsTheScriptAndRecordsNothing)
{
    Fixture fixture;
    fixture.database.fail_at = "execute two";
    EXPECT_THROW(fixture.run(core::Direction::upgrade, {}), core::Error);
    EXPECT_THAT(fixture.database.calls, ElementsAre("announce Running upgrade  -> aaaa, message of aaaa", "begin aaaa",
                                                    "execute one", "execute two", "end"));
    EXPECT_THAT(fixture.done, IsEmpty());
}

TEST(Runner, AScriptThatCouldNotBeginIsNotEnded)
{
    Fixture fixture;
    fixture.database.fail_at = "begin aaaa";
    EXPECT_THROW(fixture.run(core::Direction::upgrade, {}), core::Error);
    EXPECT_THAT(fixture.database.calls,
                ElementsAre("announce Running upgrade  -> aaaa, message of aaaa", "begin aaaa"));
}

TEST(Runner, DowngradesWriteTheRowsBack)
{
    Fixture fixture;
    std::swap(fixture.steps[0], fixture.steps[1]);
    fixture.run(core::Direction::downgrade, {"bbbb"});
    EXPECT_THAT(fixture.done, ElementsAre("bbbb", "aaaa"));
    EXPECT_THAT(fixture.database.calls, testing::Contains("record bbbb [bbbb>aaaa]"));
    EXPECT_THAT(fixture.database.calls, testing::Contains("record aaaa [aaaa>]"));
}

TEST(Runner, AStepOutOfOrderIsAnError)
{
    Fixture fixture;
    std::swap(fixture.steps[0], fixture.steps[1]);
    EXPECT_THROW(fixture.run(core::Direction::upgrade, {}), core::Error);
    EXPECT_THAT(fixture.done, IsEmpty());
}

class Stop final : public core::InterruptCheck
{
  public:
    void check() override
    {
        if (++count_ > 2)
            throw core::Error("57014", "canceled");
    }

  private:
    int count_ = 0;
};

TEST(Runner, ObeysACancelBetweenStatements)
{
    Fixture fixture;
    Stop stop;
    core::VersionRows rows(fixture.graph, {});
    EXPECT_THROW(
        executor::run_steps(
            fixture.database, core::Direction::upgrade, fixture.steps, rows, [](const executor::StepResult &) {}, stop),
        core::Error);
    EXPECT_THAT(fixture.database.calls, testing::Not(testing::Contains("execute two")));
    EXPECT_EQ(fixture.database.calls.back(), "end");
}

} // namespace

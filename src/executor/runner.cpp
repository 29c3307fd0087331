// SPDX-License-Identifier: PostgreSQL
#include "executor/runner.hpp"

namespace pgmigrate::executor
{

namespace
{

class ScriptBracket
{
  public:
    ScriptBracket(Database &database, const Step &step) : database_(database) { database_.begin_script(step); }
    ScriptBracket(const ScriptBracket &) = delete;
    ScriptBracket &operator=(const ScriptBracket &) = delete;
    ~ScriptBracket() { database_.end_script(); }

  private:
    Database &database_;
};

} // namespace

void run_statements(Database &database, const Step &step, std::size_t first, std::size_t last,
                    core::InterruptCheck &interrupts)
{
    if (first > last)
        return;
    const ScriptBracket bracket(database, step);
    for (std::size_t number = first; number <= last; ++number) {
        interrupts.check();
        database.execute(step, number);
    }
}

std::string announcement(core::Direction direction, const Step &step)
{
    std::string text = direction == core::Direction::upgrade ? "Running upgrade " : "Running downgrade ";
    text += step.from + " -> " + step.to;
    if (!step.message.empty())
        text += ", " + step.message.substr(0, step.message.find_first_of("\r\n"));
    return text;
}

void run_steps(Database &database, core::Direction direction, const std::vector<Step> &steps, core::VersionRows &rows,
               const std::function<void(const StepResult &)> &on_done, core::InterruptCheck &interrupts)
{
    for (const Step &step : steps) {
        interrupts.check();
        StepOutcome outcome;
        outcome.direction = direction;
        outcome.started_at = database.now();
        database.announce(announcement(direction, step));
        run_statements(database, step, step.done + 1, step.script.statements.size(), interrupts);
        const std::vector<core::RowChange> changes =
            direction == core::Direction::upgrade ? rows.upgrade(step.index) : rows.downgrade(step.index);
        outcome.finished_at = database.now();
        database.record(step, changes, outcome);
        on_done(StepResult{&step, outcome});
    }
}

} // namespace pgmigrate::executor

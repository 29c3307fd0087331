// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/interrupt.hpp"
#include "executor/database.hpp"

#include <functional>

namespace pgmigrate::executor
{

struct StepResult {
    const Step *step = nullptr;
    StepOutcome outcome;
};

// Runs the steps in order: each is announced as Alembic does, its statements run one by one, then the version rows and
// the log follow. Any error leaves the loop at once; undoing what was done is the transaction's business. `on_done`
// is called after each step.
void run_steps(Database &database, core::Direction direction, const std::vector<Step> &steps, core::VersionRows &rows,
               const std::function<void(const StepResult &)> &on_done, core::InterruptCheck &interrupts);

// Runs the statements `first` to `last` (from 1) of the step's script, between begin_script() and end_script().
void run_statements(Database &database, const Step &step, std::size_t first, std::size_t last,
                    core::InterruptCheck &interrupts);

// The text of Alembic's announcement, e.g. `Running upgrade 1975ea83b712 -> 27c6a30d7c24, add a column`.
std::string announcement(core::Direction direction, const Step &step);

} // namespace pgmigrate::executor

// SPDX-License-Identifier: PostgreSQL
#pragma once

// Upgrades, downgrades and stamps in the caller's transaction.

#include "core/plan.hpp"
#include "executor/database.hpp"
#include "executor/runner.hpp"
#include "pg/catalogue.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pgmigrate::pg
{

struct RunRequest {
    core::Direction direction = core::Direction::upgrade;
    std::string target;
    std::optional<std::string> tag;
    std::optional<std::string> schema;
};

// What a printed script says of a step.
struct RecordRequest {
    std::string revision;
    core::Direction direction = core::Direction::upgrade;
    std::optional<std::string> schema;
    std::optional<std::string> tag;
    std::string checksum;    // of the revision when it was printed, or its beginning; empty for any
    bool check_only = false; // before a step that cannot be rolled back: may it run now?
};

// The steps of a plan with their scripts, parsed.
struct PlannedRun {
    core::RevisionGraph graph;
    core::Plan plan;
    std::vector<executor::Step> steps;
    // For each step, whether the script to run is missing: a down script that is NULL.
    std::vector<bool> no_way_back;
};

class Run
{
  public:
    // `function`: the SQL function on whose behalf this is, for errors.
    Run(Catalogue &catalogue, const char *function) : catalogue_(catalogue), function_(function) {}

    // Runs the plan and calls `on_done` after each step. With nothing to do: no lock is taken, nothing written.
    void execute(const RunRequest &request, const std::function<void(const executor::StepResult &)> &on_done);
    // What execute() would do, or for `offline` what a script would hold (targets from:to).
    PlannedRun plan(const RunRequest &request, bool offline);
    // Writes the version rows only. Returns the changes.
    std::vector<core::RowChange> stamp(const std::string &targets, bool purge,
                                       const std::optional<std::string> &schema);
    // Checks and records one step that a printed script runs.
    void record(const RecordRequest &request);

    core::InterruptCheck &interrupts() { return interrupts_; }

  private:
    std::vector<std::string> version(const std::optional<std::string> &schema, Snapshot snapshot = nullptr);
    void lock(const std::optional<std::string> &schema);
    void require_current_content(const PlannedRun &run);
    core::Plan make_plan(const core::RevisionGraph &graph, const RunRequest &request, bool offline);
    void load_steps(PlannedRun &run, const std::optional<std::string> &schema);
    void run_plan(const RunRequest &request, PlannedRun &run,
                  const std::function<void(const executor::StepResult &)> &on_done);

    Catalogue &catalogue_;
    const char *function_;
    ServerInterrupts interrupts_;
};

// Throws for a step that has no script to run.
void require_way_back(const PlannedRun &run);
// The same, and for a statement that cannot run in a transaction block.
void require_runnable(const PlannedRun &run);

// What Alembic loses: who put the row there that names a revision unknown here, and when.
void explain_unknown_row(core::Error &error, const std::vector<VersionRow> &rows);

std::vector<std::string> row_names(const std::vector<VersionRow> &rows);
core::Direction direction_of(const std::string &text);
const char *direction_name(core::Direction direction);
std::string joined_names(std::span<const std::string> names);

} // namespace pgmigrate::pg

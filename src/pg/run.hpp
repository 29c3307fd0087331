// SPDX-License-Identifier: PostgreSQL
#pragma once

// Upgrades, downgrades and stamps, called by SQL functions.

#include "executor/runner.hpp"
#include "pg/locks.hpp"
#include "pg/planning.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pgmigrate::pg
{

struct Attempt;

// What a printed script says of a step.
struct RecordRequest {
    std::string revision;
    core::Direction direction = core::Direction::upgrade;
    std::optional<std::string> schema;
    std::optional<std::string> tag;
    std::string checksum;    // of the revision when it was printed, or its beginning; empty for any
    bool check_only = false; // before a step that cannot be rolled back: may it run now?
};

// A row of the result of a run.
struct StepDone {
    std::string revision;
    std::string direction;
    std::string message;
    int statements = 0;
    std::int64_t duration = 0; // microseconds
};

class Run
{
  public:
    // `function`: the SQL function on whose behalf this is, for errors.
    Run(Catalogue &catalogue, const char *function) : catalogue_(catalogue), function_(function) {}

    // Runs the plan, in the transaction of the caller if it can, otherwise in a background worker, and calls `on_done`
    // for each step that is done. With nothing to do: no lock is taken, nothing written. A failed attempt is logged,
    // although the transaction is rolled back.
    void execute(const RunRequest &request, const std::function<void(const StepDone &)> &on_done);
    // What execute() would do, or for `offline` what a script would hold (targets from:to).
    PlannedRun plan(const RunRequest &request, bool offline) { return planner_.plan(request, offline); }
    // Writes the version rows only. Returns the changes.
    std::vector<core::RowChange> stamp(const std::string &targets, bool purge,
                                       const std::optional<std::string> &schema);
    // Checks and records one step that a printed script runs.
    void record(const RecordRequest &request);
    // Queues a run, which a worker begins when the current transaction commits, and returns its number.
    std::int64_t start(const RunRequest &request);
    // Says what has become of a statement that was running when its run was interrupted ('run': it is run again,
    // 'done': it counts as done), or that the revision was never begun ('discard').
    void resolve(const std::string &revision, const std::string &action, const std::optional<std::string> &schema);

    core::InterruptCheck &interrupts() { return interrupts_; }

  private:
    Line lock(const std::optional<std::string> &schema);
    void require_no_obstacle(const RunRequest &request);
    void close_dead_runs_of(const Line &line);
    void tell_unfinished(const Line &line);
    void require_current_version(const std::optional<std::string> &schema);
    void require_current_content(const PlannedRun &run);
    void run_here(const RunRequest &request, PlannedRun &run, const std::function<void(const StepDone &)> &on_done);
    void run_steps(const RunRequest &request, const PlannedRun &run, Attempt &attempt,
                   const std::function<void(const StepDone &)> &on_done);

    Catalogue &catalogue_;
    const char *function_;
    ServerInterrupts interrupts_;
    Planner planner_{catalogue_, interrupts_};
};

} // namespace pgmigrate::pg

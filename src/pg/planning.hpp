// SPDX-License-Identifier: PostgreSQL
#pragma once

// What a run is going to do.

#include "core/plan.hpp"
#include "executor/journaled_runner.hpp"
#include "pg/catalogue.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pgmigrate::pg
{

// The revisions of a plan are read in portions, so that no more than one portion is in memory twice.
inline constexpr std::size_t revisions_per_read = 1000;

struct RunRequest {
    core::Direction direction = core::Direction::upgrade;
    std::string target;
    std::optional<std::string> tag;
    std::optional<std::string> schema;
};

// The steps of a plan with their scripts, parsed.
struct PlannedRun {
    core::RevisionGraph graph;
    core::Plan plan;
    // In the order in which they run: a revision that has been begun comes first, and knows how far it has come.
    std::vector<executor::Step> steps;
    // For each step, whether the script to run is missing: a down script that is NULL.
    std::vector<bool> no_way_back;
    std::optional<JournalEntry> journal;
    std::string begun_by; // the role that has begun that one
    std::string caller;
};

class Planner
{
  public:
    Planner(Catalogue &catalogue, core::InterruptCheck &interrupts) : catalogue_(catalogue), interrupts_(interrupts) {}

    std::vector<std::string> version(const std::optional<std::string> &schema, Snapshot snapshot = nullptr);
    // Which revisions, without their scripts.
    core::Plan make_plan(const core::RevisionGraph &graph, const RunRequest &request, bool offline);
    // What a run would do, or for `offline` what a script would hold (targets from:to). Throws unfinished_revision
    // where another revision of the line has been begun and is to be finished first, and changed_since_begun where its
    // script is not the one any more that was begun.
    PlannedRun plan(const RunRequest &request, bool offline);

  private:
    void load_steps(PlannedRun &run, const std::optional<std::string> &schema);
    void resume(PlannedRun &run, const RunRequest &request, bool offline);

    Catalogue &catalogue_;
    core::InterruptCheck &interrupts_;
};

// Where nothing is to be done, but for what has been begun.
void notice_unfinished(const JournalEntry &journal);

// Throws for a step that has no script to run.
void require_way_back(const PlannedRun &run);

// Throws where a revision that has been begun would go on in a session that lacks what its statements need: another
// search_path of the caller, temporary objects that are gone.
void require_same_session(const PlannedRun &run);

// NOTICE: a step that has been begun goes on.
void notice_going_on(const executor::Step &step);

// A statement with its line, as an error text shows it.
std::string shown_statement(const PlannedRun &run, const executor::StatementPlace &place);

// A call of migrate_resolve() for a hint: ('4b80', 'run') or ('4b80', 'run', schema => 'tenant_1').
std::string resolve_call(const std::string &revision, const char *action, const std::optional<std::string> &schema);

// The checksum of a statement by which a resumed revision is known to be the same.
std::string fingerprint(const executor::Script &script, const executor::Statement &statement);

// What Alembic loses: who put the row there that names a revision unknown here, and when.
void explain_unknown_row(core::Error &error, const std::vector<VersionRow> &rows);

std::vector<std::string> row_names(const std::vector<VersionRow> &rows);
core::Direction direction_of(const std::string &text);
const char *direction_name(core::Direction direction);
std::string joined_names(std::span<const std::string> names);

} // namespace pgmigrate::pg

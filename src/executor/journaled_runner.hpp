// SPDX-License-Identifier: PostgreSQL
#pragma once

// Runs revisions that one transaction cannot hold.

#include "core/interrupt.hpp"
#include "executor/database.hpp"
#include "executor/runner.hpp"

#include <optional>
#include <vector>

namespace pgmigrate::executor
{

// A part of a script: statements that run in one transaction, or a single one that runs alone, outside of any.
struct Segment {
    std::size_t first = 1; // numbers of statements, from 1; first > last for none
    std::size_t last = 0;
    bool alone = false;

    bool operator==(const Segment &) const = default;
};

// The segments of what follows the statement `done`, in order. A non-transactional statement is one by itself; after a
// statement that ends its segment another one begins.
std::vector<Segment> segments_of(const Script &script, std::size_t done);

// Why the steps need a worker: the first statement, of those still to run, that runs alone, or that ends its segment
// while another one follows. None for steps that one transaction can hold.
struct StatementPlace {
    std::size_t step = 0;      // from 0
    std::size_t statement = 1; // from 1
};
std::optional<StatementPlace> beyond_one_transaction(const std::vector<Step> &steps);

// Whether a statement runs alone behind the statement `number` of the step at `position` (from 0), or in a later step.
bool runs_alone_after(const std::vector<Step> &steps, std::size_t position, std::size_t number);

// What the last transaction of a step writes beside its statements.
struct Ending {
    std::vector<core::RowChange> changes;
    StepOutcome outcome; // finished_at is for the database to fill in
};

// What the journaled runner needs of a database. Each function commits what it does.
//
// The state of a revision is a row of the journal:
//
//   (no row)     NOT BEGUN, or complete: the version says which
//   done = n     the statements 1 to n are complete and committed; run_segment() -> done = last
//   running = n  IN DOUBT: statement n was about to run alone, when this was committed
//                run_alone(): done = n - 1 -> running = n -> (the statement) -> done = n
//                             a failure that is known and cleaned up after: running = n -> done = n - 1
//   (no row)     run_segment() with an ending removes it, together with writing version and log
class JournaledDatabase
{
  public:
    JournaledDatabase() = default;
    JournaledDatabase(const JournaledDatabase &) = delete;
    JournaledDatabase &operator=(const JournaledDatabase &) = delete;
    virtual ~JournaledDatabase() = default;

    virtual Timestamp now() = 0;
    virtual void announce(const std::string &message) = 0;
    // Throws when the run is to end before the next statement.
    virtual void check_stop() = 0;
    virtual void begin_revision(const Step &step, std::size_t position) = 0;
    // Returns when the transaction is over; `ending` null: the journal says how far the revision has come.
    virtual StepOutcome run_segment(const Step &step, const Segment &segment, const Ending *ending) = 0;
    virtual void run_alone(const Step &step, std::size_t number, bool in_doubt) = 0;
    virtual void end_revision(const Step &step) = 0;
};

// Runs the steps in order, each announced as Alembic does. An error leaves the loop at once; what is committed stays,
// and the journal says where to go on.
void run_journaled(JournaledDatabase &database, core::Direction direction, const std::vector<Step> &steps,
                   core::VersionRows &rows, core::InterruptCheck &interrupts);

} // namespace pgmigrate::executor

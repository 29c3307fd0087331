// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "executor/journaled_runner.hpp"
#include "pg/derived_downs.hpp"
#include "pg/in_doubt.hpp"
#include "pg/locks.hpp"
#include "pg/planning.hpp"
#include "pg/progress.hpp"
#include "pg/statement_timer.hpp"
#include "pg/transaction.hpp"
#include "pg/worker_session.hpp"
#include "worker/script_session.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace pgmigrate::worker
{

// On whose behalf a worker runs what.
struct Assignment {
    Oid function = InvalidOid;
    pg::Identity caller{};
    std::optional<std::string> client_addr;
    std::string application; // its application_name, whatever the scripts make of it
    pg::RunRequest request;
    pg::SessionRoles roles{};
    std::int64_t run = 0;
};

// What a worker holds from its beginning to its end. The server releases all of it with a transaction that is rolled
// back; then somebody else may go on with the line, and this worker has to leave it alone.
class LineLocks
{
  public:
    LineLocks(const pg::Line &line, bool with_turn) : line_(line), with_turn_(with_turn) {}
    LineLocks(const LineLocks &) = delete;
    LineLocks &operator=(const LineLocks &) = delete;

    void take() { pg::lock_as_worker(line_, with_turn_); }
    // After an error: false if the line is somebody else's now.
    bool take_again(std::int64_t run) const { return pg::lock_as_worker_again(line_, run); }
    void release() const { pg::unlock_as_worker(line_, with_turn_); }

  private:
    pg::Line line_;
    bool with_turn_;
};

// The database as a worker works on it: a transaction for each segment, the journal written with it.
class WorkerDatabase final : public executor::JournaledDatabase
{
  public:
    WorkerDatabase(pg::WorkerSession &session, const Assignment &assignment, const LineLocks &locks,
                   const std::vector<executor::Step> &steps, pg::ProgressBoard &board);

    executor::Timestamp now() override;
    void announce(const std::string &message) override;
    void check_stop() override;
    void begin_revision(const executor::Step &step, std::size_t position) override;
    executor::StepOutcome run_segment(const executor::Step &step, const executor::Segment &segment,
                                      const executor::Ending *ending) override;
    void run_alone(const executor::Step &step, std::size_t number, bool in_doubt) override;
    void end_revision(const executor::Step &step) override;

    // Where it stands: the step that is running (null between two) and the number of its statement.
    const executor::Step *step() const { return step_; }
    std::size_t statement() const { return statement_; }
    executor::Timestamp started_at() const { return started_at_; }
    // The last step is recorded, and with it that the run is done.
    bool complete() const { return complete_; }

  private:
    class LockedRelation;
    // Of a statement that runs alone, from one attempt to the next.
    struct AloneState {
        bool in_doubt;
        bool repeatable; // nothing of it is left
    };

    pg::Catalogue catalogue() const;
    std::string activity(const executor::Step &step) const;
    void continue_session(const executor::Step &step);
    void take_over_statements(const executor::Step &step, pg::Catalogue &tables);
    void remember_schema(const executor::Step &step);
    executor::StepOutcome try_segment(const executor::Step &step, const executor::Segment &segment,
                                      const executor::Ending *ending);
    executor::StepOutcome run_segment_around(const executor::Step &step, const executor::Segment &segment,
                                             std::size_t number, const executor::Ending *ending);
    pg::Role script_role() const;
    pg::Advice advise(const executor::Step &step, const std::string &sql, bool in_doubt);
    std::vector<Oid> intend(const executor::Step &step, std::size_t number, const std::string &sql);
    void confirm(const executor::Step &step, std::size_t number);
    void try_alone(const executor::Step &step, std::size_t number, const std::string &sql, AloneState &state);
    void run_intended(const executor::Step &step, std::size_t number, const std::string &sql,
                      const std::string &instead, bool locked, pg::StatementTimer &timer, AloneState &state);
    std::string left_half_done(const pg::Catalogue &tables, const std::string &sql,
                               const std::vector<Oid> &before) const;
    bool clean_up(const executor::Step &step, std::size_t number, const std::string &sql,
                  const std::vector<Oid> &before, bool cancelled) noexcept;
    void run_at_top_level(const executor::Step &step, const std::string &sql, bool locked, bool discards);
    pg::JournalEntry entry(const executor::Step &step, std::size_t done, bool running) const;
    void correct_journal(const executor::Step &step, std::size_t done);

    pg::WorkerSession &session_;
    const Assignment &assignment_;
    const LineLocks &locks_;
    const std::vector<executor::Step> &steps_;
    pg::ProgressBoard &board_;
    pg::DerivedDowns downs_;
    ScriptSession script_session_;
    pg::ServerInterrupts interrupts_;
    const executor::Step *step_ = nullptr;
    std::size_t position_ = 0; // of the step
    std::size_t statement_ = 0;
    executor::Timestamp started_at_ = 0;
    bool complete_ = false;
    bool settings_stay_ = false;      // the revision is run in several transactions
    std::optional<std::string> role_; // that the script has set
};

} // namespace pgmigrate::worker

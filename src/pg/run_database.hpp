// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "executor/database.hpp"
#include "pg/catalogue.hpp"
#include "pg/derived_downs.hpp"
#include "pg/progress.hpp"
#include "pg/scopes.hpp"
#include "pg/session_settings.hpp"
#include "pg/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace pgmigrate::pg
{

// The step that is running, for when it fails.
struct Attempt {
    const executor::Step *step = nullptr; // null between two
    std::size_t statement = 0;
    Timestamp started_at = 0;
    Failure failure;
};

// Runs the statements of scripts through SPI, in the caller's transaction and with the caller's rights.
class RunDatabase final : public executor::Database
{
  public:
    // `settings`: what becomes of those that a script changes.
    RunDatabase(Catalogue &catalogue, std::int64_t run, std::optional<std::string> schema,
                std::optional<std::string> tag, ProgressBoard &board,
                ScriptScope::Settings settings = ScriptScope::Settings::end_with_scope)
        : catalogue_(catalogue), run_(run), schema_(std::move(schema)), tag_(std::move(tag)), board_(board),
          settings_(settings)
    {
    }

    // Tells the board of each revision that begins; a worker does that itself.
    void show_revisions() { recorded_.emplace(0); }
    // The last statement before the transaction ends, where that is not the last of the script.
    void end_at(std::size_t number) { last_statement_ = number; }
    // After a lock timeout or a deadlock a statement is run again, as pg_migrate.lock_retries allows.
    void retry_statements() { retries_ = lock_retries(); }
    // Nobody waits for the run: the statement_timeout of the session counts for each statement.
    void obey_statement_timeout() { whole_session_ = true; }
    // For settings that stay: what is put in force again where the script has taken it away.
    void keep_in_force(const RunSettings &settings) { in_force_ = settings; }
    // Has down scripts derived of the revisions that lack them.
    void derive_downs(DerivedDowns &downs) { downs_ = &downs; }
    // Keeps `attempt` up to date with what is running.
    void follow(Attempt &attempt) { attempt_ = &attempt; }
    // The role that the script has set; in a worker it goes on with it in the next transaction.
    const std::optional<std::string> &role() const { return role_; }
    void continue_with_role(const std::optional<std::string> &role) { role_ = role; }
    // The number of the statement that was begun last; 0 before the first one.
    std::size_t statement() const { return statement_; }

    executor::Timestamp now() override;
    void announce(const std::string &message) override;
    void begin_script(const executor::Step &step) override;
    void end_script() noexcept override;
    void execute(const executor::Step &step, std::size_t number) override;
    void record(const executor::Step &step, const std::vector<core::RowChange> &changes,
                const executor::StepOutcome &outcome) override;

  private:
    void settle(const executor::Step &step);
    void try_statement(const executor::Step &step, std::size_t number);
    void change_role(const executor::Statement &statement);

    Catalogue &catalogue_;
    std::int64_t run_;
    std::optional<std::string> schema_;
    std::optional<std::string> tag_;
    ProgressBoard &board_;
    ScriptScope::Settings settings_;
    RunSettings in_force_;
    std::optional<std::string> role_;
    std::optional<std::size_t> recorded_;
    std::size_t statement_ = 0;
    std::optional<std::size_t> last_statement_;
    int retries_ = 0;
    bool whole_session_ = false;
    Attempt *attempt_ = nullptr;
    DerivedDowns *downs_ = nullptr;
    std::optional<ScriptScope> scope_;
};

// Runs a statement of a script through SPI, under `scope`, with its place as the CONTEXT of its errors.
// `whole_session`: the statement_timeout of the session counts, too.
void run_statement_of(const executor::Step &step, std::size_t number, ScriptScope &scope, bool whole_session);

// The place of a statement, as the CONTEXT of its errors has it.
std::string place_of(const executor::Step &step, std::size_t number);
// The server refuses the statement in a transaction for what it is applied to, which was not there before the run:
// REINDEX and the like of a partitioned table.
bool turned_out_to_run_alone(const PgError &error, const executor::Statement &statement);
// What the server cannot know of an error: that the statement is part of a longer run.
// What it says of values of enums holds where each transaction of a plan is committed.
void add_advice(PgError &error);
// The log row of a step.
LogEntry log_entry(const executor::Step &step, core::Direction direction, std::int64_t run,
                   const std::optional<std::string> &schema, const std::optional<std::string> &tag);

// The log row of one change that a stamp makes.
void log_stamp(Catalogue &catalogue, std::int64_t run, const core::RowChange &change,
               const std::optional<std::string> &schema);

} // namespace pgmigrate::pg

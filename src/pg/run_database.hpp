// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "executor/database.hpp"
#include "pg/catalogue.hpp"
#include "pg/progress.hpp"
#include "pg/scopes.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace pgmigrate::pg
{

// Runs the statements of scripts through SPI, in the caller's transaction and with the caller's rights.
class RunDatabase final : public executor::Database
{
  public:
    RunDatabase(Catalogue &catalogue, std::int64_t run, std::optional<std::string> schema,
                std::optional<std::string> tag, ProgressBoard &board)
        : catalogue_(catalogue), run_(run), schema_(std::move(schema)), tag_(std::move(tag)), board_(board)
    {
    }

    executor::Timestamp now() override;
    void announce(const std::string &message) override;
    void begin_script(const executor::Step &step) override;
    void end_script() noexcept override;
    void execute(const executor::Step &step, std::size_t number) override;
    void record(const executor::Step &step, const std::vector<core::RowChange> &changes,
                const executor::StepOutcome &outcome) override;

  private:
    void settle(const executor::Step &step);
    void run_statement(const executor::Step &step, std::size_t number);

    Catalogue &catalogue_;
    std::int64_t run_;
    std::optional<std::string> schema_;
    std::optional<std::string> tag_;
    ProgressBoard &board_;
    std::size_t recorded_ = 0;
    std::optional<ScriptScope> scope_;
};

// The log row of one change that a stamp makes.
void log_stamp(Catalogue &catalogue, std::int64_t run, const core::RowChange &change,
               const std::optional<std::string> &schema);

} // namespace pgmigrate::pg

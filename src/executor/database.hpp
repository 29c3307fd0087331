// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/plan.hpp"
#include "core/version_rows.hpp"
#include "executor/statement.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pgmigrate::executor
{

// A setting that a script has set, or, without a role, reset.
struct SettingValue {
    std::string name;
    std::string value;
    std::string role; // that has set it
};
using SettingValues = std::vector<SettingValue>;

// A revision that is about to run in one direction.
struct Step {
    core::Index index = 0;
    std::string revision;
    std::string from; // as announced: the parents (upgrade) or the revision itself (downgrade)
    std::string to;
    std::string message;
    std::string checksum;
    Script script;
    bool lacks_down = false; // on the way up: there is no script for the way back
    // Of an earlier run that did not come to its end: the statements 1 to `done` are complete and committed; with
    // `in_doubt` the next one had been begun.
    std::size_t done = 0;
    bool in_doubt = false;
    std::vector<std::uint32_t> objects_before; // what the catalogue held when that one was begun
    bool objects_are_here = true; // not in a dump that has been restored, where their OIDs are none or others
    // What the statements that are done have changed of the settings of their session; none: not known.
    std::optional<SettingValues> settings;
};

// Microseconds of the server's clock (since 2000-01-01, as timestamptz counts).
using Timestamp = std::int64_t;

struct StepOutcome {
    core::Direction direction = core::Direction::upgrade;
    Timestamp started_at = 0;
    Timestamp finished_at = 0;
};

// What the runner needs of a database. src/pg implements it, the unit tests fake it.
class Database
{
  public:
    Database() = default;
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;
    virtual ~Database() = default;

    virtual Timestamp now() = 0;
    virtual void announce(const std::string &message) = 0;
    // Between the two the caller's rights and settings are in force; what a script changes of them ends with it.
    virtual void begin_script(const Step &step) = 0;
    virtual void end_script() noexcept = 0;
    // Runs the statement with the given number (from 1).
    virtual void execute(const Step &step, std::size_t number) = 0;
    // Writes the changes of the version rows and the log row of a step that has run.
    virtual void record(const Step &step, const std::vector<core::RowChange> &changes, const StepOutcome &outcome) = 0;
};

} // namespace pgmigrate::executor

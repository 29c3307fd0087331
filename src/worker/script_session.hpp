// SPDX-License-Identifier: PostgreSQL
#pragma once

// What lives with the session of a worker while a revision runs in several transactions: settings and temporary
// objects. A later call, in another session, makes of it again what the journal tells. All of it in a transaction,
// connected to SPI.

#include "executor/database.hpp"
#include "pg/catalogue.hpp"
#include "pg/session_settings.hpp"
#include "pg/setting_values.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pgmigrate::worker
{

class ScriptSession
{
  public:
    // `caller`: whose rights the script has.
    ScriptSession(const pg::Identity &caller, pg::RunSettings in_force);

    // Before the first transaction of a revision, and behind its last one.
    void begin();
    static void end();
    // Makes the settings again that the statements which are done have made: those are of this session then, as if the
    // statements had been run in it. What cannot be made again is left with a WARNING, but for 42501, what nobody of
    // the roles at hand may.
    void go_on_with(const executor::Step &step);

    const pg::RunSettings &in_force() const { return in_force_; }
    // The part of it that is about the session.
    void describe(pg::JournalEntry &entry) const;

  private:
    void set(const executor::SettingValue &setting) const;
    bool set_as(const executor::SettingValue &setting, const std::optional<std::string> &role) const;
    executor::SettingValues settings() const;

    pg::Identity caller_;
    pg::RunSettings in_force_;
    std::string search_path_;         // of the caller
    pg::Settings settings_before_;    // of the revision
    std::vector<std::string> resets_; // by statements that an earlier session has run
    std::vector<pg::TemporaryObject> temporary_before_;
};

} // namespace pgmigrate::worker

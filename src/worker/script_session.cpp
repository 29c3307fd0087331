// SPDX-License-Identifier: PostgreSQL
#include "worker/script_session.hpp"

#include "pg/names.hpp"

#include <algorithm>
#include <utility>

extern "C" {
#include "utils/guc.h"
}

namespace pgmigrate::worker
{

ScriptSession::ScriptSession(const pg::Identity &caller, pg::RunSettings in_force)
    : caller_(caller), in_force_(std::move(in_force)),
      search_path_(pg::call([] { return GetConfigOption("search_path", false, false); }))
{
}

void ScriptSession::begin()
{
    pg::remember_settings();
    pg::put_in_force(in_force_);
    pg::note_settings();
    settings_before_ = pg::lasting_settings();
    temporary_before_ = pg::temporary_objects();
    resets_.clear();
}

void ScriptSession::end()
{
    pg::restore_settings({}, pg::Rights::those_of_before);
}

void ScriptSession::go_on_with(const executor::Step &step)
{
    // search_path is that of the first session, whatever RESET would lead to in this one: the caller's, which has to be
    // the same, or what the journal says.
    for (std::size_t i = 0; i < step.done; ++i) {
        const std::string &reset = step.script.statements[i].resets;
        if (reset == "*")
            pg::reset_all_for_session("search_path");
        else if (!reset.empty() && pg_strcasecmp(reset.c_str(), "search_path") != 0)
            pg::reset_for_session(reset);
    }
    for (const executor::SettingValue &setting : *step.settings) {
        if (!setting.role.empty()) {
            set(setting);
            continue;
        }
        pg::reset_for_session(setting.name);
        resets_.push_back(setting.name);
    }
    pg::keep_in_force(in_force_);
}

// As the role that has set it, if the caller may still take that on, or else with his own rights. What nobody can set
// any more, since what it names is gone, would be of no use to the statements behind either.
void ScriptSession::set(const executor::SettingValue &setting) const
{
    try {
        if (set_as(setting, setting.role) || set_as(setting, std::nullopt))
            return;
    } catch (const pg::PgError &error) {
        if (error.sqlstate() == core::sqlstate::query_canceled)
            throw;
        pg::warning("the setting \"" + setting.name +
                    "\", which the statements that are done have made, could not be "
                    "made again: " +
                    error.what());
        return;
    }
    throw core::Error(core::sqlstate::insufficient_privilege,
                      "permission denied to set parameter \"" + setting.name + "\"")
        .detail("Role \"" + setting.role + "\" has set it in the statements that are done.")
        .hint("A role that may set it has to go on with the revision.");
}

// False without the right. None: as the caller.
bool ScriptSession::set_as(const executor::SettingValue &setting, const std::optional<std::string> &role) const
{
    try {
        pg::Subtransaction attempt;
        pg::ScriptScope scope(caller_, std::nullopt, pg::ScriptScope::Settings::stay);
        scope.set_role(role);
        pg::set_for_session(setting.name, setting.value);
        attempt.commit();
        return true;
    } catch (const pg::PgError &error) {
        const bool role_is_gone = error.sqlstate() == "42704" && role && !pg::role_exists(*role);
        if (error.sqlstate() != core::sqlstate::insufficient_privilege && !role_is_gone)
            throw;
    } catch (const core::Error &error) {
        if (error.sqlstate() != core::sqlstate::insufficient_privilege)
            throw;
    }
    return false;
}

// With what has been reset in a session before this one.
executor::SettingValues ScriptSession::settings() const
{
    const pg::Settings now = pg::lasting_settings();
    executor::SettingValues settings = pg::changed_settings(settings_before_, now);
    for (const std::string &name : resets_) {
        const auto has_name = [&](const executor::SettingValue &setting) { return setting.name == name; };
        if (std::none_of(settings.begin(), settings.end(), has_name))
            settings.push_back({name, {}, {}});
    }
    return settings;
}

void ScriptSession::describe(pg::JournalEntry &entry) const
{
    entry.settings = settings();
    for (const pg::TemporaryObject &object : pg::temporary_objects())
        if (std::find(temporary_before_.begin(), temporary_before_.end(), object) == temporary_before_.end())
            entry.temporary.push_back(object.name);
    entry.search_path = search_path_;
    entry.origin = pg::oids_are_of();
}

} // namespace pgmigrate::worker

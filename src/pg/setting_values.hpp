// SPDX-License-Identifier: PostgreSQL
#pragma once

// The settings of a session, read from the server's own records: those of extensions that are not loaded are among
// them, which no view shows.

#include <map>
#include <string>
#include <vector>

#include "executor/database.hpp"

namespace pgmigrate::pg
{

using Settings = std::map<std::string, std::string>;
using executor::SettingValues;

// What a session can change, but for what belongs to the transaction and the identity, which is SET ROLE's. Values are
// without units.
Settings current_settings();
// As they will be when the transaction has committed: without what SET LOCAL and the functions that are running have
// set.
Settings lasting_settings();

// Those of `now` that differ from `before`.
SettingValues changed_settings(const Settings &before, const Settings &now);

// Whether the setting has a value of the session's own, which RESET would take away.
bool is_set_in_session(const char *name);

// What RESET would bring back, of the settings that the session has set for itself, as packed by pack().
SettingValues overridden_settings();
// In a process that has taken over the settings of another one, which does not bring that along.
void set_reset_value(const std::string &name, const std::string &value);

// Names and values in one text, each ended by a zero byte.
std::string pack(const SettingValues &settings);
SettingValues unpack(const char *packed, std::size_t size);

} // namespace pgmigrate::pg

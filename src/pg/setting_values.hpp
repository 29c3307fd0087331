// SPDX-License-Identifier: PostgreSQL
#pragma once

// The settings of a session, read from the server's own records: those of extensions that are not loaded are among
// them, which no view shows.

#include <map>
#include <string>
#include <vector>

#include "executor/database.hpp"
#include "pg/boundary.hpp"

extern "C" {
#include "utils/guc.h"
}

namespace pgmigrate::pg
{

struct SettingState {
    std::string value; // without a unit
    GucSource source;
    GucContext context; // in which it has been set
    Oid role;           // that has set it

    // RESET would take it away.
    bool is_set_in_session() const { return source >= PGC_S_INTERACTIVE; }
};
using Settings = std::map<std::string, SettingState>;
using executor::SettingValue;
using executor::SettingValues;

// What a session can change, but for what belongs to the transaction and the identity, which is SET ROLE's.
Settings current_settings();
// As they will be when the transaction has committed: without what SET LOCAL and the functions that are running have
// set.
Settings lasting_settings();

// From here on a setting that is set to the value that it has is told from one that is not set at all.
void note_settings();
// What has been set or reset since note_settings(), of which `before` is what lasting_settings() said. In a
// transaction.
SettingValues changed_settings(const Settings &before, const Settings &now);

// Whether the setting has a value of the session's own, which RESET would take away.
bool is_set_in_session(const char *name);

// What RESET would bring back, of the settings that the session has set for itself: names, values and by whom they were
// set, in one text.
std::string overridden_settings();
// In a process that has taken over the settings of another one, which does not bring that along. In a transaction.
void override_settings(const char *packed, std::size_t size);

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#include "pg/setting_values.hpp"

#include "pg/scopes.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

extern "C" {
#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
}

namespace pgmigrate::pg
{

namespace
{

// `seed` tells no value; a fault point is of one session.
constexpr std::string_view not_listed[] = {
    "seed", "transaction_isolation", "transaction_read_only", "transaction_deferrable",
    "role", "session_authorization", "pg_migrate.fault_point"};

bool is_listed(const config_generic &setting)
{
    return (setting.context == PGC_USERSET || setting.context == PGC_SUSET) &&
           std::find(std::begin(not_listed), std::end(not_listed), std::string_view(setting.name)) ==
               std::end(not_listed);
}

// Inside call(). As GetConfigOption() has it.
const char *shown(const config_generic &setting, const config_var_val &value)
{
    switch (setting.vartype) {
    case PGC_BOOL:
        return value.boolval ? "on" : "off";
    case PGC_INT:
        return psprintf("%d", value.intval);
    case PGC_REAL:
        return psprintf("%g", value.realval);
    case PGC_STRING:
        return value.stringval != nullptr ? value.stringval : "";
    case PGC_ENUM:
        return compat::enum_value_of_setting(setting, value.enumval);
    }
    return "";
}

// Inside call(). What AtEOXact_GUC() leaves of it at commit, from the innermost level to the outermost.
const char *lasting_value(const config_generic &setting)
{
    const config_var_val *lasting = nullptr;
    for (const GucStack *level = setting.stack; level != nullptr; level = level->prev) {
        switch (level->state) {
        case GUC_SAVE:
        case GUC_LOCAL:
            lasting = &level->prior.val;
            break;
        case GUC_SET_LOCAL:
            lasting = &level->masked.val;
            break;
        case GUC_SET:
            break;
        }
    }
    return lasting != nullptr ? shown(setting, *lasting) : GetConfigOption(setting.name, true, false);
}

const char *current_value(const config_generic &setting)
{
    return GetConfigOption(setting.name, true, false);
}

template <class Value>
Settings settings_by(Value value_of)
{
    const MemoryScope memory;
    int count = 0;
    config_generic **all = compat::all_settings(count);
    Settings settings;
    for (int i = 0; i < count; ++i) {
        const config_generic &setting = *all[i];
        if (!is_listed(setting))
            continue;
        const char *value = call([&] { return value_of(setting); });
        settings[setting.name] = value != nullptr ? value : "";
    }
    return settings;
}

} // namespace

Settings current_settings()
{
    return settings_by(current_value);
}

Settings lasting_settings()
{
    return settings_by(lasting_value);
}

SettingValues changed_settings(const Settings &before, const Settings &now)
{
    SettingValues changed;
    for (const auto &[name, value] : now) {
        const auto found = before.find(name);
        if (found == before.end() || found->second != value)
            changed.emplace_back(name, value);
    }
    return changed;
}

bool is_set_in_session(const char *name)
{
    return call([&] {
        const config_generic *setting = compat::find_setting(name);
        return setting != nullptr && setting->source == PGC_S_SESSION;
    });
}

SettingValues overridden_settings()
{
    int count = 0;
    config_generic **all = compat::all_settings(count);
    SettingValues overridden;
    // Some may be read by superusers only; the process that gets them goes on for this session.
    const Identity caller = Identity::current();
    Identity{BOOTSTRAP_SUPERUSERID, caller.security_context | SECURITY_LOCAL_USERID_CHANGE}.assume();
    try {
        for (int i = 0; i < count; ++i) {
            const config_generic &setting = *all[i];
            if (!is_listed(setting) || setting.source != PGC_S_SESSION || setting.reset_source == PGC_S_DEFAULT)
                continue;
            const char *value = call([&] { return GetConfigOptionResetString(setting.name); });
            if (value != nullptr)
                overridden.emplace_back(setting.name, value);
        }
    } catch (...) {
        caller.assume();
        throw;
    }
    caller.assume();
    return overridden;
}

void set_reset_value(const std::string &name, const std::string &value)
{
    const char *setting = name.c_str();
    const char *text = value.c_str();
    // From a source that is behind the session's own, it does not change the value that is in force.
    call([&] {
        (void)set_config_option(setting, text, PGC_SUSET, PGC_S_DATABASE_USER, GUC_ACTION_SET, true, WARNING, false);
    });
}

std::string pack(const SettingValues &settings)
{
    std::string packed;
    for (const auto &[name, value] : settings)
        packed.append(name).append(1, '\0').append(value).append(1, '\0');
    return packed;
}

SettingValues unpack(const char *packed, std::size_t size)
{
    SettingValues settings;
    const char *end = packed + size;
    while (packed < end) {
        const std::string name(packed);
        packed += name.size() + 1;
        const std::string value(packed);
        packed += value.size() + 1;
        settings.emplace_back(name, value);
    }
    return settings;
}

} // namespace pgmigrate::pg

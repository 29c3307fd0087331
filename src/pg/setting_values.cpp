// SPDX-License-Identifier: PostgreSQL
#include "pg/setting_values.hpp"

#include "pg/scopes.hpp"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <string_view>

extern "C" {
#include "catalog/pg_authid.h"
#include "mb/pg_wchar.h" // GetDatabaseEncodingName
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

// Inside call(). As GetConfigOption() has it, but for the digits.
const char *shown(const config_generic &setting, const config_var_val &value)
{
    switch (setting.vartype) {
    case PGC_BOOL:
        return value.boolval ? "on" : "off";
    case PGC_INT:
        return psprintf("%d", value.intval);
    case PGC_REAL:
        return psprintf("%.17g", value.realval);
    case PGC_STRING:
        return value.stringval != nullptr ? value.stringval : "";
    case PGC_ENUM:
        return compat::enum_value_of_setting(setting, value.enumval);
    }
    return "";
}

struct Found {
    const char *value;
    GucSource source;
    GucContext context;
    Oid role;
};

Found current_state(const config_generic &setting)
{
    Found state = {GetConfigOption(setting.name, true, false), setting.source, setting.scontext, setting.srole};
    if (setting.vartype == PGC_REAL) {
        config_var_val value;
        value.realval = compat::real_setting(setting);
        state.value = shown(setting, value);
    }
    return state;
}

// What AtEOXact_GUC() leaves of it at commit, from the innermost level to the outermost.
Found lasting_state(const config_generic &setting)
{
    Found state = current_state(setting);
    const config_var_val *lasting = nullptr;
    for (const GucStack *level = setting.stack; level != nullptr; level = level->prev) {
        switch (level->state) {
        case GUC_SAVE:
        case GUC_LOCAL:
            lasting = &level->prior.val;
            state.source = level->source;
            state.context = level->scontext;
            state.role = level->srole;
            break;
        case GUC_SET_LOCAL:
            lasting = &level->masked.val;
            state.source = PGC_S_SESSION;
            state.context = level->masked_scontext;
            state.role = level->masked_srole;
            break;
        case GUC_SET:
            break;
        }
    }
    if (lasting != nullptr)
        state.value = shown(setting, *lasting);
    return state;
}

// `state_of` runs inside call().
Settings settings_by(Found (*state_of)(const config_generic &))
{
    const MemoryScope memory;
    int count = 0;
    config_generic **all = compat::all_settings(count);
    Settings settings;
    for (int i = 0; i < count; ++i) {
        const config_generic &setting = *all[i];
        if (!is_listed(setting))
            continue;
        const Found state = call([&] { return state_of(setting); });
        settings[setting.name] = {state.value != nullptr ? state.value : "", state.source, state.context, state.role};
    }
    return settings;
}

std::string name_of_role(Oid role)
{
    const char *name = call([&] { return GetUserNameFromId(role, true); });
    return name != nullptr ? name : std::to_string(role);
}

} // namespace

Settings current_settings()
{
    return settings_by(current_state);
}

Settings lasting_settings()
{
    return settings_by(lasting_state);
}

// The server has a source between those of RESET and that of SET, which nothing comes from.
void note_settings()
{
    const MemoryScope memory;
    int count = 0;
    config_generic **all = compat::all_settings(count);
    for (int i = 0; i < count; ++i)
        if (is_listed(*all[i]) && all[i]->source == PGC_S_SESSION)
            all[i]->source = PGC_S_INTERACTIVE;
}

SettingValues changed_settings(const Settings &before, const Settings &now)
{
    SettingValues changed;
    for (const auto &[name, state] : now) {
        const auto found = before.find(name);
        const bool known = found != before.end();
        // An extension that has been loaded meanwhile brings its own, which nobody has set.
        if (known ? found->second.value == state.value && found->second.source == state.source
                  : !state.is_set_in_session())
            continue;
        // By another role RESET could mean another path.
        if (state.is_set_in_session() || name == "search_path")
            changed.push_back({name, state.value, name_of_role(state.role)});
        else
            changed.push_back({name, {}, {}});
    }
    return changed;
}

bool is_set_in_session(const char *name)
{
    return call([&] {
        const config_generic *setting = compat::find_setting(name);
        return setting != nullptr && setting->source >= PGC_S_INTERACTIVE;
    });
}

namespace
{

void pack(std::string &packed, std::initializer_list<std::string_view> texts)
{
    for (const std::string_view text : texts)
        packed.append(text).append(1, '\0');
}

} // namespace

std::string overridden_settings()
{
    const MemoryScope memory;
    int count = 0;
    config_generic **all = compat::all_settings(count);
    std::string packed;
    // Some may be read by superusers only; the process that gets them goes on for this session.
    const Identity caller = Identity::current();
    Identity{BOOTSTRAP_SUPERUSERID, caller.security_context | SECURITY_LOCAL_USERID_CHANGE}.assume();
    try {
        for (int i = 0; i < count; ++i) {
            const config_generic &setting = *all[i];
            if (!is_listed(setting) || setting.source < PGC_S_INTERACTIVE || setting.reset_source == PGC_S_DEFAULT)
                continue;
            const char *value = call([&] { return GetConfigOptionResetString(setting.name); });
            if (value != nullptr)
                pack(packed, {setting.name, value, std::to_string(setting.reset_scontext),
                              std::to_string(setting.reset_srole)});
        }
    } catch (...) {
        caller.assume();
        throw;
    }
    caller.assume();
    return packed;
}

namespace
{

// Inside call(). From a source that is behind the session's own, it does not change the value that is in force. By whom
// it was set decides, when a library that is loaded later knows the setting, whether it holds.
void set_reset_value(const char *name, const char *value, GucContext context, Oid role)
{
    (void)set_config_option_ext(name, value, context, PGC_S_DATABASE_USER, role, GUC_ACTION_SET, true, WARNING, false);
}

} // namespace

void override_settings(const char *packed, std::size_t size)
{
    const char *end = packed + size;
    const auto next = [&] {
        const char *text = packed;
        packed += std::strlen(packed) + 1;
        return text;
    };
    while (packed < end) {
        const char *name = next();
        const char *value = next();
        const auto context = static_cast<GucContext>(std::stoi(next()));
        const auto role = static_cast<Oid>(std::stoul(next()));
        // A worker has the encoding of its database.
        if (std::string_view(name) != "client_encoding")
            call([&] { set_reset_value(name, value, context, role); });
    }
    call([] { set_reset_value("client_encoding", GetDatabaseEncodingName(), PGC_SUSET, BOOTSTRAP_SUPERUSERID); });
}

} // namespace pgmigrate::pg

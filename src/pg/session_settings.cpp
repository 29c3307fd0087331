// SPDX-License-Identifier: PostgreSQL
#include "pg/session_settings.hpp"

#include "pg/scopes.hpp"
#include "pg/spi.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

extern "C" {
#include "access/xact.h"
#include "utils/builtins.h" // quote_identifier
#include "utils/guc.h"
}

namespace pgmigrate::pg
{

namespace
{

using Settings = std::map<std::string, std::string>;

struct Remembered {
    Settings settings;
    std::string step;
};

// A pointer, because an object would be constructed when the library is loaded.
constinit Remembered *remembered = nullptr;
constinit bool callback_is_registered = false;

// What a printed script has begun ends with its transaction when that fails: psql stops there, and whoever has the
// session then, which a pooler may give to another client, must not get the settings of before.
void at_transaction_end(XactEvent event, void *)
{
    if (event == XACT_EVENT_ABORT && remembered != nullptr && !remembered->step.empty())
        delete std::exchange(remembered, nullptr);
}

// What a session can change, but for what belongs to the transaction, what tells no value, and the identity, which
// is SET ROLE's. The places where a printed script keeps what it changes itself are not listed as settings.
constinit Query select_settings = {
    "SELECT name, setting FROM pg_catalog.pg_settings WHERE context IN ('user', 'superuser')"
    " AND name NOT IN ('seed', 'transaction_isolation', 'transaction_read_only', 'transaction_deferrable', 'role',"
    " 'session_authorization')"
    " UNION ALL SELECT name, pg_catalog.current_setting(name, true) FROM (VALUES ('migrate_saved.search_path'),"
    " ('migrate_saved.standard_conforming_strings'), ('migrate_saved.client_encoding')) AS own (name) WHERE "
    "pg_catalog.current_setting(name, true) <> ''",
    0,
    {},
    nullptr};

Settings current_settings()
{
    // Read before it is pinned for the statement that reads the others.
    const std::string path(call([] { return GetConfigOption("search_path", false, false); }));
    const SettingScope pinned("search_path", "pg_catalog, pg_temp");
    Values none;
    const Rows rows = run(select_settings, none);
    Settings settings;
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        settings[rows.text(row, 1)] = rows.text(row, 2);
    settings["search_path"] = path;
    return settings;
}

// Inside call(). Needs no transaction, unlike asking whether somebody is a superuser.
void set_as_user(const char *name, const char *value)
{
    (void)set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SET, true, 0, false);
}

} // namespace

void set_for_session(const std::string &name, const std::string &value)
{
    const char *setting = name.c_str();
    const char *text = value.c_str();
    call([&] {
        (void)set_config_option(setting, text, superuser() ? PGC_SUSET : PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SET,
                                true, 0, false);
    });
}

namespace
{

void set_or_warn(const std::string &name, const std::string &value)
{
    try {
        Subtransaction attempt;
        set_for_session(name, value);
        attempt.commit();
    } catch (const PgError &error) {
        if (error.sqlstate() == "57014")
            throw;
        warning("the setting \"" + name + "\" could not be put back: " + error.what());
    }
}

} // namespace

void remember_settings(const std::string &step)
{
    auto now = std::make_unique<Remembered>(Remembered{current_settings(), step});
    delete std::exchange(remembered, now.release());
    if (!callback_is_registered)
        call([] { RegisterXactCallback(at_transaction_end, nullptr); });
    callback_is_registered = true;
}

void restore_settings(const std::string &step)
{
    if (remembered == nullptr)
        return;
    const std::unique_ptr<Remembered> wanted(std::exchange(remembered, nullptr));
    if (wanted->step != step)
        return;
    const Settings found = current_settings();
    for (const auto &[name, value] : wanted->settings) {
        const auto now = found.find(name);
        if (now == found.end() || now->second != value)
            set_or_warn(name, value);
    }
}

SessionSetting::SessionSetting(const char *name, const std::string &value)
    : name_(name), before_(call([&] { return GetConfigOption(name, false, false); }))
{
    const char *text = value.c_str();
    call([&] { set_as_user(name, text); });
}

SessionSetting::~SessionSetting()
{
    const char *value = before_.c_str();
    call_noexcept([&] { set_as_user(name_, value); });
}

void set_search_path_first(const std::string &schema)
{
    const std::string path(call([] { return GetConfigOption("search_path", false, false); }));
    const char *name = schema.c_str();
    const std::string quoted(call([&] { return quote_identifier(name); }));
    set_for_session("search_path", quoted + (path.empty() ? "" : ", ") + path);
}

} // namespace pgmigrate::pg

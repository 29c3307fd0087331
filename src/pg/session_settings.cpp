// SPDX-License-Identifier: PostgreSQL
#include "pg/session_settings.hpp"

#include "pg/scopes.hpp"
#include "pg/setting_values.hpp"
#include "pg/spi.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

extern "C" {
#include "access/xact.h"
#include "catalog/namespace.h"
#include "utils/builtins.h" // quote_identifier
#include "utils/guc.h"
}

namespace pgmigrate::pg
{

namespace
{

struct Remembered {
    Settings settings;
    std::string step;
};

// A pointer, because an object would be constructed when the library is loaded.
constinit Remembered *remembered = nullptr;
constinit bool callback_is_registered = false;

// Arrays, row types and indexes go with what they belong to.
constinit Query select_temporary_objects = {
    "SELECT relname::text FROM pg_catalog.pg_class WHERE relnamespace = pg_catalog.pg_my_temp_schema()"
    " AND relkind IN ('r', 'p', 'v', 'f', 'S', 'c')"
    " UNION ALL SELECT proname::text FROM pg_catalog.pg_proc WHERE pronamespace = pg_catalog.pg_my_temp_schema()"
    " UNION ALL SELECT typname::text FROM pg_catalog.pg_type WHERE typnamespace = pg_catalog.pg_my_temp_schema()"
    " AND typtype IN ('d', 'e', 'r')"
    " UNION ALL SELECT collname::text FROM pg_catalog.pg_collation WHERE collnamespace = pg_catalog.pg_my_temp_schema()"
    " ORDER BY 1",
    0,
    {},
    nullptr};

// What a printed script has begun ends with its transaction when that fails: psql stops there, and whoever has the
// session then, which a pooler may give to another client, must not get the settings of before.
void at_transaction_end(XactEvent event, void *)
{
    if (event == XACT_EVENT_ABORT && remembered != nullptr && !remembered->step.empty())
        delete std::exchange(remembered, nullptr);
}

// Inside call(). Needs no transaction, unlike asking whether somebody is a superuser.
void set_as_user(const char *name, const char *value)
{
    (void)set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SET, true, 0, false);
}

} // namespace

namespace
{

// Null: as RESET does.
void change_for_session(const std::string &name, const char *value, Rights rights)
{
    const char *setting = name.c_str();
    call([&] {
        const GucContext context = rights == Rights::servers || superuser() ? PGC_SUSET : PGC_USERSET;
        (void)set_config_option(setting, value, context, PGC_S_SESSION, GUC_ACTION_SET, true, 0, false);
    });
}

void change_or_warn(const std::string &name, const char *value, Rights rights)
{
    try {
        Subtransaction attempt;
        change_for_session(name, value, rights);
        attempt.commit();
    } catch (const PgError &error) {
        if (error.sqlstate() == "57014")
            throw;
        warning("the setting \"" + name + "\" could not be put back: " + error.what());
    }
}

} // namespace

void set_for_session(const std::string &name, const std::string &value)
{
    change_for_session(name, value.c_str(), Rights::callers);
}

void reset_for_session(const std::string &name)
{
    change_for_session(name, nullptr, Rights::callers);
}

void remember_settings(const std::string &step)
{
    auto now = std::make_unique<Remembered>(Remembered{current_settings(), step});
    delete std::exchange(remembered, now.release());
    if (!callback_is_registered)
        call([] { RegisterXactCallback(at_transaction_end, nullptr); });
    callback_is_registered = true;
}

void restore_settings(const std::string &step, Rights rights)
{
    if (remembered == nullptr)
        return;
    const std::unique_ptr<Remembered> wanted(std::exchange(remembered, nullptr));
    if (wanted->step != step)
        return;
    for (const auto &[name, now] : current_settings()) {
        const auto before = wanted->settings.find(name);
        if (before == wanted->settings.end()) {
            if (now.is_set_in_session())
                change_or_warn(name, nullptr, rights);
        } else if (before->second.value != now.value) {
            change_or_warn(name, before->second.value.c_str(), rights);
        }
    }
}

std::vector<std::string> temporary_objects()
{
    Oid schema = InvalidOid;
    Oid toast = InvalidOid;
    call([&] { GetTempNamespaceState(&schema, &toast); });
    if (!OidIsValid(schema))
        return {};
    const SettingScope path("search_path", "pg_catalog, pg_temp");
    Values none;
    const Rows rows = run(select_temporary_objects, none);
    std::vector<std::string> names;
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        names.push_back(rows.text(row, 1));
    return names;
}

namespace
{

config_generic &existing_setting(const char *name)
{
    config_generic *setting = call([&] { return compat::find_setting(name); });
    if (setting == nullptr)
        throw core::Error(core::sqlstate::internal_error, "there is no setting \"" + std::string(name) + "\"");
    return *setting;
}

} // namespace

SessionSetting::SessionSetting(const char *name, const std::string &value)
    : name_(name), setting_(existing_setting(name)), before_(call([&] { return GetConfigOption(name, false, false); })),
      source_(setting_.source)
{
    const char *text = value.c_str();
    call([&] { set_as_user(name, text); });
}

// With its source, so that it does not count as set.
SessionSetting::~SessionSetting()
{
    const char *value = source_ >= PGC_S_INTERACTIVE ? before_.c_str() : nullptr;
    call_noexcept([&] { set_as_user(name_, value); });
    if (value != nullptr)
        setting_.source = source_;
}

namespace
{

void put_schema_first(const std::string &schema)
{
    const std::string path(call([] { return GetConfigOption("search_path", false, false); }));
    const char *name = schema.c_str();
    const std::string quoted(call([&] { return quote_identifier(name); }));
    set_for_session("search_path", quoted + (path.empty() ? "" : ", ") + path);
}

} // namespace

void put_in_force(const RunSettings &settings)
{
    if (settings.schema)
        put_schema_first(*settings.schema);
    if (settings.lock_timeout > 0)
        set_for_session("lock_timeout", std::to_string(settings.lock_timeout));
}

void keep_in_force(const RunSettings &settings)
{
    if (settings.schema && !is_set_in_session("search_path"))
        put_schema_first(*settings.schema);
    if (settings.lock_timeout > 0 && !is_set_in_session("lock_timeout"))
        set_for_session("lock_timeout", std::to_string(settings.lock_timeout));
}

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#include "pg/session_settings.hpp"

#include "pg/scopes.hpp"
#include "pg/setting_values.hpp"
#include "pg/spi.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

extern "C" {
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "miscadmin.h"
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
    "SELECT tableoid, oid, relname::text FROM pg_catalog.pg_class WHERE relnamespace = pg_catalog.pg_my_temp_schema()"
    " AND relkind IN ('r', 'p', 'v', 'f', 'S', 'c')"
    " UNION ALL SELECT tableoid, oid, proname::text FROM pg_catalog.pg_proc WHERE pronamespace = "
    "pg_catalog.pg_my_temp_schema()"
    " UNION ALL SELECT tableoid, oid, typname::text FROM pg_catalog.pg_type WHERE typnamespace = "
    "pg_catalog.pg_my_temp_schema()"
    " AND typtype IN ('d', 'e', 'r')"
    " UNION ALL SELECT tableoid, oid, collname::text FROM pg_catalog.pg_collation WHERE collnamespace = "
    "pg_catalog.pg_my_temp_schema()"
    " ORDER BY 3, 1",
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

// Null: as RESET does. In the context in which, and as the role as which, it is set.
void change_for_session(const std::string &name, const char *value, GucContext context, Oid role)
{
    const char *setting = name.c_str();
    call([&] {
        (void)set_config_option_ext(setting, value, context, PGC_S_SESSION, role, GUC_ACTION_SET, true, 0, false);
    });
}

GucContext callers_context()
{
    return call([] { return superuser() ? PGC_SUSET : PGC_USERSET; });
}

void put_back(const std::string &name, const SettingState &before, Rights rights)
{
    const bool resets = !before.is_set_in_session();
    const char *value = resets ? nullptr : before.value.c_str();
    if (rights == Rights::callers)
        change_for_session(name, value, callers_context(), GetUserId());
    else if (resets)
        change_for_session(name, value, PGC_SUSET, BOOTSTRAP_SUPERUSERID);
    else
        change_for_session(name, value, before.context, before.role);
}

// What it says when it fails.
std::optional<std::string> try_to_put_back(const std::string &name, const SettingState &before, Rights rights)
{
    try {
        Subtransaction attempt;
        put_back(name, before, rights);
        attempt.commit();
        return std::nullopt;
    } catch (const PgError &error) {
        if (error.sqlstate() == core::sqlstate::query_canceled)
            throw;
        return error.what();
    }
}

} // namespace

void set_for_session(const std::string &name, const std::string &value)
{
    change_for_session(name, value.c_str(), callers_context(), GetUserId());
}

void reset_for_session(const std::string &name)
{
    if (is_set_in_session(name.c_str()))
        change_for_session(name, nullptr, PGC_SUSET, BOOTSTRAP_SUPERUSERID);
}

void reset_all_for_session(std::string_view but)
{
    for (const auto &[name, state] : current_settings())
        if (state.is_set_in_session() && name != but)
            reset_for_session(name);
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
    // Some can be put back only after others.
    for (const bool again : {false, true})
        for (const auto &[name, now] : current_settings()) {
            const auto found = wanted->settings.find(name);
            const bool known = found != wanted->settings.end();
            if (known ? found->second.value == now.value : !now.is_set_in_session())
                continue;
            const SettingState unset{{}, PGC_S_DEFAULT, PGC_INTERNAL, InvalidOid};
            const std::optional<std::string> failure = try_to_put_back(name, known ? found->second : unset, rights);
            if (failure && again)
                warning("the setting \"" + name + "\" could not be put back: " + *failure);
        }
}

std::vector<TemporaryObject> temporary_objects()
{
    Oid schema = InvalidOid;
    Oid toast = InvalidOid;
    call([&] { GetTempNamespaceState(&schema, &toast); });
    if (!OidIsValid(schema))
        return {};
    const SettingScope path("search_path", "pg_catalog, pg_temp");
    Values none;
    const Rows rows = run(select_temporary_objects, none);
    std::vector<TemporaryObject> objects;
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        objects.push_back({rows.oid(row, 1), rows.oid(row, 2), rows.text(row, 3)});
    return objects;
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

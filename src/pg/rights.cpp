// SPDX-License-Identifier: PostgreSQL
#include "pg/rights.hpp"

#include "pg/names.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

extern "C" {
#include "catalog/pg_type.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
}

namespace pgmigrate::pg
{

namespace
{

enum class Level { viewer, runner, author };

struct LevelFunction {
    std::string_view name;
    Level level;
};

// The lowest level that may call each function. What is not here (granting itself) is the owner's.
constexpr std::array<LevelFunction, 31> level_functions = {{
    {"migrate_current", Level::viewer},        {"migrate_history", Level::viewer},
    {"migrate_heads", Level::viewer},          {"migrate_branches", Level::viewer},
    {"migrate_show", Level::viewer},           {"migrate_check_heads", Level::viewer},
    {"migrate_graph", Level::viewer},          {"migrate_plan", Level::viewer},
    {"migrate_upgrade_sql", Level::viewer},    {"migrate_downgrade_sql", Level::viewer},
    {"migrate_export", Level::viewer},         {"migrate_upgrade", Level::runner},
    {"migrate_downgrade", Level::runner},      {"migrate_stamp", Level::runner},
    {"migrate_record", Level::runner},         {"migrate_revision", Level::author},
    {"migrate_merge", Level::author},          {"migrate_edit", Level::author},
    {"migrate_remove", Level::author},         {"migrate_load_directory", Level::author},
    {"migrate_start", Level::runner},          {"migrate_wait", Level::runner},
    {"migrate_cancel", Level::runner},         {"migrate_resolve", Level::runner},
    {"migrate_progress", Level::viewer},       {"migrate_autogenerate", Level::author},
    {"migrate_derive_down", Level::author},    {"migrate_verify", Level::runner},
    {"migrate_check", Level::viewer},          {"migrate_drift", Level::viewer},
    {"migrate_import_alembic", Level::author},
}};

constinit Query select_functions = {
    "SELECT p.proname, p.oid::regprocedure::text, EXISTS (SELECT FROM aclexplode(p.proacl) AS a"
    " WHERE a.grantee = (SELECT r.oid FROM pg_roles AS r WHERE r.rolname = $2) AND a.privilege_type = "
    "'EXECUTE')::integer::bigint"
    " FROM pg_proc AS p JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'"
    " WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = $1 ORDER BY 1",
    2,
    {OIDOID, NAMEOID},
    nullptr};

Level level_of(const std::string &text)
{
    if (text == "viewer")
        return Level::viewer;
    if (text == "operator")
        return Level::runner;
    if (text == "author")
        return Level::author;
    throw core::Error(core::sqlstate::invalid_parameter_value, "unknown level '" + text + "'")
        .hint("The levels are viewer, operator and author.");
}

struct Function {
    Level level;
    std::string signature;
    bool granted;
};

std::vector<Function> functions_with_levels(Catalogue &catalogue, const std::string &role)
{
    const SettingScope path("search_path", "pg_catalog, pg_temp");
    Values parameters;
    parameters.oid(catalogue.extension()).name(role);
    const Rows rows = run(select_functions, parameters);
    std::vector<Function> functions;
    for (std::uint64_t row = 0; row < rows.size(); ++row) {
        const std::string name = rows.text(row, 1);
        const auto found = std::find_if(level_functions.begin(), level_functions.end(),
                                        [&](const LevelFunction &entry) { return entry.name == name; });
        if (found != level_functions.end())
            functions.push_back({found->level, rows.text(row, 2), rows.bigint(row, 3) != 0});
    }
    return functions;
}

// With the caller's rights, who must be allowed to grant.
void execute(const std::string &command)
{
    const SettingScope path("search_path", "pg_catalog, pg_temp");
    const char *sql = command.c_str();
    const int code = call([&] { return SPI_execute(sql, false, 0); });
    if (code < 0)
        throw core::Error(core::sqlstate::internal_error, "could not run \"" + command + "\"");
}

// Fails for PUBLIC as well, which is no role.
Oid existing_role(const std::string &role)
{
    const char *name = role.c_str();
    return call([&] { return get_role_oid(name, false); });
}

bool holds(const std::vector<Function> &functions, Level level)
{
    return std::any_of(functions.begin(), functions.end(),
                       [&](const Function &function) { return function.level == level && function.granted; });
}

} // namespace

void grant_level(Catalogue &catalogue, const std::string &role, const std::string &level)
{
    require_writable("migrate_grant()");
    const Level wanted = level_of(level);
    const Oid role_oid = existing_role(role);
    const std::string to = " TO " + quoted_identifier(role);
    for (const Function &function : functions_with_levels(catalogue, role))
        if (function.level == Level::viewer || function.level == wanted)
            execute("GRANT EXECUTE ON FUNCTION " + function.signature + to);
    execute("GRANT USAGE ON SCHEMA migrate" + to);
    execute("GRANT SELECT ON ALL TABLES IN SCHEMA migrate" + to);
    const Oid schema = catalogue.schema();
    const bool usable = call([&] { return compat::may_use_schema(schema, role_oid); });
    if (!usable)
        execute("GRANT USAGE ON SCHEMA " + quoted_identifier(call([&] { return get_namespace_name(schema); })) + to);
}

void revoke_level(Catalogue &catalogue, const std::string &role, const std::string &level)
{
    require_writable("migrate_revoke()");
    const Level unwanted = level_of(level);
    existing_role(role);
    const std::vector<Function> functions = functions_with_levels(catalogue, role);
    const bool other_level = (unwanted != Level::runner && holds(functions, Level::runner)) ||
                             (unwanted != Level::author && holds(functions, Level::author));
    const std::string from = " FROM " + quoted_identifier(role);
    for (const Function &function : functions)
        if (function.level == unwanted ? unwanted != Level::viewer || !other_level
                                       : function.level == Level::viewer && !other_level)
            execute("REVOKE EXECUTE ON FUNCTION " + function.signature + from);
    if (other_level) {
        notice("role \"" + role + "\" keeps the right to look, which its other level needs");
        return;
    }
    execute("REVOKE SELECT ON ALL TABLES IN SCHEMA migrate" + from);
    execute("REVOKE USAGE ON SCHEMA migrate" + from);
}

} // namespace pgmigrate::pg

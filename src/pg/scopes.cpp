// SPDX-License-Identifier: PostgreSQL
#include "pg/scopes.hpp"

extern "C" {
#include "access/xact.h"
#include "parser/parser.h"  // standard_conforming_strings
#include "utils/builtins.h" // quote_identifier
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
}

namespace pgmigrate::pg
{

namespace
{

// Inside call(): sets a setting for the current nest level.
void set_locally(const char *name, const char *value)
{
    (void)set_config_option(name, value, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

} // namespace

Identity Identity::current()
{
    Identity identity{};
    GetUserIdAndSecContext(&identity.user, &identity.security_context);
    return identity;
}

void Identity::assume() const
{
    SetUserIdAndSecContext(user, security_context);
}

OwnerScope::OwnerScope(Oid owner) : outer_(Identity::current()), guc_level_(NewGUCNestLevel())
{
    const Identity inner{owner, outer_.security_context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION};
    inner.assume();
    try {
        call([] { set_locally("search_path", "pg_catalog, pg_temp"); });
    } catch (...) {
        outer_.assume();
        throw;
    }
}

// Not a commit: what a function planted on a table has set does not reach the caller.
OwnerScope::~OwnerScope()
{
    call_noexcept([&] { AtEOXact_GUC(false, guc_level_); });
    outer_.assume();
}

ScriptScope::ScriptScope(const Identity &caller, const std::optional<std::string> &schema, Settings settings)
    : outer_(Identity::current()), caller_{caller.user, caller.security_context | SECURITY_LOCAL_USERID_CHANGE},
      guc_level_(settings == Settings::stay ? 0 : NewGUCNestLevel())
{
    caller_.assume();
    if (!schema || settings == Settings::stay)
        return;
    const char *name = schema->c_str();
    try {
        call([&] {
            const char *path = GetConfigOption("search_path", false, false);
            const char *separator = path[0] == '\0' ? "" : ", ";
            set_locally("search_path", psprintf("%s%s%s", quote_identifier(name), separator, path));
        });
    } catch (...) {
        outer_.assume();
        throw;
    }
}

// Not a commit: also what a plain SET changed goes back to what it was.
ScriptScope::~ScriptScope()
{
    if (guc_level_ > 0)
        call_noexcept([&] { AtEOXact_GUC(false, guc_level_); });
    outer_.assume();
}

void ScriptScope::set_lock_timeout(int milliseconds)
{
    const std::string value = std::to_string(milliseconds);
    const char *text = value.c_str();
    call([&] { set_locally("lock_timeout", text); });
}

void ScriptScope::keep_strings_standard()
{
#if PG_VERSION_NUM < 190000 // 19 knows no other strings (commit 45762084545e)
    // As SET LOCAL does it: a setting that the script has changed in this scope cannot be saved once more.
    if (!standard_conforming_strings)
        call([] {
            (void)set_config_option("standard_conforming_strings", "on", PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL,
                                    true, 0, false);
        });
#endif
}

void ScriptScope::set_role(const std::optional<std::string> &role)
{
    if (!role) {
        caller_.assume();
        return;
    }
    const char *name = role->c_str();
    const Oid oid = call([&] { return get_role_oid(name, false); });
    const bool allowed = call([&] { return compat::may_set_role(caller_.user, oid); });
    if (!allowed)
        throw core::Error(core::sqlstate::insufficient_privilege, "permission denied to set role \"" + *role + "\"")
            .hint("A script has the rights of the role that runs it, and of the roles which that role may assume.");
    Identity{oid, caller_.security_context}.assume();
}

MemoryScope::MemoryScope()
    : scratch_(call([] { return AllocSetContextCreate(CurrentMemoryContext, "pg_migrate", ALLOCSET_DEFAULT_SIZES); })),
      outer_(MemoryContextSwitchTo(scratch_))
{
}

MemoryScope::~MemoryScope()
{
    MemoryContextSwitchTo(outer_);
    call_noexcept([&] { MemoryContextDelete(scratch_); });
}

Subtransaction::Subtransaction() : memory_(CurrentMemoryContext), owner_(CurrentResourceOwner)
{
    call([] { BeginInternalSubTransaction(nullptr); });
    open_ = true;
    MemoryContextSwitchTo(memory_);
}

Subtransaction::~Subtransaction()
{
    if (!open_)
        return;
    call_noexcept([] { RollbackAndReleaseCurrentSubTransaction(); });
    MemoryContextSwitchTo(memory_);
    CurrentResourceOwner = owner_;
}

void Subtransaction::commit()
{
    call([] { ReleaseCurrentSubTransaction(); });
    open_ = false;
    MemoryContextSwitchTo(memory_);
    CurrentResourceOwner = owner_;
}

LatestSnapshot::LatestSnapshot() : snapshot_(call([] { return RegisterSnapshot(GetLatestSnapshot()); })) {}

LatestSnapshot::~LatestSnapshot()
{
    call_noexcept([&] { UnregisterSnapshot(snapshot_); });
}

CatalogueScope::CatalogueScope() : guc_level_(NewGUCNestLevel())
{
    // As pg_dump does (setup_connection() in pg_dump.c), and without anything that is in the way of short queries.
    constexpr std::pair<const char *, const char *> settings[] = {
        {"search_path", "pg_catalog, pg_temp"},
        {"quote_all_identifiers", "off"},
        {"datestyle", "ISO, MDY"},
        {"intervalstyle", "postgres"},
        {"bytea_output", "hex"},
        {"extra_float_digits", "3"},
        {"xmloption", "content"},
        {"timezone", "UTC"},
        {"standard_conforming_strings", "on"},
        {"lc_monetary", "C"},
        {"lc_numeric", "C"},
        {"jit", "off"},
    };
    try {
        for (const auto &[name, value] : settings)
            call([&, key = name, text = value] { set_locally(key, text); });
    } catch (...) {
        AtEOXact_GUC(false, guc_level_);
        throw;
    }
}

CatalogueScope::~CatalogueScope()
{
    call_noexcept([&] { AtEOXact_GUC(false, guc_level_); });
}

SettingScope::SettingScope(const char *name, const std::string &value) : guc_level_(NewGUCNestLevel())
{
    const char *text = value.c_str();
    call([&] { set_locally(name, text); });
}

SettingScope::~SettingScope()
{
    call_noexcept([&] { AtEOXact_GUC(true, guc_level_); });
}

} // namespace pgmigrate::pg

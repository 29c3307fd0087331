// SPDX-License-Identifier: PostgreSQL

// Subscriptions. Nothing here speaks to a publisher: they are made without connecting, and so not enabled, and dropped
// without their slot. Whether one is enabled is how it runs, not what it is.

#include "model/rules.hpp"
#include "model/text.hpp"

#include <vector>

namespace pgmigrate::model
{

namespace
{

constexpr std::int32_t streams_in_parallel = 180000; // where nothing else is said

struct Setting {
    std::string_view name;
    std::string_view by_default;
    bool can_be_set; // without speaking to the publisher
};

constexpr Setting settings[] = {
    {"binary", "false", true},
    {"streaming", "off", true},
    {"two_phase", "false", false},
    {"disable_on_error", "false", true},
    {"synchronous_commit", "off", true},
    {"password_required", "true", true},
    {"run_as_owner", "false", true},
    {"origin", "any", true},
    {"failover", "false", false},
    {"retain_dead_tuples", "false", true},
    {"max_retention_duration", "0", true},
    {"wal_receiver_timeout", "'-1'", true},
};

std::string value_of(const Object &object, const Setting &setting, const Comparison &comparison)
{
    if (object.has(setting.name))
        return std::string(object.text(setting.name));
    if (setting.name == "streaming" && comparison.is.session.server_version >= streams_in_parallel)
        return "parallel";
    return std::string(setting.by_default);
}

std::string slot_of(const Object &object)
{
    return cat("slot_name = ", object.has("slot") ? literal(object.text("slot")) : std::string("NONE"));
}

// Where the publisher is: what is said of it, or the server that says it.
std::string publisher_of(const Object &object)
{
    if (object.has("server"))
        return cat(" SERVER ", object.text("server"));
    return cat(" CONNECTION ", literal(object.text("connection")));
}

void note_secret(const Object &object, Statement &statement)
{
    if (object.has("server"))
        return;
    if (!object.has("connection"))
        statement.note = cat("the connection of ", object.identity, " is not known: only a superuser can read it");
    else if (object.has("secret"))
        statement.note = cat("the connection of ", object.identity, " is without its password");
}

void make(const Object &object, Parts, const Comparison &comparison, Statements &statements)
{
    std::vector<std::string> with{"connect = false", slot_of(object)};
    for (const Setting &setting : settings)
        if (object.has(setting.name))
            with.push_back(cat(setting.name, " = ", value_of(object, setting, comparison)));
    note_secret(object,
                statements.add(cat("CREATE SUBSCRIPTION ", object.identity, publisher_of(object), " PUBLICATION ",
                                   join(object.list("publications"), ", "), " WITH (", join(with, ", "), ")")));
}

void let_go_of_slot(const Object &was, Statements &statements)
{
    const std::string alter = cat("ALTER SUBSCRIPTION ", was.identity);
    statements.add(cat(alter, " DISABLE"));
    statements.add(cat(alter, " SET (slot_name = NONE)")).note =
        cat("the replication slot ", was.text("slot"), " stays at the publisher");
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    if (object.has("slot"))
        let_go_of_slot(object, statements);
    statements.add(cat("DROP SUBSCRIPTION ", object.identity)).destroys =
        cat("how far ", object.identity, " has got, and which tables it has copied");
}

void alter(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    const std::string alter = cat("ALTER SUBSCRIPTION ", is.identity);
    const auto differs = [&](std::string_view name) { return !was.attributes.same(is.attributes, name); };
    std::vector<std::string> changed;
    for (const Setting &setting : settings)
        if (differs(setting.name)) {
            alteration.replace |= !setting.can_be_set;
            changed.push_back(cat(setting.name, " = ", value_of(is, setting, comparison)));
        }
    if (alteration.replace)
        return;
    const bool is_known = is.has("server") || ((was.has("connection") || was.has("server")) && is.has("connection"));
    if ((differs("connection") || differs("server")) && is_known)
        note_secret(is, alteration.statements.add(cat(alter, publisher_of(is))));
    if (differs("publications"))
        alteration.statements.add(
            cat(alter, " SET PUBLICATION ", join(is.list("publications"), ", "), " WITH (refresh = false)"));
    if (differs("slot") && !is.has("slot"))
        let_go_of_slot(was, alteration.statements);
    else if (differs("slot"))
        changed.push_back(slot_of(is));
    if (!changed.empty())
        alteration.statements.add(cat(alter, " SET (", join(changed, ", "), ")"));
}

} // namespace

constinit const Rules subscription_rules{.make = make, .drop = drop, .alter = alter};

} // namespace pgmigrate::model

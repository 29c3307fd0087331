// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"
#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    std::string sql = cat("CREATE EXTENSION ", object.identity, " SCHEMA ", object.text("in_schema"));
    if (object.text("version") != object.text("default_version"))
        sql += cat(" VERSION ", literal(object.text("version")));
    statements.add(std::move(sql));
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP EXTENSION ", object.identity));
}

void alter(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    // One that can be moved has been moved before all others.
    if (!was.attributes.same(is.attributes, "in_schema")) {
        alteration.replace = true;
        return;
    }
    if (was.attributes.same(is.attributes, "version"))
        return;
    const auto reachable = was.list("updates_to");
    if (std::find(reachable.begin(), reachable.end(), is.text("version")) != reachable.end())
        alteration.statements.add(cat("ALTER EXTENSION ", is.identity, " UPDATE TO ", literal(is.text("version"))));
    else
        alteration.notes.push_back(cat("extension ", is.identity, " stays at version ", was.text("version"),
                                       ": it has no update to ", is.text("version")));
}

} // namespace

constinit const Rules extension_rules{.make = make, .drop = drop, .alter = alter};

} // namespace pgmigrate::model

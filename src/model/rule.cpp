// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"
#include "model/text.hpp"

namespace pgmigrate::model
{

namespace
{

void set_enabled(const Object &object, Statements &statements)
{
    const std::string_view state = object.has("enabled") ? object.text("enabled") : std::string_view("ENABLE");
    statements.add(cat("ALTER TABLE ", object.parent, " ", state, " RULE ", object.name));
}

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(std::string(object.text("definition")));
    if (object.has("enabled"))
        set_enabled(object, statements);
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP RULE ", object.identity));
}

void alter(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    constexpr std::string_view create = "CREATE ";
    if (!was.attributes.same(is.attributes, "definition"))
        alteration.statements.add(cat("CREATE OR REPLACE ", is.text("definition").substr(create.size())));
    if (!was.attributes.same(is.attributes, "enabled"))
        set_enabled(is, alteration.statements);
}

} // namespace

constinit const Rules rule_rules{.make = make, .drop = drop, .alter = alter};

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"
#include "model/text.hpp"

namespace pgmigrate::model
{

namespace
{

void set_target(const Object &object, Statements &statements)
{
    statements.add(cat("ALTER STATISTICS ", object.identity, " SET STATISTICS ",
                       object.has("target") ? object.text("target") : std::string_view("-1")));
}

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(cat("CREATE STATISTICS ", object.identity, " ", object.text("definition")));
    if (object.has("target"))
        set_target(object, statements);
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP STATISTICS ", object.identity));
}

void alter(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    alteration.replace = !was.attributes.same(is.attributes, "definition");
    if (!alteration.replace && !was.attributes.same(is.attributes, "target"))
        set_target(is, alteration.statements);
}

// What ANALYZE has gathered stays.
void rename(const Object &was, const Object &is, const Comparison &, Statements &statements)
{
    if (was.schema != is.schema)
        statements.add(cat("ALTER STATISTICS ", was.identity, " SET SCHEMA ", is.schema));
    if (was.name != is.name)
        statements.add(cat("ALTER STATISTICS ", is.schema, ".", was.name, " RENAME TO ", is.name));
}

} // namespace

constinit const Rules statistics_rules{.make = make, .drop = drop, .alter = alter, .rename = rename};

} // namespace pgmigrate::model

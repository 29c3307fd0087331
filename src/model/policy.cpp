// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"
#include "model/text.hpp"

namespace pgmigrate::model
{

namespace
{

std::string roles(const Object &object)
{
    return object.has("roles") ? join(object.list("roles"), ", ") : std::string("PUBLIC");
}

std::string conditions(const Object &object)
{
    std::string sql;
    if (object.has("using"))
        sql += cat(" USING (", object.text("using"), ")");
    if (object.has("with_check"))
        sql += cat(" WITH CHECK (", object.text("with_check"), ")");
    return sql;
}

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    std::string sql = cat("CREATE POLICY ", object.identity);
    if (object.has("restrictive"))
        sql += " AS RESTRICTIVE";
    if (object.has("command"))
        sql += cat(" FOR ", object.text("command"));
    if (object.has("roles"))
        sql += cat(" TO ", roles(object));
    statements.add(sql + conditions(object));
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP POLICY ", object.identity));
}

void alter(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    // ALTER POLICY can change a condition, and cannot take it away.
    alteration.replace = !was.attributes.same(is.attributes, "command") ||
                         !was.attributes.same(is.attributes, "restrictive") || (was.has("using") && !is.has("using")) ||
                         (was.has("with_check") && !is.has("with_check"));
    if (alteration.replace)
        return;
    std::string sql = cat("ALTER POLICY ", is.identity);
    if (!was.attributes.same(is.attributes, "roles"))
        sql += cat(" TO ", roles(is));
    if (!was.attributes.same(is.attributes, "using"))
        sql += cat(" USING (", is.text("using"), ")");
    if (!was.attributes.same(is.attributes, "with_check"))
        sql += cat(" WITH CHECK (", is.text("with_check"), ")");
    alteration.statements.add(std::move(sql));
}

} // namespace

constinit const Rules policy_rules{.make = make, .drop = drop, .alter = alter};

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"
#include "model/text.hpp"

namespace pgmigrate::model
{

namespace
{

void make(const Object &object, Parts parts, const Comparison &, Statements &statements)
{
    std::string sql = cat("ALTER TABLE ", object.parent, " ADD COLUMN ", object.name, " ", object.text("type"));
    for (const Object *part : parts)
        if (part->kind == Kind::default_value)
            sql += cat(" DEFAULT ", part->text("expression"));
    if (object.has("not_null"))
        sql += " NOT NULL";
    statements.add(std::move(sql));
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("ALTER TABLE ", object.parent, " DROP COLUMN ", object.name)).destroys =
        cat("the values of ", object.identity);
}

void alter(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    const std::string column = cat("ALTER TABLE ", is.parent, " ALTER COLUMN ", is.name);
    if (!was.attributes.same(is.attributes, "type")) {
        alteration.statements.add(cat(column, " TYPE ", is.text("type"), " USING ", is.name, "::", is.text("type")));
        alteration.rebuild = Kinds{Kind::view, Kind::materialized_view, Kind::rule, Kind::policy, Kind::trigger,
                                   Kind::default_value};
    }
    if (!was.attributes.same(is.attributes, "not_null"))
        alteration.statements.add(cat(column, is.has("not_null") ? " SET NOT NULL" : " DROP NOT NULL"));
}

Rules::Merge merge(const Object &, const Comparison &)
{
    return Rules::Merge::must;
}

} // namespace

constinit const Rules column_rules{.make = make, .drop = drop, .alter = alter, .merge = merge};

} // namespace pgmigrate::model

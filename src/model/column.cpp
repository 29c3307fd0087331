// SPDX-License-Identifier: PostgreSQL
#include "model/composite_type.hpp"
#include "model/rules.hpp"
#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

bool is_attribute(const Object &object, const Snapshot &snapshot)
{
    return snapshot.find(Kind::composite_type, object.parent) != nullptr;
}

void make(const Object &object, Parts parts, const Comparison &comparison, Statements &statements)
{
    if (is_attribute(object, comparison.is)) {
        make_attribute(object, comparison, statements);
        return;
    }
    std::string sql = cat("ALTER TABLE ", object.parent, " ADD COLUMN ", object.name, " ", object.text("type"));
    for (const Object *part : parts)
        if (part->kind == Kind::default_value)
            sql += cat(" DEFAULT ", part->text("expression"));
    if (object.has("not_null"))
        sql += " NOT NULL";
    statements.add(std::move(sql));
}

void drop(const Object &object, const Comparison &comparison, Statements &statements)
{
    if (is_attribute(object, comparison.was)) {
        drop_attribute(object, comparison, statements);
        return;
    }
    statements.add(cat("ALTER TABLE ", object.parent, " DROP COLUMN ", object.name)).destroys =
        cat("the values of ", object.identity);
}

void alter(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    if (is_attribute(is, comparison.is)) {
        alter_attribute(was, is, comparison, alteration);
        return;
    }
    const std::string column = cat("ALTER TABLE ", is.parent, " ALTER COLUMN ", is.name);
    const bool replaced = std::any_of(was.needs.begin(), was.needs.end(),
                                      [&](const Need &need) { return comparison.aside[need.object]; });
    if (!was.attributes.same(is.attributes, "type") || replaced) {
        alteration.statements.add(cat(column, " TYPE ", is.text("type"), " USING ", is.name,
                                      replaced ? (is.text("type").ends_with("[]") ? "::text[]" : "::text") : "", "::", is.text("type")));
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

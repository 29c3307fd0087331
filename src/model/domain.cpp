// SPDX-License-Identifier: PostgreSQL
#include "model/constraint.hpp"
#include "model/rules.hpp"
#include "model/text.hpp"
#include "model/type_aside.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

// From 17 on it is a constraint.
std::string name_of_not_null(const Object &domain)
{
    return domain.has("not_null_name") ? std::string(domain.text("not_null_name"))
                                       : with_suffix(domain.name, "_not_null");
}

void comment_on_not_null(const Object &domain, Statements &statements)
{
    const std::string_view text = domain.text("not_null_comment");
    statements.add(cat("COMMENT ON CONSTRAINT ", name_of_not_null(domain), " ON DOMAIN ", domain.identity, " IS ",
                       text.empty() ? std::string("NULL") : literal(text)));
}

void alter_not_null(const Object &was, const Object &is, Statements &statements)
{
    const std::string domain = cat("ALTER DOMAIN ", is.identity);
    if (!is.has("not_null")) {
        if (was.has("not_null"))
            statements.add(cat(domain, " DROP NOT NULL"));
        return;
    }
    if (!was.has("not_null")) {
        statements
            .add(is.has("not_null_name") ? cat(domain, " ADD CONSTRAINT ", is.text("not_null_name"), " NOT NULL")
                                         : cat(domain, " SET NOT NULL"))
            .may_fail = cat("if a column of the type ", is.identity, " has a null value");
    } else if (!was.attributes.same(is.attributes, "not_null_name")) {
        statements.add(cat(domain, " RENAME CONSTRAINT ", name_of_not_null(was), " TO ", name_of_not_null(is)));
    }
    if (!was.attributes.same(is.attributes, "not_null_comment"))
        comment_on_not_null(is, statements);
}

void make(const Object &object, Parts parts, const Comparison &, Statements &statements)
{
    std::string sql = cat("CREATE DOMAIN ", object.identity, " AS ", object.text("type"));
    if (object.has("collation"))
        sql += cat(" COLLATE ", object.text("collation"));
    for (const Object *part : parts)
        if (part->kind == Kind::default_value)
            sql += cat(" DEFAULT ", part->text("expression"));
    if (object.has("not_null"))
        sql += cat(object.has("not_null_name") ? " CONSTRAINT " : "", object.text("not_null_name"), " NOT NULL");
    for (const Object *part : parts)
        if (part->kind == Kind::constraint)
            sql += cat("\n    ", constraint_clause(*part));
    statements.add(std::move(sql));
    if (object.has("not_null_comment"))
        comment_on_not_null(object, statements);
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP DOMAIN ", object.identity));
}

bool has_new_rules(const Object &was, const Object &is, const Comparison &comparison)
{
    if (is.has("not_null") && !was.has("not_null"))
        return true;
    const auto constraints = comparison.is.parts_of(is, Kind::constraint);
    return std::any_of(constraints.begin(), constraints.end(), [&](const Object *each) {
        const Object *before = comparison.was.find(each->kind, each->identity);
        return before == nullptr || !before->attributes.same(each->attributes, "definition");
    });
}

// The server checks the values of columns of the domain only, and refuses where others have some in them
// (get_rels_with_domain() in typecmds.c).
bool outgrown(const Object &was, const Object &is, const Comparison &comparison)
{
    return has_new_rules(was, is, comparison) && is_contained(was, comparison.was);
}

void alter(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    if (!was.attributes.same(is.attributes, "type") || !was.attributes.same(is.attributes, "collation")) {
        alteration.replace = true;
        return;
    }
    alter_not_null(was, is, alteration.statements);
}

void set_aside(const Object &was, const Comparison &comparison, Statements &statements)
{
    rename_aside(was, comparison, statements);
}

} // namespace

constinit const Rules domain_rules{.make = make,
                                   .drop = drop,
                                   .alter = alter,
                                   .outgrown = outgrown,
                                   .set_aside = set_aside,
                                   .drop_aside = drop_renamed};

} // namespace pgmigrate::model

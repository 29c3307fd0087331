// SPDX-License-Identifier: PostgreSQL
#include "model/constraint.hpp"
#include "model/rules.hpp"
#include "model/text.hpp"

namespace pgmigrate::model
{

namespace
{

void make(const Object &object, Parts parts, const Comparison &, Statements &statements)
{
    std::string sql = cat("CREATE TABLE ", object.identity, " (");
    bool first = true;
    for (const Object *part : parts) {
        if (part->kind != Kind::column)
            continue;
        sql += cat(first ? "\n    " : ",\n    ", part->name, " ", part->text("type"));
        for (const Object *other : parts)
            if (other->kind == Kind::default_value && other->identity == part->identity)
                sql += cat(" DEFAULT ", other->text("expression"));
        if (part->has("not_null"))
            sql += " NOT NULL";
        first = false;
    }
    for (const Object *part : parts)
        if (part->kind == Kind::constraint) {
            sql += cat(first ? "\n    " : ",\n    ", constraint_clause(*part));
            first = false;
        }
    sql += first ? ")" : "\n)";
    statements.add(std::move(sql));
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP TABLE ", object.identity)).destroys = cat("all rows of ", object.identity);
}

void alter(const Object &, const Object &, const Comparison &, Alteration &) {}

} // namespace

constinit const Rules table_rules{.make = make, .drop = drop, .alter = alter};

} // namespace pgmigrate::model

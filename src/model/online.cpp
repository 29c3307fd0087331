// SPDX-License-Identifier: PostgreSQL
#include "model/online.hpp"

#include "model/index_properties.hpp"
#include "model/options.hpp"
#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model::online
{

bool can_add(const Object &constraint, const Comparison &)
{
    if (constraint.has("of_domain") || constraint.has("not_valid") || constraint.has("not_enforced") ||
        constraint.text("type") == "x" || (constraint.has("index") && constraint.has("temporal")))
        return false;
    // Of a partitioned table, a key is made on it alone, which takes no time; a foreign key cannot be NOT VALID.
    return constraint.text("type") == "c" || !constraint.has("partitioned");
}

std::string unique_index_for(const Object &constraint)
{
    const std::string_view definition = constraint.text("definition");
    const bool nulls = definition.starts_with("UNIQUE NULLS NOT DISTINCT");
    std::string sql =
        cat("CREATE UNIQUE INDEX CONCURRENTLY ", constraint.name, " ON ", constraint.parent, " ",
            definition.substr(std::min(definition.find('('), definition.size())), nulls ? " NULLS NOT DISTINCT" : "");
    if (const auto options = constraint.list("options"); !options.empty())
        sql += cat(" WITH (", parameters(options), ")");
    if (constraint.has("tablespace"))
        sql += cat(" TABLESPACE ", constraint.text("tablespace"));
    return sql;
}

std::string using_index(const Object &constraint)
{
    const bool primary = constraint.text("type") == "p";
    std::string sql =
        cat("CONSTRAINT ", constraint.name, primary ? " PRIMARY KEY" : " UNIQUE", " USING INDEX ", constraint.name);
    if (constraint.has("deferrable"))
        sql += constraint.has("deferred") ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE";
    return sql;
}

void set_not_null(const Object &column, const std::string &may_fail, const Comparison &comparison,
                  Statements &statements, FollowUp &follow)
{
    const std::string table = cat("ALTER TABLE ", column.parent);
    const std::string constraint = comparison.helpers->constraint_for(column, "_not_null_check");
    statements.add(cat(table, " ADD CONSTRAINT ", constraint, " CHECK (", column.name, " IS NOT NULL) NOT VALID"));
    Statement &validation = follow.statements.add(cat(table, " VALIDATE CONSTRAINT ", constraint));
    validation.may_fail = may_fail;
    validation.commits = true;
    follow.statements.add(cat(table, " ALTER COLUMN ", column.name, " SET NOT NULL"));
    follow.statements.add(cat(table, " DROP CONSTRAINT ", constraint));
}

} // namespace pgmigrate::model::online

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
        constraint.text("type") == "x")
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

} // namespace pgmigrate::model::online

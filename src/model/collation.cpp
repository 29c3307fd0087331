// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"
#include "model/text.hpp"
#include "model/type_aside.hpp"

#include <utility>

namespace pgmigrate::model
{

namespace
{

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    constexpr std::pair<std::string_view, std::string_view> options[] = {
        {"locale", "LOCALE"}, {"collate", "LC_COLLATE"}, {"ctype", "LC_CTYPE"}, {"rules", "RULES"}};
    std::string sql = cat("CREATE COLLATION ", object.identity, " (PROVIDER = ", object.text("provider"));
    if (object.has("nondeterministic"))
        sql += ", DETERMINISTIC = false";
    for (const auto &[attribute, option] : options)
        if (object.has(attribute))
            sql += cat(", ", option, " = ", literal(object.text(attribute)));
    statements.add(sql + ")");
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP COLLATION ", object.identity));
}

// Nothing but its name, schema and owner can be altered.
void alter(const Object &, const Object &, const Comparison &, Alteration &alteration)
{
    alteration.replace = true;
}

// The columns that have it are sorted by the new one before the old one is dropped.
void set_aside(const Object &was, const Comparison &comparison, Statements &statements)
{
    rename_aside(was, comparison, statements);
}

} // namespace

constinit const Rules collation_rules{
    .make = make, .drop = drop, .alter = alter, .set_aside = set_aside, .drop_aside = drop_renamed};

} // namespace pgmigrate::model

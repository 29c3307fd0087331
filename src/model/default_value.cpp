// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"
#include "model/text.hpp"

namespace pgmigrate::model
{

namespace
{

// `object.identity` is that of the column, and so is its name.
std::string column_of(const Object &object)
{
    return cat("ALTER TABLE ONLY ", object.parent, " ALTER COLUMN ", object.name);
}

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(cat(column_of(object), " SET DEFAULT ", object.text("expression")));
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat(column_of(object), " DROP DEFAULT"));
}

void alter(const Object &, const Object &is, const Comparison &, Alteration &alteration)
{
    alteration.statements.add(cat(column_of(is), " SET DEFAULT ", is.text("expression")));
}

Rules::Merge merge(const Object &, const Comparison &)
{
    return Rules::Merge::may;
}

} // namespace

constinit const Rules default_rules{.make = make, .drop = drop, .alter = alter, .merge = merge};

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"
#include "model/text.hpp"

namespace pgmigrate::model
{

namespace
{

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(cat("CREATE SCHEMA ", object.identity));
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP SCHEMA ", object.identity));
}

// A schema has nothing but its decorations.
void alter(const Object &, const Object &, const Comparison &, Alteration &) {}

} // namespace

constinit const Rules schema_rules{.make = make, .drop = drop, .alter = alter};

} // namespace pgmigrate::model

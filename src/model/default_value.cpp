// SPDX-License-Identifier: PostgreSQL
#include "model/inheritance.hpp"
#include "model/rules.hpp"
#include "model/text.hpp"

namespace pgmigrate::model
{

namespace
{

// `object.identity` is that of the column or domain, and so is its name. ONLY: the tables below have defaults of their
// own.
std::string alter_holder(const Object &object)
{
    if (object.has("of_domain"))
        return cat("ALTER DOMAIN ", object.parent);
    return cat("ALTER TABLE ONLY ", object.parent, " ALTER COLUMN ", object.name);
}

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(cat(alter_holder(object), " SET DEFAULT ", object.text("expression")));
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat(alter_holder(object), " DROP DEFAULT"));
}

void alter(const Object &, const Object &is, const Comparison &, Alteration &alteration)
{
    alteration.statements.add(cat(alter_holder(is), " SET DEFAULT ", is.text("expression")));
}

// With a column that is added to a table above, its default is.
std::optional<Emergence> emerge(const Object &is, const Comparison &comparison)
{
    const Object *column = comparison.is.find(Kind::column, is.identity);
    if (column == nullptr || !column->has("inherited_only"))
        return std::nullopt;
    for (const Object *above : columns_above(*column, comparison, comparison.is)) {
        const Object *value = comparison.is.find(Kind::default_value, above->identity);
        if (value == nullptr || comparison.was.find(Kind::column, above->identity) != nullptr)
            continue;
        Object as = is;
        as.attributes.set("expression", std::string(value->text("expression")));
        return Emergence{std::move(as), {Kind::column, column->identity}};
    }
    return std::nullopt;
}

// The columns of a view are made without.
Rules::Merge merge(const Object &object, const Comparison &comparison)
{
    return object.has("of_domain") || find_table(comparison.is, object.parent) != nullptr ? Rules::Merge::may
                                                                                          : Rules::Merge::never;
}

} // namespace

constinit const Rules default_rules{.make = make, .drop = drop, .alter = alter, .emerge = emerge, .merge = merge};

} // namespace pgmigrate::model

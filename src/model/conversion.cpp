// SPDX-License-Identifier: PostgreSQL

// Conversions and casts.

#include "model/rules.hpp"
#include "model/text.hpp"

namespace pgmigrate::model
{

namespace
{

void make_conversion(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(cat("CREATE ", object.has("by_default") ? "DEFAULT " : "", "CONVERSION ", object.identity, " FOR ",
                       literal(object.text("for_encoding")), " TO ", literal(object.text("to_encoding")), " FROM ",
                       object.text("function")));
}

void drop_conversion(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP CONVERSION ", object.identity));
}

// ---- casts: the identity is (… AS …)

void make_cast(const Object &object, Parts, const Comparison &, Statements &statements)
{
    std::string sql = cat("CREATE CAST ", object.identity);
    if (object.has("function"))
        sql += cat(" WITH FUNCTION ", object.text("function"));
    else
        sql += object.has("inout") ? " WITH INOUT" : " WITHOUT FUNCTION";
    if (object.has("context"))
        sql += cat(" AS ", object.text("context"));
    statements.add(std::move(sql));
}

void drop_cast(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP CAST ", object.identity));
}

void replace(const Object &, const Object &, const Comparison &, Alteration &alteration)
{
    alteration.replace = true;
}

} // namespace

constinit const Rules conversion_rules{.make = make_conversion, .drop = drop_conversion, .alter = replace};
constinit const Rules cast_rules{.make = make_cast, .drop = drop_cast, .alter = replace};

} // namespace pgmigrate::model

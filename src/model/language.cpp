// SPDX-License-Identifier: PostgreSQL

// Languages, transforms and access methods.

#include "model/rules.hpp"
#include "model/text.hpp"

#include <vector>

namespace pgmigrate::model
{

namespace
{

std::string definition(const Object &object)
{
    std::string sql =
        cat(object.has("trusted") ? "TRUSTED " : "", "LANGUAGE ", object.identity, " HANDLER ", object.text("handler"));
    if (object.has("inline"))
        sql += cat(" INLINE ", object.text("inline"));
    if (object.has("validator"))
        sql += cat(" VALIDATOR ", object.text("validator"));
    return sql;
}

void make_language(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(cat("CREATE ", definition(object)));
}

void drop_language(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP LANGUAGE ", object.identity));
}

void alter_language(const Object &, const Object &is, const Comparison &, Alteration &alteration)
{
    alteration.statements.add(cat("CREATE OR REPLACE ", definition(is)));
}

// ---- transforms: the identity is FOR … LANGUAGE …

std::string transform(const Object &object)
{
    std::vector<std::string> functions;
    if (object.has("from_sql"))
        functions.push_back(cat("FROM SQL WITH FUNCTION ", object.text("from_sql")));
    if (object.has("to_sql"))
        functions.push_back(cat("TO SQL WITH FUNCTION ", object.text("to_sql")));
    return cat("TRANSFORM ", object.identity, " (", join(functions, ", "), ")");
}

void make_transform(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(cat("CREATE ", transform(object)));
}

void drop_transform(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP TRANSFORM ", object.identity));
}

void alter_transform(const Object &, const Object &is, const Comparison &, Alteration &alteration)
{
    alteration.statements.add(cat("CREATE OR REPLACE ", transform(is)));
}

// ---- access methods

void make_access_method(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(cat("CREATE ACCESS METHOD ", object.identity, " TYPE ", object.text("type"), " HANDLER ",
                       object.text("handler")));
}

void drop_access_method(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP ACCESS METHOD ", object.identity));
}

void replace(const Object &, const Object &, const Comparison &, Alteration &alteration)
{
    alteration.replace = true;
}

} // namespace

constinit const Rules language_rules{.make = make_language, .drop = drop_language, .alter = alter_language};
constinit const Rules transform_rules{.make = make_transform, .drop = drop_transform, .alter = alter_transform};
constinit const Rules access_method_rules{.make = make_access_method, .drop = drop_access_method, .alter = replace};

} // namespace pgmigrate::model

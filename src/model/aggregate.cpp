// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"
#include "model/text.hpp"

namespace pgmigrate::model
{

namespace
{

enum class Form { name, text, flag };

struct Option {
    std::string_view attribute;
    std::string_view keyword;
    Form form;
};

constexpr Option options[] = {
    {"sfunc", "SFUNC", Form::name},
    {"stype", "STYPE", Form::name},
    {"sspace", "SSPACE", Form::name},
    {"finalfunc", "FINALFUNC", Form::name},
    {"finalfunc_extra", "FINALFUNC_EXTRA", Form::flag},
    {"finalfunc_modify", "FINALFUNC_MODIFY", Form::name},
    {"combinefunc", "COMBINEFUNC", Form::name},
    {"serialfunc", "SERIALFUNC", Form::name},
    {"deserialfunc", "DESERIALFUNC", Form::name},
    {"initcond", "INITCOND", Form::text},
    {"msfunc", "MSFUNC", Form::name},
    {"minvfunc", "MINVFUNC", Form::name},
    {"mstype", "MSTYPE", Form::name},
    {"msspace", "MSSPACE", Form::name},
    {"mfinalfunc", "MFINALFUNC", Form::name},
    {"mfinalfunc_extra", "MFINALFUNC_EXTRA", Form::flag},
    {"mfinalfunc_modify", "MFINALFUNC_MODIFY", Form::name},
    {"minitcond", "MINITCOND", Form::text},
    {"sortop", "SORTOP", Form::name},
    {"parallel", "PARALLEL", Form::name},
};

std::string definition(const Object &object, std::string_view verb)
{
    std::string sql = cat(verb, "AGGREGATE ", object.schema, ".", object.name, "(", object.text("arguments"), ") (");
    bool first = true;
    for (const auto &[attribute, keyword, form] : options) {
        if (!object.has(attribute))
            continue;
        sql += cat(first ? "\n    " : ",\n    ", keyword);
        if (form != Form::flag)
            sql +=
                cat(" = ", form == Form::text ? literal(object.text(attribute)) : std::string(object.text(attribute)));
        first = false;
    }
    if (object.text("aggregate_kind") == "h")
        sql += ",\n    HYPOTHETICAL";
    return sql + "\n)";
}

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(definition(object, "CREATE "));
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP AGGREGATE ", object.identity));
}

void alter(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    for (const std::string_view fixed : {"aggregate_kind", "direct_arguments", "result", "arguments"})
        alteration.replace |= !was.attributes.same(is.attributes, fixed);
    if (alteration.replace)
        return;
    alteration.statements.add(definition(is, "CREATE OR REPLACE "));
    alteration.rewrites = true;
}

} // namespace

constinit const Rules aggregate_rules{.make = make, .drop = drop, .alter = alter};

} // namespace pgmigrate::model

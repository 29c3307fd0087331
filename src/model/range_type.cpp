// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"
#include "model/text.hpp"
#include "model/type_aside.hpp"

#include <array>

namespace pgmigrate::model
{

namespace
{

// A shell comes first where there is a function that brings its values into their canonical form.
void announce(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("CREATE TYPE ", object.identity));
}

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    std::string sql = cat("CREATE TYPE ", object.identity, " AS RANGE (\n    SUBTYPE = ", object.text("subtype"));
    constexpr std::pair<std::string_view, std::string_view> options[] = {
        {"operator_class", "SUBTYPE_OPCLASS"},
        {"collation", "COLLATION"},
        {"canonical", "CANONICAL"},
        {"subtype_diff", "SUBTYPE_DIFF"},
        {"multirange", "MULTIRANGE_TYPE_NAME"},
    };
    for (const auto &[attribute, option] : options)
        if (object.has(attribute))
            sql += cat(",\n    ", option, " = ", object.text(attribute));
    statements.add(sql + "\n)");
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP TYPE ", object.identity));
}

std::string_view schema_of_multirange(const Object &range)
{
    const std::string_view multirange = range.text("multirange");
    return multirange.substr(0, multirange.size() - range.text("multirange_name").size() - 1);
}

// The constructors have the names of the types, but are not renamed with them. Those of the multirange, for a range of
// that name.
std::array<std::string, 3> arguments_of_multirange(const std::string &range)
{
    return {std::string(), range, cat("VARIADIC ", range, "[]")};
}

void alter(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    Object renamed = is;
    for (const std::string_view name : {"multirange", "multirange_name"})
        renamed.attributes.set(name, std::string(was.text(name)));
    // There is no other property that could be altered.
    if (differs_beyond_decorations(was, renamed)) {
        alteration.replace = true;
        return;
    }
    const auto alter_all = [&](std::string_view name, const std::string &action) {
        alteration.statements.add(cat("ALTER TYPE ", name, action));
        for (const std::string &arguments : arguments_of_multirange(is.identity))
            alteration.statements.add(cat("ALTER FUNCTION ", name, "(", arguments, ")", action));
    };
    if (schema_of_multirange(was) != schema_of_multirange(is))
        alter_all(was.text("multirange"), cat(" SET SCHEMA ", schema_of_multirange(is)));
    if (was.text("multirange_name") != is.text("multirange_name"))
        alter_all(cat(schema_of_multirange(is), ".", was.text("multirange_name")),
                  cat(" RENAME TO ", is.text("multirange_name")));
}

// With the constructors.
void set_aside(const Object &was, const Comparison &comparison, Statements &statements)
{
    rename_functions_aside(was, comparison, statements);
    rename_aside(was, comparison, statements);
    const std::string range_aside = comparison.helpers->next_to(was, "_replaced");
    const std::string multirange_aside = comparison.helpers->next_to(schema_of_multirange(was), was.text("multirange"),
                                                                     was.text("multirange_name"), "_replaced");
    const std::string range = name_aside(was, comparison);
    statements.add(cat("ALTER TYPE ", was.text("multirange"), " RENAME TO ", multirange_aside));
    const std::string subtype(was.text("subtype"));
    for (const std::string &arguments : {cat(subtype, ", ", subtype), cat(subtype, ", ", subtype, ", text")})
        statements.add(cat("ALTER FUNCTION ", was.identity, "(", arguments, ") RENAME TO ", range_aside));
    for (const std::string &arguments : arguments_of_multirange(range))
        statements.add(
            cat("ALTER FUNCTION ", was.text("multirange"), "(", arguments, ") RENAME TO ", multirange_aside));
}

} // namespace

constinit const Rules range_type_rules{.make = make,
                                       .drop = drop,
                                       .alter = alter,
                                       .announce = announce,
                                       .set_aside = set_aside,
                                       .drop_aside = drop_renamed};

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL

// Operator families, their classes, and the operators and functions that a family has besides its classes.

#include "model/operator_class.hpp"

#include "model/rules.hpp"
#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

// "s.family USING method"
std::string family_of(const Object &object)
{
    return cat(object.text("family"), " USING ", object.text("method"));
}

// ---- families

void make_family(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(cat("CREATE OPERATOR FAMILY ", object.identity));
}

void drop_family(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP OPERATOR FAMILY ", object.identity));
}

void replace(const Object &, const Object &, const Comparison &, Alteration &alteration)
{
    alteration.replace = true;
}

// ---- members: the identity is OPERATOR n (type, type) OF family, or FUNCTION

void make_member(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(cat("ALTER OPERATOR FAMILY ", family_of(object), " ADD ", object.text("definition")));
}

void drop_member(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("ALTER OPERATOR FAMILY ", family_of(object), " DROP ", object.text("place")));
}

// ---- classes

void make_class(const Object &object, Parts, const Comparison &, Statements &statements)
{
    std::vector<std::string> items;
    // A class has to have an item, which may say nothing.
    if (object.has("storage") || object.list("members").empty())
        items.push_back(cat("STORAGE ", object.has("storage") ? object.text("storage") : object.text("type")));
    items.insert(items.end(), object.list("members").begin(), object.list("members").end());
    statements.add(cat("CREATE OPERATOR CLASS ", object.schema, ".", object.name,
                       object.has("by_default") ? " DEFAULT" : "", " FOR TYPE ", object.text("type"), " USING ",
                       object.text("method"), " FAMILY ", object.text("family"), " AS\n    ", join(items, ",\n    ")));
}

void drop_class(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP OPERATOR CLASS ", object.identity));
}

// The methods that take a member of the types of a class for the class's own.
bool gives_members_to_classes(std::string_view method)
{
    return method == "btree" || method == "hash";
}

void alter_class(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    for (const std::string_view fixed : {"method", "family", "type", "storage", "by_default"})
        alteration.replace |= !was.attributes.same(is.attributes, fixed);
    const auto before = was.list("members");
    const auto after = is.list("members");
    const auto has = [](std::span<const std::string> list, const std::string &item) {
        return std::find(list.begin(), list.end(), item) != list.end();
    };
    alteration.replace |=
        !gives_members_to_classes(is.text("method")) ||
        !std::all_of(before.begin(), before.end(), [&](const auto &each) { return has(after, each); });
    if (alteration.replace)
        return;
    std::vector<std::string> added;
    std::copy_if(after.begin(), after.end(), std::back_inserter(added),
                 [&](const std::string &each) { return !has(before, each); });
    if (!added.empty())
        alteration.statements.add(cat("ALTER OPERATOR FAMILY ", family_of(is), " ADD\n    ", join(added, ",\n    ")));
}

// "OPERATOR 1 (a, b)" of "OPERATOR 1 s.<(a, b) FOR ORDER BY f".
std::string place_of(std::string_view definition)
{
    const std::size_t number = definition.find(' ') + 1;
    const std::size_t open = definition.find('(');
    return cat(definition.substr(0, definition.find(' ', number)), " ",
               definition.substr(open, definition.find(')', open) - open + 1));
}

} // namespace

std::vector<std::string> places_taken(const Object &object)
{
    const std::string before = cat("place in ", family_of(object), ": ");
    if (object.kind == Kind::operator_family_member)
        return {cat(before, object.text("place"))};
    std::vector<std::string> places;
    for (const std::string &member : object.list("members"))
        places.push_back(cat(before, place_of(member)));
    if (object.has("by_default"))
        places.push_back(cat("default for ", object.text("type"), " of ", object.text("method")));
    return places;
}

constinit const Rules operator_family_rules{.make = make_family, .drop = drop_family, .alter = replace};
constinit const Rules operator_family_member_rules{.make = make_member, .drop = drop_member, .alter = replace};
constinit const Rules operator_class_rules{.make = make_class, .drop = drop_class, .alter = alter_class};

} // namespace pgmigrate::model

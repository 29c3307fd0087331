// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"
#include "model/text.hpp"

namespace pgmigrate::model
{

namespace
{

constexpr std::string_view names[] = {"acl", "comment", "owner"};

// As differs() of both would be told by the first attribute that only one has or that is not the same.
bool covers(const Object &a, const Object &b)
{
    for (const Attribute &each : a.attributes)
        if (!is_decoration(each.name) && !a.attributes.same(b.attributes, each.name))
            return false;
    return true;
}

std::string comment_on(const Object &object)
{
    const std::string_view text = object.text("comment");
    return cat("COMMENT ON ", info(object.kind).keyword, " ", object.identity, " IS ",
               text.empty() ? std::string("NULL") : literal(text));
}

std::string owner_to(const Object &object)
{
    return cat("ALTER ", info(object.kind).keyword, " ", object.identity, " OWNER TO ", object.text("owner"));
}

} // namespace

bool is_decoration(std::string_view name)
{
    for (const std::string_view each : names)
        if (name == each)
            return true;
    return false;
}

bool differs_beyond_decorations(const Object &was, const Object &is)
{
    return !covers(was, is) || !covers(is, was);
}

bool decorations_differ(const Object &was, const Object &is)
{
    for (const std::string_view each : names)
        if (!was.attributes.same(is.attributes, each))
            return true;
    return false;
}

void decorate_new(const Object &object, const Comparison &comparison, Statements &statements)
{
    if (object.has("owner") && object.text("owner") != comparison.was.session.role)
        statements.add(owner_to(object));
    if (object.has("comment"))
        statements.add(comment_on(object));
}

void decorate_changed(const Object &was, const Object &is, const Comparison &, Statements &statements)
{
    if (is.has("owner") && !was.attributes.same(is.attributes, "owner"))
        statements.add(owner_to(is));
    if (!was.attributes.same(is.attributes, "comment"))
        statements.add(comment_on(is));
}

} // namespace pgmigrate::model

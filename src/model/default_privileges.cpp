// SPDX-License-Identifier: PostgreSQL
#include "model/grants.hpp"
#include "model/text.hpp"

namespace pgmigrate::model
{

namespace
{

char type_of(const Object &object)
{
    const std::string_view type = object.text("type");
    return type.empty() ? '\0' : type.front();
}

// Those of a schema come on top of the role's, which replace what the server gives by itself.
Acl acl_without(const Object &object, const Comparison &comparison)
{
    if (!object.schema.empty())
        return {};
    return Acl::by_default(type_of(object), object.text("role"), comparison.was.session.server_version);
}

void change(const Object &object, const Acl &was, const Acl &is, const Comparison &comparison, Statements &statements)
{
    const std::string_view identity = object.identity;
    constexpr std::string_view between = " ON ";
    const std::size_t on = identity.rfind(between);
    GrantTarget target;
    target.prefix = cat("ALTER DEFAULT PRIVILEGES ", identity.substr(0, on), " ");
    target.on = identity.substr(on + between.size());
    target.owner = object.text("role");
    target.session = comparison.was.session.role;
    target.all = all_privileges(type_of(object), comparison.was.session.server_version);
    grant(was, is, target, statements);
}

void make(const Object &object, Parts, const Comparison &comparison, Statements &statements)
{
    change(object, acl_without(object, comparison), Acl(object.list("granted")), comparison, statements);
}

void drop(const Object &object, const Comparison &comparison, Statements &statements)
{
    change(object, Acl(object.list("granted")), acl_without(object, comparison), comparison, statements);
}

void alter(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    change(is, Acl(was.list("granted")), Acl(is.list("granted")), comparison, alteration.statements);
}

} // namespace

constinit const Rules default_privileges_rules{.make = make, .drop = drop, .alter = alter};

} // namespace pgmigrate::model

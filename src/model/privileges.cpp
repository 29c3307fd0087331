// SPDX-License-Identifier: PostgreSQL
// Privileges on what is nobody's to make or drop: the objects of the server and of extensions, system columns. They are
// objects of their own where they are not what initdb or the extension has granted, which is "initially".
#include "model/grants.hpp"
#include "model/text.hpp"

namespace pgmigrate::model
{

namespace
{

void change(const Object &object, Acl was, std::string_view owner_was, const Acl &is, const Comparison &comparison,
            Statements &statements)
{
    const std::string_view type = object.text("type");
    GrantTarget target;
    target.on = object.text("of");
    target.columns = object.text("columns");
    target.owner = object.text("role");
    target.session = comparison.was.session.role;
    target.all = all_privileges(type.empty() ? '\0' : type.front(), comparison.was.session.server_version);
    was.change_owner(owner_was, target.owner);
    grant(was, is, target, statements);
}

void make(const Object &object, Parts, const Comparison &comparison, Statements &statements)
{
    change(object, Acl(object.list("initially")), object.text("role"), Acl(object.list("granted")), comparison,
           statements);
}

void drop(const Object &object, const Comparison &comparison, Statements &statements)
{
    change(object, Acl(object.list("granted")), object.text("role"), Acl(object.list("initially")), comparison,
           statements);
}

void alter(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    change(is, Acl(was.list("granted")), was.text("role"), Acl(is.list("granted")), comparison, alteration.statements);
}

} // namespace

constinit const Rules privileges_rules{.make = make, .drop = drop, .alter = alter};

} // namespace pgmigrate::model

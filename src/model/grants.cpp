// SPDX-License-Identifier: PostgreSQL
#include "model/grants.hpp"

#include "model/text.hpp"

namespace pgmigrate::model
{

namespace
{

Acl acl_of(const Object &object, const Snapshot &snapshot)
{
    if (object.has("acl"))
        return Acl(object.list("acl"));
    return Acl::by_default(acl_type(object.kind), owner_of(object, snapshot), snapshot.session.server_version);
}

// GRANT names an aggregate by its arguments like a function.
std::string as_function(std::string_view aggregate)
{
    std::string name(aggregate);
    if (name.ends_with("(*)"))
        name.replace(name.size() - 2, 1, "");
    constexpr std::string_view between = " ORDER BY ";
    if (const std::size_t at = name.find(between); at != std::string::npos)
        name.replace(at, between.size(), ", ");
    constexpr std::string_view first = "(ORDER BY ";
    if (const std::size_t at = name.find(first); at != std::string::npos)
        name.replace(at, first.size(), "(");
    return name;
}

GrantTarget target_of(const Object &object, const Snapshot &snapshot, const Comparison &comparison)
{
    GrantTarget target;
    const std::string_view keyword = info(object.kind).grant_keyword;
    if (object.kind == Kind::column) {
        target.on = cat(keyword, " ", object.parent);
        target.columns = cat(" (", object.name, ")");
    } else {
        target.on = cat(keyword, " ", object.kind == Kind::aggregate ? as_function(object.identity) : object.identity);
    }
    target.owner = owner_of(object, snapshot);
    target.session = comparison.was.session.role;
    target.all = all_privileges(acl_type(object.kind), snapshot.session.server_version);
    return target;
}

// What the server gives to an object that the role makes, by the default privileges in the snapshot.
Acl acl_when_made(const Object &object, std::string_view role, const Snapshot &was)
{
    const char type = acl_type(object.kind);
    Acl acl = Acl::by_default(type, role, was.session.server_version);
    constexpr std::string_view with_defaults = "rSfTn";
    if (with_defaults.find(type) == std::string_view::npos)
        return acl;
    if (const Object *all = was.find(Kind::default_privileges, default_privileges_identity(role, "", type)))
        acl = Acl(all->list("granted"));
    if (!object.schema.empty())
        if (const Object *more =
                was.find(Kind::default_privileges, default_privileges_identity(role, object.schema, type)))
            acl.add(Acl(more->list("granted")));
    return acl;
}

// What a REVOKE of the table's takes from its columns as well.
Acl taken_with(const Object &table_was, const Object &table_is, const Comparison &comparison)
{
    Acl acl = acl_of(table_was, comparison.was);
    acl.change_owner(table_was.text("owner"), table_is.text("owner"));
    Statements aside;
    return grant(acl, acl_of(table_is, comparison.is), target_of(table_is, comparison.is, comparison), aside);
}

// What a column has after its table has been seen to.
Acl acl_with_table(const Object &was, const Object &is, const Comparison &comparison, const Acl &taken)
{
    Acl acl = acl_of(was, comparison.was);
    acl.change_owner(owner_of(was, comparison.was), owner_of(is, comparison.is));
    acl.take(taken);
    return acl;
}

void grant_column(const Object &was, const Object &is, const Comparison &comparison, const Acl &taken,
                  Statements &statements)
{
    grant(acl_with_table(was, is, comparison, taken), acl_of(is, comparison.is),
          target_of(is, comparison.is, comparison), statements);
}

} // namespace

std::string default_privileges_identity(std::string_view role, std::string_view schema, char type)
{
    std::string_view objects = "TABLES";
    if (type == 'S')
        objects = "SEQUENCES";
    else if (type == 'f')
        objects = "FUNCTIONS";
    else if (type == 'T')
        objects = "TYPES";
    else if (type == 'n')
        objects = "SCHEMAS";
    else if (type == 'L')
        objects = "LARGE OBJECTS";
    return schema.empty() ? cat("FOR ROLE ", role, " ON ", objects)
                          : cat("FOR ROLE ", role, " IN SCHEMA ", schema, " ON ", objects);
}

void grant_new(const Object &object, const Comparison &comparison, Statements &statements)
{
    if (acl_type(object.kind) == '\0' || owner_of(object, comparison.is).empty())
        return;
    // A script alters default privileges after everything else.
    const std::string &role = comparison.was.session.role;
    Acl acl = acl_when_made(object, role, comparison.was);
    acl.change_owner(role, owner_of(object, comparison.is));
    grant(acl, acl_of(object, comparison.is), target_of(object, comparison.is, comparison), statements);
}

std::string_view owner_of(const Object &object, const Snapshot &snapshot)
{
    if (object.kind == Kind::column) {
        const Object *parent = snapshot.parent_of(object);
        return parent != nullptr ? parent->text("owner") : std::string_view();
    }
    return object.text("owner");
}

bool has_grants(const Object &object, const Snapshot &snapshot)
{
    return object.has("acl") && acl_of(object, snapshot) != acl_when_made(object, owner_of(object, snapshot), snapshot);
}

namespace
{

void set_acl(Object &object, const Acl &acl, std::string_view owner, std::int32_t server_version)
{
    if (acl == Acl::by_default(acl_type(object.kind), owner, server_version))
        object.attributes.erase("acl");
    else
        object.attributes.set_list("acl", acl.list());
}

} // namespace

void give_rights_when_made(Object &object, const Snapshot &snapshot)
{
    if (acl_type(object.kind) == '\0')
        return;
    const std::string &role = snapshot.session.role;
    set_acl(object, acl_when_made(object, role, snapshot), role, snapshot.session.server_version);
}

void hand_over(Object &object, std::string_view was, std::string_view is, std::int32_t server_version)
{
    if (!object.has("acl"))
        return;
    Acl acl(object.list("acl"));
    acl.change_owner(was, is);
    set_acl(object, acl, is, server_version);
}

void grant_changed(const Object &was, const Object &is, const Comparison &comparison, Statements &statements)
{
    if (acl_type(is.kind) == '\0' || owner_of(is, comparison.is).empty())
        return;
    if (is.kind == Kind::column) {
        const Object *table_was = comparison.was.parent_of(was);
        const Object *table_is = comparison.is.parent_of(is);
        if (table_is != nullptr)
            grant_column(was, is, comparison,
                         table_was != nullptr ? taken_with(*table_was, *table_is, comparison) : Acl(), statements);
        return;
    }
    if (was.attributes.same(is.attributes, "acl") && was.attributes.same(is.attributes, "owner"))
        return;
    Acl acl = acl_of(was, comparison.was);
    acl.change_owner(was.text("owner"), is.text("owner"));
    const Acl taken = grant(acl, acl_of(is, comparison.is), target_of(is, comparison.is, comparison), statements);
    if (taken.empty() || acl_type(is.kind) != 'r')
        return;
    // Columns that have nothing to change of their own.
    for (const Object *column : comparison.is.parts_of(is, Kind::column))
        if (const Object *before = comparison.was_of(*column);
            before != nullptr && column->has("acl") && comparison.fate_of_is(*column) == Fate::kept)
            grant_column(*before, *column, comparison, taken, statements);
}

} // namespace pgmigrate::model

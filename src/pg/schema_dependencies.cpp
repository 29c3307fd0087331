// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_dependencies.hpp"

#include "pg/fingerprint.hpp"
#include "pg/names.hpp"
#include "pg/schema_queries.hpp"

#include <map>
#include <set>

extern "C" {
#include "catalog/dependency.h"
#include "catalog/pg_amop.h"
#include "catalog/pg_amproc.h"
#include "catalog/pg_cast.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_opclass.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_publication_namespace.h"
#include "catalog/pg_publication_rel.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "utils/lsyscache.h"
}

namespace pgmigrate::pg
{

namespace
{

// Three columns: classid, objid, objsubid.
model::Address address_in(const Row &row, int column)
{
    return {row[column].oid(), row[column + 1].oid(), row[column + 2].integer()};
}

bool is_of_publication(const model::Address &address)
{
    return address.class_id == PublicationRelRelationId || address.class_id == PublicationNamespaceRelationId;
}

std::optional<std::uint32_t> find_whole(const SchemaObjects &objects, const ByAddress<model::Address> &aliases,
                                        model::Address address)
{
    // An array of the row type of a table takes two steps.
    for (int steps = 0; steps < 4; ++steps) {
        if (const auto found = objects.index_of(address))
            return found;
        if (const model::Address *alias = aliases.find(address))
            address = *alias;
        else if (address.sub_id != 0)
            address.sub_id = 0;
        else
            break;
    }
    return std::nullopt;
}

char type_of_need(const model::Address &object, const model::Address &on, char type, const model::Object &needed)
{
    // A publication stays when something it publishes is dropped.
    if (is_of_publication(object))
        return DEPENDENCY_NORMAL;
    const bool is_row = on.class_id == TypeRelationId && needed.address.class_id == RelationRelationId;
    return is_row && type == DEPENDENCY_NORMAL ? model::row_need : type;
}

// And not by its default alone. Which of an extension's members it is nobody knows here.
bool is_needed_by_domain(const model::Object &domain, const model::Object &needed)
{
    constexpr model::Kinds always{model::Kind::schema, model::Kind::extension};
    if (always.contains(needed.kind))
        return true;
    if (needed.kind == model::Kind::collation)
        return domain.text("collation") == needed.identity;
    const std::string_view type = domain.text("type"); // with a length or [] behind it
    const auto is_of = [&](std::string_view name) {
        return !name.empty() && type.starts_with(name) &&
               (type.size() == name.size() || type[name.size()] == '(' || type[name.size()] == '[');
    };
    return is_of(needed.identity) || is_of(needed.text("multirange"));
}

} // namespace

// What the server has made itself has no dependencies to speak of, but is a member of an extension (plpgsql's
// language).
Dependencies::Dependencies(Snapshot snapshot) : snapshot_(snapshot)
{
    static constinit Query query{R"(
SELECT classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype
  FROM pg_depend
 WHERE objid >= 16384 OR deptype = 'e')",
                                 0,
                                 {},
                                 nullptr};
    Values none;
    stream(query, none, snapshot_, [&](const Row &row) {
        dependencies_.push_back({address_in(row, 1), address_in(row, 4), row[7].character()});
    });
}

std::vector<model::Address> Dependencies::members_of_extensions() const
{
    std::vector<model::Address> members;
    for (const Dependency &each : dependencies_)
        if (each.type == DEPENDENCY_EXTENSION)
            members.push_back(each.object);
    return members;
}

// What pg_depend names but is a part of an object here: the type of a table, the constructors of a range, the rule of a
// view, the index of a constraint, the members of an operator class, what belongs to an extension.
ByAddress<model::Address> Dependencies::aliases() const
{
    static constinit Query query{R"(
SELECT 'pg_type'::regclass, t.oid, 0, 'pg_class'::regclass, t.typrelid, 0
  FROM pg_type t
 WHERE t.typrelid <> 0 AND t.oid >= 16384
UNION ALL
SELECT 'pg_type'::regclass, t.oid, 0, 'pg_type'::regclass, t.typelem, 0
  FROM pg_type t
  JOIN pg_type e ON e.typarray = t.oid
 WHERE t.typcategory = 'A' AND t.typelem <> 0 AND t.oid >= 16384
UNION ALL
SELECT 'pg_type'::regclass, r.rngmultitypid, 0, 'pg_type'::regclass, r.rngtypid, 0
  FROM pg_range r
UNION ALL
SELECT 'pg_rewrite'::regclass, r.oid, 0, 'pg_class'::regclass, r.ev_class, 0
  FROM pg_rewrite r
 WHERE r.rulename = '_RETURN'
UNION ALL
SELECT 'pg_publication_rel'::regclass, r.oid, 0, 'pg_publication'::regclass, r.prpubid, 0
  FROM pg_publication_rel r
UNION ALL
SELECT 'pg_publication_namespace'::regclass, s.oid, 0, 'pg_publication'::regclass, s.pnpubid, 0
  FROM pg_publication_namespace s
UNION ALL
SELECT 'pg_attrdef'::regclass, d.oid, 0, 'pg_class'::regclass, d.adrelid, d.adnum::int4
  FROM pg_attrdef d
UNION ALL
SELECT 'pg_class'::regclass, c.conindid, 0, 'pg_constraint'::regclass, c.oid, 0
  FROM pg_constraint c
 WHERE c.conindid <> 0 AND c.contype IN ('p', 'u', 'x'))",
                                 0,
                                 {},
                                 nullptr};
    ByAddress<model::Address> aliases;
    const auto add = [&](model::Address of, const model::Address &is) { aliases.emplace(of, is); };
    for (const Dependency &each : dependencies_)
        if (each.type == DEPENDENCY_EXTENSION)
            add(each.object, each.on);
        else if (each.type == DEPENDENCY_INTERNAL && each.on.class_id == TypeRelationId &&
                 (each.object.class_id == ProcedureRelationId || each.object.class_id == CastRelationId))
            add({each.object.class_id, each.object.object_id, 0}, {each.on.class_id, each.on.object_id, 0});
        else if (each.on.class_id == OperatorClassRelationId &&
                 (each.object.class_id == AccessMethodOperatorRelationId ||
                  each.object.class_id == AccessMethodProcedureRelationId))
            add(each.object, each.on);
    Values none;
    stream(query, none, snapshot_, [&](const Row &row) { add(address_in(row, 1), address_in(row, 4)); });
    return aliases;
}

std::vector<std::string> Dependencies::unknown_objects() const
{
    std::set<std::string> unknown;
    for (const Dependency &each : dependencies_) {
        const Oid catalogue = each.object.class_id;
        if (each.type == DEPENDENCY_EXTENSION || says_what_the_schema_is(catalogue))
            continue;
        const char *name = call([&] { return get_rel_name(catalogue); });
        unknown.insert(std::string(name == nullptr ? "object" : name) + " " + std::to_string(each.object.object_id));
    }
    return {unknown.begin(), unknown.end()};
}

void Dependencies::set_needs(SchemaObjects &objects) const
{
    const ByAddress<model::Address> whole = aliases();
    std::map<std::uint32_t, std::set<std::string>> extensions; // that an object is dropped with
    for (const Dependency &each : dependencies_) {
        if (each.type == DEPENDENCY_EXTENSION)
            continue;
        const std::optional<std::uint32_t> object = find_whole(objects, whole, each.object);
        if (!object)
            continue;
        if (each.type == DEPENDENCY_AUTO_EXTENSION) {
            const Oid extension = each.on.object_id;
            const char *name = call([&] { return get_extension_name(extension); });
            if (name != nullptr)
                extensions[*object].insert(quoted_identifier(name));
        }
        const std::optional<std::uint32_t> need = find_whole(objects, whole, each.on);
        if (need && *object != *need)
            objects.all()[*object].needs.push_back(
                {*need, type_of_need(each.object, each.on, each.type, objects.all()[*need])});
    }
    for (model::Object &object : objects.all()) {
        if (object.kind == model::Kind::privileges)
            if (const auto of = find_whole(objects, whole, privileged_object(object.address)))
                object.needs.push_back({*of, DEPENDENCY_AUTO});
        if (object.kind == model::Kind::column)
            if (const auto relation = objects.index_of({object.address.class_id, object.address.object_id, 0}))
                object.needs.push_back({*relation, DEPENDENCY_INTERNAL});
    }
    set_defaults_of_domains(objects);
    for (const auto &[object, names] : extensions)
        objects.all()[object].attributes.set_list("depends_on", {names.begin(), names.end()});
    set_inheritance(objects);
}

// What a domain's default needs is said to be needed by the domain.
void Dependencies::set_defaults_of_domains(SchemaObjects &objects)
{
    for (model::Object &value : objects.all()) {
        if (value.kind != model::Kind::default_value || !value.has("of_domain"))
            continue;
        const auto index = objects.index_of({value.address.class_id, value.address.object_id, 0});
        if (!index)
            continue;
        model::Object &domain = objects.all()[*index];
        std::vector<model::Need> own;
        for (const model::Need &need : domain.needs) {
            const model::Object &needed = objects.all()[need.object];
            const bool is_own = is_needed_by_domain(domain, needed);
            if (is_own)
                own.push_back(need);
            if (!is_own || (needed.kind == model::Kind::extension && need.type != DEPENDENCY_AUTO_EXTENSION))
                value.needs.push_back(need);
        }
        domain.needs = std::move(own);
        value.needs.push_back({*index, DEPENDENCY_AUTO});
    }
}

// pg_depend has tables that inherit, and not their columns.
void Dependencies::set_inheritance(SchemaObjects &objects) const
{
    static constinit Query query{R"(
SELECT 'pg_class'::regclass, c.attrelid, c.attnum::int4, 'pg_class'::regclass, p.attrelid, p.attnum::int4
  FROM pg_inherits i
  JOIN pg_attribute c ON c.attrelid = i.inhrelid
  JOIN pg_attribute p ON p.attrelid = i.inhparent AND p.attname = c.attname
  JOIN pg_class t ON t.oid = i.inhparent AND t.relkind IN ('r', 'p', 'f')
 WHERE c.attinhcount > 0 AND c.attnum > 0 AND p.attnum > 0)",
                                 0,
                                 {},
                                 nullptr};
    Values none;
    stream(query, none, snapshot_, [&](const Row &row) {
        model::Object *object = objects.find(address_in(row, 1));
        const auto above = objects.index_of(address_in(row, 4));
        if (object != nullptr && above)
            object->needs.push_back({*above, model::inherited_need});
    });
}

} // namespace pgmigrate::pg

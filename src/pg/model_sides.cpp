// SPDX-License-Identifier: PostgreSQL
#include "pg/model_sides.hpp"

#include "core/target.hpp"
#include "model/sides.hpp"
#include "model/text.hpp"
#include "pg/model_text.hpp"
#include "pg/names.hpp"
#include "pg/rename_disguise.hpp"
#include "pg/rename_request.hpp"
#include "pg/schema_disguise.hpp"
#include "pg/schema_reader.hpp"
#include "pg/scopes.hpp"
#include "pg/scratch.hpp"

extern "C" {
#include "catalog/catalog.h" // IsReservedName
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "commands/extension.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
}

namespace pgmigrate::pg
{

namespace
{

// The database under the names of the model. scope() is what to read, with the schemas that there are then.
template <class Scope>
void rename_in(Sides &sides, const std::vector<model::RenameRequest> &requests, Scope scope)
{
    if (requests.empty())
        return;
    sides.renames = model::renamings(requests, sides.database, sides.model);
    const Subtransaction undone;
    const RenameDisguise disguise(sides.renames);
    sides.database = read_schema(scope());
}

// What is the server's or an extension's is not migrated.
void require_own(const std::string &schema)
{
    const char *name = schema.c_str();
    if (call([&] { return IsReservedName(name); }) || schema == "information_schema")
        throw core::Error(core::sqlstate::invalid_parameter_value,
                          "schema \"" + schema + "\" is the server's own and cannot be compared")
            .hint("Name schemas of your own.");
    const char *extension = call([&]() -> const char * {
        const Oid oid = get_namespace_oid(name, true);
        const Oid owner = OidIsValid(oid) ? getExtensionOfObject(NamespaceRelationId, oid) : InvalidOid;
        return OidIsValid(owner) ? get_extension_name(owner) : nullptr;
    });
    if (extension != nullptr)
        throw core::Error(core::sqlstate::invalid_parameter_value, "schema \"" + schema +
                                                                       "\" belongs to the extension \"" + extension +
                                                                       "\" and cannot be compared")
            .hint("Name schemas of your own. What an extension has made comes with CREATE EXTENSION.");
}

std::vector<std::string> list_of_schemas(const std::string &text)
{
    std::vector<std::string> names;
    for (const std::string &each : core::split_names(text))
        require_own(names.emplace_back(single_identifier(each, "schemas")));
    return names;
}

// Where a model that is a schema is compared with.
std::string target_schema(const std::optional<std::vector<std::string>> &schemas)
{
    if (schemas && schemas->size() != 1)
        throw core::Error(core::sqlstate::invalid_parameter_value, "a model_schema is compared with one schema")
            .hint("Name the one in schemas, or leave it to the first schema of search_path.");
    if (schemas)
        return schemas->front();
    const char *name = call([]() -> const char * {
        List *path = fetch_search_path(false);
        return path == NIL ? nullptr : get_namespace_name(linitial_oid(path));
    });
    if (name == nullptr)
        throw core::Error(core::sqlstate::invalid_schema_name, "no schema has been selected to compare with")
            .hint("Name it in schemas, or set search_path.");
    return name;
}

void require_usage(Oid schema, const std::string &name)
{
    const bool usable = call([&] { return compat::may_use_schema(schema, GetUserId()); });
    if (!usable)
        throw core::Error(core::sqlstate::insufficient_privilege, "permission denied for schema " + name);
}

Sides sides_of_schema(const ModelRequest &request, const std::optional<std::vector<std::string>> &schemas)
{
    const std::string target = target_schema(schemas);
    if (target == *request.schema)
        throw core::Error(core::sqlstate::invalid_parameter_value,
                          "model_schema and the schema that it is compared with are the same, \"" + target + "\"");
    require_own(target);
    require_own(*request.schema);
    const Oid theirs = schemas_named({*request.schema}).schemas.front();
    const Oid ours = schemas_named({target}).schemas.front();
    require_usage(theirs, *request.schema);
    SchemaScope around = whole_database();
    std::erase_if(around.schemas, [&](Oid schema) { return schema == theirs || schema == ours; });
    const auto with = [&](Oid schema) {
        SchemaScope scope = around;
        scope.schemas.push_back(schema);
        return scope;
    };
    const model::Scope compared{{quoted_identifier(target)}};
    Sides sides;
    sides.database = read_schema(with(ours));
    const std::vector<model::RenameRequest> requests = parse_renames(request.renames, sides.database, &compared);
    {
        const Subtransaction undone;
        const SchemaDisguise disguise(theirs, target);
        sides.model = read_schema(with(theirs));
    }
    model::name_schema(sides.model, SchemaDisguise::other_name, quoted_identifier(target));
    rename_in(sides, requests, [&] { return with(ours); });
    sides.conflicts = model::confine(sides.model, sides.database, compared, model::Silence::any);
    return sides;
}

// Quoted.
std::string own_schema()
{
    static constinit Query query{
        "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
        " WHERE e.extname = 'pg_migrate'",
        0,
        {},
        nullptr};
    const CatalogueScope catalogue;
    const SpiConnection spi;
    Values none;
    const Rows rows = run(query, none);
    return rows.size() == 0 ? std::string() : rows.text(0, 1);
}

void refuse_empty(const ModelRequest &request)
{
    const char *message = "the model has no statement";
    const char *hint = "Was the file read that it is to come from?";
    if (request.may_be_empty)
        warning(message, "It says that the schema is to be empty.", hint);
    else
        throw core::Error(core::sqlstate::invalid_parameter_value, message)
            .detail("By it, everything would be dropped.")
            .hint(std::string(hint) + " What is meant to drop everything is written by migrate_revision().");
}

Sides sides_of_text(const ModelRequest &request, const std::optional<std::vector<std::string>> &schemas)
{
    std::optional<model::Scope> compared;
    if (schemas) {
        compared.emplace();
        for (const std::string &name : *schemas)
            compared->schemas.push_back(quoted_identifier(name));
    }
    Sides sides;
    sides.database = read_schema(whole_database());
    const std::vector<model::RenameRequest> requests =
        parse_renames(request.renames, sides.database, compared ? &*compared : nullptr);
    const ScratchTask task{"read_loaded_model", read_loaded_model};
    const ModelText text = read_model(*request.ddl);
    if (text.statements.empty())
        refuse_empty(request);
    sides.model = model::decode(in_scratch_database(text, task, {}));
    rename_in(sides, requests, whole_database);
    if (compared) {
        for (const std::string &quoted : compared->schemas)
            if (sides.database.find(model::Kind::schema, quoted) == nullptr &&
                sides.model.find(model::Kind::schema, quoted) == nullptr)
                throw core::Error(core::sqlstate::invalid_schema_name,
                                  "schema \"" + model::unquoted(quoted) + "\" does not exist")
                    .detail("Neither the database nor the model has it.");
        sides.conflicts = model::confine(sides.model, sides.database, *compared, model::Silence::none);
    }
    model::keep_privileges_on_sql(sides.model, sides.database);
    model::keep_unnamed_shells(sides.model, sides.database);
    if (!text.names_owners)
        model::keep_owners(sides.model, sides.database);
    if (!text.names_owners && !text.names_rights)
        model::keep_rights(sides.model, sides.database);
    std::vector<std::string> versioned;
    for (const std::string &name : text.versioned_extensions)
        versioned.push_back(quoted_identifier(name));
    model::keep_versions(sides.model, sides.database, versioned);
    // The one that pg_migrate was put in has been made for it.
    model::keep_schema(sides.model, sides.database, own_schema());
    return sides;
}

} // namespace

Sides read_sides(const ModelRequest &request, core::InterruptCheck &interrupts)
{
    interrupts.check();
    if (request.ddl.has_value() == request.schema.has_value())
        throw core::Error(core::sqlstate::invalid_parameter_value, request.ddl
                                                                       ? "model and model_schema exclude each other"
                                                                       : "there is no model to compare with")
            .hint("Give either model, the DDL of the whole schema as a text, or model_schema, a schema that is laid "
                  "out as it should be.");
    std::optional<std::vector<std::string>> schemas;
    if (request.schemas)
        schemas = list_of_schemas(*request.schemas);
    return request.schema ? sides_of_schema(request, schemas) : sides_of_text(request, schemas);
}

std::string read_loaded_model(const std::string &)
{
    return model::encode(read_schema(whole_database()));
}

} // namespace pgmigrate::pg

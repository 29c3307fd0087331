// SPDX-License-Identifier: PostgreSQL
#include "pg/model_sides.hpp"

#include "core/target.hpp"
#include "model/sides.hpp"
#include "model/text.hpp"
#include "pg/model_text.hpp"
#include "pg/names.hpp"
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

// What the worker is asked for, as texts that end with a zero byte: whether all schemas are read, their number and
// names, statements.
std::string encode_order(const std::optional<std::vector<std::string>> &schemas, const std::vector<Rename> &renames)
{
    std::string wire;
    const auto put = [&](const std::string &text) { wire += text + '\0'; };
    put(schemas ? "named" : "all");
    put(std::to_string(schemas ? schemas->size() : 0));
    if (schemas)
        for (const std::string &name : *schemas)
            put(name);
    for (const Rename &each : renames)
        put(each.to_old);
    return wire;
}

class Order
{
  public:
    explicit Order(std::string_view wire) : rest_(wire) {}
    bool done() const { return rest_.empty(); }
    std::string next()
    {
        const std::size_t end = rest_.find('\0');
        std::string text(rest_.substr(0, end));
        rest_.remove_prefix(std::min(rest_.size(), end + 1));
        return text;
    }

  private:
    std::string_view rest_;
};

void run_renames(const std::vector<std::string> &statements)
{
    const SpiConnection spi;
    for (const std::string &sql : statements) {
        const char *text = sql.c_str();
        try {
            call([&] { SPI_execute(text, false, 0); });
        } catch (PgError &error) {
            error.add_context("renames: undone in the model by \"" + sql + "\"");
            throw;
        }
    }
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
    for (const std::string &each : core::split_list(text))
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
    const SchemaScope theirs = schemas_named({*request.schema});
    require_usage(theirs.schemas.front(), *request.schema);
    Sides sides;
    sides.database = read_schema(schemas_named({target}));
    sides.renames = parse_renames(request.renames, sides.database);
    {
        const Subtransaction undone;
        const SchemaDisguise disguise(theirs.schemas.front(), target);
        std::vector<std::string> statements;
        for (const Rename &each : sides.renames)
            statements.push_back(each.to_old);
        run_renames(statements);
        sides.model = read_schema(theirs);
    }
    model::complete_from_database(sides.model, sides.database);
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

Sides sides_of_text(const ModelRequest &request, const std::optional<std::vector<std::string>> &schemas)
{
    Sides sides;
    sides.database = read_schema(schemas ? existing_schemas(*schemas) : whole_database());
    sides.renames = parse_renames(request.renames, sides.database);
    const ScratchTask task{"read_loaded_model", read_loaded_model};
    const ModelText text = read_model(*request.ddl);
    sides.model = model::decode(in_scratch_database(text, task, encode_order(schemas, sides.renames)));
    if (schemas)
        for (const std::string &name : *schemas) {
            const std::string quoted = quoted_identifier(name);
            if (sides.database.find(model::Kind::schema, quoted) == nullptr &&
                sides.model.find(model::Kind::schema, quoted) == nullptr)
                throw core::Error(core::sqlstate::invalid_schema_name, "schema \"" + name + "\" does not exist")
                    .detail("Neither the database nor the model has it.");
        }
    if (!text.names_owners)
        model::keep_owners(sides.model, sides.database);
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

std::string read_loaded_model(const std::string &payload)
{
    Order order(payload);
    const bool all = order.next() == "all";
    std::vector<std::string> schemas(std::stoul(order.next()));
    for (std::string &name : schemas)
        name = order.next();
    std::vector<std::string> statements;
    while (!order.done())
        statements.push_back(order.next());
    run_renames(statements);
    return model::encode(read_schema(all ? whole_database() : existing_schemas(schemas)));
}

} // namespace pgmigrate::pg

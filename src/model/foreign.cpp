// SPDX-License-Identifier: PostgreSQL

// Foreign-data wrappers, servers and user mappings.

#include "model/options.hpp"
#include "model/rules.hpp"
#include "model/text.hpp"

namespace pgmigrate::model
{

namespace
{

std::string options_change(const Object &was, const Object &is)
{
    return foreign_option_changes(was.list("options"), is.list("options"));
}

// ---- wrappers

std::string wrapper_function(const Object &object, std::string_view attribute, std::string_view keyword)
{
    return object.has(attribute) ? cat(" ", keyword, " ", object.text(attribute)) : std::string();
}

void make_wrapper(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(cat("CREATE FOREIGN DATA WRAPPER ", object.identity, wrapper_function(object, "handler", "HANDLER"),
                       wrapper_function(object, "validator", "VALIDATOR"),
                       wrapper_function(object, "connection", "CONNECTION"), foreign_options(object.list("options"))));
}

void drop_wrapper(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP FOREIGN DATA WRAPPER ", object.identity));
}

void alter_wrapper(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    std::string sql = cat("ALTER FOREIGN DATA WRAPPER ", is.identity);
    if (!was.attributes.same(is.attributes, "handler"))
        sql += is.has("handler") ? wrapper_function(is, "handler", "HANDLER") : " NO HANDLER";
    if (!was.attributes.same(is.attributes, "validator"))
        sql += is.has("validator") ? wrapper_function(is, "validator", "VALIDATOR") : " NO VALIDATOR";
    if (!was.attributes.same(is.attributes, "connection"))
        sql += is.has("connection") ? wrapper_function(is, "connection", "CONNECTION") : " NO CONNECTION";
    alteration.statements.add(cat(sql, options_change(was, is)));
}

// ---- servers

void make_server(const Object &object, Parts, const Comparison &, Statements &statements)
{
    std::string sql = cat("CREATE SERVER ", object.identity);
    if (object.has("type"))
        sql += cat(" TYPE ", literal(object.text("type")));
    if (object.has("version"))
        sql += cat(" VERSION ", literal(object.text("version")));
    statements.add(cat(sql, " FOREIGN DATA WRAPPER ", object.text("wrapper"), foreign_options(object.list("options"))));
}

void drop_server(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP SERVER ", object.identity));
}

void alter_server(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    if (!was.attributes.same(is.attributes, "type") || !was.attributes.same(is.attributes, "wrapper")) {
        alteration.replace = true;
        return;
    }
    std::string sql = cat("ALTER SERVER ", is.identity);
    if (!was.attributes.same(is.attributes, "version"))
        sql += cat(" VERSION ", is.has("version") ? literal(is.text("version")) : std::string("NULL"));
    alteration.statements.add(cat(sql, options_change(was, is)));
}

// ---- user mappings: the identity is FOR … SERVER …

void make_mapping(const Object &object, Parts, const Comparison &, Statements &statements)
{
    Statement &statement =
        statements.add(cat("CREATE USER MAPPING ", object.identity, foreign_options(object.list("options"))));
    if (object.has("secret"))
        statement.note =
            cat("the user mapping ", object.identity, " is without its ", object.text("secret"), ", to be given again");
}

void drop_mapping(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP USER MAPPING ", object.identity));
}

void alter_mapping(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    alteration.statements.add(cat("ALTER USER MAPPING ", is.identity, options_change(was, is)));
}

} // namespace

constinit const Rules foreign_data_wrapper_rules{.make = make_wrapper, .drop = drop_wrapper, .alter = alter_wrapper};
constinit const Rules server_rules{.make = make_server, .drop = drop_server, .alter = alter_server};
constinit const Rules user_mapping_rules{.make = make_mapping, .drop = drop_mapping, .alter = alter_mapping};

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#include "pg/names.hpp"

extern "C" {
#include "access/xlog.h"     // GetSystemIdentifier
#include "miscadmin.h"       // MyDatabaseId
#include "utils/builtins.h"  // quote_identifier, quote_literal_cstr
#include "utils/lsyscache.h" // get_namespace_name
}

namespace pgmigrate::pg
{

std::string quoted_identifier(const std::string &name)
{
    const char *text = name.c_str();
    return std::string(call([&] { return quote_identifier(text); }));
}

std::string quoted_literal(const std::string &text)
{
    const char *value = text.c_str();
    return std::string(call([&] { return quote_literal_cstr(value); }));
}

std::string qualified_function(Oid schema_oid, const std::string &function)
{
    const char *schema = call([&] { return get_namespace_name(schema_oid); });
    if (schema == nullptr)
        throw core::Error(core::sqlstate::catalogue_damaged, "the schema of the extension pg_migrate does not exist");
    return quoted_identifier(schema) + "." + quoted_identifier(function);
}

std::string oids_are_of()
{
    return std::to_string(GetSystemIdentifier()) + "/" + std::to_string(MyDatabaseId);
}

bool role_exists(const std::string &role)
{
    const char *name = role.c_str();
    return call([&] { return OidIsValid(get_role_oid(name, true)); });
}

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#include "pg/rights.hpp"

#include "pg/values.hpp"

using namespace pgmigrate;

namespace
{

Datum change(FunctionCallInfo fcinfo, bool grant)
{
    const pg::Arguments arguments(fcinfo);
    if (arguments.is_null(0))
        throw core::Error(core::sqlstate::null_value_not_allowed, "parameter role must not be null");
    const std::string role = arguments.name(0).value_or("");
    const std::string level = arguments.required_text(1, "level");
    pg::Catalogue catalogue(fcinfo);
    if (grant)
        pg::grant_level(catalogue, role, level);
    else
        pg::revoke_level(catalogue, role, level);
    return static_cast<Datum>(0);
}

} // namespace

PGM_FUNCTION(migrate_grant)
{
    return change(fcinfo, true);
}

PGM_FUNCTION(migrate_revoke)
{
    return change(fcinfo, false);
}

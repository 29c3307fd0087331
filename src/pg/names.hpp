// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "executor/sql_script.hpp"

#include <string>

#include "pg/boundary.hpp"

namespace pgmigrate::pg
{

std::string quoted_identifier(const std::string &name);
std::string quoted_literal(const std::string &text);
// The function with its schema, quoted.
std::string qualified_function(Oid schema, const std::string &function);

class ServerQuoter final : public executor::LiteralQuoter
{
  public:
    std::string literal(const std::string &text) const override { return quoted_literal(text); }
};

// The server and the database in which OIDs mean what they mean here: the identifier of the system, and the database's
// own OID. A copy of the database, or a dump that has been restored, has another one.
std::string oids_are_of();

// In a transaction.
bool role_exists(const std::string &role);

} // namespace pgmigrate::pg

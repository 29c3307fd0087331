// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "pg/boundary.hpp"

#include <string>

namespace pgmigrate::pg
{

// Gives a schema the name of another one, and that one a name which nobody has, for this transaction alone: so the
// server deparses the definitions of the one as if it were the other. Within a Subtransaction that is rolled back, and
// that is what puts the names back.
//
// The rows of pg_namespace are updated without what ALTER SCHEMA asks for: nobody else sees it, nothing is locked but
// the two rows, and nothing but reading the catalogue follows.
class SchemaDisguise
{
  public:
    // What the other one is called meanwhile. No user's schema has a name like that: the server refuses it.
    static constexpr const char *other_name = "pg_migrate_disguised";

    SchemaDisguise(Oid schema, const std::string &as);
    SchemaDisguise(const SchemaDisguise &) = delete;
    SchemaDisguise &operator=(const SchemaDisguise &) = delete;
};

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <optional>
#include <string>

#include "pg/boundary.hpp"

namespace pgmigrate::pg
{

// Object locks of the default lock method on the extension or on a schema, under sub-ids of pg_migrate's own: held to
// the end of the transaction, dying with their holder, seen by the deadlock detector, and not to be freed by DISCARD
// ALL or pg_advisory_unlock_all().

// One runner at a time for each version line, that of a schema or (none) of the database; and no revision is replaced
// while it runs. Waits for its turn.
void lock_for_run(Oid extension, const std::optional<Oid> &schema);

// Who writes revisions: those who add one wait for each other; who replaces or removes one waits for the runs too.
enum class AuthorLock { add, replace };
void lock_authors(Oid extension, AuthorLock mode);
// The schema's OID; 3F000 when it does not exist, 22023 when it can have no version line.
Oid schema_oid(const std::string &schema);
std::optional<Oid> find_schema(const std::string &schema);

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#pragma once

// Scratch databases and how they go. For their keeper alone: with the rights of the bootstrap superuser, and outside of
// any transaction.

#include "pg/scratch_name.hpp"

namespace pgmigrate::pg
{

struct ScratchDatabase {
    ScratchName name;
    Oid oid;
};

// Says, for the session, that the maker of this database is alive; false if somebody else says so of another one of the
// same number.
bool try_lock_scratch(const ScratchName &name);

// Drops it, whoever is in it and whatever its owner has made of it meanwhile. Tries again for a while; then throws.
void drop_scratch_database(const ScratchDatabase &database);

// Drops all whose maker is gone: by a crash, a power failure, an immediate shutdown. What cannot be dropped is warned
// of.
void drop_left_scratch_databases();

} // namespace pgmigrate::pg

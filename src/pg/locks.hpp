// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/boundary.hpp"

namespace pgmigrate::pg
{

// Object locks of the default lock method on the extension or on a schema, under sub-ids of pg_migrate's own: held to
// the end of the transaction, dying with their holder, seen by the deadlock detector, and not to be freed by DISCARD
// ALL or pg_advisory_unlock_all().

// The sub-ids; the server itself uses 0 for both classes.
constexpr uint16 runner_sub_id = 0x4D47;
constexpr uint16 author_sub_id = 0x4D48;
constexpr uint16 board_sub_id = 0x4D50; // the object is the handle of a board: see progress.hpp

LOCKTAG own_lock_tag(Oid class_id, Oid object_id, uint16 sub_id);

// One runner at a time for each version line, that of a schema or (none) of the database; and no revision is replaced
// while it runs. Waits for its turn.
void lock_for_run(Oid extension, const std::optional<Oid> &schema);

// Who writes revisions: those who add one wait for each other; who replaces or removes one waits for the runs too.
enum class AuthorLock { add, replace };
void lock_authors(Oid extension, AuthorLock mode);
// The schema's OID; 3F000 when it does not exist, 22023 when it can have no version line.
Oid schema_oid(const std::string &schema);
std::optional<Oid> find_schema(const std::string &schema);
// None when it is gone.
std::optional<std::string> schema_name(Oid schema);

// Who holds or awaits which of these locks in this database.
struct LockUse {
    LOCKTAG tag;
    int pid;
    bool held;
    LOCKMODE awaited;           // NoLock: it does not wait
    std::int64_t waiting_since; // as in timestamptz; 0 while not known
};
std::vector<LockUse> own_lock_uses();

// The runs that wait for another one of their version line, or for somebody who changes the revisions.
struct WaitingRun {
    int pid;
    bool for_revisions;        // then the line is not known
    std::optional<Oid> schema; // of the line
    std::int64_t waiting_since;
};
std::vector<WaitingRun> waiting_runs();

} // namespace pgmigrate::pg

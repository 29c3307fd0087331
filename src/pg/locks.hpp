// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/boundary.hpp"

namespace pgmigrate::pg
{

// Object locks of the default lock method on the extension or on a schema, under sub-ids of pg_migrate's own: dying
// with their holder, seen by the deadlock detector, and not to be freed by DISCARD ALL or pg_advisory_unlock_all().

// The sub-ids; the server itself uses 0 for both classes.
constexpr uint16 runner_sub_id = 0x4D47;
constexpr uint16 author_sub_id = 0x4D48;
constexpr uint16 turn_sub_id = 0x4D49;
constexpr uint16 alive_sub_id = 0x4D4A;
constexpr uint16 board_sub_id = 0x4D50; // the object is the handle of a board: see progress.hpp

LOCKTAG own_lock_tag(Oid class_id, Oid object_id, uint16 sub_id);

// A version line, as it is locked: that of a schema or (none) of the database. The line of a schema that is gone, which
// can only be stamped, takes turns with the database's own.
struct Line {
    Oid extension = InvalidOid;
    std::optional<Oid> schema_oid;
    std::optional<std::string> schema;
};
Line line_of(Oid extension, const std::optional<std::string> &schema);

// One runner at a time for each line; and no revision is replaced while it runs.
//
//   turn     who may begin a run: held until the run is over by its caller or, without one, by its worker
//   runner   held by the process that executes; its caller, if that is another one, holds the turn
//   authors  held by runs in share mode: no revision is replaced meanwhile
//
// Waits for its turn without that the runner's index builds would have to wait for this session (see waiting.hpp);
// where that is impossible, in a transaction block, and the runner has a statement before it that waits for all
// transactions: 55P03 at once.
void lock_for_run(const Line &line);
// The same without waiting; false if it is not to be had at once.
bool try_lock_for_run(const Line &line);

// For a caller whose worker is going to execute: lets go of all but the turn.
void keep_turn_only(const Line &line);
// For a worker, whose locks last over its transactions: `with_turn` if it has no caller that holds it. Waits; not to be
// called with a snapshot.
void lock_as_worker(const Line &line, bool with_turn);
// An error has rolled back a transaction of the worker, and with it released all of its locks. Takes runner, authors
// and the one that says that the run is alive once more, without waiting; false if somebody else has the line now.
bool lock_as_worker_again(const Line &line, std::int64_t run);
void unlock_as_worker(const Line &line, bool with_turn);

// Whether another process executes a run of the line, or is about to.
bool is_run_elsewhere(const Line &line);

// Lets go of a turn that is not needed: nothing was left to do.
void unlock_for_run(const Line &line);

// Held by a worker from when it is ready until it ends: whether a run of migrate.run is alive.
void lock_alive(std::int64_t run);
void unlock_alive(std::int64_t run);
// The process that holds it; 0 for none.
int alive_process(std::int64_t run);
// Waits until nobody holds it, or `until` (0: without limit); false if the time was up. Waits as lock_for_run() does.
bool wait_until_ended(std::int64_t run, std::int64_t until);

// ShareUpdateExclusiveLock on a relation for the session of a worker; waits as long as lock_timeout allows.
void lock_relation(Oid relation);
void unlock_relation(Oid relation);

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

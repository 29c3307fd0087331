// SPDX-License-Identifier: PostgreSQL
#pragma once

// What a statement is, judged by its raw parse tree. Everything here runs inside call(), in a transaction.

#include "executor/statement.hpp"

#include "pg/boundary.hpp"

extern "C" {
#include "nodes/parsenodes.h"
}

namespace pgmigrate::pg
{

// Why a script may not hold a statement.
enum class Forbidden {
    none,
    begin,
    begin_with_options,
    commit,
    commit_and_chain,
    rollback,
    savepoint,
    two_phase,
    set_transaction,
    copy_from_client,
    copy_to_client,
    nonstandard_strings,
    own_extension
};

struct StatementFacts {
    bool transactional;
    Forbidden forbidden;
    const char *command;
    executor::RoleChange role_change;
    const char *role;
    bool role_is_local;
    const char *resets; // setting_reset_by()
    bool adds_enum_value;
    bool only_values;       // an INSERT that asks no table
    const char *recomputed; // the columns whose values ALTER COLUMN ... TYPE ... USING computes anew; may be empty
};

// In the current memory context.
const StatementFacts *describe_statement(const RawStmt *statement);

// False for every statement that the server itself refuses in a transaction block. Some are refused for what they are
// applied to (a partitioned table, a subscription with a slot): that is looked up as it is now, with the search_path of
// now. A table that does not exist yet counts as an ordinary one, a subscription as one with a slot.
bool is_transactional(const Node *statement);

Forbidden forbidden_reason(const Node *statement);

// An option of a statement as the server reads it; where it is given twice, the last counts or the server refuses both.
bool boolean_option(List *options, const char *name, bool otherwise);

// Does not lock, does not mind what is missing, and asks for no rights: who looks at a plan need not have any.
Oid find_relation(const RangeVar *name);

// The DETACH PARTITION CONCURRENTLY of the statement, or null.
const PartitionCmd *concurrent_detach(const AlterTableStmt &statement);

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#include "pg/classify.hpp"

#include "pg/classify_settings.hpp"
#include "pg/compat.hpp"

#include <cstring>

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_subscription.h"
#include "commands/dbcommands.h" // get_database_name before 18
#include "commands/defrem.h"
#include "lib/stringinfo.h"
#include "nodes/nodeFuncs.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace pgmigrate::pg
{

namespace
{

template <class Statement>
const Statement &as(const Node *node)
{
    return *reinterpret_cast<const Statement *>(node);
}

bool has_option(List *options, const char *name)
{
    for (int index = 0; index < list_length(options); ++index)
        if (std::strcmp(static_cast<DefElem *>(list_nth(options, index))->defname, name) == 0)
            return true;
    return false;
}

bool is_partitioned(const RangeVar *relation)
{
    const Oid oid = find_relation(relation);
    const char kind = OidIsValid(oid) ? get_rel_relkind(oid) : '\0';
    return kind == RELKIND_PARTITIONED_TABLE || kind == RELKIND_PARTITIONED_INDEX;
}

bool reindexes_in_one_transaction(const ReindexStmt &statement)
{
    if (boolean_option(statement.params, "concurrently", false))
        return false;
    switch (statement.kind) {
    case REINDEX_OBJECT_INDEX:
    case REINDEX_OBJECT_TABLE:
        return !is_partitioned(statement.relation);
    case REINDEX_OBJECT_SCHEMA:
    case REINDEX_OBJECT_SYSTEM:
    case REINDEX_OBJECT_DATABASE:
        return false;
    }
    return false;
}

bool creates_slot(const CreateSubscriptionStmt &statement)
{
    const bool connects = boolean_option(statement.options, "connect", true);
    return boolean_option(statement.options, "create_slot", connects);
}

bool alters_slot_or_refreshes(const AlterSubscriptionStmt &statement)
{
    switch (statement.kind) {
    case ALTER_SUBSCRIPTION_SET_PUBLICATION:
    case ALTER_SUBSCRIPTION_ADD_PUBLICATION:
    case ALTER_SUBSCRIPTION_DROP_PUBLICATION:
        return boolean_option(statement.options, "refresh", true);
#if PG_VERSION_NUM >= 190000
    case ALTER_SUBSCRIPTION_REFRESH_PUBLICATION: // 19 also refreshes sequences, which needs no transaction of its own
#else
    case ALTER_SUBSCRIPTION_REFRESH:
#endif
        return true;
#if PG_VERSION_NUM >= 170000
    case ALTER_SUBSCRIPTION_OPTIONS: // changed in the slot as well
        return has_option(statement.options, "failover") ||
               (PG_VERSION_NUM >= 180000 && !boolean_option(statement.options, "two_phase", true));
#endif
    default:
        return false;
    }
}

bool may_drop_slot(const char *subscription)
{
    HeapTuple tuple = SearchSysCache2(SUBSCRIPTIONNAME, ObjectIdGetDatum(MyDatabaseId), CStringGetDatum(subscription));
    if (!HeapTupleIsValid(tuple))
        return true;
    bool without = false;
    (void)SysCacheGetAttr(SUBSCRIPTIONNAME, tuple, Anum_pg_subscription_subslotname, &without);
    ReleaseSysCache(tuple);
    return !without;
}

bool names_own_extension(const Node *statement)
{
    constexpr const char *own = "pg_migrate";
    switch (nodeTag(statement)) {
    case T_DropStmt: {
        const auto &drop = as<DropStmt>(statement);
        if (drop.removeType != OBJECT_EXTENSION)
            return false;
        for (int index = 0; index < list_length(drop.objects); ++index)
            if (std::strcmp(strVal(list_nth(drop.objects, index)), own) == 0)
                return true;
        return false;
    }
    case T_AlterExtensionStmt:
        return std::strcmp(as<AlterExtensionStmt>(statement).extname, own) == 0;
    case T_AlterExtensionContentsStmt:
        return std::strcmp(as<AlterExtensionContentsStmt>(statement).extname, own) == 0;
    case T_AlterObjectSchemaStmt: {
        const auto &move = as<AlterObjectSchemaStmt>(statement);
        return move.objectType == OBJECT_EXTENSION && std::strcmp(strVal(move.object), own) == 0;
    }
    default:
        return false;
    }
}

Forbidden transaction_control(const TransactionStmt &statement)
{
    switch (statement.kind) {
    case TRANS_STMT_BEGIN:
    case TRANS_STMT_START:
        return statement.options == NIL ? Forbidden::begin : Forbidden::begin_with_options;
    case TRANS_STMT_COMMIT:
        return statement.chain ? Forbidden::commit_and_chain : Forbidden::commit;
    case TRANS_STMT_ROLLBACK:
        return Forbidden::rollback;
    case TRANS_STMT_SAVEPOINT:
    case TRANS_STMT_RELEASE:
    case TRANS_STMT_ROLLBACK_TO:
        return Forbidden::savepoint;
    case TRANS_STMT_PREPARE:
    case TRANS_STMT_COMMIT_PREPARED:
    case TRANS_STMT_ROLLBACK_PREPARED:
        return Forbidden::two_phase;
    }
    return Forbidden::begin;
}

bool is_subquery(Node *node, void *context)
{
    return node != nullptr && (IsA(node, SubLink) || compat::walk_raw_tree(node, is_subquery, context));
}

// VALUES that ask no table, or DEFAULT VALUES.
bool inserts_only_values(const InsertStmt &statement)
{
    if (statement.withClause != nullptr)
        return false;
    if (statement.selectStmt == nullptr)
        return true;
    const auto &source = as<SelectStmt>(statement.selectStmt);
    return source.valuesLists != NIL && source.withClause == nullptr &&
           !compat::walk_raw_tree(statement.selectStmt, is_subquery, nullptr);
}

bool is_column(const Node *node, const char *name)
{
    if (!IsA(node, ColumnRef))
        return false;
    Node *last = static_cast<Node *>(llast(as<ColumnRef>(node).fields));
    return IsA(last, String) && std::strcmp(strVal(last), name) == 0;
}

// Whether it is what the server does without USING: the column itself, or a cast to the type that it gets. A cast to a
// type with a length cuts off what does not fit.
bool keeps_values(const Node *expression, const char *column, const TypeName *type)
{
    if (is_column(expression, column))
        return true;
    if (!IsA(expression, TypeCast))
        return false;
    const auto &cast = as<TypeCast>(expression);
    return is_column(cast.arg, column) && cast.typeName->typmods == NIL && equal(cast.typeName, type);
}

const char *recomputed_columns(const AlterTableStmt &statement)
{
    StringInfoData columns;
    initStringInfo(&columns);
    for (int index = 0; index < list_length(statement.cmds); ++index) {
        const auto &command = *static_cast<const AlterTableCmd *>(list_nth(statement.cmds, index));
        if (command.subtype != AT_AlterColumnType)
            continue;
        const auto &column = as<ColumnDef>(command.def);
        if (column.raw_default != nullptr && !keeps_values(column.raw_default, command.name, column.typeName))
            appendStringInfo(&columns, "%s%s.%s", columns.len > 0 ? ", " : "",
                             quote_identifier(statement.relation->relname), quote_identifier(command.name));
    }
    return columns.data;
}

} // namespace

bool boolean_option(List *options, const char *name, bool otherwise)
{
    for (int index = 0; index < list_length(options); ++index) {
        auto *option = static_cast<DefElem *>(list_nth(options, index));
        if (std::strcmp(option->defname, name) == 0)
            otherwise = defGetBoolean(option);
    }
    return otherwise;
}

Oid find_relation(const RangeVar *name)
{
    if (name->catalogname != nullptr && std::strcmp(name->catalogname, get_database_name(MyDatabaseId)) != 0)
        return InvalidOid; // the server refuses it
    if (name->schemaname == nullptr)
        return RelnameGetRelid(name->relname);
    const Oid schema = get_namespace_oid(name->schemaname, true);
    return OidIsValid(schema) ? get_relname_relid(name->relname, schema) : InvalidOid;
}

const PartitionCmd *concurrent_detach(const AlterTableStmt &statement)
{
    for (int index = 0; index < list_length(statement.cmds); ++index) {
        const auto *command = static_cast<const AlterTableCmd *>(list_nth(statement.cmds, index));
        if (command->subtype == AT_DetachPartition && as<PartitionCmd>(command->def).concurrent)
            return &as<PartitionCmd>(command->def);
    }
    return nullptr;
}

bool is_transactional(const Node *statement)
{
    switch (nodeTag(statement)) {
    case T_IndexStmt:
        return !as<IndexStmt>(statement).concurrent;
    case T_DropStmt:
        return as<DropStmt>(statement).removeType != OBJECT_INDEX || !as<DropStmt>(statement).concurrent;
    case T_ReindexStmt:
        return reindexes_in_one_transaction(as<ReindexStmt>(statement));
    case T_VacuumStmt:
        return !as<VacuumStmt>(statement).is_vacuumcmd;
#if PG_VERSION_NUM >= 190000
    case T_RepackStmt: // also CLUSTER
        return as<RepackStmt>(statement).relation != nullptr &&
               !boolean_option(as<RepackStmt>(statement).params, "concurrently", false) &&
               !is_partitioned(as<RepackStmt>(statement).relation->relation);
#else
    case T_ClusterStmt:
        return as<ClusterStmt>(statement).relation != nullptr && !is_partitioned(as<ClusterStmt>(statement).relation);
#endif
    case T_AlterTableStmt:
        return concurrent_detach(as<AlterTableStmt>(statement)) == nullptr;
    case T_AlterDatabaseStmt:
        return !has_option(as<AlterDatabaseStmt>(statement).options, "tablespace");
    case T_CreateSubscriptionStmt:
        return !creates_slot(as<CreateSubscriptionStmt>(statement));
    case T_AlterSubscriptionStmt:
        return !alters_slot_or_refreshes(as<AlterSubscriptionStmt>(statement));
    case T_DropSubscriptionStmt:
        return !may_drop_slot(as<DropSubscriptionStmt>(statement).subname);
    case T_DiscardStmt:
        return as<DiscardStmt>(statement).target != DISCARD_ALL;
    case T_CreatedbStmt:
    case T_DropdbStmt:
    case T_CreateTableSpaceStmt:
    case T_DropTableSpaceStmt:
    case T_AlterSystemStmt:
        return false;
    default:
        return true;
    }
}

Forbidden forbidden_reason(const Node *statement)
{
    if (IsA(statement, TransactionStmt))
        return transaction_control(as<TransactionStmt>(statement));
    if (IsA(statement, VariableSetStmt) && sets_transaction(as<VariableSetStmt>(statement)))
        return Forbidden::set_transaction;
    if (IsA(statement, VariableSetStmt) && sets_nonstandard_strings(as<VariableSetStmt>(statement)))
        return Forbidden::nonstandard_strings;
    if (IsA(statement, CopyStmt) && as<CopyStmt>(statement).filename == nullptr)
        return as<CopyStmt>(statement).is_from ? Forbidden::copy_from_client : Forbidden::copy_to_client;
    return names_own_extension(statement) ? Forbidden::own_extension : Forbidden::none;
}

const StatementFacts *describe_statement(const RawStmt *statement)
{
    auto *facts = static_cast<StatementFacts *>(palloc0(sizeof(StatementFacts)));
    facts->transactional = is_transactional(statement->stmt);
    facts->forbidden = forbidden_reason(statement->stmt);
    facts->command = GetCommandTagName(CreateCommandTag(statement->stmt));
    facts->role_change = role_change_of(statement->stmt, facts->role);
    facts->role_is_local = facts->role_change != executor::RoleChange::none &&
                           reinterpret_cast<const VariableSetStmt *>(statement->stmt)->is_local;
    facts->resets = setting_reset_by(statement->stmt);
    facts->adds_enum_value =
        IsA(statement->stmt, AlterEnumStmt) && as<AlterEnumStmt>(statement->stmt).oldVal == nullptr;
    facts->only_values = IsA(statement->stmt, InsertStmt) && inserts_only_values(as<InsertStmt>(statement->stmt));
    facts->recomputed =
        IsA(statement->stmt, AlterTableStmt) ? recomputed_columns(as<AlterTableStmt>(statement->stmt)) : "";
    return facts;
}

} // namespace pgmigrate::pg

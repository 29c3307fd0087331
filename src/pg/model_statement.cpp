// SPDX-License-Identifier: PostgreSQL
#include "pg/model_statement.hpp"

#include "pg/classify.hpp"
#include "pg/classify_settings.hpp"

extern "C" {
#include "tcop/utility.h"
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

bool is_shared(ObjectType type)
{
    return type == OBJECT_ROLE || type == OBJECT_DATABASE || type == OBJECT_TABLESPACE || type == OBJECT_PARAMETER_ACL;
}

ModelRefusal if_shared(ObjectType type)
{
    return is_shared(type) ? ModelRefusal::cluster : ModelRefusal::none;
}

ModelRefusal refuse_if(bool condition, ModelRefusal refusal)
{
    return condition ? refusal : ModelRefusal::none;
}

bool ends_or_begins_prepared(const TransactionStmt &statement)
{
    return statement.kind == TRANS_STMT_PREPARE || statement.kind == TRANS_STMT_COMMIT_PREPARED ||
           statement.kind == TRANS_STMT_ROLLBACK_PREPARED;
}

bool reindexes_catalogues(const ReindexStmt &statement)
{
    return statement.kind == REINDEX_OBJECT_SYSTEM || statement.kind == REINDEX_OBJECT_DATABASE;
}

bool speaks_to_publisher(const AlterSubscriptionStmt &statement)
{
    const bool enables =
        statement.kind == ALTER_SUBSCRIPTION_ENABLED && boolean_option(statement.options, "enabled", true);
    return enables || !is_transactional(reinterpret_cast<const Node *>(&statement));
}

ModelRefusal refusal_of(const Node *statement);

// CREATE SCHEMA ... GRANT ...
ModelRefusal refusal_of_first(List *statements)
{
    for (int index = 0; index < list_length(statements); ++index)
        if (const ModelRefusal refusal = refusal_of(static_cast<const Node *>(list_nth(statements, index)));
            refusal != ModelRefusal::none)
            return refusal;
    return ModelRefusal::none;
}

ModelRefusal refusal_of(const Node *statement)
{
    switch (nodeTag(statement)) {
    case T_CreatedbStmt:
    case T_DropdbStmt:
    case T_AlterDatabaseStmt:
    case T_AlterDatabaseRefreshCollStmt:
    case T_AlterDatabaseSetStmt:
    case T_CreateRoleStmt:
    case T_AlterRoleStmt:
    case T_AlterRoleSetStmt:
    case T_DropRoleStmt:
    case T_GrantRoleStmt:
    case T_CreateTableSpaceStmt:
    case T_DropTableSpaceStmt:
    case T_AlterTableSpaceOptionsStmt:
    case T_AlterSystemStmt:
    case T_DropOwnedStmt:     // also takes rights on databases and tablespaces away
    case T_ReassignOwnedStmt: // also databases and tablespaces
        return ModelRefusal::cluster;
    case T_RenameStmt:
        return if_shared(as<RenameStmt>(statement).renameType);
    case T_AlterOwnerStmt:
        return if_shared(as<AlterOwnerStmt>(statement).objectType);
    case T_CommentStmt:
        return if_shared(as<CommentStmt>(statement).objtype);
    case T_SecLabelStmt:
        return if_shared(as<SecLabelStmt>(statement).objtype);
    case T_GrantStmt:
        return if_shared(as<GrantStmt>(statement).objtype);
    case T_CreateSchemaStmt:
        return refusal_of_first(as<CreateSchemaStmt>(statement).schemaElts);
    case T_ReindexStmt:
        return refuse_if(reindexes_catalogues(as<ReindexStmt>(statement)), ModelRefusal::cluster);
    case T_CopyStmt:
        return ModelRefusal::copy;
    case T_CreateSubscriptionStmt:
        return refuse_if(boolean_option(as<CreateSubscriptionStmt>(statement).options, "connect", true),
                         ModelRefusal::subscription);
    case T_AlterSubscriptionStmt:
        return refuse_if(speaks_to_publisher(as<AlterSubscriptionStmt>(statement)), ModelRefusal::subscription);
    case T_DropSubscriptionStmt:
        return ModelRefusal::subscription;
    case T_TransactionStmt:
        return refuse_if(ends_or_begins_prepared(as<TransactionStmt>(statement)), ModelRefusal::two_phase);
    case T_NotifyStmt:
    case T_ListenStmt:
    case T_UnlistenStmt:
    case T_LoadStmt:
    case T_CheckPointStmt:
        return ModelRefusal::outside;
    case T_VariableSetStmt:
        return refuse_if(sets_nonstandard_strings(as<VariableSetStmt>(statement)), ModelRefusal::nonstandard_strings);
    default:
        return ModelRefusal::none;
    }
}

bool acts_here_as_well(const Node *statement)
{
    return IsA(statement, CreateSchemaStmt) || IsA(statement, DropOwnedStmt) || IsA(statement, ReassignOwnedStmt);
}

bool sets(const VariableSetStmt &statement, const char *name)
{
    return statement.name != nullptr && pg_strcasecmp(statement.name, name) == 0;
}

// The encoding of the text is the database's, whatever its file had. And a pg_dump newer than the server switches off
// a timeout that the server does not have.
bool is_left_out(const Node *statement)
{
    if (!IsA(statement, VariableSetStmt))
        return false;
    const auto &set = as<VariableSetStmt>(statement);
    return sets(set, "client_encoding") ||
           (sets(set, "transaction_timeout") && compat::find_setting("transaction_timeout") == nullptr);
}

bool creates_public(const CreateSchemaStmt &create)
{
    return create.schemaname != nullptr && std::string_view(create.schemaname) == "public" &&
           create.authrole == nullptr && create.schemaElts == NIL && !create.if_not_exists;
}

// SET SESSION AUTHORIZATION, which pg_dump writes if it is told to, makes the same owners as SET ROLE.
ModelAction action_of(const Node *statement, const char *&role)
{
    if (IsA(statement, DiscardStmt) && as<DiscardStmt>(statement).target == DISCARD_ALL)
        return ModelAction::discard_all;
    if (IsA(statement, CreateSchemaStmt) && creates_public(as<CreateSchemaStmt>(statement)))
        return ModelAction::create_public;
    if (!IsA(statement, VariableSetStmt))
        return ModelAction::run;
    VariableSetStmt set = as<VariableSetStmt>(statement);
    if (sets(set, "session_authorization"))
        set.name = pstrdup("role");
    switch (role_change_of(reinterpret_cast<const Node *>(&set), role)) {
    case executor::RoleChange::set:
        return ModelAction::set_role;
    case executor::RoleChange::reset:
        return ModelAction::reset_role;
    case executor::RoleChange::none:
        break;
    }
    return ModelAction::run;
}

bool names_owner(const Node *statement)
{
    if (IsA(statement, AlterOwnerStmt) || IsA(statement, ReassignOwnedStmt))
        return true;
    if (IsA(statement, CreateSchemaStmt))
        return as<CreateSchemaStmt>(statement).authrole != nullptr;
    if (!IsA(statement, AlterTableStmt))
        return false;
    const List *commands = as<AlterTableStmt>(statement).cmds;
    for (int i = 0; i < list_length(commands); ++i)
        if (static_cast<const AlterTableCmd *>(list_nth(commands, i))->subtype == AT_ChangeOwner)
            return true;
    return false;
}

bool names_right(const Node *statement)
{
    if (IsA(statement, GrantStmt) || IsA(statement, AlterDefaultPrivilegesStmt))
        return true;
    if (!IsA(statement, CreateSchemaStmt))
        return false;
    const List *made = as<CreateSchemaStmt>(statement).schemaElts;
    for (int i = 0; i < list_length(made); ++i)
        if (IsA(list_nth(made, i), GrantStmt))
            return true;
    return false;
}

const char *versioned_extension(const Node *statement)
{
    if (IsA(statement, AlterExtensionStmt))
        return as<AlterExtensionStmt>(statement).extname;
    if (!IsA(statement, CreateExtensionStmt))
        return nullptr;
    const auto &create = as<CreateExtensionStmt>(statement);
    for (int i = 0; i < list_length(create.options); ++i)
        if (std::string_view(static_cast<const DefElem *>(list_nth(create.options, i))->defname) == "new_version")
            return create.extname;
    return nullptr;
}

} // namespace

const char *hint_of(ModelRefusal refusal)
{
    switch (refusal) {
    case ModelRefusal::cluster:
        return "It would also act on the whole cluster, beyond the database that the model describes. Take it out of "
               "the model.";
    case ModelRefusal::copy:
        return "A model has no rows: dump it by pg_dump --schema-only.";
    case ModelRefusal::subscription:
        return "It would connect to the publisher. Create the subscription WITH (connect = false), as pg_dump writes "
               "it.";
    case ModelRefusal::two_phase:
        return "Prepared transactions outlive the session that loads the model.";
    case ModelRefusal::outside:
        return "It says nothing about the schema, and would be felt outside of it. Take it out of the model.";
    case ModelRefusal::nonstandard_strings:
        return "Write backslash escapes as E'...': a model is read and run with standard_conforming_strings on.";
    case ModelRefusal::none:
        break;
    }
    return "";
}

const ModelStatementFacts *describe_model_statement(const RawStmt *statement)
{
    auto *facts = static_cast<ModelStatementFacts *>(palloc0(sizeof(ModelStatementFacts)));
    facts->refusal = refusal_of(statement->stmt);
    facts->passed_over = facts->refusal == ModelRefusal::cluster && !acts_here_as_well(statement->stmt);
    facts->action = action_of(statement->stmt, facts->role);
    facts->left_out = is_left_out(statement->stmt);
    facts->names_owner = facts->action == ModelAction::set_role || names_owner(statement->stmt);
    facts->names_right = names_right(statement->stmt);
    facts->versioned = versioned_extension(statement->stmt);
    facts->command = GetCommandTagName(CreateCommandTag(statement->stmt));
    return facts;
}

} // namespace pgmigrate::pg

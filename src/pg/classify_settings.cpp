// SPDX-License-Identifier: PostgreSQL
#include "pg/classify_settings.hpp"

#include <cstring>

extern "C" {
#include "utils/builtins.h" // parse_bool
}

namespace pgmigrate::pg
{

namespace
{

using executor::RoleChange;

bool equal(const char *one, const char *other)
{
    return pg_strcasecmp(one, other) == 0;
}

// The value of a string constant, also of one with a cast; null for anything else.
const char *constant_string(const Node *node)
{
    while (node != nullptr && IsA(node, TypeCast))
        node = reinterpret_cast<const TypeCast *>(node)->arg;
    if (node == nullptr || !IsA(node, A_Const))
        return nullptr;
    const auto *constant = reinterpret_cast<const A_Const *>(node);
    return !constant->isnull && nodeTag(&constant->val) == T_String ? constant->val.sval.sval : nullptr;
}

} // namespace

bool sets_transaction(const VariableSetStmt &statement)
{
    if (statement.name == nullptr)
        return false;
    for (const char *name : {"TRANSACTION", "TRANSACTION SNAPSHOT", "transaction_isolation", "transaction_read_only",
                             "transaction_deferrable"})
        if (equal(statement.name, name))
            return true;
    return false;
}

bool sets_nonstandard_strings(const VariableSetStmt &statement)
{
    if (statement.kind != VAR_SET_VALUE || !equal(statement.name, "standard_conforming_strings"))
        return false;
    const char *value = list_length(statement.args) == 1
                            ? constant_string(static_cast<const Node *>(linitial(statement.args)))
                            : nullptr;
    bool on = false;
    return value == nullptr || !parse_bool(value, &on) || !on;
}

const char *setting_reset_by(const Node *statement)
{
    if (IsA(statement, DiscardStmt))
        return reinterpret_cast<const DiscardStmt *>(statement)->target == DISCARD_ALL ? "*" : "";
    if (!IsA(statement, VariableSetStmt))
        return "";
    const auto &set = *reinterpret_cast<const VariableSetStmt *>(statement);
    if (set.kind == VAR_RESET_ALL)
        return "*";
    const bool resets = set.kind == VAR_RESET || (set.kind == VAR_SET_DEFAULT && !set.is_local);
    return resets && set.name != nullptr ? set.name : "";
}

RoleChange role_change_of(const Node *statement, const char *&role)
{
    if (!IsA(statement, VariableSetStmt))
        return RoleChange::none;
    const auto &set = *reinterpret_cast<const VariableSetStmt *>(statement);
    if (set.name == nullptr || !equal(set.name, "role"))
        return RoleChange::none;
    if (set.kind == VAR_RESET || set.kind == VAR_SET_DEFAULT)
        return RoleChange::reset;
    if (set.kind != VAR_SET_VALUE || list_length(set.args) != 1)
        return RoleChange::none;
    role = constant_string(static_cast<const Node *>(linitial(set.args)));
    if (role == nullptr)
        return RoleChange::none;
    return std::strcmp(role, "none") == 0 ? RoleChange::reset : RoleChange::set;
}

} // namespace pgmigrate::pg

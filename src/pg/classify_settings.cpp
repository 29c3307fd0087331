// SPDX-License-Identifier: PostgreSQL
#include "pg/classify_settings.hpp"

#include <cstring>

extern "C" {
#include "nodes/nodeFuncs.h"
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

const SettingName *add(const SettingName *rest, const char *name)
{
    auto *added = static_cast<SettingName *>(palloc(sizeof(SettingName)));
    char *folded = pstrdup(name);
    for (char *character = folded; *character != '\0'; ++character)
        *character = static_cast<char>(pg_ascii_tolower(static_cast<unsigned char>(*character)));
    *added = {folded, rest};
    return added;
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

bool is_set_config(const FuncCall &call)
{
    const int parts = list_length(call.funcname);
    if (parts == 2 && std::strcmp(strVal(linitial(call.funcname)), "pg_catalog") != 0)
        return false;
    return parts <= 2 && std::strcmp(strVal(llast(call.funcname)), "set_config") == 0;
}

bool collect_set_config(Node *node, void *context)
{
    if (node == nullptr)
        return false;
    if (IsA(node, FuncCall) && is_set_config(*reinterpret_cast<const FuncCall *>(node))) {
        const auto *arguments = reinterpret_cast<const FuncCall *>(node)->args;
        const char *name = arguments == NIL ? nullptr : constant_string(static_cast<const Node *>(linitial(arguments)));
        auto *names = static_cast<const SettingName **>(context);
        *names = add(*names, name == nullptr ? "*" : name);
    }
#if PG_VERSION_NUM >= 160000
    return raw_expression_tree_walker(node, collect_set_config, context);
#else
    // Before 16 the walker is declared without parameters (commit 1c27d16e6e5c); called with these all the same.
    using Untyped = void (*)();
    using Walker = bool (*)();
    return raw_expression_tree_walker(node, reinterpret_cast<Walker>(reinterpret_cast<Untyped>(collect_set_config)),
                                      context);
#endif
}

// SET SESSION CHARACTERISTICS AS TRANSACTION: its modes are the settings transaction_*, it sets default_transaction_*.
const SettingName *session_characteristics(const VariableSetStmt &statement)
{
    const SettingName *names = nullptr;
    for (int index = 0; index < list_length(statement.args); ++index)
        names = add(names, psprintf("default_%s", static_cast<DefElem *>(list_nth(statement.args, index))->defname));
    return names;
}

const SettingName *settings_of_set(const VariableSetStmt &statement)
{
    switch (statement.kind) {
    case VAR_RESET_ALL:
        return add(nullptr, "*");
    case VAR_SET_MULTI:
        return session_characteristics(statement);
    case VAR_SET_VALUE:
    case VAR_SET_DEFAULT:
    case VAR_SET_CURRENT:
    case VAR_RESET:
        break;
    }
    return equal(statement.name, "role") ? nullptr : add(nullptr, statement.name);
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

const SettingName *settings_set_by(Node *statement)
{
    if (IsA(statement, VariableSetStmt))
        return settings_of_set(*reinterpret_cast<const VariableSetStmt *>(statement));
    if (IsA(statement, DiscardStmt) && reinterpret_cast<const DiscardStmt *>(statement)->target == DISCARD_ALL)
        return add(nullptr, "*");
    const SettingName *names = nullptr;
    if (IsA(statement, SelectStmt))
        (void)collect_set_config(statement, &names);
    return names;
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

// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::executor
{

// How a statement at the top level of a script changes the role; the runner carries it out itself, because the server
// refuses SET ROLE where the rights of the caller are kept apart from those of his session.
enum class RoleChange { none, set, reset };

// A statement of a script, as the server's grammar delimits it.
struct Statement {
    std::size_t offset = 0; // bytes from the start of the script to the first token
    std::size_t length = 0; // bytes up to the end of the last token: no semicolon, no trailing comment
    int line = 1;           // of the first token, counted from 1
    bool transactional = true;
    bool begins_segment = false; // what is above it is to be committed before
    bool ends_segment = false;   // what it does can be used once it is committed: ALTER TYPE ... ADD VALUE
    std::string command;         // the command tag, e.g. CREATE INDEX
    bool only_values = false;    // an INSERT that asks no table
    std::string recomputed;      // the columns whose values ALTER COLUMN ... TYPE ... USING computes anew
    RoleChange role_change = RoleChange::none;
    std::string role;           // for RoleChange::set
    bool role_is_local = false; // to the transaction
    std::string resets;         // the setting that it resets for the session; "*": all of them
    // Offsets, from the start of the statement, behind each colon that psql would take for the beginning of a variable,
    // as in the slice a[1:n]; a printed script puts a blank there.
    std::vector<std::size_t> colons;
};

struct Script {
    std::string text;
    std::vector<Statement> statements;

    std::string_view statement_text(const Statement &statement) const
    {
        return std::string_view(text).substr(statement.offset, statement.length);
    }
};

// What the first `count` statements change lives with the session, and so is missing in one that goes on behind them.
inline bool changes_session(const Statement &statement)
{
    return statement.role_change != RoleChange::none || statement.command == "SET" || statement.command == "RESET" ||
           statement.command == "DISCARD ALL";
}
inline bool changes_session(const Script &script, std::size_t count)
{
    return std::any_of(script.statements.begin(), script.statements.begin() + static_cast<std::ptrdiff_t>(count),
                       [](const Statement &statement) { return changes_session(statement); });
}

// The role that the first `count` statements have set; none: that of the caller.
inline std::optional<std::string> role_after(const Script &script, std::size_t count)
{
    std::optional<std::string> role;
    for (std::size_t i = 0; i < count; ++i) {
        const Statement &statement = script.statements[i];
        if (statement.role_is_local)
            continue;
        if (statement.role_change == RoleChange::set)
            role = statement.role;
        else if (statement.role_change == RoleChange::reset || statement.command == "DISCARD ALL")
            role.reset();
    }
    return role;
}

} // namespace pgmigrate::executor

// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <cstddef>
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
    std::string role; // for RoleChange::set
    // Offsets, from the start of the statement, behind each colon that psql would take for the beginning of a variable,
    // as in the slice a[1:n]; a printed script puts a blank there.
    std::vector<std::size_t> colons;
};

// What the statement changes lives with the session, and so is missing in a session that goes on behind it.
inline bool changes_session(const Statement &statement)
{
    return statement.role_change != RoleChange::none || statement.command == "SET" || statement.command == "RESET";
}

struct Script {
    std::string text;
    std::vector<Statement> statements;

    std::string_view statement_text(const Statement &statement) const
    {
        return std::string_view(text).substr(statement.offset, statement.length);
    }
};

} // namespace pgmigrate::executor

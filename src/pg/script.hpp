// SPDX-License-Identifier: PostgreSQL
#pragma once

// Migration scripts, read by the server's own scanner and grammar.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::pg {

// How a statement at the top level of a script changes the role; the runner carries it out itself, because the server
// refuses SET ROLE where the rights of the caller are kept apart from those of his session.
enum class RoleChange { none, set, reset };

struct ScriptStatement {
    std::size_t offset = 0; // bytes from the start of the script to the first token
    std::size_t length = 0; // bytes up to the end of the last token: no semicolon, no trailing comment
    int line = 1;           // of the first token, counted from 1
    bool transactional = true;
    std::string command;    // the command tag, e.g. CREATE INDEX
    RoleChange role_change = RoleChange::none;
    std::string role;                       // for RoleChange::set
    std::vector<std::string> settings_set;  // names of settings that SET or a set_config() call of this statement changes
};

// What is wrong with a script is reported with the name that the user knows it by.
struct ScriptName {
    std::string_view revision;  // may be empty: a revision that has no id yet
    std::string_view direction; // "up" or "down"
};

// Splits a script into its statements and classifies each. A syntax error keeps the server's message and SQLSTATE and
// gets the line and column as DETAIL. Throws core::Error forbidden_statement for transaction control and COPY with the client.
std::vector<ScriptStatement> parse_script(const std::string &text, const ScriptName &name);

// A script as it is stored: a BEGIN and COMMIT around the whole of it are taken out.
struct NormalizedScript {
    std::string text;
    bool unwrapped = false;
};
NormalizedScript normalize_script(const std::string &text, const ScriptName &name);

// SHA-256 in hex of the script's tokens, as UTF-8 under standard_conforming_strings = on: white space and comments
// outside string literals make no difference. The same on every server version and in every encoding.
// `parts` are hashed in order, each apart from the next; a missing part differs from an empty one.
struct ChecksumPart {
    std::optional<std::string> text;
    bool is_script = false; // tokens are hashed; otherwise the bytes
};
std::string checksum(const std::vector<ChecksumPart> &parts);

} // namespace pgmigrate::pg

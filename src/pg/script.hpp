// SPDX-License-Identifier: PostgreSQL
#pragma once

// Migration scripts, read by the server's own scanner and grammar.

#include "executor/statement.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::pg {

using executor::RoleChange;
using ScriptStatement = executor::Statement;

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

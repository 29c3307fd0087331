// SPDX-License-Identifier: PostgreSQL
#pragma once

// Migration scripts, read by the server's own scanner and grammar.

#include "executor/statement.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::pg
{

using executor::RoleChange;
using ScriptStatement = executor::Statement;

// What is wrong with a script is reported with the name that the user knows it by.
struct ScriptName {
    std::string_view revision;  // may be empty: a revision that has no id yet
    std::string_view direction; // "up" or "down"
};

// As messages name a script: the up script of revision "27c6a30d7c24".
std::string full_name(const ScriptName &name);

// Splits a script into its statements and classifies each. A syntax error keeps the server's message and SQLSTATE and
// gets the line and column as DETAIL. Throws core::Error forbidden_statement for transaction control, for COPY with the
// client, and for a change of the extension itself.
//
// A comment line `-- pg_migrate: no-transaction` above a statement makes it non-transactional; any other directive of
// that form, and one that stands elsewhere, is an error. What is applied to a partitioned table or to a subscription is
// classified by the catalogue as it is now, with the search_path of now. Needs a transaction.
std::vector<ScriptStatement> parse_script(const std::string &text, const ScriptName &name);

// A script as it is stored: a BEGIN and COMMIT around the whole of it are taken out, with their semicolons and nothing
// else, and all that is left keeps its line and its column. Where the block cannot be taken out, the script is left as
// it is, for parse_script() to refuse.
struct NormalizedScript {
    std::string text;
    bool unwrapped = false;
};
NormalizedScript normalize_script(const std::string &text, const ScriptName &name);

// The script with the mark `-- pg_migrate: no-transaction` above each CALL and DO: what these do the server learns only
// when they run, so that a script written to run outside a transaction block has to say so of them.
std::string with_marked_calls(const std::string &text, const ScriptName &name);

// SHA-256 in hex of the script's tokens, as UTF-8 under standard_conforming_strings = on: white space and comments
// outside string literals make no difference, but for the directive, nor do semicolons that separate nothing: those at
// the start and at the end, and all but one of several in a row. The same on every server version, in every encoding.
//
// `parts` are hashed in order, each apart from the next; a missing part differs from an empty one.
struct ChecksumPart {
    std::optional<std::string> text;
    bool is_script = false; // tokens are hashed; otherwise the bytes
};
std::string checksum(const std::vector<ChecksumPart> &parts);

} // namespace pgmigrate::pg

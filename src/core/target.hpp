// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/revision_graph.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::core
{

// Checks an id or a branch label by the rules of the contract and throws invalid_revision: not empty, none of `@ - + :
// ,`, no blank or control character, not one of head, heads, base, current, at most 255 bytes. `kind` is "revision
// identifier" or "branch label". For `@ - + :` the text is Alembic's: Character(s) '-' not allowed in revision
// identifier 'a-b'.
void check_identifier(std::string_view kind, std::string_view text);

// Splits a comma separated list, trims blanks around each element; empty elements are an invalid_parameter_value error,
// an empty text is an empty list.
std::vector<std::string> split_list(std::string_view text);
// The same for names as SQL has them: a comma in double quotes separates nothing.
std::vector<std::string> split_names(std::string_view text);
// Where `wanted` stands outside of double quotes, from `start` on; npos if it does not.
std::size_t find_unquoted(std::string_view text, char wanted, std::size_t start = 0);

// Alembic's get_revisions(): ids, prefixes, labels, head, heads, base (nothing), label@..., `-N` (from the heads), and
// a comma separated list of these. `rows` are needed for the word `current`, which is accepted only when `rows` is
// given.
std::vector<Index> resolve_revisions(const RevisionGraph &graph, std::string_view text,
                                     const std::vector<std::string> *rows, InterruptCheck &interrupts);

// What `alembic revision --head TEXT --splice` accepts as the parents of a new revision, in order. Without `splice`
// every parent must be a head (error not_a_head, Alembic's text); duplicates: `Duplicate head revisions specified`.
// `head` with several heads: Alembic's text for `revision`/`merge`.
std::vector<Index> resolve_parents(const RevisionGraph &graph, std::string_view text, bool splice,
                                   InterruptCheck &interrupts);

// One dependency as given to `alembic revision --depends-on`: the label as it is if it is one, else the full id.
std::string resolve_dependency(const RevisionGraph &graph, std::string_view text, InterruptCheck &interrupts);

} // namespace pgmigrate::core

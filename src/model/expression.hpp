// SPDX-License-Identifier: PostgreSQL
#pragma once

// Expressions and definitions as the server deparses them.
//
// What is deparsed and parsed again is not always deparsed to the same text: a status IN ('a', 'b') over varchar is
// stored with the cast around the array, and what is made from its text with a cast around each element. Both are
// the same to everybody but a comparison of texts. So attributes keep the text that the server gave, which objects are
// made from, and are compared by its canonical form.

#include <string>
#include <string_view>

namespace pgmigrate::model
{

// The form in which two deparsed texts are equal that mean the same: one space between tokens, casts of arrays within
// them.
std::string canonical(std::string_view deparsed);

// Whether two deparsed texts are the same but for casts of names and literals that only one of them has: as the server
// writes an expression anew when a column gets another type.
bool same_but_for_casts(std::string_view was, std::string_view is);

// Where the parenthesis at `open` is closed; npos if it is not.
std::size_t closing_parenthesis(std::string_view sql, std::size_t open);

// Whether attributes of this name hold deparsed text. Whoever adds an attribute that does calls it by one of these
// names: arguments, body, check, condition, default_expression, definition, expression, predicate, query,
// using, with_check.
bool is_deparsed(std::string_view attribute);

} // namespace pgmigrate::model

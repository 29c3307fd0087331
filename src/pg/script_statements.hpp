// SPDX-License-Identifier: PostgreSQL
#pragma once

// The statements of a script, as the server's grammar delimits them.

#include <cstddef>
#include <span>
#include <string>

#include "pg/script_tokens.hpp"

extern "C" {
#include "nodes/parsenodes.h"
}

namespace pgmigrate::pg
{

inline constexpr std::size_t no_offset = static_cast<std::size_t>(-1);

// Offsets of the directives above a statement; no_offset for none.
struct Marks {
    std::size_t no_transaction = no_offset;
    std::size_t commit = no_offset;

    std::size_t any() const { return no_transaction != no_offset ? no_transaction : commit; }
};

struct StatementSpan {
    std::size_t offset;    // of the first token
    std::size_t length;    // up to the end of the last token
    std::size_t semicolon; // its offset; no_offset behind the last statement, which may lack it
    int line;              // of the first token, counted from 1
    Marks marks;
    std::span<const std::size_t> colons; // offsets behind the colons that psql would take for a variable's
};

// What is done with the statements.
class StatementSink
{
  public:
    StatementSink() = default;
    StatementSink(const StatementSink &) = delete;
    StatementSink &operator=(const StatementSink &) = delete;
    virtual ~StatementSink() = default;

    // Runs inside call(), in the memory of the parse tree: takes from the tree what statement() is going to need.
    virtual const void *extract(const RawStmt *statement) const = 0;
    virtual void statement(const StatementSpan &span, const void *extracted) = 0;
    // An error of the scanner or of the grammar at the given byte. When this returns, the error goes on its way.
    virtual void explain(PgError &error, std::size_t offset) const = 0;
    // A directive, before it is known which statement it stands above.
    virtual void directive(const Directive &directive) const = 0;
    // A directive that stands above no statement: inside of one, or behind the last.
    virtual void misplaced_directive(std::size_t offset) const = 0;
};

// Hands every statement of `text`, in order, to the sink. The grammar sees the script in parts of some hundred
// kilobytes, which bounds the memory for parse trees and the time during which a cancel is not obeyed; a single
// statement, however long, is never divided.
void read_statements(const std::string &text, StatementSink &sink);

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#pragma once

// The tokens of a script, from the server's own scanner.

#include <cstddef>
#include <string>
#include <string_view>

#include "pg/boundary.hpp"

extern "C" {
#include "parser/scanner.h"
}

namespace pgmigrate::pg
{

// What a token is by its spelling. The scanner's own token codes change with the major version, and so does the list of
// keywords: a keyword and a plain identifier are both words.
enum class TokenKind : char {
    word = 'w',
    quoted_identifier = 'i',
    unicode_identifier = 'I', // U&"...", its escapes not yet resolved
    string = 's',
    unicode_string = 'S', // U&'...', its escapes not yet resolved
    bits = 'b',           // B'...' and X'...'
    number = 'n',
    parameter = 'p',
    symbol = 'o', // operators and punctuation
};

struct Token {
    std::size_t start;
    std::size_t end;
    TokenKind kind;
    const char
        *value; // what is between the quotes, unescaped; null for a token without, and for a plain quoted identifier
};

// Memory that is given back at the end, and that is not current meanwhile.
class ScratchMemory
{
  public:
    ScratchMemory();
    ScratchMemory(const ScratchMemory &) = delete;
    ScratchMemory &operator=(const ScratchMemory &) = delete;
    ~ScratchMemory();
    MemoryContext get() const { return context_; }

  private:
    MemoryContext context_;
};

// Strings conform to the standard, whatever the session has set, and nothing is said about names that are too long: the
// server says it when the statement runs.
class ScannerSettings
{
  public:
    ScannerSettings();
    ScannerSettings(const ScannerSettings &) = delete;
    ScannerSettings &operator=(const ScannerSettings &) = delete;
    ~ScannerSettings();

  private:
    int client_min_messages_;
    bool standard_conforming_strings_;
};

// Inside call(): makes the position of an error that of an internal query, which the callbacks of the statements around
// would otherwise take for a position in their own text. call() takes it off again.
struct PositionKeeper {
    ErrorContextCallback callback;
    void install();
};

// Reads token by token; cancel and timeouts are obeyed. What it points to is gone with the call of next() after.
class TokenReader
{
  public:
    // The script outlives the reader.
    explicit TokenReader(const std::string &script);
    TokenReader(const TokenReader &) = delete;
    TokenReader &operator=(const TokenReader &) = delete;

    // Null at the end.
    const Token *next();

  private:
    static constexpr std::size_t capacity = 256;

    void fill();

    const char *text_;
    ScratchMemory memory_; // of the scanner
    ScratchMemory values_; // of the tokens at hand
    core_yy_extra_type extra_{};
    core_yyscan_t scanner_ = nullptr;
    bool ended_ = false;
    std::size_t count_ = 0;
    std::size_t position_ = 0;
    Token tokens_[capacity] = {};
};

// Whether two words are the same but for the case of ASCII letters.
bool same_word(std::string_view one, std::string_view other);

// `-- pg_migrate: words` in a comment.
struct Directive {
    std::size_t offset;     // of the dashes
    std::string_view words; // between the colon and the end of the line, without blanks around
    bool alone;             // on its line
};

// Finds the next directive in [position, end), a stretch of `text` that holds nothing but white space and comments, and
// moves `position` behind it. False when there is none.
bool next_directive(std::string_view text, std::size_t &position, std::size_t end, Directive &found);

// The directives that there are; in any case.
bool is_no_transaction(const Directive &directive);
bool is_commit(const Directive &directive);

} // namespace pgmigrate::pg

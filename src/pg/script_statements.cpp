// SPDX-License-Identifier: PostgreSQL
#include "pg/script_statements.hpp"

#include "pg/script_place.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <vector>

extern "C" {
#include "parser/parser.h"
}

namespace pgmigrate::pg
{

namespace
{

// The grammar gets to see at least this much at once, unless the script is shorter.
constexpr std::size_t part_size = 256 * 1024;

// The tokens between two semicolons. Most often a statement; of CREATE RULE with several commands and of a function
// body between BEGIN ATOMIC and END a fragment.
struct Piece {
    std::size_t start;
    std::size_t end;
    std::size_t semicolon;
    int line;
    Marks marks;
};

struct ParsedStatement {
    std::size_t location; // as the grammar has it: may be white space or a comment before the statement
    std::size_t length;   // 0: up to the end of the text
    const void *extracted;
};

struct ParsedPart {
    ParsedStatement *statements;
    int count;
};

// `at` is the statement that is being looked at, for an error about one that the grammar has accepted.
ParsedPart parse(const char *text, const StatementSink &sink, const ScratchMemory &memory, std::size_t &at)
{
    const ScannerSettings settings;
    return call([&] {
        PositionKeeper keeper;
        keeper.install();
        MemoryContext outer = MemoryContextSwitchTo(memory.get());
        List *trees = raw_parser(text, RAW_PARSE_DEFAULT);
        ParsedPart part{};
        part.statements = static_cast<ParsedStatement *>(MemoryContextAllocHuge(
            CurrentMemoryContext, sizeof(ParsedStatement) * (static_cast<std::size_t>(list_length(trees)) + 1)));
        for (int index = 0; index < list_length(trees); ++index) {
            CHECK_FOR_INTERRUPTS();
            const auto *tree = static_cast<const RawStmt *>(list_nth(trees, index));
            at = static_cast<std::size_t>(tree->stmt_location);
            part.statements[part.count++] = {at, static_cast<std::size_t>(tree->stmt_len), sink.extract(tree)};
        }
        MemoryContextSwitchTo(outer);
        return part;
    });
}

// Follows how deep inside of a statement a semicolon is: in parentheses (CREATE RULE), or between BEGIN ATOMIC and END.
// Where it says that a semicolon is outside, it is; the other way round it may be too careful.
class Nesting
{
  public:
    void add(std::string_view source, bool first_of_piece)
    {
        if (source == "(") {
            ++parentheses_;
        } else if (source == ")") {
            --parentheses_;
        } else if (same_word(source, "atomic") && after_begin_) {
            ++bodies_;
            body_begins_ = true;
            after_begin_ = false;
            return;
        } else if (same_word(source, "end") && bodies_ > 0 && (first_of_piece || body_begins_)) {
            --bodies_;
        }
        body_begins_ = false;
        after_begin_ = same_word(source, "begin");
    }
    bool outside() const { return parentheses_ <= 0 && bodies_ == 0; }

  private:
    int parentheses_ = 0;
    int bodies_ = 0;
    bool after_begin_ = false;
    bool body_begins_ = false;
};

class StatementReader
{
  public:
    StatementReader(const std::string &script, StatementSink &sink) : text_(script), sink_(sink), tokens_(script) {}

    void run()
    {
        while (const Token *token = next_token()) {
            read_gap(token->start);
            gap_start_ = token->end;
            const std::string_view source = std::string_view(text_).substr(token->start, token->end - token->start);
            if (source == ";")
                end_piece(token->start);
            else
                add_token(*token, source);
        }
        read_gap(text_.size());
        in_piece_ = false;
        parse_part(text_.size());
        if (marks_.any() != no_offset)
            sink_.misplaced_directive(marks_.any());
    }

  private:
    const Token *next_token()
    {
        try {
            return tokens_.next();
        } catch (PgError &error) {
            if (error_position(error) == 0)
                throw;
            // The grammar may have stopped at an error further up.
            parse_rest();
            explain(error, 0);
            throw;
        }
    }

    void read_gap(std::size_t end)
    {
        if (std::memchr(text_.data() + gap_start_, '-', end - gap_start_) == nullptr)
            return;
        Directive directive{};
        for (std::size_t position = gap_start_; next_directive(text_, position, end, directive);) {
            sink_.directive(directive);
            if (in_piece_)
                sink_.misplaced_directive(directive.offset);
            else
                (is_commit(directive) ? marks_.commit : marks_.no_transaction) = directive.offset;
        }
    }

    void add_token(const Token &token, std::string_view source)
    {
        nesting_.add(source, !in_piece_);
        if (source == ":" && begins_psql_variable(token.end))
            colons_.push_back(token.end);
        if (!in_piece_) {
            line_ += count_newlines(std::string_view(text_).substr(counted_, token.start - counted_));
            counted_ = token.start;
            pieces_.push_back({token.start, token.end, no_offset, line_, marks_});
            marks_ = {};
            in_piece_ = true;
        }
        pieces_.back().end = token.end;
    }

    // As psql's scanner has it: a name, or a quoted or braced one, directly behind the colon.
    bool begins_psql_variable(std::size_t offset) const
    {
        const char next = offset < text_.size() ? text_[offset] : ' ';
        return std::isalnum(static_cast<unsigned char>(next)) != 0 || IS_HIGHBIT_SET(next) ||
               std::string_view("_'\"{").find(next) != std::string_view::npos;
    }

    std::span<const std::size_t> colons_between(std::size_t begin, std::size_t end) const
    {
        const auto first = std::lower_bound(colons_.begin(), colons_.end(), begin);
        return {first, std::lower_bound(first, colons_.end(), end)};
    }

    void end_piece(std::size_t semicolon)
    {
        if (in_piece_)
            pieces_.back().semicolon = semicolon;
        in_piece_ = false;
        if (nesting_.outside() && semicolon + 1 - part_start_ >= part_size)
            parse_part(semicolon + 1);
    }

    void parse_part(std::size_t end)
    {
        const ScratchMemory memory;
        const bool whole = part_start_ == 0 && end == text_.size();
        const std::string part_text = whole ? std::string() : text_.substr(part_start_, end - part_start_);
        hand_over(parse_at(part_start_, whole ? text_ : part_text, memory), end);
        pieces_.clear();
        colons_.clear();
        part_start_ = end;
        nesting_ = Nesting();
    }

    // For its error.
    void parse_rest()
    {
        const ScratchMemory memory;
        (void)parse_at(part_start_, text_.substr(part_start_), memory);
    }

    ParsedPart parse_at(std::size_t base, const std::string &part, const ScratchMemory &memory)
    {
        std::size_t at = no_offset;
        try {
            return parse(part.c_str(), sink_, memory, at);
        } catch (PgError &error) {
            const bool about_statement = at != no_offset && error_position(error) == 0;
            if (about_statement && !is_intervention(error))
                sink_.explain(error, first_token_from(base + at));
            else
                explain(error, base);
            throw;
        }
    }

    // Cancel, timeout, shutdown.
    static bool is_intervention(const PgError &error) { return error.sqlstate().starts_with("57"); }

    std::size_t first_token_from(std::size_t offset) const
    {
        for (const Piece &piece : pieces_)
            if (piece.start >= offset)
                return piece.start;
        return offset;
    }

    void explain(PgError &error, std::size_t base)
    {
        const int position = error_position(error);
        if (position > 0)
            sink_.explain(error, base + byte_offset(std::string_view(text_).substr(base), position));
    }

    // Each statement of the grammar takes the pieces that begin in it.
    void hand_over(const ParsedPart &part, std::size_t part_end)
    {
        std::size_t next = 0;
        for (int index = 0; index < part.count; ++index) {
            const ParsedStatement &statement = part.statements[index];
            const std::size_t begin = part_start_ + statement.location;
            const std::size_t end = statement.length == 0 ? part_end : begin + statement.length;
            const std::size_t first = next;
            while (next < pieces_.size() && pieces_[next].start < end)
                ++next;
            if (next == first || pieces_[first].start < begin)
                throw core::Error(core::sqlstate::internal_error, "scanner and grammar disagree about a statement");
            for (std::size_t inner = first + 1; inner < next; ++inner)
                if (pieces_[inner].marks.any() != no_offset)
                    sink_.misplaced_directive(pieces_[inner].marks.any());
            const Piece &front = pieces_[first];
            const Piece &back = pieces_[next - 1];
            sink_.statement({front.start, back.end - front.start, back.semicolon, front.line, front.marks,
                             colons_between(front.start, back.end)},
                            statement.extracted);
        }
        if (next != pieces_.size())
            throw core::Error(core::sqlstate::internal_error, "scanner and grammar disagree about a statement");
    }

    const std::string &text_;
    StatementSink &sink_;
    TokenReader tokens_;
    Nesting nesting_;
    std::vector<Piece> pieces_;       // of this part
    std::vector<std::size_t> colons_; // of this part
    std::size_t part_start_ = 0;
    std::size_t gap_start_ = 0; // end of the last token
    bool in_piece_ = false;
    Marks marks_;             // whose statement has not begun
    std::size_t counted_ = 0; // newlines are counted up to here
    int line_ = 1;
};

} // namespace

void read_statements(const std::string &text, StatementSink &sink)
{
    StatementReader(text, sink).run();
}

} // namespace pgmigrate::pg

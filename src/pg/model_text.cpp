// SPDX-License-Identifier: PostgreSQL
#include "pg/model_text.hpp"

#include "pg/model_statement.hpp"
#include "pg/scopes.hpp"
#include "pg/script_place.hpp"
#include "pg/script_statements.hpp"
#include "pg/script_tokens.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

extern "C" {
#include "mb/pg_wchar.h"
}

namespace pgmigrate::pg
{

namespace
{

constexpr std::string_view name = "the model";
constexpr std::string_view syntax_error = "42601";
// A longer text is not sent to the client with an error: the line in the DETAIL has to do.
constexpr std::size_t longest_shown_text = 4096;
constexpr int shown_of_statement = 80;

void add_place_at(PgError &error, const std::string &text, std::size_t offset, const std::string &where)
{
    error.add_detail(where);
    if (text.size() <= longest_shown_text)
        error.set_internal_query(text, character_position(text, offset));
    else
        error.set_internal_query({}, 0);
}

core::Error psql_command(const std::string &text, std::size_t offset, const std::string &command)
{
    core::Error error("42601", "the model contains " + command + ", which is a command of psql");
    error.set_detail(describe_place(text, offset, name, excerpt_of_line(text, offset)));
    error.set_hint("Commands that begin with a backslash belong to psql, not to SQL. Write out what it would do, or "
                   "take it out; with pg_dump, leave out --create.");
    return error;
}

core::Error rows_of_copy(const std::string &text, std::size_t offset)
{
    const std::size_t end = std::min(text.find(';', offset), text.size());
    core::Error error(core::sqlstate::forbidden_statement, "COPY is not allowed in a model");
    error.set_detail(
        describe_place(text, offset, name, excerpt(std::string_view(text).substr(offset, end - offset), 80)));
    error.set_hint(hint_of(ModelRefusal::copy));
    return error;
}

std::string_view source_of(const Token &token, std::string_view text)
{
    return text.substr(token.start, token.end - token.start);
}

std::size_t end_of_line(std::string_view text, std::size_t offset)
{
    return std::min(text.find_first_of("\r\n", offset), text.size());
}

bool begins_line(std::string_view text, std::size_t offset)
{
    while (offset > 0 && (text[offset - 1] == ' ' || text[offset - 1] == '\t'))
        --offset;
    return offset == 0 || text[offset - 1] == '\n' || text[offset - 1] == '\r';
}

// The lines stay where they are.
void blank(std::string &text, std::size_t begin, std::size_t end)
{
    std::replace_if(
        text.begin() + static_cast<std::ptrdiff_t>(begin), text.begin() + static_cast<std::ptrdiff_t>(end),
        [](char each) { return each != '\n' && each != '\r'; }, ' ');
}

// What a model is not about. Said once for all of them.
class PassedOver
{
  public:
    void add(std::string_view command, int line)
    {
        if (count_++ < named)
            list_ += (list_.empty() ? "" : ", ") + std::string(command) + " in line " + std::to_string(line);
    }

    void tell() const
    {
        if (count_ == 0)
            return;
        notice(count_ == 1 ? "a statement of the model is passed over"
                           : std::to_string(count_) + " statements of the model are passed over",
               list_ + (count_ > named ? ", ..." : "."),
               "A model describes one database, without its rows: what COPY brings and what the cluster shares (roles, "
               "databases, tablespaces, parameters) is no part of it.");
    }

  private:
    static constexpr int named = 5;
    int count_ = 0;
    std::string list_;
};

// What psql takes out of a file before the server sees it. What stands in the lines stays where it is.
class PsqlReader
{
  public:
    PsqlReader(std::string &model, PassedOver &passed_over) : text_(model), passed_over_(passed_over) {}

    void run()
    {
        drop_byte_order_mark();
        const bool has_backslash = text_.find('\\') != std::string::npos;
        if (!has_backslash && !mentions_stdin())
            return;
        // What the scanner stumbles over may be the rows behind a COPY or the key of a \restrict, which is blanked
        // then; if not, the grammar says what is wrong with it.
        for (;;) {
            const std::size_t end = read_up_to(text_.size());
            if (end >= text_.size() && !goes_on_)
                return;
            if (!goes_on_)
                (void)read_up_to(end);
            if (goes_on_)
                begin_ = *goes_on_;
            else if (text_[end] != ' ')
                return;
        }
    }

  private:
    // From begin_ on. Where the scanner has failed, or the end.
    std::size_t read_up_to(std::size_t end)
    {
        const std::string text = text_.substr(begin_, end - begin_); // what the scanner reads does not change under it
        goes_on_.reset();
        copy_.reset();
        begins_ = true;
        after_from_ = false;
        from_client_ = false;
        try {
            Subtransaction attempt;
            read_tokens(text);
            attempt.commit();
        } catch (const PgError &error) {
            if (error.sqlstate() != syntax_error || error_position(error) == 0)
                throw;
            return begin_ + byte_offset(text, error_position(error));
        }
        return end;
    }

    void read_tokens(const std::string &text)
    {
        TokenReader tokens(text);
        std::size_t line_end = 0; // of a line that is blanked
        while (const Token *next = goes_on_ ? nullptr : tokens.next()) {
            const Token token{begin_ + next->start, begin_ + next->end, next->kind, nullptr};
            if (token.start >= line_end)
                line_end = read(token);
        }
    }

    void drop_byte_order_mark()
    {
        constexpr std::string_view mark = "\xEF\xBB\xBF";
        if (GetDatabaseEncoding() == PG_UTF8 && text_.starts_with(mark))
            text_.erase(0, mark.size());
    }

    bool mentions_stdin() const
    {
        constexpr std::string_view word = "stdin";
        return std::search(text_.begin(), text_.end(), word.begin(), word.end(), [](char one, char other) {
                   return std::tolower(static_cast<unsigned char>(one)) == other;
               }) != text_.end();
    }

    // Where the line ends that is to be passed over.
    std::size_t read(const Token &token)
    {
        const std::string_view source = source_of(token, text_);
        if (source == "\\")
            return read_command(token.start);
        if (source == ";") {
            if (from_client_)
                pass_over_rows(token.end);
            copy_.reset();
            begins_ = true;
            after_from_ = false;
            return 0;
        }
        if (begins_ && same_word(source, "copy"))
            copy_ = token.start;
        from_client_ = copy_ && (from_client_ || (after_from_ && same_word(source, "stdin")));
        after_from_ = same_word(source, "from");
        begins_ = false;
        return 0;
    }

    // The statement, and the lines behind it up to one that says that they end.
    void pass_over_rows(std::size_t statement_end)
    {
        std::size_t line = statement_end;
        do {
            line = text_.find('\n', line);
            if (line == std::string::npos)
                throw rows_of_copy(text_, *copy_);
            ++line;
        } while (std::string_view(text_).substr(line, end_of_line(text_, line) - line) != "\\.");
        passed_over_.add("COPY", 1 + static_cast<int>(std::count(
                                         text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(*copy_), '\n')));
        blank(text_, *copy_, statement_end);
        blank(text_, end_of_line(text_, statement_end), end_of_line(text_, line));
        goes_on_ = statement_end;
    }

    std::size_t read_command(std::size_t offset)
    {
        const std::size_t end = end_of_line(text_, offset);
        const std::size_t word_end = std::min(text_.find_first_of(" \t\r\n\f\v;'\"\\", offset + 1), end);
        const std::string command = text_.substr(offset, std::max(word_end, offset + 1) - offset);
        if ((command != "\\restrict" && command != "\\unrestrict") || !begins_line(text_, offset))
            throw psql_command(text_, offset, command);
        blank(text_, offset, end);
        return end;
    }

    std::string &text_;
    PassedOver &passed_over_;
    std::size_t begin_ = 0;
    std::optional<std::size_t> goes_on_; // where to begin anew: the rows of a COPY have been blanked
    std::optional<std::size_t> copy_;    // the statement is one
    bool begins_ = true;
    bool after_from_ = false;
    bool from_client_ = false;
};

// Whether a string constant behind the offset would be another one without standard_conforming_strings, which a pg_dump
// older than 9.1 turns off.
bool has_plain_backslash(const std::string &text, std::size_t offset)
{
    TokenReader tokens(text);
    while (const Token *token = tokens.next()) {
        const std::string_view source = source_of(*token, text);
        if (token->start >= offset && source.starts_with('\'') && source.find('\\') != std::string_view::npos)
            return true;
    }
    return false;
}

class ModelSink final : public StatementSink
{
  public:
    ModelSink(const std::string &model, PassedOver &passed_over) : text_(model), passed_over_(passed_over) {}

    const void *extract(const RawStmt *statement) const override { return describe_model_statement(statement); }

    void statement(const StatementSpan &span, const void *extracted) override
    {
        const auto &facts = *static_cast<const ModelStatementFacts *>(extracted);
        if (facts.passed_over) {
            passed_over_.add(facts.command, span.line);
            return;
        }
        const bool changes_nothing =
            facts.refusal == ModelRefusal::nonstandard_strings && !has_plain_backslash(text_, span.offset);
        if (changes_nothing)
            return;
        if (facts.refusal != ModelRefusal::none)
            refuse(facts, span);
        names_owners |= facts.names_owner;
        names_rights |= facts.names_right;
        if (facts.versioned != nullptr)
            versioned_extensions.emplace_back(facts.versioned);
        if (!facts.left_out)
            statements.push_back({span.offset, span.length, facts.action, facts.role == nullptr ? "" : facts.role});
    }

    void explain(PgError &error, std::size_t offset) const override
    {
        add_place_at(error, text_, offset, describe_place_of_model(text_, offset));
        if (text_.find_first_of(" \t\r\n;") == std::string::npos && text_.find_first_of("./") != std::string::npos)
            error.set_hint("The model is the text itself, and not the name of a file. In psql: \\set model `cat FILE`, "
                           "and :'model'.");
    }

    // Those are for scripts; here they are comments.
    void directive(const Directive &) const override {}
    void misplaced_directive(std::size_t) const override {}

    std::vector<ModelStatement> statements;
    bool names_owners = false;
    bool names_rights = false;
    std::vector<std::string> versioned_extensions;

  private:
    [[noreturn]] void refuse(const ModelStatementFacts &facts, const StatementSpan &span) const
    {
        const std::string message = facts.refusal == ModelRefusal::nonstandard_strings
                                        ? "standard_conforming_strings cannot be turned off in a model"
                                        : std::string(facts.command) + " is not allowed in a model";
        core::Error error(core::sqlstate::forbidden_statement, message);
        error.set_detail(describe_statement_of_model(text_, {span.offset, span.length}));
        error.set_hint(hint_of(facts.refusal));
        throw error;
    }

    const std::string &text_;
    PassedOver &passed_over_;
};

} // namespace

ModelText read_model(std::string text)
{
    ModelText model{.text = std::move(text), .statements = {}};
    PassedOver passed_over;
    PsqlReader(model.text, passed_over).run();
    ModelSink sink(model.text, passed_over);
    read_statements(model.text, sink);
    passed_over.tell();
    model.statements = std::move(sink.statements);
    model.names_owners = sink.names_owners;
    model.names_rights = sink.names_rights;
    model.versioned_extensions = std::move(sink.versioned_extensions);
    return model;
}

std::string describe_statement_of_model(std::string_view text, const ModelStatement &statement)
{
    const std::string_view source = text.substr(statement.offset, statement.length);
    return describe_place(text, statement.offset, name, excerpt(source, shown_of_statement));
}

std::string describe_place_of_model(std::string_view text, std::size_t offset)
{
    return describe_place(text, offset, name, excerpt_of_line(text, offset));
}

void add_place(PgError &error, const std::string &text, const ModelStatement &statement)
{
    const ErrorData *data = error.data();
    if (data == nullptr)
        return;
    const std::string_view source = std::string_view(text).substr(statement.offset, statement.length);
    const int position = error_position(error);
    if (position > 0 && data->internalquery != nullptr && source == data->internalquery) {
        const std::size_t offset = statement.offset + byte_offset(source, position);
        add_place_at(error, text, offset, describe_place_of_model(text, offset));
    } else {
        error.add_detail(describe_statement_of_model(text, statement));
    }
}

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#include "pg/script.hpp"

#include "pg/classify.hpp"
#include "pg/scopes.hpp"
#include "pg/script_place.hpp"
#include "pg/script_statements.hpp"

#include <algorithm>
#include <optional>

namespace pgmigrate::pg
{

namespace
{

constexpr std::string_view syntax_error = "42601";

// A longer script is not sent to the client with a syntax error: the line in the DETAIL has to do.
constexpr std::size_t longest_shown_script = 4096;
constexpr int shown_of_statement = 80;

struct Refusal {
    const char *message;
    const char *hint;
};

constexpr const char *control_message = "transaction control is not allowed in a migration script";
constexpr const char *copy_message = "COPY from or to the client is not allowed in a migration script";

Refusal refusal(Forbidden reason)
{
    switch (reason) {
    case Forbidden::begin:
    case Forbidden::commit:
        return {control_message, "Remove it: pg_migrate begins and commits the transactions. Only a BEGIN and a COMMIT "
                                 "that enclose the whole script are taken out by themselves."};
    case Forbidden::begin_with_options:
        return {control_message, "Remove it, or its options. A BEGIN that encloses the whole script is taken out by "
                                 "itself only without options: the isolation level and the access mode are those of "
                                 "the transaction that runs the migration."};
    case Forbidden::commit_and_chain:
        return {control_message, "Remove it, or its AND CHAIN: no transaction of the script's own can follow."};
    case Forbidden::rollback:
        return {control_message, "Remove it: a script that fails is rolled back by pg_migrate."};
    case Forbidden::savepoint:
        return {control_message,
                "Use a DO block with an EXCEPTION clause to survive an error in a part of the script."};
    case Forbidden::two_phase:
        return {control_message, "Prepared transactions cannot be made or ended by a migration."};
    case Forbidden::set_transaction:
        return {control_message, "Remove it: the transaction that runs the migration has begun before the script. Set "
                                 "its modes where it is begun."};
    case Forbidden::copy_from_client:
        return {copy_message, "The server has only the script, not the data behind it: use INSERT, or COPY from a file "
                              "of the server."};
    case Forbidden::copy_to_client:
        return {copy_message, "There is no client that could take the data: use COPY to a file of the server."};
    case Forbidden::nonstandard_strings:
        return {"standard_conforming_strings cannot be turned off in a migration script",
                "Write backslash escapes as E'...': scripts are read and run with standard_conforming_strings on."};
    case Forbidden::own_extension:
    case Forbidden::none:
        break;
    }
    return {"a migration script cannot change the extension pg_migrate",
            "Run the statement by itself, outside of any migration."};
}

std::string_view source_of(const Token &token, std::string_view text)
{
    return text.substr(token.start, token.end - token.start);
}

// The offset of a complete COPY ... FROM STDIN in a text that the scanner accepts.
std::optional<std::size_t> copy_from_stdin(const std::string &text)
{
    TokenReader tokens(text);
    std::optional<std::size_t> copy;
    bool begins = true;
    bool after_from = false;
    bool found = false;
    while (const Token *token = tokens.next()) {
        const std::string_view source = source_of(*token, text);
        if (source == ";") {
            if (found)
                return copy;
            copy.reset();
            begins = true;
            continue;
        }
        if (begins && same_word(source, "copy"))
            copy = token->start;
        found = found || (copy && after_from && same_word(source, "stdin"));
        after_from = same_word(source, "from");
        begins = false;
    }
    return std::nullopt;
}

// The errors that every reader of a script reports alike.
class ScriptSink : public StatementSink
{
  public:
    ScriptSink(const std::string &script, const ScriptName &name) : text_(script), name_(full_name(name)) {}

    const void *extract(const RawStmt *statement) const override { return describe_statement(statement); }

    void explain(PgError &error, std::size_t offset) const override
    {
        ErrorData *data = error.data();
        if (data->sqlerrcode == ERRCODE_SYNTAX_ERROR)
            refuse_data_of_copy(offset);
        const std::string where = describe_place(text_, offset, name_, excerpt_of_line(text_, offset));
        error.set_detail(data->detail == nullptr ? where : std::string(data->detail) + "\n" + where);
        if (data->sqlerrcode == ERRCODE_SYNTAX_ERROR && data->hint == nullptr && text_.substr(offset, 1) == "\\")
            error.set_hint("Commands that begin with a backslash belong to psql, not to SQL; a script can only contain "
                           "SQL.");
        if (text_.size() <= longest_shown_script)
            error.set_internal_query(text_, character_position(text_, offset));
        else
            error.set_internal_query({}, 0);
    }

    void directive(const Directive &directive) const override
    {
        if (!is_no_transaction(directive) && !is_commit(directive))
            throw directive_error(directive.offset, "unknown directive \"" + std::string(directive.words) + "\"")
                .hint("The directives are \"-- pg_migrate: no-transaction\" and \"-- pg_migrate: commit\".");
        if (!directive.alone)
            throw misplaced(directive.offset);
    }

    void misplaced_directive(std::size_t offset) const override { throw misplaced(offset); }

  protected:
    // Where the grammar stops, because it reads the lines behind COPY ... FROM STDIN, which are data, as SQL.
    void refuse_data_of_copy(std::size_t end) const
    {
        const std::string above = text_.substr(0, end);
        std::optional<std::size_t> copy;
        try {
            Subtransaction attempt;
            copy = copy_from_stdin(above);
            attempt.commit();
        } catch (const PgError &error) {
            if (error.sqlstate() != syntax_error)
                throw;
            return; // the error is within a token, not behind a statement
        }
        if (copy)
            refuse(Forbidden::copy_from_client, above.substr(*copy, above.find(';', *copy) - *copy), *copy);
    }
    [[noreturn]] void refuse(Forbidden reason, std::string_view statement, std::size_t offset) const
    {
        const Refusal why = refusal(reason);
        throw core::Error(core::sqlstate::forbidden_statement, why.message)
            .detail(describe_place(text_, offset, name_, excerpt(statement, shown_of_statement)))
            .hint(why.hint);
    }
    core::Error misplaced(std::size_t offset) const
    {
        return directive_error(offset, "misplaced directive")
            .hint("Put it on a line of its own, above the statement that it is meant for.");
    }
    core::Error directive_error(std::size_t offset, const std::string &message) const
    {
        return core::Error("42601", message)
            .detail(describe_place(text_, offset, name_, excerpt_of_line(text_, offset)));
    }

    const std::string &text_;
    const std::string name_;
};

class StatementList final : public ScriptSink
{
  public:
    using ScriptSink::ScriptSink;

    void statement(const StatementSpan &span, const void *extracted) override
    {
        const auto &facts = *static_cast<const StatementFacts *>(extracted);
        if (facts.forbidden != Forbidden::none)
            refuse(facts.forbidden, std::string_view(text_).substr(span.offset, span.length), span.offset);
        ScriptStatement &added = statements.emplace_back();
        added.offset = span.offset;
        added.length = span.length;
        added.line = span.line;
        added.transactional = facts.transactional && span.marks.no_transaction == no_offset;
        added.begins_segment = span.marks.commit != no_offset;
        added.ends_segment = facts.adds_enum_value;
        added.only_values = facts.only_values;
        added.recomputed = facts.recomputed;
        added.command = facts.command;
        for (const std::size_t colon : span.colons)
            added.colons.push_back(colon - span.offset);
        added.role_change = facts.role_change;
        added.role_is_local = facts.role_is_local;
        added.resets = facts.resets;
        if (facts.role_change == RoleChange::set)
            added.role = facts.role;
    }

    std::vector<ScriptStatement> statements;
};

// Looks for transaction control only.
class EnclosingBlock final : public ScriptSink
{
  public:
    using ScriptSink::ScriptSink;

    void statement(const StatementSpan &span, const void *extracted) override
    {
        const Forbidden reason = static_cast<const StatementFacts *>(extracted)->forbidden;
        if (count_++ == 0) {
            begins_ = reason == Forbidden::begin;
            begin = span;
            return;
        }
        disturbed_ = disturbed_ || last_ != Forbidden::none;
        last_ = is_control(reason) ? reason : Forbidden::none;
        commit = span;
    }

    bool found() const { return begins_ && !disturbed_ && last_ == Forbidden::commit; }

    StatementSpan begin{};
    StatementSpan commit{};

  private:
    static bool is_control(Forbidden reason)
    {
        return reason != Forbidden::copy_from_client && reason != Forbidden::copy_to_client &&
               reason != Forbidden::nonstandard_strings && reason != Forbidden::own_extension;
    }

    std::size_t count_ = 0;
    bool begins_ = false;
    bool disturbed_ = false; // transaction control between the first statement and the last
    Forbidden last_ = Forbidden::none;
};

bool starts_with_begin(const std::string &text)
{
    TokenReader tokens(text);
    const Token *token = tokens.next();
    while (token != nullptr && text[token->start] == ';')
        token = tokens.next();
    if (token == nullptr)
        return false;
    const std::string_view first = source_of(*token, text);
    return same_word(first, "begin") || same_word(first, "start");
}

bool may_be_enclosed(const std::string &text, EnclosingBlock &block)
{
    try {
        return starts_with_begin(text);
    } catch (PgError &error) {
        // Reading the statements fails as well, and says where; the grammar may have stopped further up.
        if (error_position(error) > 0)
            read_statements(text, block);
        throw;
    }
}

std::size_t end_with_semicolon(const StatementSpan &span)
{
    return span.semicolon == no_offset ? span.offset + span.length : span.semicolon + 1;
}

// In the place of what is cut out, so that all that follows keeps its line and its column: the line ends, and blanks up
// to `rest`, unless its line ends there.
std::string cut_out(std::string_view cut, const std::string &rest)
{
    constexpr std::string_view line_ends = "\r\n";
    std::string kept;
    std::size_t line_start = 0;
    for (std::size_t end = 0; (end = cut.find_first_of(line_ends, end)) != std::string_view::npos; line_start = ++end)
        kept += cut[end];
    const std::size_t next = rest.find_first_not_of(" \t\f\v");
    if (next != std::string::npos && line_ends.find(rest[next]) == std::string_view::npos) {
        const std::string_view last_line = cut.substr(line_start);
        kept.append(static_cast<std::size_t>(character_position(last_line, last_line.size()) - 1), ' ');
    }
    return kept + rest;
}

} // namespace

std::string full_name(const ScriptName &name)
{
    std::string text = "the " + std::string(name.direction) + " script";
    if (!name.revision.empty())
        text += " of revision \"" + std::string(name.revision) + "\"";
    return text;
}

std::vector<ScriptStatement> parse_script(const std::string &text, const ScriptName &name)
{
    StatementList list(text, name);
    read_statements(text, list);
    return std::move(list.statements);
}

NormalizedScript normalize_script(const std::string &text, const ScriptName &name)
{
    EnclosingBlock block(text, name);
    if (!may_be_enclosed(text, block))
        return {text, false};
    read_statements(text, block);
    if (!block.found())
        return {text, false};
    const std::string_view script = text;
    const std::size_t begin = block.begin.offset;
    const std::size_t start = end_with_semicolon(block.begin);
    const std::size_t commit = block.commit.offset;
    const std::size_t end = end_with_semicolon(block.commit);
    const std::string behind = cut_out(script.substr(commit, end - commit), text.substr(end));
    const std::string inner = text.substr(start, commit - start) + behind;
    return {text.substr(0, begin) + cut_out(script.substr(begin, start - begin), inner), true};
}

std::string with_marked_calls(const std::string &text, const ScriptName &name)
{
    std::string marked;
    std::size_t copied = 0;
    for (const ScriptStatement &statement : parse_script(text, name)) {
        if (!statement.transactional || (statement.command != "CALL" && statement.command != "DO"))
            continue;
        marked += text.substr(copied, statement.offset - copied) + "\n-- pg_migrate: no-transaction\n";
        copied = statement.offset;
    }
    return marked + text.substr(copied);
}

} // namespace pgmigrate::pg

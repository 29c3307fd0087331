// SPDX-License-Identifier: PostgreSQL
#pragma once

// Where a text of SQL is, line by line: between statements, within one, or within a literal or comment. By the lexical
// rules of src/backend/parser/scan.l with standard_conforming_strings on, and without any grammar: it works on a text
// of which some lines are no SQL, as long as these are not handed to it.

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace pgmigrate::files
{

class SqlScanner
{
  public:
    // The scanner's places are those of `text`, which outlives it.
    explicit SqlScanner(std::string_view text);

    // Lines in their order, each with its end.
    void read_line(std::size_t start, std::size_t end);

    // At the end of what has been read: in a literal, a quoted identifier or a comment of more than one line.
    bool is_in_token() const { return state_ != State::plain; }
    bool is_in_statement() const { return is_in_token() || in_statement_; }

    // Behind the semicolons at the end of a line with an empty line below: the ends that Alembic writes. In a text that
    // has lost its empty lines, behind all at the end of a line.
    const std::vector<std::size_t> &ends() const { return ends_; }
    // A comment to the end of its line with such an end in it, and a statement that goes on below: the place of the
    // comment that was the first.
    std::optional<std::size_t> hidden_end() const { return hidden_end_; }
    // Where a literal without escapes begins that has two backslashes side by side.
    const std::vector<std::size_t> &doubled_backslashes() const { return doubled_backslashes_; }

  private:
    enum class State { plain, literal, escape_literal, identifier, dollar, comment };

    std::size_t read_plain(std::size_t place, std::size_t end);
    std::size_t read_token(std::size_t place, std::size_t end);
    std::size_t read_literal(std::size_t place, std::size_t end);
    std::size_t read_block_comment(std::size_t place, std::size_t end);
    std::size_t begin_quoted(std::size_t place);
    std::size_t begin_dollar(std::size_t place, std::size_t end);
    std::size_t read_line_comment(std::size_t place, std::size_t end);
    void read_semicolon(std::size_t place, std::size_t end);
    void see_token();
    bool at(std::size_t place, std::string_view what) const { return text_.substr(place).starts_with(what); }
    bool is_followed_by_empty_line(std::size_t place) const;

    std::string_view text_;
    bool has_empty_lines_;
    State state_ = State::plain;
    std::string_view tag_;  // of the dollar quotes, with them
    int comment_depth_ = 0; // block comments nest
    int depth_ = 0;         // of parentheses
    std::size_t literal_start_ = 0;
    bool literal_noted_ = false;
    bool may_continue_ = false; // behind an escape literal: one that begins in a line below continues it
    bool in_statement_ = false;
    std::optional<std::size_t> possible_end_; // a hidden one, if the statement goes on
    std::optional<std::size_t> hidden_end_;
    std::vector<std::size_t> ends_;
    std::vector<std::size_t> doubled_backslashes_;
};

} // namespace pgmigrate::files

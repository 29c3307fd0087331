// SPDX-License-Identifier: PostgreSQL
#include "files/sql_scanner.hpp"

#include "files/text.hpp"

#include <algorithm>

namespace pgmigrate::files
{

namespace
{

// Every byte of a character beyond ASCII is part of a word.
bool is_word_start(char c)
{
    return is_alpha(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_word(char c)
{
    return is_word_start(c) || is_digit(c) || c == '$';
}

} // namespace

SqlScanner::SqlScanner(std::string_view text)
    : text_(text),
      has_empty_lines_(text.find("\n\n") != std::string_view::npos || text.find("\n\r\n") != std::string_view::npos)
{
}

void SqlScanner::read_line(std::size_t start, std::size_t end)
{
    for (std::size_t place = start; place < end;) {
        switch (state_) {
        case State::plain:
            place = read_plain(place, end);
            break;
        case State::literal:
        case State::escape_literal:
            place = read_literal(place, end);
            break;
        case State::identifier: {
            const std::size_t quote = text_.substr(0, end).find('"', place);
            state_ = quote == std::string_view::npos ? State::identifier : State::plain;
            place = quote == std::string_view::npos ? end : quote + 1;
            break;
        }
        case State::dollar: {
            const std::size_t closing = text_.substr(0, end).find(tag_, place);
            state_ = closing == std::string_view::npos ? State::dollar : State::plain;
            place = closing == std::string_view::npos ? end : closing + tag_.size();
            break;
        }
        case State::comment:
            place = read_block_comment(place, end);
            break;
        }
    }
}

std::size_t SqlScanner::read_plain(std::size_t place, std::size_t end)
{
    if (is_blank(text_[place]))
        return place + 1;
    if (at(place, "--"))
        return read_line_comment(place, end);
    if (at(place, "/*")) {
        state_ = State::comment;
        comment_depth_ = 1;
        return place + 2;
    }
    if (text_[place] == ';') {
        read_semicolon(place, end);
        return place + 1;
    }
    see_token();
    return read_token(place, end);
}

std::size_t SqlScanner::read_token(std::size_t place, std::size_t end)
{
    const bool continues = may_continue_;
    may_continue_ = false;
    const char c = text_[place];
    if (c == '\'' && continues) {
        state_ = State::escape_literal;
        return place + 1;
    }
    if (c == '\'' || c == '"')
        return begin_quoted(place);
    if (c == '$')
        return begin_dollar(place, end);
    if (c == '(' || c == '[')
        ++depth_;
    if ((c == ')' || c == ']') && depth_ > 0)
        --depth_;
    if (!is_word_start(c) && !is_digit(c))
        return place + 1;
    std::size_t word_end = place;
    while (word_end < end && is_word(text_[word_end]))
        ++word_end;
    if (word_end == place + 1 && (c == 'E' || c == 'e') && at(word_end, "'")) {
        state_ = State::escape_literal;
        return word_end + 1;
    }
    return word_end;
}

std::size_t SqlScanner::begin_quoted(std::size_t place)
{
    state_ = text_[place] == '"' ? State::identifier : State::literal;
    literal_start_ = place;
    literal_noted_ = false;
    return place + 1;
}

// $tag$, where a tag is a word without dollars; else a parameter or an operator.
std::size_t SqlScanner::begin_dollar(std::size_t place, std::size_t end)
{
    std::size_t tag_end = place + 1;
    while (tag_end < end && text_[tag_end] != '$' && is_word(text_[tag_end]))
        ++tag_end;
    if (tag_end >= end || text_[tag_end] != '$' || is_digit(text_[place + 1]))
        return place + 1;
    state_ = State::dollar;
    tag_ = text_.substr(place, tag_end + 1 - place);
    return tag_end + 1;
}

// A doubled quote ends the literal and begins it again, which comes to the same.
std::size_t SqlScanner::read_literal(std::size_t place, std::size_t end)
{
    const char c = text_[place];
    if (c == '\\' && state_ == State::escape_literal)
        return std::min(place + 2, end);
    if (c == '\\' && at(place + 1, "\\") && !literal_noted_) {
        literal_noted_ = true;
        doubled_backslashes_.push_back(literal_start_);
    }
    if (c != '\'')
        return place + 1;
    if (at(place + 1, "'"))
        return place + 2;
    may_continue_ = state_ == State::escape_literal;
    state_ = State::plain;
    return place + 1;
}

std::size_t SqlScanner::read_block_comment(std::size_t place, std::size_t end)
{
    if (at(place, "/*")) {
        ++comment_depth_;
        return std::min(place + 2, end);
    }
    if (!at(place, "*/"))
        return place + 1;
    if (--comment_depth_ == 0)
        state_ = State::plain;
    return std::min(place + 2, end);
}

// Within parentheses no statement can end, so that the semicolon was meant as a part of the comment.
std::size_t SqlScanner::read_line_comment(std::size_t place, std::size_t end)
{
    if (in_statement_ && depth_ == 0 && !possible_end_ && trimmed(text_.substr(place, end - place)).ends_with(';') &&
        is_followed_by_empty_line(end))
        possible_end_ = place;
    return end;
}

void SqlScanner::read_semicolon(std::size_t place, std::size_t end)
{
    in_statement_ = false;
    may_continue_ = false;
    possible_end_.reset();
    depth_ = 0;
    if (trimmed(text_.substr(place + 1, end - place - 1)).empty() && is_followed_by_empty_line(end))
        ends_.push_back(place + 1);
}

void SqlScanner::see_token()
{
    in_statement_ = true;
    if (possible_end_ && !hidden_end_)
        hidden_end_ = possible_end_;
    possible_end_.reset();
}

// The end of the text is one, too.
bool SqlScanner::is_followed_by_empty_line(std::size_t place) const
{
    const std::string_view rest = text_.substr(std::min(place, text_.size()));
    return !has_empty_lines_ || rest.empty() || rest.starts_with('\n') || rest.starts_with("\r\n");
}

} // namespace pgmigrate::files

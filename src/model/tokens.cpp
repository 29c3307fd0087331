// SPDX-License-Identifier: PostgreSQL
#include "model/tokens.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

bool is_space(char each)
{
    return each == ' ' || each == '\n' || each == '\t' || each == '\r' || each == '\f' || each == '\v';
}

bool is_operator(char each)
{
    return std::string_view("+-*/<>=~!@#%^&|`?").find(each) != std::string_view::npos;
}

class Tokenizer
{
  public:
    explicit Tokenizer(std::string_view text) : text_(text) {}

    Tokens run() &&
    {
        Tokens tokens;
        while (at_ < text_.size()) {
            if (is_space(text_[at_])) {
                ++at_;
                continue;
            }
            const std::size_t start = at_;
            pass_token();
            tokens.push_back(text_.substr(start, at_ - start));
        }
        return tokens;
    }

  private:
    char here(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

    void pass_token()
    {
        const char first = here();
        const bool prefixed = here(1) == '\'' && std::string_view("eEbBxXnN").find(first) != std::string_view::npos;
        if (first == '\'' || prefixed) {
            at_ += prefixed ? 2 : 1;
            pass_quoted('\'', prefixed && (first == 'e' || first == 'E'));
        } else if (first == '"') {
            ++at_;
            pass_quoted('"', false);
        } else if (first == '$' && !is_digit(here(1))) {
            pass_dollar_quoted();
        } else if (starts_name(first)) {
            while (starts_name(here()) || is_digit(here()) || here() == '$')
                ++at_;
        } else if (is_digit(first) || (first == '.' && is_digit(here(1)))) {
            pass_number();
        } else if (first == ':' && here(1) == ':') {
            at_ += 2;
        } else if (is_operator(first)) {
            while (is_operator(here()))
                ++at_;
        } else {
            ++at_;
        }
    }

    void pass_quoted(char quote, bool escapes)
    {
        while (at_ < text_.size()) {
            const char each = text_[at_++];
            if ((escapes && each == '\\') || (each == quote && here() == quote))
                ++at_;
            else if (each == quote)
                break;
        }
        at_ = std::min(at_, text_.size());
    }

    void pass_dollar_quoted()
    {
        std::size_t end = at_ + 1;
        while (end < text_.size() && (starts_name(text_[end]) || is_digit(text_[end])))
            ++end;
        if (end >= text_.size() || text_[end] != '$') {
            ++at_;
            return;
        }
        const std::string_view tag = text_.substr(at_, end + 1 - at_);
        const std::size_t close = text_.find(tag, end + 1);
        at_ = close == std::string_view::npos ? text_.size() : close + tag.size();
    }

    void pass_number()
    {
        while (is_digit(here()) || starts_name(here()) || here() == '.') {
            const bool exponent = here() == 'e' || here() == 'E';
            ++at_;
            if (exponent && (here() == '+' || here() == '-'))
                ++at_;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

bool is_digit(char each)
{
    return each >= '0' && each <= '9';
}

bool starts_name(char each)
{
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || each == '_' ||
           static_cast<unsigned char>(each) >= 0x80U;
}

Tokens tokens_of(std::string_view deparsed)
{
    return Tokenizer(deparsed).run();
}

std::vector<std::size_t> closings_of(const Tokens &tokens)
{
    std::vector<std::size_t> closings(tokens.size(), no_token);
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i] == "(" || tokens[i] == "[") {
            open.push_back(i);
        } else if ((tokens[i] == ")" || tokens[i] == "]") && !open.empty()) {
            closings[open.back()] = i;
            open.pop_back();
        }
    }
    return closings;
}

} // namespace pgmigrate::model

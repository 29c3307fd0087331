// SPDX-License-Identifier: PostgreSQL
#include "core/target_parse.hpp"

#include <limits>

namespace pgmigrate::core
{

namespace
{

constexpr std::string_view blanks = " \t\r\n\f\v";

bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

// Everything that an id may contain. Alembic takes letters, digits and `_` only, so that ids with other characters have
// no relative forms there.
bool is_symbol_character(char character)
{
    return std::string_view("@-+:,").find(character) == std::string_view::npos &&
           blanks.find(character) == std::string_view::npos;
}

// A sign and digits at `at`.
std::optional<Steps> parse_steps(std::string_view text, std::size_t at)
{
    if (at >= text.size() || (text[at] != '+' && text[at] != '-'))
        return std::nullopt;
    Steps steps;
    steps.down = text[at] == '-';
    std::size_t end = at + 1;
    for (; end < text.size() && is_digit(text[end]); ++end) {
        const auto digit = static_cast<std::uint64_t>(text[end] - '0');
        constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
        steps.count = steps.count > (most - digit) / 10 ? most : steps.count * 10 + digit;
    }
    if (end == at + 1)
        return std::nullopt;
    steps.text = text.substr(at, end - at);
    return steps;
}

// [symbol](+|-)digits at `at`.
std::optional<RelativeTarget> parse_after_label(std::string_view text, std::size_t at)
{
    std::size_t end = at;
    while (end < text.size() && is_symbol_character(text[end]))
        ++end;
    const std::optional<Steps> steps = parse_steps(text, end);
    if (!steps)
        return std::nullopt;
    RelativeTarget target;
    target.steps = *steps;
    if (end > at)
        target.symbol = text.substr(at, end - at);
    return target;
}

} // namespace

std::string Steps::magnitude() const
{
    const std::size_t first = text.find_first_not_of("+-0");
    return first == std::string_view::npos ? "0" : std::string(text.substr(first));
}

std::string Steps::normalized() const
{
    return (down && count != 0 ? "-" : "") + magnitude();
}

std::optional<RelativeTarget> parse_relative(std::string_view text)
{
    for (std::size_t at = text.find('@', 1); at != std::string_view::npos; at = text.find('@', at + 1)) {
        std::optional<RelativeTarget> target = parse_after_label(text, at + 1);
        if (!target)
            continue;
        target->label = text.substr(0, at);
        return target;
    }
    return parse_after_label(text, 0);
}

std::optional<Steps> parse_steps_down(std::string_view text)
{
    const std::optional<Steps> steps = parse_steps(text, 0);
    if (!steps || !steps->down || steps->count == 0 || steps->text.size() != text.size())
        return std::nullopt;
    return steps;
}

std::string_view trim(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

} // namespace pgmigrate::core

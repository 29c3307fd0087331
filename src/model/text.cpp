// SPDX-License-Identifier: PostgreSQL
#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

std::string join(std::span<const std::string> parts, std::string_view separator)
{
    std::string all;
    for (std::size_t i = 0; i < parts.size(); ++i)
        all += cat(i == 0 ? std::string_view() : separator, parts[i]);
    return all;
}

std::string literal(std::string_view text)
{
    const bool escapes = text.find('\\') != std::string_view::npos;
    std::string quoted = escapes ? "E'" : "'";
    for (const char each : text) {
        if (each == '\'' || each == '\\')
            quoted += each;
        quoted += each;
    }
    quoted += '\'';
    return quoted;
}

std::string dollar_quoted(std::string_view text)
{
    std::string tag = "$$";
    // The end of the text and the beginning of the closing quote may make a quote as well.
    for (int number = 0; cat(text, tag).find(tag) < text.size(); ++number)
        tag = number == 0 ? "$_$" : cat("$_", std::to_string(number), "$");
    return cat(tag, text, tag);
}

std::string unquoted(std::string_view quoted_name)
{
    if (!quoted_name.starts_with('"'))
        return std::string(quoted_name);
    std::string name;
    for (std::size_t i = 1; i + 1 < quoted_name.size(); ++i) {
        name += quoted_name[i];
        if (quoted_name[i] == '"')
            ++i;
    }
    return name;
}

std::string with_suffix(std::string_view quoted_name, std::string_view suffix)
{
    constexpr std::size_t longest = 63;
    std::string name = unquoted(quoted_name);
    // Not within a character of several bytes.
    const auto shorten = [](std::string &text, std::size_t size) {
        while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
            --size;
        if (size < text.size())
            text.resize(size);
    };
    shorten(name, longest - std::min(suffix.size(), longest));
    name += suffix;
    shorten(name, longest);
    const bool plain = std::ranges::all_of(
        suffix, [](char each) { return each == '_' || (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9'); });
    if (plain && !quoted_name.starts_with('"'))
        return name;
    std::string result = "\"";
    for (const char each : name) {
        if (each == '"')
            result += each;
        result += each;
    }
    return result + '"';
}

std::size_t length_of_name(std::string_view text)
{
    if (!text.starts_with('"'))
        return std::min(text.find(' '), text.size());
    std::size_t at = 1;
    while (at < text.size() && (text[at] != '"' || text.substr(at).starts_with("\"\"")))
        at += text[at] == '"' ? 2 : 1;
    return std::min(at + 1, text.size());
}

} // namespace pgmigrate::model

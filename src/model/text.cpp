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
    std::string name;
    const bool quoted = quoted_name.starts_with('"');
    if (quoted) {
        for (std::size_t i = 1; i + 1 < quoted_name.size(); ++i) {
            name += quoted_name[i];
            if (quoted_name[i] == '"')
                ++i;
        }
    } else {
        name = quoted_name;
    }
    if (name.size() + suffix.size() > longest) {
        std::size_t cut = longest - suffix.size();
        // Not within a character of several bytes.
        while (cut > 0 && (static_cast<unsigned char>(name[cut]) & 0xC0U) == 0x80U)
            --cut;
        name.resize(cut);
    }
    name += suffix;
    if (!quoted)
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

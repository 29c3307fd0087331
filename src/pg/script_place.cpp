// SPDX-License-Identifier: PostgreSQL
#include "pg/script_place.hpp"

#include <algorithm>

extern "C" {
#include "mb/pg_wchar.h"
}

namespace pgmigrate::pg
{

namespace
{

constexpr int excerpt_length = 120;
// Of a line so long that the place would not be seen in its beginning, this much is shown before the place.
constexpr int lead_length = 60;

bool is_newline(char character)
{
    return character == '\n' || character == '\r';
}

int length_in_characters(std::string_view text)
{
    return call([&] { return pg_mbstrlen_with_len(text.data(), static_cast<int>(text.size())); });
}

std::size_t bytes_of_characters(std::string_view text, int characters)
{
    return static_cast<std::size_t>(
        call([&] { return pg_mbcharcliplen(text.data(), static_cast<int>(text.size()), characters); }));
}

std::size_t start_of_line(std::string_view text, std::size_t offset)
{
    while (offset > 0 && !is_newline(text[offset - 1]))
        --offset;
    return offset;
}

std::size_t end_of_line(std::string_view text, std::size_t offset)
{
    while (offset < text.size() && !is_newline(text[offset]))
        ++offset;
    return offset;
}

} // namespace

int count_newlines(std::string_view text)
{
    int count = 0;
    for (std::size_t index = 0; index < text.size(); ++index) {
        const bool pair = text[index] == '\r' && index + 1 < text.size() && text[index + 1] == '\n';
        if (is_newline(text[index]) && !pair)
            ++count;
    }
    return count;
}

Place place_of(std::string_view text, std::size_t offset)
{
    const std::size_t start = start_of_line(text, offset);
    return {1 + count_newlines(text.substr(0, start)), 1 + length_in_characters(text.substr(start, offset - start))};
}

std::string excerpt(std::string_view text, int characters)
{
    const std::size_t length = bytes_of_characters(text, characters);
    std::string shown(text.substr(0, length));
    std::replace_if(shown.begin(), shown.end(), is_newline, ' ');
    return length < text.size() ? shown + "..." : shown;
}

std::string excerpt_of_line(std::string_view text, std::size_t offset)
{
    const std::size_t start = start_of_line(text, offset);
    const std::string_view line = text.substr(start, end_of_line(text, offset) - start);
    const int before = length_in_characters(line.substr(0, offset - start));
    if (before < excerpt_length)
        return excerpt(line, excerpt_length);
    return "..." + excerpt(line.substr(bytes_of_characters(line, before - lead_length)), excerpt_length);
}

std::size_t byte_offset(std::string_view text, int position)
{
    return bytes_of_characters(text, position - 1);
}

int character_position(std::string_view text, std::size_t offset)
{
    return 1 + length_in_characters(text.substr(0, offset));
}

int error_position(const PgError &error)
{
    return error.data() == nullptr ? 0 : error.data()->internalpos;
}

std::string describe_place(std::string_view text, std::size_t offset, std::string_view name, const std::string &shown)
{
    const Place place = place_of(text, offset);
    std::string description =
        "Line " + std::to_string(place.line) + ", column " + std::to_string(place.column) + " of ";
    description += name;
    return shown.empty() ? description + "." : description + ": " + shown;
}

} // namespace pgmigrate::pg

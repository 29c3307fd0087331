// SPDX-License-Identifier: PostgreSQL
#include "files/export.hpp"

#include "files/text.hpp"

#include <algorithm>
#include <set>

namespace pgmigrate::files
{

namespace
{

constexpr size_t slug_length = 40;     // Alembic's truncate_slug_length
constexpr size_t file_id_length = 150; // leaves room for slug, number and suffix in the 255 bytes of a file name
constexpr std::string_view suffix = ".sql";

bool is_word(char c)
{
    return is_alpha(c) || is_digit(c) || c == '_';
}
bool is_ascii(char c)
{
    return static_cast<unsigned char>(c) < 0x80;
}

std::string file_stem(std::string_view id, std::string_view message)
{
    static constexpr std::string_view hex_digits = "0123456789ABCDEF";
    std::string stem;
    for (const char c : id.substr(0, file_id_length / 3)) {
        // A dot at the start would hide the file.
        if (is_word(c) || (c == '.' && !stem.empty())) {
            stem += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        stem += '%';
        stem += hex_digits[byte >> 4];
        stem += hex_digits[byte & 0xF];
    }
    const std::string words = slug(message);
    return words.empty() ? stem : stem + "_" + words;
}

std::string join(const std::vector<std::string> &names)
{
    std::string list;
    for (const std::string &name : names)
        list += (list.empty() ? "" : ",") + name;
    return list;
}

std::string script_literal(const std::optional<std::string> &script, std::string_view tag)
{
    return script ? dollar_quote(*script, tag) : "NULL";
}

std::string call_text(const ExportedRevision &revision, std::string_view function)
{
    std::string text = "SELECT " + std::string(function) + "(\n";
    const auto argument = [&text](std::string_view name, const std::string &value, std::string_view end = ",\n") {
        text += "    " + std::string(name) + " => " + value + std::string(end);
    };
    argument("revision", quote_literal(revision.id));
    argument("down_revision", quote_literal(revision.down.empty() ? "base" : join(revision.down)));
    if (!revision.labels.empty())
        argument("branch_label", quote_literal(join(revision.labels)));
    if (!revision.depends_on.empty())
        argument("depends_on", quote_literal(join(revision.depends_on)));
    argument("message", quote_literal(revision.message));
    argument("up", script_literal(revision.up, "up"));
    argument("down", script_literal(revision.down_script, "down"), ");\n");
    return text;
}

} // namespace

std::string slug(std::string_view message)
{
    std::string words;
    bool pending = false;
    for (const char c : message) {
        if (!is_ascii(c))
            continue;
        if (!is_word(c)) {
            pending = !words.empty();
            continue;
        }
        if (pending)
            words += '_';
        pending = false;
        words += to_lower(c);
    }
    if (words.size() > slug_length) {
        words.resize(slug_length);
        words.resize(std::min(words.rfind('_'), words.size()));
        words += '_';
    }
    return words;
}

std::string quote_literal(std::string_view text)
{
    // Outside E'' a backslash means what standard_conforming_strings says.
    const bool escape = text.find('\\') != std::string_view::npos;
    std::string literal = escape ? "E'" : "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\')
            literal += c;
        literal += c;
    }
    return literal + '\'';
}

std::string dollar_quote(std::string_view text, std::string_view tag)
{
    std::string delimiter = "$" + std::string(tag) + "$";
    // The closing tag may also begin in the text: `$up` before `$up$` closes three characters early.
    for (unsigned number = 1; (std::string(text) + delimiter).find(delimiter) != text.size(); ++number)
        delimiter = "$" + std::string(tag) + std::to_string(number) + "$";
    return delimiter + std::string(text) + delimiter;
}

std::string file_name(std::string_view id, std::string_view message)
{
    return file_stem(id, message) + std::string(suffix);
}

File export_revision(const ExportedRevision &revision, std::string_view function)
{
    return {file_name(revision.id, revision.message), call_text(revision, function)};
}

std::vector<File> export_revisions(std::span<const ExportedRevision> revisions, std::string_view function)
{
    std::vector<File> files;
    std::set<std::string> taken; // in lower case
    for (const ExportedRevision &revision : revisions) {
        const std::string stem = file_stem(revision.id, revision.message);
        std::string name = stem + std::string(suffix);
        for (unsigned number = 2; !taken.insert(lower_case(name)).second; ++number)
            name = stem + "_" + std::to_string(number) + std::string(suffix);
        files.push_back({std::move(name), call_text(revision, function)});
    }
    return files;
}

} // namespace pgmigrate::files

// SPDX-License-Identifier: PostgreSQL
#include "files/neighbours.hpp"

#include "files/line.hpp"
#include "files/markers.hpp"
#include "files/text.hpp"

#include <algorithm>
#include <array>

namespace pgmigrate::files
{

bool is_numbered(std::string_view path)
{
    const std::string_view digits = leading_digits(path);
    return directory_of(path).empty() && !digits.empty() && path.substr(digits.size()).starts_with('_');
}

bool is_javascript(std::string_view path)
{
    static constexpr std::array<std::string_view, 6> suffixes{".js", ".ts", ".cjs", ".cts", ".mjs", ".mts"};
    return std::any_of(suffixes.begin(), suffixes.end(),
                       [path](std::string_view suffix) { return path.ends_with(suffix); });
}

bool is_go(std::string_view path)
{
    return path.ends_with(".go") && !path.ends_with("_test.go");
}

std::optional<std::string> mark_of_a_tool(std::string_view content)
{
    if (is_of_pg_migrate(content))
        return "calls migrate_revision";
    if (is_of_dbmate(content))
        return "has a line \"-- migrate:up\"";
    if (is_of_goose(content))
        return "has a line \"-- +goose Up\"";
    if (is_of_node_pg_migrate(content))
        return "has a line like \"-- Up Migration\" or \"-- Down Migration\"";
    return std::nullopt;
}

std::optional<std::string> numbered_program(std::span<const File> files)
{
    const auto found = std::find_if(files.begin(), files.end(), [](const File &file) {
        return is_numbered(file.path) && (is_javascript(file.path) || is_go(file.path));
    });
    if (found == files.end())
        return std::nullopt;
    return "file \"" + found->path + "\" may be a migration, and is not SQL";
}

bool only_programs_tell(std::span<const File> files, bool (*is_program)(std::string_view path))
{
    const auto is_of_others = [](const File &file) {
        if (!directory_of(file.path).empty())
            return base_name(file.path) == "up.sql"; // diesel's
        return file.path.ends_with(".sql") && (!is_numbered(file.path) || mark_of_a_tool(file.look()));
    };
    const auto is_step = [is_program](const File &file) { return is_numbered(file.path) && is_program(file.path); };
    return std::any_of(files.begin(), files.end(), is_step) && std::none_of(files.begin(), files.end(), is_of_others);
}

} // namespace pgmigrate::files

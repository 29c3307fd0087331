// SPDX-License-Identifier: PostgreSQL
// golang-migrate: `<version>_<name>.up.sql` and `<version>_<name>.down.sql` in one directory. The version is a number,
// which is all that the tool stores and asks for: the zeros in front of it are not part of the id. As the tool has it,
// a version without an up script is a step that does nothing, and files with other names are none of its migrations.
#include "files/formats.hpp"
#include "files/line.hpp"
#include "files/markers.hpp"
#include "files/neighbours.hpp"
#include "files/text.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace pgmigrate::files
{

namespace
{

constexpr std::string_view up_part = ".up.";
constexpr std::string_view down_part = ".down.";

struct Name {
    std::string_view digits;
    std::string_view name;
    std::string_view extension;
    bool is_down = false;
};

// As the tool reads it, up to the last `.up.` or `.down.`.
std::optional<Name> name_of(std::string_view path)
{
    const std::string_view digits = leading_digits(path);
    if (digits.empty() || !path.substr(digits.size()).starts_with('_') || !directory_of(path).empty())
        return std::nullopt;
    const std::string_view rest = path.substr(digits.size() + 1);
    const std::size_t up = rest.rfind(up_part);
    const std::size_t down = rest.rfind(down_part);
    if (up == std::string_view::npos && down == std::string_view::npos)
        return std::nullopt;
    const bool is_down = up == std::string_view::npos || (down != std::string_view::npos && down > up);
    const std::size_t part = is_down ? down : up;
    return Name{digits, rest.substr(0, part), rest.substr(part + (is_down ? down_part : up_part).size()), is_down};
}

} // namespace

std::optional<std::string> golang_migrate_mismatch(std::span<const File> files)
{
    if (std::optional<std::string> program = numbered_program(files))
        return program;
    bool any = false;
    for (const File &file : files) {
        const std::optional<Name> name = name_of(file.path);
        // Passed over by the tool, but a step of another one.
        if (!name && is_numbered(file.path) && file.path.ends_with(".sql"))
            if (const std::optional<std::string> mark = mark_of_a_tool(file.look()))
                return "file \"" + file.path + "\" " + *mark;
        if (!name || name->extension != "sql")
            continue;
        if (is_without_transaction(file.look()))
            return "file \"" + file.path + "\" begins with \"-- no-transaction\", which is sqlx's";
        any = true;
    }
    if (any)
        return std::nullopt;
    return "there is no file <version>_<name>.up.sql";
}

std::vector<SourceRevision> load_golang_migrate(std::span<const File> files, SqlReader &)
{
    std::vector<ScriptFile> scripts;
    for (const File &file : files) {
        const std::optional<Name> name = name_of(file.path);
        if (!name)
            continue;
        if (name->extension != "sql")
            throw invalid_file(file.path, "the file is a migration, but not *.sql")
                .detail("golang-migrate takes whatever follows \".up.\" or \".down.\" in a name, and runs the file.")
                .hint("If it is none, as a copy that an editor has left, move it elsewhere; otherwise rename it to "
                      "*.sql.");
        scripts.push_back({&file, bigint_of(name->digits, file.path), spaced(name->name), name->is_down, true});
    }
    return line_of(std::move(scripts), false);
}

} // namespace pgmigrate::files

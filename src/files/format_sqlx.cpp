// SPDX-License-Identifier: PostgreSQL
// sqlx: `<version>_<name>.sql`, which has no way back, or `<version>_<name>.up.sql` and `<version>_<name>.down.sql`, in
// one directory. The version is a number, stored as such. A file that begins with `-- no-transaction` is run outside a
// transaction block. Other files are left alone, but those whose names end in .sql and have a '_' are migrations.
#include "files/formats.hpp"
#include "files/line.hpp"
#include "files/markers.hpp"
#include "files/neighbours.hpp"
#include "files/text.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pgmigrate::files
{

namespace
{

constexpr std::string_view suffix = ".sql";
constexpr std::string_view up_suffix = ".up.sql";
constexpr std::string_view down_suffix = ".down.sql";

bool is_migration(const File &file)
{
    return directory_of(file.path).empty() && file.path.find('_') != std::string::npos && file.path.ends_with(suffix);
}

ScriptFile script_of(const File &file)
{
    const std::string_view digits = leading_digits(file.path);
    if (digits.empty() || file.path[digits.size()] != '_')
        throw invalid_file(file.path, "the version, which is what precedes the first \"_\", must be digits");
    ScriptFile script;
    script.file = &file;
    script.version = bigint_of(digits, file.path);
    script.is_down = file.path.ends_with(down_suffix);
    script.in_transaction = !is_without_transaction(file.content());
    std::string_view name = std::string_view(file.path).substr(digits.size() + 1);
    const std::string_view ending = script.is_down ? down_suffix : name.ends_with(up_suffix) ? up_suffix : suffix;
    name.remove_suffix(std::min(name.size(), ending.size()));
    script.message = spaced(name);
    return script;
}

} // namespace

bool is_without_transaction(std::string_view content)
{
    return content.starts_with("-- no-transaction");
}

std::optional<std::string> sqlx_mismatch(std::span<const File> files)
{
    if (std::optional<std::string> program = numbered_program(files))
        return program;
    bool any = false;
    bool any_own = false;
    for (const File &file : files) {
        if (!is_migration(file) || leading_digits(file.path).empty())
            continue;
        if (const std::optional<std::string> mark = mark_of_a_tool(file.look()))
            return "file \"" + file.path + "\" " + *mark;
        any = true;
        any_own = any_own || is_without_transaction(file.look()) ||
                  !(file.path.ends_with(up_suffix) || file.path.ends_with(down_suffix));
    }
    if (any_own)
        return std::nullopt;
    return any ? "the files are pairs *.up.sql and *.down.sql, which are read as golang-migrate's"
               : "there is no file <version>_<name>.sql";
}

std::vector<SourceRevision> load_sqlx(std::span<const File> files, SqlReader &)
{
    std::vector<ScriptFile> scripts;
    for (const File &file : files)
        if (is_migration(file))
            scripts.push_back(script_of(file));
    return line_of(std::move(scripts), true);
}

} // namespace pgmigrate::files

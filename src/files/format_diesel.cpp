// SPDX-License-Identifier: PostgreSQL
// diesel: a directory `<version>_<name>` for each migration, with up.sql, and if wanted down.sql and metadata.toml.
// Files beside these directories (README, a script with data, ...) are ignored, as diesel does. The migrations are one
// line in the order of their versions, which are compared as text: 14 digits and 18 digits, where somebody appended a
// counter, sort by time.
#include "files/diesel_metadata.hpp"
#include "files/formats.hpp"
#include "files/line.hpp"
#include "files/text.hpp"

#include <algorithm>
#include <utility>

namespace pgmigrate::files
{

namespace
{

constexpr std::string_view up_file = "up.sql";
constexpr std::string_view down_file = "down.sql";
constexpr std::string_view metadata_file = "metadata.toml";

struct Migration {
    std::string directory;
    const File *up = nullptr;
    const File *down = nullptr;
    const File *metadata = nullptr;
};

void put(const File *&slot, const File &file)
{
    if (slot != nullptr)
        throw invalid_file(file.path, "the file is there twice");
    slot = &file;
}

void add_file(Migration &migration, const File &file)
{
    const std::string_view name = base_name(file.path);
    if (name == up_file)
        put(migration.up, file);
    else if (name == down_file)
        put(migration.down, file);
    else if (name == metadata_file)
        put(migration.metadata, file);
    else
        throw invalid_file(file.path, "the file is no part of a diesel migration")
            .hint("A migration consists of up.sql, down.sql and metadata.toml.");
}

std::vector<Migration> migrations_of(std::span<const File> files)
{
    std::vector<Migration> migrations;
    for (const File &file : files) {
        const std::string_view directory = directory_of(file.path);
        if (directory.empty())
            continue;
        if (directory.find('/') != std::string_view::npos)
            throw invalid_file(file.path, "a diesel migration has no directories within");
        // Sorted by path, the files of a directory follow each other.
        if (migrations.empty() || migrations.back().directory != directory) {
            migrations.emplace_back();
            migrations.back().directory = directory;
        }
        add_file(migrations.back(), file);
    }
    return migrations;
}

std::string version_of(const std::string &directory)
{
    const size_t end = directory.find('_');
    if (end == std::string::npos)
        throw invalid_file(directory, "the name of the directory is not <version>_<name>");
    std::string version;
    for (const char c : std::string_view(directory).substr(0, end)) {
        if (c == '-')
            continue;
        if (!is_digit(c))
            throw invalid_file(directory, "the version, which is what precedes the first \"_\", must be digits");
        version += c;
    }
    if (version.empty())
        throw invalid_file(directory, "the name of the directory does not start with a version");
    return version;
}

std::string message_of(const std::string &directory)
{
    std::string message = directory.substr(directory.find('_') + 1);
    std::replace_if(
        message.begin(), message.end(), [](char c) { return c == '_' || c == '-'; }, ' ');
    return message;
}

SourceRevision revision_of(const Migration &migration)
{
    SourceRevision revision;
    revision.id = version_of(migration.directory);
    revision.message = message_of(migration.directory);
    revision.source = migration.directory;
    if (migration.up == nullptr)
        throw invalid_file(migration.directory, "there is no up.sql");
    revision.up = migration.up->content();
    if (migration.down != nullptr)
        revision.down = migration.down->content();
    if (migration.metadata != nullptr)
        revision.up_in_transaction = read_diesel_metadata(*migration.metadata).run_in_transaction;
    revision.down_in_transaction = revision.up_in_transaction;
    return revision;
}

} // namespace

std::optional<std::string> diesel_mismatch(std::span<const File> files)
{
    const auto is_migration = [](const File &file) {
        const std::string_view directory = directory_of(file.path);
        return base_name(file.path) == up_file && !directory.empty() && directory.find('/') == std::string_view::npos;
    };
    if (std::any_of(files.begin(), files.end(), is_migration))
        return std::nullopt;
    return "there is no directory <version>_<name> with a file up.sql";
}

std::vector<SourceRevision> load_diesel(std::span<const File> files, SqlReader &)
{
    require_all_searched(files);
    std::vector<SourceRevision> revisions;
    for (const Migration &migration : migrations_of(files))
        revisions.push_back(revision_of(migration));
    std::stable_sort(revisions.begin(), revisions.end(),
                     [](const SourceRevision &a, const SourceRevision &b) { return a.id < b.id; });
    make_line(revisions);
    return revisions;
}

} // namespace pgmigrate::files

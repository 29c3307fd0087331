// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgmigrate::files
{

// A file that is read when somebody asks for it: what no format asks for cannot stand in the way.
class FileSource
{
  public:
    FileSource() = default;
    FileSource(const FileSource &) = delete;
    FileSource &operator=(const FileSource &) = delete;
    virtual ~FileSource() = default;

    // In the encoding of the database. Throws what is in the way.
    virtual std::string read() = 0;
    // The bytes, in whatever encoding, or nothing where they cannot be had.
    virtual std::string look() = 0;
};

// A file below the directory that is loaded or written; `path` is relative to it, with '/'. Directories themselves,
// and so empty ones, are not part of the list, but for those that could not be searched.
class File
{
  public:
    File(std::string file_path, std::string content) : path(std::move(file_path)), content_(std::move(content)) {}
    File(std::string file_path, std::shared_ptr<FileSource> source, bool unsearched_directory = false)
        : path(std::move(file_path)), is_unsearched_directory(unsearched_directory), source_(std::move(source))
    {
    }

    const std::string &content() const;
    // To see whose file it is, as all that is looked for is ASCII. Throws nothing for a file that is not as it should
    // be: it may be none of the migrations.
    const std::string &look() const;

    std::string path;
    bool is_unsearched_directory = false; // content() throws the reason

  private:
    std::shared_ptr<FileSource> source_; // null: the content is known
    mutable std::optional<std::string> content_;
    mutable std::optional<std::string> seen_;
};

// For formats that look into the directories within: throws if there is one that could not be searched.
void require_all_searched(std::span<const File> files);

// The arguments of one call of migrate_revision, by parameter; nullopt is SQL NULL. What the call leaves out has the
// default that the function has, so a reader starts from RevisionCall{} and overwrites.
struct RevisionCall {
    std::optional<std::string> message;
    std::optional<std::string> up;
    std::optional<std::string> down;
    std::optional<std::string> revision;
    std::optional<std::string> down_revision = "head";
    std::optional<std::string> branch_label;
    std::optional<std::string> depends_on;
    std::optional<std::string> splice = "false";
    int line = 1; // of the file, where the statement starts
};

struct RevisionParameter {
    std::string_view name;
    std::optional<std::string> RevisionCall::*value;
};

// The parameters of migrate_revision, in the order of positional arguments.
inline constexpr std::array<RevisionParameter, 8> revision_parameters{{
    {"message", &RevisionCall::message},
    {"up", &RevisionCall::up},
    {"down", &RevisionCall::down},
    {"revision", &RevisionCall::revision},
    {"down_revision", &RevisionCall::down_revision},
    {"branch_label", &RevisionCall::branch_label},
    {"depends_on", &RevisionCall::depends_on},
    {"splice", &RevisionCall::splice},
}};

// Reads SQL with the server's own parser, which this layer has not.
class SqlReader
{
  public:
    SqlReader() = default;
    SqlReader(const SqlReader &) = delete;
    SqlReader &operator=(const SqlReader &) = delete;
    virtual ~SqlReader() = default;

    // The statements `SELECT migrate_revision(...)` of a file, in their order. Throws core::Error (invalid_file, naming
    // path and line) for a file that holds anything else than such calls with constant arguments.
    virtual std::vector<RevisionCall> revision_calls(const File &file) = 0;
};

// A revision as a directory describes it: what migrate_revision is to be called with, always with an explicit id.
// Lists are comma separated texts as that function takes them ('base' starts a new root); nullopt is SQL NULL.
struct SourceRevision {
    std::string id;
    std::optional<std::string> message;
    std::optional<std::string> up;
    std::optional<std::string> down;
    std::optional<std::string> down_revision;
    std::optional<std::string> branch_label;
    std::optional<std::string> depends_on;
    bool up_in_transaction = true; // false: the directory demands that the script runs outside a transaction block
    bool down_in_transaction = true;
    bool parent_by_order = false;   // the parent is the one before in the directory, which does not name any
    bool settings_stay = false;     // for the tool, what the script sets for the session lasts for those behind it
    bool unsaid_stays = false;      // what has no value here stays as it is registered
    bool more_dependencies = false; // the source does not tell all: those that are registered stay
    int up_line = 1;                // of `source`, where the script begins, if both are in one file
    int down_line = 1;
    std::string source; // the file or directory it comes from, for messages
    int line = 1;       // of `source`, if that is a file
};

// A layout of migration files. Each is one file format_<name>.cpp with two functions, declared in formats.hpp, and one
// line of the table in format.cpp. `files` is sorted by path and free of hidden files (a path with a component that
// starts with '.').
struct Format {
    std::string_view name;
    // Why the files do not look like this format; nullopt if they do. Looks at names, and no closer at contents than
    // needed to tell the formats apart: what is wrong inside is for load() to say.
    std::optional<std::string> (*mismatch)(std::span<const File> files);
    // In the order in which the revisions are to be registered. Throws core::Error (invalid_file) that names the path.
    std::vector<SourceRevision> (*load)(std::span<const File> files, SqlReader &reader);
    // Whether the tool runs all in one session, and puts no settings back between two migrations.
    bool keeps_settings;
};

std::span<const Format> formats();

// The revisions of a directory. Without `format` it is recognised from the files; a directory that fits none or several
// is an error (unknown_format) that says why for each format known. A name that is no format is the same error.
std::vector<SourceRevision> load(std::vector<File> files, const std::optional<std::string> &format, SqlReader &reader);

} // namespace pgmigrate::files

// SPDX-License-Identifier: PostgreSQL
// Plain SQL files that call migrate_revision, at any depth; what migrate_export writes. Files of other kinds (README)
// are ignored.
#include "files/formats.hpp"
#include "files/markers.hpp"
#include "files/text.hpp"

#include <map>
#include <utility>

namespace pgmigrate::files
{

namespace
{

bool is_sql(const File &file)
{
    return file.path.ends_with(".sql");
}

SourceRevision revision_of(const File &file, RevisionCall call)
{
    if (!call.revision || call.revision->empty())
        throw invalid_file(file.path, "migrate_revision in line " + std::to_string(call.line) + " has no revision")
            .detail("Without an id, loading the file again would add the revision again.")
            .hint("Add revision => '...' to the call.");
    SourceRevision revision;
    revision.id = std::move(*call.revision);
    revision.message = std::move(call.message);
    revision.up = std::move(call.up);
    revision.down = std::move(call.down);
    revision.down_revision = std::move(call.down_revision);
    revision.branch_label = std::move(call.branch_label);
    revision.depends_on = std::move(call.depends_on);
    // call.splice does not matter: an explicit id implies it.
    revision.source = file.path;
    revision.line = call.line;
    return revision;
}

} // namespace

bool is_of_pg_migrate(std::string_view content)
{
    return lower_case(content).find("migrate_revision") != std::string::npos;
}

std::optional<std::string> pg_migrate_mismatch(std::span<const File> files)
{
    bool any_sql = false;
    for (const File &file : files) {
        if (!is_sql(file))
            continue;
        any_sql = true;
        if (is_of_pg_migrate(file.look()))
            return std::nullopt;
    }
    return any_sql ? "no file *.sql calls migrate_revision" : "there is no file *.sql";
}

std::vector<SourceRevision> load_pg_migrate(std::span<const File> files, SqlReader &reader)
{
    require_all_searched(files);
    std::vector<SourceRevision> revisions;
    std::map<std::string, std::string, std::less<>> seen; // id -> where
    for (const File &file : files) {
        if (!is_sql(file))
            continue;
        for (RevisionCall &call : reader.revision_calls(file)) {
            revisions.push_back(revision_of(file, std::move(call)));
            const SourceRevision &added = revisions.back();
            const auto [place, is_new] =
                seen.try_emplace(added.id, "\"" + file.path + "\", line " + std::to_string(added.line));
            if (!is_new)
                throw invalid_file(file.path, "revision \"" + added.id + "\" in line " + std::to_string(added.line) +
                                                  " is already in " + place->second);
        }
    }
    return revisions;
}

} // namespace pgmigrate::files

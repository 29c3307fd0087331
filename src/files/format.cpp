// SPDX-License-Identifier: PostgreSQL
#include "files/format.hpp"

#include "core/error.hpp"
#include "files/formats.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace pgmigrate::files
{

namespace
{

constexpr std::array<Format, 8> known_formats{{
    {"pg_migrate", pg_migrate_mismatch, load_pg_migrate, false},
    {"dbmate", dbmate_mismatch, load_dbmate, true},
    {"diesel", diesel_mismatch, load_diesel, true},
    {"flyway", flyway_mismatch, load_flyway, false},
    {"golang-migrate", golang_migrate_mismatch, load_golang_migrate, true},
    {"goose", goose_mismatch, load_goose, true},
    {"node-pg-migrate", node_pg_migrate_mismatch, load_node_pg_migrate, true},
    {"sqlx", sqlx_mismatch, load_sqlx, true},
}};

bool is_hidden(std::string_view path)
{
    return path.starts_with('.') || path.find("/.") != std::string_view::npos;
}

std::string known_names()
{
    std::string names;
    for (const Format &format : known_formats)
        names += (names.empty() ? "" : ", ") + std::string(format.name);
    return names;
}

// Where people look for it.
constexpr const char *alembic_hint =
    "The revisions of Alembic are programs: migrate_import_alembic() takes what Alembic prints of them.";

bool has_python(std::span<const File> files)
{
    return std::any_of(files.begin(), files.end(), [](const File &file) { return file.path.ends_with(".py"); });
}

const Format &named(const std::string &name)
{
    for (const Format &format : known_formats)
        if (format.name == name)
            return format;
    throw core::Error(core::sqlstate::unknown_format, "format of migration files \"" + name + "\" is not known")
        .hint(name == "alembic" ? alembic_hint : "Known formats: " + known_names() + ".");
}

const Format &recognise(std::span<const File> files)
{
    const Format *found = nullptr;
    bool several = false;
    std::string reasons;
    for (const Format &format : known_formats) {
        const std::optional<std::string> why_not = format.mismatch(files);
        reasons += (reasons.empty() ? "" : "\n") + std::string(format.name) + ": " + why_not.value_or("fits");
        if (why_not)
            continue;
        several = found != nullptr;
        found = &format;
    }
    if (found != nullptr && !several)
        return *found;
    throw core::Error(core::sqlstate::unknown_format,
                      several ? "the migration files fit several formats" : "the migration files fit no known format")
        .detail(std::move(reasons))
        .hint(found == nullptr && has_python(files) ? alembic_hint : "Name the format: " + known_names() + ".");
}

} // namespace

const std::string &File::content() const
{
    if (!content_) {
        content_ = source_->read();
        seen_.reset();
    }
    return *content_;
}

const std::string &File::look() const
{
    if (content_)
        return *content_;
    if (!seen_)
        seen_ = source_->look();
    return *seen_;
}

void require_all_searched(std::span<const File> files)
{
    for (const File &file : files)
        if (file.is_unsearched_directory)
            file.content();
}

std::span<const Format> formats()
{
    return known_formats;
}

std::vector<SourceRevision> load(std::vector<File> files, const std::optional<std::string> &format, SqlReader &reader)
{
    std::erase_if(files, [](const File &file) { return is_hidden(file.path); });
    std::sort(files.begin(), files.end(), [](const File &a, const File &b) { return a.path < b.path; });
    const Format &chosen = format ? named(*format) : recognise(files);
    std::vector<SourceRevision> revisions = chosen.load(files, reader);
    // Without this a mistyped directory would look like one that is loaded already.
    if (const std::optional<std::string> why_not = revisions.empty() ? chosen.mismatch(files) : std::nullopt)
        throw core::Error(core::sqlstate::unknown_format,
                          "the migration files do not fit format \"" + std::string(chosen.name) + "\"")
            .detail(*why_not);
    for (SourceRevision &revision : revisions)
        revision.settings_stay = chosen.keeps_settings;
    return revisions;
}

} // namespace pgmigrate::files

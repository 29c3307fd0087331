// SPDX-License-Identifier: PostgreSQL
// node-pg-migrate, where its migrations are SQL: `<prefix>_<name>.sql` in one directory, with a comment `-- Up
// Migration` above one script and `-- Down Migration` above the other, in any order. As the tool does it, the first
// comment of each kind counts, and a file without them is an up script. Also `<prefix>_<name>.up.sql` and `.down.sql`.
// The prefix is a time in milliseconds, a UTC time in 17 digits, or a number. For the tool every file of the directory
// is a migration, and one without a number in front comes first: those are refused, if they are SQL or programs.
#include "files/formats.hpp"
#include "files/line.hpp"
#include "files/markers.hpp"
#include "files/neighbours.hpp"
#include "files/text.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
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
constexpr std::size_t digits_of_milliseconds = 13;
constexpr std::size_t digits_of_time = 17;

bool is_sql(const File &file)
{
    return directory_of(file.path).empty() && file.path.ends_with(suffix);
}

// Hyphens and blanks, the word, blanks, and `migration`, in any case; what follows these is returned.
std::optional<std::string_view> rest_of_marker(std::string_view line, std::string_view direction)
{
    static constexpr std::string_view noun = "migration";
    line = trimmed(line);
    if (!line.starts_with("--"))
        return std::nullopt;
    while (!line.empty() && (line.front() == '-' || is_blank(line.front())))
        line.remove_prefix(1);
    if (lower_case(line.substr(0, direction.size())) != direction)
        return std::nullopt;
    line.remove_prefix(direction.size());
    if (line.empty() || !is_blank(line.front()))
        return std::nullopt;
    line = trimmed(line);
    if (lower_case(line.substr(0, noun.size())) != noun)
        return std::nullopt;
    return line.substr(noun.size());
}

struct Marker {
    std::size_t start = std::string_view::npos;
    std::size_t end = 0;
    int line = 0;
    bool is_whole_line = true; // nothing follows it

    bool found() const { return start != std::string_view::npos; }
};

Marker find_marker(std::string_view content, std::string_view direction)
{
    for (Lines lines(content); lines.next();)
        if (const std::optional<std::string_view> rest = rest_of_marker(lines.line(), direction))
            return {lines.start(), lines.end(), lines.number(), rest->empty()};
    return {};
}

// Whether a text is comments and blanks.
bool says_nothing(std::string_view text)
{
    int depth = 0; // of comments, which nest
    while (!text.empty()) {
        std::size_t taken = 1;
        if (text.starts_with("/*")) {
            ++depth;
            taken = 2;
        } else if (depth > 0 && text.starts_with("*/")) {
            --depth;
            taken = 2;
        } else if (depth == 0 && text.starts_with("--")) {
            taken = std::min(text.find('\n'), text.size());
        } else if (depth == 0 && !is_blank(text.front())) {
            return false;
        }
        text.remove_prefix(taken);
    }
    return depth == 0;
}

bool has_text_above(std::string_view content, const Marker &up, const Marker &down)
{
    return !says_nothing(content.substr(0, std::min(up.start, down.start)));
}

std::string section(const std::string &content, const Marker &own, const Marker &other)
{
    const std::size_t end = other.found() && other.start > own.start ? other.start : content.size();
    return content.substr(own.end, end - own.end);
}

void read_sections(SourceRevision &revision, const File &file)
{
    const Marker up = find_marker(file.content(), "up");
    const Marker down = find_marker(file.content(), "down");
    if (!up.found() && down.found())
        throw invalid_file(file.path, "there is a line \"-- Down Migration\", but none \"-- Up Migration\"")
            .detail("node-pg-migrate would run the whole file as the up script.")
            .hint("Put \"-- Up Migration\" above the up script.");
    if (up.found() && has_text_above(file.content(), up, down))
        throw invalid_file(file.path, "there are statements above the first marker")
            .detail("node-pg-migrate leaves them out, and runs what is below \"-- Up Migration\".")
            .hint("Remove them, or move them to where they belong. If the marker is a comment of another tool's file, "
                  "name the format.");
    revision.up = up.found() ? section(file.content(), up, down) : file.content();
    revision.up_line = up.line + 1;
    if (down.found())
        revision.down = section(file.content(), down, up);
    revision.down_line = down.line + 1;
}

// 17 digits are a UTC time with milliseconds, which the tool compares with the others as milliseconds since 1970.
std::string order_of(std::string_view digits, std::string_view path)
{
    if (digits.size() != digits_of_time)
        return std::string(digits);
    const auto part = [digits](std::size_t from, std::size_t count) {
        int value = 0;
        for (const char digit : digits.substr(from, count))
            value = value * 10 + (digit - '0');
        return value;
    };
    namespace chrono = std::chrono;
    const chrono::year_month_day day{chrono::year(part(0, 4)), chrono::month(static_cast<unsigned>(part(4, 2))),
                                     chrono::day(static_cast<unsigned>(part(6, 2)))};
    const chrono::milliseconds of_day = chrono::hours(part(8, 2)) + chrono::minutes(part(10, 2)) +
                                        chrono::seconds(part(12, 2)) + chrono::milliseconds(part(14, 3));
    if (!day.ok() || part(8, 2) > 23 || part(10, 2) > 59 || part(12, 2) > 59)
        throw invalid_file(path, "the 17 digits in front are not a time");
    const auto since_1970 =
        chrono::duration_cast<chrono::milliseconds>(chrono::sys_days(day).time_since_epoch()) + of_day;
    return std::to_string(std::max<chrono::milliseconds::rep>(since_1970.count(), 0));
}

struct Migration {
    std::string order;
    SourceRevision revision;
};

Migration migration_of(const File &file, std::string_view ending)
{
    Migration migration;
    SourceRevision &revision = migration.revision;
    const std::string_view digits = leading_digits(file.path);
    migration.order = order_of(digits, file.path);
    revision.id = digits;
    std::string_view name = std::string_view(file.path).substr(digits.size() + 1);
    name.remove_suffix(std::min(name.size(), ending.size()));
    revision.message = spaced(name);
    std::replace(revision.message->begin(), revision.message->end(), '-', ' ');
    revision.source = file.path;
    return migration;
}

// Sorted by path, `x.down.sql` comes right before `x.up.sql`, if not for other files between them.
const File *partner(std::span<const File> files, std::string_view path)
{
    const auto found = std::lower_bound(files.begin(), files.end(), path,
                                        [](const File &file, std::string_view wanted) { return file.path < wanted; });
    return found != files.end() && found->path == path ? &*found : nullptr;
}

std::string with_ending(std::string_view path, std::string_view ending, std::string_view other)
{
    return std::string(path.substr(0, path.size() - ending.size())) + std::string(other);
}

std::optional<Migration> read(const File &file, std::span<const File> files)
{
    if (file.path.ends_with(down_suffix)) {
        if (partner(files, with_ending(file.path, down_suffix, up_suffix)) == nullptr)
            throw invalid_file(file.path, "there is no *.up.sql beside it");
        return std::nullopt;
    }
    if (!file.path.ends_with(up_suffix)) {
        Migration migration = migration_of(file, suffix);
        read_sections(migration.revision, file);
        return migration;
    }
    Migration migration = migration_of(file, up_suffix);
    migration.revision.up = file.content();
    if (const File *down = partner(files, with_ending(file.path, up_suffix, down_suffix)))
        migration.revision.down = down->content();
    return migration;
}

void refuse_programs(std::span<const File> files)
{
    std::vector<std::string_view> paths;
    for (const File &file : files)
        if (directory_of(file.path).empty() && is_javascript(file.path))
            paths.emplace_back(file.path);
    if (!paths.empty())
        throw cannot_be_loaded("a migration in JavaScript or TypeScript", paths)
            .hint(
                "Write it as SQL under the same name: \"node-pg-migrate up --dry-run --verbose\" on an empty database "
                "prints what it runs. If it is none of the migrations, move it elsewhere.");
}

core::Error not_numbered(const File &file)
{
    return invalid_file(file.path, "what precedes the first \"_\" of the name is not a number")
        .detail("node-pg-migrate runs such a file before those that have a number.")
        .hint("Rename the file, and its row in pgmigrations, so that its place is in its name; or move it elsewhere, "
              "if it is no migration.");
}

// Why the marks of a file do not prove that it is one of the tool's. They may be comments, where another tool runs the
// whole file, so that nothing is divided that does not look as the tool itself writes it.
std::optional<std::string> doubt(const File &file)
{
    const std::string name = "file \"" + file.path + "\" ";
    const std::size_t digits = leading_digits(file.path).size();
    if (digits != digits_of_milliseconds && digits != digits_of_time)
        return name + "does not begin with a time in 13 or 17 digits";
    const Marker up = find_marker(file.look(), "up");
    const Marker down = find_marker(file.look(), "down");
    if (!up.is_whole_line || !down.is_whole_line)
        return name + "has more in the line of a marker";
    if ((up.found() || down.found()) && has_text_above(file.look(), up, down))
        return name + "has statements above the first marker";
    return std::nullopt;
}

} // namespace

bool is_of_node_pg_migrate(std::string_view content)
{
    return find_marker(content, "up").found() || find_marker(content, "down").found();
}

std::optional<std::string> node_pg_migrate_mismatch(std::span<const File> files)
{
    if (only_programs_tell(files, is_javascript))
        return std::nullopt;
    const auto is_marked = [](const File &file) {
        return is_numbered(file.path) && is_sql(file) && is_of_node_pg_migrate(file.look());
    };
    if (std::none_of(files.begin(), files.end(), is_marked))
        return "there is no file <version>_<name>.sql with a line \"-- Up Migration\" or \"-- Down Migration\"";
    for (const File &file : files)
        if (is_sql(file) && is_numbered(file.path))
            if (std::optional<std::string> reason = doubt(file))
                return reason;
    return std::nullopt;
}

std::vector<SourceRevision> load_node_pg_migrate(std::span<const File> files, SqlReader &)
{
    refuse_programs(files);
    std::vector<Migration> migrations;
    for (const File &file : files) {
        if (!is_sql(file))
            continue;
        if (!is_numbered(file.path))
            throw not_numbered(file);
        if (std::optional<Migration> migration = read(file, files))
            migrations.push_back(std::move(*migration));
    }
    std::stable_sort(migrations.begin(), migrations.end(), [](const Migration &left, const Migration &right) {
        return compare_numbers(left.order, right.order) == std::strong_ordering::less;
    });
    std::vector<SourceRevision> revisions;
    for (std::size_t i = 0; i < migrations.size(); ++i) {
        if (i > 0 && compare_numbers(migrations[i - 1].order, migrations[i].order) == std::strong_ordering::equal)
            throw invalid_file(migrations[i].revision.source,
                               "what it begins with is also that of \"" + revisions.back().source + "\"")
                .hint("Give one of them another number in front.");
        revisions.push_back(std::move(migrations[i].revision));
    }
    make_line(revisions);
    return revisions;
}

} // namespace pgmigrate::files

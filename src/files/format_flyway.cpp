// SPDX-License-Identifier: PostgreSQL
// flyway: `V<version>__<description>.sql` at any depth, `U<version>__<description>.sql` with the way back, and
// `B<version>__<description>.sql`, which makes in an empty database what all versions up to its own make. A file
// `<script>.sql.conf` has settings of its script. What flyway decides anew each time it runs (repeatable migrations,
// callbacks, placeholders) has no counterpart in a revision, which is the same for all databases and runs once.
#include "files/flyway_settings.hpp"
#include "files/flyway_version.hpp"
#include "files/formats.hpp"
#include "files/line.hpp"
#include "files/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgmigrate::files
{

namespace
{

constexpr std::string_view suffix = ".sql";
constexpr std::string_view separator = "__";
constexpr std::array<std::string_view, 11> program_suffixes{".java", ".class", ".kt",   ".groovy", ".scala", ".ps1",
                                                            ".bat",  ".cmd",   ".bash", ".sh",     ".py"};

enum class Kind { versioned, undo, baseline, repeatable };

struct Name {
    Kind kind = Kind::versioned;
    FlywayVersion version; // none: repeatable
    std::string description;
};

std::optional<Kind> kind_of(char prefix)
{
    switch (prefix) {
    case 'V':
        return Kind::versioned;
    case 'U':
        return Kind::undo;
    case 'B':
        return Kind::baseline;
    case 'R':
        return Kind::repeatable;
    default:
        return std::nullopt;
    }
}

// `stem`: the name without its suffix.
std::optional<Name> parse_name(std::string_view stem)
{
    const std::optional<Kind> kind = stem.empty() ? std::nullopt : kind_of(stem.front());
    if (!kind)
        return std::nullopt;
    stem.remove_prefix(1);
    const std::size_t end = stem.find(separator);
    const std::string_view version = stem.substr(0, end);
    const std::string_view description =
        end == std::string_view::npos ? std::string_view() : stem.substr(end + separator.size());
    if (*kind == Kind::repeatable)
        return version.empty() && end == 0 ? std::optional(Name{*kind, {}, spaced(description)}) : std::nullopt;
    const std::optional<FlywayVersion> number = FlywayVersion::parse(version);
    return number ? std::optional(Name{*kind, *number, spaced(description)}) : std::nullopt;
}

std::optional<std::string_view> stem_of(const File &file, std::string_view ending)
{
    std::string_view name = base_name(file.path);
    if (!name.ends_with(ending))
        return std::nullopt;
    name.remove_suffix(ending.size());
    return name;
}

std::optional<Name> name_of(const File &file)
{
    const std::optional<std::string_view> stem = stem_of(file, suffix);
    return stem ? parse_name(*stem) : std::nullopt;
}

bool is_program(const File &file)
{
    return std::any_of(program_suffixes.begin(), program_suffixes.end(), [&file](std::string_view ending) {
        const std::optional<std::string_view> stem = stem_of(file, ending);
        return stem && stem->find(separator) != std::string_view::npos && parse_name(*stem);
    });
}

bool is_repeatable(const File &file)
{
    const std::optional<Name> name = name_of(file);
    return name && name->kind == Kind::repeatable;
}

// Those around migrate and undo, and around what migrate does as well: it validates, and makes a baseline if it is told
// to. The callbacks of the other commands have nothing to do with what a migration makes.
bool is_callback(const File &file)
{
    std::optional<std::string_view> stem = stem_of(file, suffix);
    if (!stem)
        return false;
    std::string_view event = stem->substr(0, stem->find(separator));
    static constexpr std::array<std::string_view, 6> whole{"beforeRepeatables",  "afterVersioned", "createSchema",
                                                           "beforeCreateSchema", "beforeConnect",  "afterConnect"};
    if (std::find(whole.begin(), whole.end(), event) != whole.end())
        return true;
    if (event.starts_with("before"))
        event.remove_prefix(std::string_view("before").size());
    else if (event.starts_with("after"))
        event.remove_prefix(std::string_view("after").size());
    else
        return false;
    if (event.starts_with("Each"))
        event.remove_prefix(std::string_view("Each").size());
    static constexpr std::array<std::string_view, 4> commands{"Migrate", "Undo", "Validate", "Baseline"};
    return std::any_of(commands.begin(), commands.end(),
                       [event](std::string_view command) { return event.starts_with(command); });
}

void refuse(std::span<const File> files, bool (*condition)(const File &), std::string_view what, std::string_view hint)
{
    std::vector<std::string_view> paths;
    for (const File &file : files)
        if (condition(file))
            paths.emplace_back(file.path);
    if (!paths.empty())
        throw cannot_be_loaded(what, paths).hint(std::string(hint));
}

void refuse_what_has_no_counterpart(std::span<const File> files)
{
    refuse(files, is_repeatable, "a repeatable migration",
           "Move such files to a directory of their own, which can be one more of flyway's locations, and load the "
           "others. Then register what such a file holds as a revision on top of the head, each time that it has "
           "changed.");
    refuse(files, is_callback, "a callback",
           "Move such files to a directory of their own, and run them by the program that calls migrate_upgrade().");
    refuse(files, is_program, "a migration that is a program", "Write it as SQL under the same version.");
}

// Flyway passes over such a file, unless it is told to validate names.
void check_name(const File &file)
{
    const std::optional<std::string_view> stem = stem_of(file, suffix);
    if (stem && stem->size() > 1 && kind_of(stem->front()) && is_digit((*stem)[1]))
        throw invalid_file(file.path, "the name is not " + std::string(stem->substr(0, 1)) +
                                          "<version>__<description>.sql, with two \"_\"")
            .detail("Flyway passes over a file with such a name.")
            .hint("Rename the file, or remove it if it has never been run.");
}

struct Script {
    const File *file = nullptr;
    std::string description;
};

using Scripts = std::map<FlywayVersion, Script>;

class Collection
{
  public:
    explicit Collection(std::span<const File> files)
    {
        for (const File &file : files) {
            if (file.path.ends_with(".sql.conf"))
                settings_.emplace(std::string_view(file.path).substr(0, file.path.size() - 5), &file);
            if (const std::optional<Name> name = name_of(file))
                add(file, *name);
            else
                check_name(file);
        }
    }

    std::vector<SourceRevision> revisions() const
    {
        std::vector<SourceRevision> result;
        if (const auto baseline = last_baseline(); baseline != baselines_.end())
            result.push_back(revision_of(baseline->first, baseline->second));
        for (const auto &[version, script] : versioned_) {
            SourceRevision revision = revision_of(version, script);
            if (const auto undo = undo_.find(version); undo != undo_.end())
                add_undo(revision, *undo->second.file);
            result.push_back(std::move(revision));
        }
        for (const auto &[version, script] : undo_)
            if (!versioned_.contains(version))
                throw invalid_file(script.file->path, "there is no V" + version.text() + " that it would undo");
        make_line(result);
        return result;
    }

  private:
    void add(const File &file, const Name &name)
    {
        Scripts &scripts = name.kind == Kind::versioned ? versioned_ : name.kind == Kind::undo ? undo_ : baselines_;
        const auto [place, is_new] = scripts.try_emplace(name.version, Script{&file, name.description});
        if (!is_new)
            throw invalid_file(file.path, "version " + name.version.text() + " is also that of \"" +
                                              place->second.file->path + "\"");
    }

    // Flyway begins with the last one where nothing has been run yet, and never runs the others.
    Scripts::const_iterator last_baseline() const
    {
        if (baselines_.empty())
            return baselines_.end();
        const auto last = std::prev(baselines_.end());
        const auto &[version, script] = *last;
        if (!versioned_.empty() && versioned_.begin()->first <= version)
            throw invalid_file(script.file->path, "there are two ways to version " + version.text())
                .detail("The baseline makes what the versions up to its own make, of which \"" +
                        versioned_.begin()->second.file->path + "\" is one.")
                .hint("Keep one way: move the baseline elsewhere, or the versions up to " + version.text() + ".");
        return last;
    }

    SourceRevision revision_of(const FlywayVersion &version, const Script &script) const
    {
        SourceRevision revision;
        revision.id = version.text();
        revision.message = script.description;
        revision.source = script.file->path;
        revision.up = content_of(*script.file, revision.up_in_transaction);
        return revision;
    }

    void add_undo(SourceRevision &revision, const File &file) const
    {
        revision.down = content_of(file, revision.down_in_transaction);
    }

    std::string content_of(const File &file, bool &in_transaction) const
    {
        const auto found = settings_.find(file.path);
        const FlywaySettings settings =
            found == settings_.end() ? FlywaySettings() : read_flyway_settings(*found->second);
        in_transaction = settings.execute_in_transaction;
        if (settings.placeholder_replacement)
            refuse_placeholder(file);
        return file.content();
    }

    static void refuse_placeholder(const File &file)
    {
        for (Lines lines(file.content()); lines.next();) {
            const std::size_t start = lines.line().find("${");
            if (start == std::string_view::npos)
                continue;
            const std::string_view rest = lines.line().substr(start);
            const std::size_t end = rest.find('}');
            throw invalid_file(file.path, "line " + std::to_string(lines.number()) + ": placeholder " +
                                              std::string(rest.substr(0, end == std::string_view::npos ? 2 : end + 1)) +
                                              " cannot be loaded")
                .detail("Its value is in flyway's configuration, which is not read.")
                .hint("Write the value in its place. If flyway leaves the text as it is, say so by "
                      "placeholderReplacement=false in \"" +
                      std::string(base_name(file.path)) + ".conf\".");
        }
    }

    Scripts versioned_;
    Scripts undo_;
    Scripts baselines_;
    std::map<std::string_view, const File *> settings_; // by the path of the script
};

} // namespace

std::optional<std::string> flyway_mismatch(std::span<const File> files)
{
    if (std::any_of(files.begin(), files.end(),
                    [](const File &file) { return name_of(file).has_value() || is_program(file); }))
        return std::nullopt;
    return "there is no file V<version>__<description>.sql";
}

std::vector<SourceRevision> load_flyway(std::span<const File> files, SqlReader &)
{
    require_all_searched(files);
    refuse_what_has_no_counterpart(files);
    return Collection(files).revisions();
}

} // namespace pgmigrate::files

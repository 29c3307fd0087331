// SPDX-License-Identifier: PostgreSQL
// dbmate: files `<version>_<name>.sql` in one directory, each with a line `-- migrate:up` and a line `-- migrate:down`,
// which may be followed by options. As the tool does it, the files are taken in the order of their names, and a marker
// is a marker wherever its line stands, also in the body of a function.
#include "files/formats.hpp"
#include "files/line.hpp"
#include "files/markers.hpp"
#include "files/text.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace pgmigrate::files
{

namespace
{

constexpr std::string_view up_marker = "migrate:up";
constexpr std::string_view down_marker = "migrate:down";

bool is_migration(const File &file)
{
    return directory_of(file.path).empty() && !leading_digits(file.path).empty() && file.path.ends_with(".sql");
}

// What follows the marker if the line is one: `--`, blanks, the marker, and then nothing or a blank.
std::optional<std::string_view> options_behind(std::string_view line, std::string_view marker)
{
    if (!line.starts_with("--"))
        return std::nullopt;
    line = trimmed(line.substr(2));
    if (!line.starts_with(marker))
        return std::nullopt;
    line.remove_prefix(marker.size());
    if (!line.empty() && !is_blank(line.front()))
        return std::nullopt;
    return line;
}

// Words that are not `key:value` mean nothing to the tool, nor do keys that it does not know.
bool in_transaction(std::string_view options, const File &file, int line)
{
    bool transaction = true;
    for (options = trimmed(options); !options.empty(); options = trimmed(options)) {
        const auto *const end = std::find_if(options.begin(), options.end(), is_blank);
        const std::string_view option = options.substr(0, static_cast<std::size_t>(end - options.begin()));
        options.remove_prefix(option.size());
        if (option.starts_with("env:"))
            throw invalid_file(file.path, "line " + std::to_string(line) + ": option \"" + std::string(option) +
                                              "\" needs the environment of the program")
                .hint("Write the value into the file, and remove the option.");
        if (option.starts_with("transaction:") && option.rfind(':') == option.find(':'))
            transaction = option != "transaction:false";
    }
    return transaction;
}

class Reader
{
  public:
    explicit Reader(const File &file) : file_(file), lines_(file.content()) {}

    void read(SourceRevision &revision)
    {
        while (lines_.next()) {
            if (const auto options = options_behind(lines_.line(), up_marker))
                begin(revision.up, revision.up_in_transaction, revision.up_line, *options);
            else if (const auto down_options = options_behind(lines_.line(), down_marker))
                begin_down(revision, *down_options);
            else if (text_ == nullptr)
                check_head();
        }
        end(file_.content().size());
        if (!revision.up)
            throw invalid_file(file_.path, "there is no line \"-- migrate:up\"");
    }

  private:
    void begin_down(SourceRevision &revision, std::string_view options)
    {
        if (text_ == nullptr)
            throw at_line("\"-- migrate:down\" stands before \"-- migrate:up\"");
        begin(revision.down, revision.down_in_transaction, revision.down_line, options);
    }

    void begin(std::optional<std::string> &text, bool &transaction, int &first_line, std::string_view options)
    {
        if (text || text_ == &text)
            throw at_line("a second section of the same kind")
                .hint("dbmate, too, fails on such a file with PostgreSQL. Make a file of each section.");
        end(lines_.start());
        text_ = &text;
        start_ = lines_.end();
        first_line = lines_.number() + 1;
        transaction = in_transaction(options, file_, lines_.number());
    }

    void end(std::size_t position)
    {
        if (text_ != nullptr)
            *text_ = file_.content().substr(start_, position - start_);
    }

    void check_head()
    {
        const std::string_view line = trimmed(lines_.line());
        if (!line.empty() && !line.starts_with("--"))
            throw at_line("nothing but comments can stand before \"-- migrate:up\"");
    }

    core::Error at_line(std::string_view what) const
    {
        return invalid_file(file_.path, "line " + std::to_string(lines_.number()) + ": " + std::string(what));
    }

    const File &file_;
    Lines lines_;
    std::optional<std::string> *text_ = nullptr; // of the section that the line is in
    std::size_t start_ = 0;
};

SourceRevision revision_of(const File &file)
{
    SourceRevision revision;
    revision.id = leading_digits(file.path);
    std::string_view name = std::string_view(file.path).substr(revision.id.size());
    name.remove_suffix(std::string_view(".sql").size());
    if (name.starts_with('_'))
        name.remove_prefix(1);
    revision.message = spaced(name);
    revision.source = file.path;
    Reader(file).read(revision);
    return revision;
}

} // namespace

bool is_of_dbmate(std::string_view content)
{
    for (Lines lines(content); lines.next();)
        if (options_behind(lines.line(), up_marker))
            return true;
    return false;
}

std::optional<std::string> dbmate_mismatch(std::span<const File> files)
{
    if (std::any_of(files.begin(), files.end(),
                    [](const File &file) { return is_migration(file) && is_of_dbmate(file.look()); }))
        return std::nullopt;
    return "there is no file <version>_<name>.sql with a line \"-- migrate:up\"";
}

std::vector<SourceRevision> load_dbmate(std::span<const File> files, SqlReader &)
{
    std::vector<SourceRevision> revisions;
    for (const File &file : files) // sorted by path
        if (is_migration(file))
            revisions.push_back(revision_of(file));
    make_line(revisions);
    return revisions;
}

} // namespace pgmigrate::files

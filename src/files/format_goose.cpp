// SPDX-License-Identifier: PostgreSQL
// goose: files `<version>_<name>.sql` in one directory, divided by annotations: lines that begin with `--` and name
// `+goose`. They are read as the tool reads them, line by line and wherever the line stands. What the tool needs them
// for, to find the ends of statements, is left to the server's parser: a block between StatementBegin and StatementEnd
// may lack its semicolon, and gets one.
#include "files/formats.hpp"
#include "files/line.hpp"
#include "files/markers.hpp"
#include "files/neighbours.hpp"
#include "files/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace pgmigrate::files
{

namespace
{

constexpr std::string_view sign = "+goose";

enum class Annotation { up, down, statement_begin, statement_end, no_transaction, envsub_on, envsub_off };

constexpr std::array<std::pair<std::string_view, Annotation>, 7> annotations{{
    {"up", Annotation::up},
    {"down", Annotation::down},
    {"statementbegin", Annotation::statement_begin},
    {"statementend", Annotation::statement_end},
    {"no transaction", Annotation::no_transaction},
    {"envsub on", Annotation::envsub_on},
    {"envsub off", Annotation::envsub_off},
}};

bool is_comment(std::string_view line)
{
    return trimmed(line).starts_with("--");
}

bool is_annotation(std::string_view line)
{
    return is_comment(line) && line.find(sign) != std::string_view::npos;
}

// The words beside the sign, without the hyphens of the comment.
std::string words_of(std::string_view line)
{
    std::string words;
    for (std::size_t i = 0; i < line.size();) {
        if (line.substr(i).starts_with("--")) {
            i += 2;
            continue;
        }
        words += line[i++];
    }
    if (const std::size_t at = words.find(sign); at != std::string::npos)
        words.erase(at, sign.size());
    return std::string(trimmed(words));
}

std::optional<Annotation> annotation_of(std::string_view line)
{
    const std::string words = lower_case(words_of(line));
    for (const auto &[name, annotation] : annotations)
        if (words == name)
            return annotation;
    return std::nullopt;
}

class Reader
{
  public:
    explicit Reader(const File &file) : file_(file), lines_(file.content()) {}

    void read(SourceRevision &revision)
    {
        while (lines_.next()) {
            if (is_annotation(lines_.line()))
                annotation(revision);
            else
                line();
        }
        if (in_statement_)
            throw invalid_file(file_.path, "there is no \"-- +goose StatementEnd\"");
        if (!revision.up)
            throw invalid_file(file_.path, "there is no line \"-- +goose Up\"");
    }

  private:
    void annotation(SourceRevision &revision)
    {
        const std::optional<Annotation> found = annotation_of(lines_.line());
        if (!found || is_blank(lines_.line().front()))
            throw at_line("this is no annotation of goose: " + std::string(trimmed(lines_.line())))
                .hint("The annotations are \"-- +goose\" and Up, Down, StatementBegin, StatementEnd, NO TRANSACTION, "
                      "ENVSUB ON or ENVSUB OFF. Other comments cannot name \"+goose\".");
        switch (*found) {
        case Annotation::up:
            require(section_ == nullptr, "Up stands where it cannot stand");
            section_ = &revision.up.emplace();
            revision.up_line = lines_.number() + 1;
            break;
        case Annotation::down:
            require(revision.up && !revision.down && !in_statement_, "Down stands where it cannot stand");
            section_ = &revision.down.emplace();
            revision.down_line = lines_.number() + 1;
            break;
        case Annotation::statement_begin:
            require(section_ != nullptr && !in_statement_, "StatementBegin stands where it cannot stand");
            in_statement_ = true;
            ends_statement_ = true;
            break;
        case Annotation::statement_end:
            require(in_statement_, "StatementEnd stands where it cannot stand");
            in_statement_ = false;
            *section_ += ends_statement_ ? "" : ";\n";
            break;
        case Annotation::no_transaction:
            revision.up_in_transaction = false;
            revision.down_in_transaction = false;
            break;
        case Annotation::envsub_on:
            substitutes_ = true;
            break;
        case Annotation::envsub_off:
            substitutes_ = false;
            break;
        }
    }

    void line()
    {
        const std::string_view content = trimmed(lines_.line());
        if (section_ == nullptr) {
            require(content.empty() || is_comment(content), "nothing but comments can stand before Up");
            return;
        }
        if (substitutes_ && !is_comment(content) && content.find('$') != std::string_view::npos)
            throw at_line("ENVSUB ON needs the environment of the program: " + std::string(content))
                .hint("Write the value into the file. Where the $ is meant as it is, put \"-- +goose ENVSUB OFF\" "
                      "above the line.");
        // The tool ends each line by LF, also within the body of a function.
        *section_ += lines_.line();
        *section_ += '\n';
        if (!content.empty() && !is_comment(content))
            ends_statement_ = content.ends_with(';') && content.find("--") == std::string_view::npos;
    }

    void require(bool condition, std::string_view what) const
    {
        if (!condition)
            throw at_line(what);
    }

    core::Error at_line(std::string_view what) const
    {
        return invalid_file(file_.path, "line " + std::to_string(lines_.number()) + ": " + std::string(what));
    }

    const File &file_;
    Lines lines_;
    std::string *section_ = nullptr;
    bool in_statement_ = false;
    bool ends_statement_ = true; // the last line of the block that is not a comment does
    bool substitutes_ = false;
};

void refuse_go(std::span<const File> files)
{
    std::vector<std::string_view> paths;
    for (const File &file : files)
        if (is_numbered(file.path) && is_go(file.path))
            paths.emplace_back(file.path);
    if (!paths.empty())
        throw cannot_be_loaded("a migration in Go", paths)
            .hint("Write it as SQL under the same version; the old file can stay elsewhere. If it is no migration, "
                  "name the "
                  "format of the others.");
}

SourceRevision revision_of(const File &file)
{
    const std::string_view digits = leading_digits(file.path);
    SourceRevision revision;
    revision.id = bigint_of(digits, file.path);
    if (revision.id == "0")
        throw invalid_file(file.path, "the version must be greater than zero");
    std::string_view name = std::string_view(file.path).substr(digits.size() + 1);
    name.remove_suffix(std::string_view(".sql").size());
    revision.message = spaced(name);
    revision.source = file.path;
    Reader(file).read(revision);
    return revision;
}

} // namespace

bool is_of_goose(std::string_view content)
{
    for (Lines lines(content); lines.next();)
        if (is_annotation(lines.line()) && annotation_of(lines.line()) == Annotation::up)
            return true;
    return false;
}

std::optional<std::string> goose_mismatch(std::span<const File> files)
{
    if (only_programs_tell(files, is_go) || std::any_of(files.begin(), files.end(), [](const File &file) {
            return is_numbered(file.path) && file.path.ends_with(".sql") && is_of_goose(file.look());
        }))
        return std::nullopt;
    return "there is no file <version>_<name>.sql with a line \"-- +goose Up\"";
}

std::vector<SourceRevision> load_goose(std::span<const File> files, SqlReader &)
{
    refuse_go(files);
    std::vector<SourceRevision> revisions;
    for (const File &file : files) {
        if (!directory_of(file.path).empty() || !file.path.ends_with(".sql"))
            continue;
        if (is_numbered(file.path))
            revisions.push_back(revision_of(file));
        else if (is_of_goose(file.look()))
            throw invalid_file(file.path, "the name does not start with a version, as in 00001_name.sql");
    }
    std::stable_sort(revisions.begin(), revisions.end(), [](const SourceRevision &left, const SourceRevision &right) {
        return compare_numbers(left.id, right.id) == std::strong_ordering::less;
    });
    make_line(revisions);
    return revisions;
}

} // namespace pgmigrate::files

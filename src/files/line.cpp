// SPDX-License-Identifier: PostgreSQL
#include "files/line.hpp"

#include "files/text.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

namespace pgmigrate::files
{

namespace
{

core::Error version_twice(std::string_view path, std::string_view version, std::string_view other)
{
    return invalid_file(path, "version " + std::string(version) + " is also that of \"" + std::string(other) + "\"");
}

bool comes_before(const ScriptFile &left, const ScriptFile &right)
{
    const std::strong_ordering order = compare_numbers(left.version, right.version);
    if (order != std::strong_ordering::equal)
        return order == std::strong_ordering::less;
    return left.is_down < right.is_down;
}

void add_script(std::vector<SourceRevision> &revisions, const ScriptFile &script)
{
    if (revisions.empty() || revisions.back().id != script.version) {
        SourceRevision &revision = revisions.emplace_back();
        revision.id = script.version;
        revision.message = script.message;
        revision.source = script.file->path;
    }
    SourceRevision &revision = revisions.back();
    std::optional<std::string> &text = script.is_down ? revision.down : revision.up;
    if (text)
        throw version_twice(script.file->path, script.version, revision.source);
    text = script.file->content();
    (script.is_down ? revision.down_in_transaction : revision.up_in_transaction) = script.in_transaction;
}

} // namespace

std::string_view leading_digits(std::string_view text)
{
    const auto *const end = std::find_if_not(text.begin(), text.end(), is_digit);
    return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

std::string_view number_of(std::string_view digits)
{
    while (digits.size() > 1 && digits.front() == '0')
        digits.remove_prefix(1);
    return digits;
}

std::strong_ordering compare_numbers(std::string_view left_digits, std::string_view right_digits)
{
    const std::string_view left = number_of(left_digits);
    const std::string_view right = number_of(right_digits);
    return left.size() != right.size() ? left.size() <=> right.size() : left.compare(right) <=> 0;
}

std::string bigint_of(std::string_view digits, std::string_view path)
{
    static constexpr std::string_view largest = "9223372036854775807";
    if (compare_numbers(digits, largest) == std::strong_ordering::greater)
        throw invalid_file(path, "the version is larger than " + std::string(largest));
    return std::string(number_of(digits));
}

void make_line(std::vector<SourceRevision> &revisions)
{
    std::map<std::string_view, std::string_view> source_of;
    for (std::size_t i = 0; i < revisions.size(); ++i) {
        SourceRevision &revision = revisions[i];
        if (const auto [other, is_new] = source_of.try_emplace(revision.id, revision.source); !is_new)
            throw version_twice(revision.source, revision.id, other->second);
        revision.down_revision = i == 0 ? "base" : revisions[i - 1].id;
        revision.parent_by_order = true;
    }
}

std::vector<SourceRevision> line_of(std::vector<ScriptFile> scripts, bool is_up_needed)
{
    std::stable_sort(scripts.begin(), scripts.end(), comes_before);
    std::vector<SourceRevision> revisions;
    for (const ScriptFile &script : scripts) {
        add_script(revisions, script);
        if (is_up_needed && !revisions.back().up)
            throw invalid_file(script.file->path, "there is no up script of version " + script.version);
    }
    make_line(revisions);
    return revisions;
}

} // namespace pgmigrate::files

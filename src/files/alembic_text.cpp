// SPDX-License-Identifier: PostgreSQL
#include "files/alembic_text.hpp"

#include "files/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace pgmigrate::files
{

namespace
{

constexpr std::string_view marker_start = "-- Running ";
constexpr std::string_view arrow = " -> ";

struct Line {
    std::size_t offset;
    std::size_t end;       // behind its newline
    std::string_view text; // without it, and without blanks at the end
    int number;
};

std::string_view without_blanks_at_end(std::string_view text)
{
    const std::size_t last = text.find_last_not_of(" \t\r\n");
    return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

std::vector<Line> lines_of(std::string_view text)
{
    std::vector<Line> lines;
    int number = 1;
    for (std::size_t start = 0; start < text.size(); ++number) {
        const std::size_t newline = text.find('\n', start);
        const std::size_t end = newline == std::string_view::npos ? text.size() : newline + 1;
        lines.push_back({start, end, without_blanks_at_end(text.substr(start, end - start)), number});
        start = end;
    }
    return lines;
}

std::vector<std::string> list_of(std::string_view text)
{
    std::vector<std::string> names;
    while (!text.empty()) {
        const std::size_t comma = text.find(", ");
        names.emplace_back(text.substr(0, comma));
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 2);
    }
    return names;
}

bool take(std::string_view &text, std::string_view start)
{
    if (!text.starts_with(start))
        return false;
    text.remove_prefix(start.size());
    return true;
}

core::Error invalid_line(const std::string &name, const Line &line, const std::string &what)
{
    return core::Error(core::sqlstate::invalid_file, name + ", line " + std::to_string(line.number) + ": " + what)
        .detail("The line is: " + std::string(line.text));
}

// The line of a marker, which begins with marker_start; or nothing, if it is a comment of other kind.
std::optional<Marker> marker_of(const Line &line, const std::string &name)
{
    std::string_view rest = line.text.substr(marker_start.size());
    Marker marker;
    marker.offset = line.offset;
    marker.end = line.end;
    marker.line = line.number;
    if (take(rest, "stamp_revision "))
        throw invalid_line(name, line, "this is the output of \"alembic stamp\", which has no revisions")
            .hint("Pass the output of \"alembic upgrade base:heads --sql\".");
    if (take(rest, "downgrade "))
        marker.direction = PrintedDirection::downgrade;
    else if (!take(rest, "upgrade "))
        return std::nullopt;
    // A way back to base has nothing behind the arrow, and editors strip the blank.
    const std::string padded = std::string(rest) + " ";
    const std::size_t place = padded.find(arrow);
    if (place == std::string::npos)
        return std::nullopt;
    marker.from = list_of(std::string_view(padded).substr(0, place));
    marker.to = list_of(without_blanks_at_end(std::string_view(padded).substr(place + arrow.size())));
    const std::vector<std::string> &own = marker.direction == PrintedDirection::upgrade ? marker.to : marker.from;
    if (own.size() != 1)
        throw invalid_line(name, line, "the comment names no revision");
    return marker;
}

// The default format of alembic.ini's logger, "%(levelname)-5.5s [%(name)s] %(message)s".
bool is_log_line(std::string_view line)
{
    constexpr std::array<std::string_view, 5> levels{"DEBUG", "INFO ", "WARNI", "ERROR", "CRITI"};
    return std::any_of(levels.begin(), levels.end(),
                       [&](std::string_view level) { return line.starts_with(std::string(level) + " ["); }) &&
           line.find("] ") != std::string_view::npos;
}

class Reader
{
  public:
    Reader(const std::string &text, const std::string &name) : name_(name), lines_(lines_of(text))
    {
        result_.sql = text;
    }

    AlembicText read()
    {
        std::size_t next = read_history();
        for (; next < lines_.size(); ++next) {
            const Line &line = lines_[next];
            if (line.text.starts_with(marker_start))
                read_marker(next);
            else if (is_log_line(line.text))
                blank(line);
        }
        return std::move(result_);
    }

  private:
    void blank(const Line &line)
    {
        result_.blanked.push_back({line.offset, line.end});
        std::replace_if(
            result_.sql.begin() + static_cast<std::ptrdiff_t>(line.offset),
            result_.sql.begin() + static_cast<std::ptrdiff_t>(line.end), [](char c) { return c != '\n'; }, ' ');
    }

    void read_marker(std::size_t index)
    {
        std::optional<Marker> marker = marker_of(lines_[index], name_);
        if (!marker)
            return;
        read_log_above(index, *marker);
        result_.markers.push_back(std::move(*marker));
    }

    // What is logged about a revision, in whatever format, ends where its marker begins. A message has no empty line.
    void read_log_above(std::size_t index, Marker &marker)
    {
        const std::string wanted(lines_[index].text.substr(3));
        for (std::size_t above = index; above > 0 && !lines_[above - 1].text.empty(); --above) {
            const std::string_view line = lines_[above - 1].text;
            const std::size_t place = line.find(wanted);
            if (place == std::string_view::npos)
                continue;
            std::string_view rest = line.substr(place + wanted.size());
            if (!rest.empty() && !take(rest, ", ") && !take(rest, " , "))
                return;
            marker.message = std::string(rest);
            for (std::size_t more = above; more < index; ++more)
                *marker.message += "\n" + std::string(lines_[more].text);
            for (std::size_t logged = above - 1; logged < index; ++logged)
                blank(lines_[logged]);
            return;
        }
    }

    // The output of `alembic history --verbose` at the start of the text; returns the first line behind it.
    std::size_t read_history()
    {
        std::size_t next = 0;
        HistoryEntry *entry = nullptr;
        bool in_message = false;
        for (; next < lines_.size(); ++next) {
            const Line &line = lines_[next];
            std::string_view rest = line.text;
            if (is_log_line(rest))
                continue;
            if (take(rest, "Rev: ")) {
                entry = &result_.history[std::string(rest.substr(0, rest.find(' ')))];
                *entry = {};
                in_message = true;
            } else if (entry == nullptr) {
                if (!rest.empty())
                    return 0;
            } else if (rest.starts_with("    ")) {
                if (in_message)
                    entry->message += (entry->message.empty() ? "" : "\n") + std::string(rest.substr(4));
            } else if (rest.empty()) {
                // The first one stands above the message, the next below its first paragraph.
                in_message = in_message && entry->message.empty();
            } else if (!read_property(rest, *entry)) {
                break;
            }
        }
        if (entry == nullptr)
            return 0;
        for (std::size_t read = 0; read < next; ++read)
            blank(lines_[read]);
        return next;
    }

    static bool read_property(std::string_view line, HistoryEntry &entry)
    {
        if (take(line, "Parent: ") || take(line, "Merges: "))
            entry.parents = line == "<base>" ? std::vector<std::string>() : list_of(line);
        else if (take(line, "Also depends on: "))
            entry.depends_on = list_of(line);
        else if (take(line, "Branch names: "))
            entry.labels = list_of(line);
        else
            return line.starts_with("Branches into: ") || line.starts_with("Path: ");
        return true;
    }

    const std::string &name_;
    std::vector<Line> lines_; // of the text as it was given
    AlembicText result_;
};

} // namespace

AlembicText read_alembic_text(const std::string &text, const std::string &name)
{
    return Reader(text, name).read();
}

int line_of(const std::string &text, std::size_t offset)
{
    return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

} // namespace pgmigrate::files

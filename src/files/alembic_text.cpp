// SPDX-License-Identifier: PostgreSQL
#include "files/alembic_text.hpp"

#include "files/sql_scanner.hpp"
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
    bool is_empty;         // without any blanks, too
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
        const std::string_view line = text.substr(start, end - start);
        lines.push_back({start, end, without_blanks_at_end(line), line == "\n" || line == "\r\n", number});
        start = end;
    }
    return lines;
}

// Without the colours that a log can have.
std::string without_escapes(std::string_view line)
{
    std::string plain;
    for (std::size_t place = 0; place < line.size(); ++place) {
        if (!line.substr(place).starts_with("\x1b["))
            plain += line[place];
        else
            while (place < line.size() && !is_alpha(line[place]))
                ++place;
    }
    return plain;
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

bool is_logger_name(std::string_view name)
{
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return is_alpha(c) || is_digit(c) || c == '_' || c == '.' || c == '-' || c == ':';
    });
}

// The default format of alembic.ini's logger, "%(levelname)-5.5s [%(name)s] %(message)s".
bool is_log_line(std::string_view line)
{
    constexpr std::array<std::string_view, 5> levels{"DEBUG", "INFO ", "WARNI", "ERROR", "CRITI"};
    constexpr std::size_t name_start = 7;
    const std::size_t name_end = line.find(']');
    return std::any_of(levels.begin(), levels.end(),
                       [&](std::string_view level) { return line.starts_with(std::string(level) + " ["); }) &&
           name_end != std::string_view::npos && is_logger_name(line.substr(name_start, name_end - name_start)) &&
           line.substr(name_end).starts_with("] ");
}

// alembic/util/messaging.py: err(), or Python's own.
bool is_failure(std::string_view line)
{
    return line == "Traceback (most recent call last):" || line.starts_with("FAILED: ");
}

class Reader
{
  public:
    Reader(const std::string &text, const std::string &name, PrintedDirection direction,
           core::InterruptCheck &interrupts)
        : name_(name), direction_(direction), interrupts_(interrupts), lines_(lines_of(text)), scanner_(text)
    {
        result_.sql = text;
        find_paragraph_ends();
    }

    AlembicText read()
    {
        blank_byte_order_mark();
        for (std::size_t next = 0; next < lines_.size();) {
            check_interrupts(next);
            next = read_line(next);
        }
        refuse_hidden_end();
        for (const Line &line : lines_)
            result_.lines.push_back(line.offset);
        result_.statement_ends = scanner_.ends();
        result_.doubled_backslashes = scanner_.doubled_backslashes();
        return std::move(result_);
    }

  private:
    void check_interrupts(std::size_t index)
    {
        constexpr std::size_t often = 1024;
        if (index % often == 0)
            interrupts_.check();
    }

    // For each line the next one, or itself, that is empty or a marker: what is logged about a revision ends there.
    void find_paragraph_ends()
    {
        paragraph_ends_.resize(lines_.size());
        std::size_t end = lines_.size();
        for (std::size_t index = lines_.size(); index-- > 0;) {
            if (lines_[index].is_empty || lines_[index].text.starts_with(marker_start))
                end = index;
            paragraph_ends_[index] = end;
        }
    }

    void blank_byte_order_mark()
    {
        constexpr std::string_view mark = "\xef\xbb\xbf";
        if (lines_.empty() || !take(lines_.front().text, mark))
            return;
        result_.sql.replace(0, mark.size(), mark.size(), ' ');
        lines_.front().offset += mark.size();
    }

    // Returns the one to go on with. What stands in a literal or a comment is what its author has written, whatever it
    // looks like; and Alembic writes nothing into a statement.
    std::size_t read_line(std::size_t index)
    {
        const Line &line = lines_[index];
        if (scanner_.is_in_statement()) {
            scanner_.read_line(line.offset, line.end);
            return index + 1;
        }
        if (const std::size_t behind = read_logged_step(index); behind != index)
            return behind;
        if (const std::size_t behind = read_history(index); behind != index)
            return behind;
        if (const std::size_t behind = read_failure(index); behind != index)
            return behind;
        if (is_log_line(plain_text(line))) {
            blank(line);
            return index + 1;
        }
        if (line.text.starts_with(marker_start))
            read_marker(line);
        scanner_.read_line(line.offset, line.end);
        return index + 1;
    }

    std::string plain_text(const Line &line) const
    {
        return line.text.find('\x1b') == std::string_view::npos ? std::string(line.text) : without_escapes(line.text);
    }

    void blank(const Line &line)
    {
        result_.blanked.push_back({line.offset, line.end});
        std::replace_if(
            result_.sql.begin() + static_cast<std::ptrdiff_t>(line.offset),
            result_.sql.begin() + static_cast<std::ptrdiff_t>(line.end), [](char c) { return c != '\n'; }, ' ');
    }

    void read_marker(const Line &line)
    {
        std::optional<Marker> marker = marker_of(line, name_);
        if (!marker)
            return;
        marker->message = std::exchange(message_, std::nullopt);
        result_.markers.push_back(std::move(*marker));
    }

    // "Running upgrade a -> b, message", in whatever format it is logged, is followed by the marker of the same step. A
    // message is the first paragraph of a text, as alembic/script/base.py has it: without an empty line, and one that
    // has blanks is none.
    std::size_t read_logged_step(std::size_t index)
    {
        const std::size_t end = paragraph_ends_[index];
        if (end == index || end == lines_.size() || lines_[end].is_empty)
            return index;
        const std::string logged = plain_text(lines_[index]);
        const std::string_view wanted = lines_[end].text.substr(3);
        const std::size_t place = logged.find(wanted);
        if (place == std::string::npos)
            return index;
        std::string_view rest = std::string_view(logged).substr(place + wanted.size());
        if ((!rest.empty() && !take(rest, ", ") && !take(rest, " , ")) || !marker_of(lines_[end], name_))
            return index;
        message_ = std::string(rest);
        for (std::size_t more = index + 1; more < end; ++more)
            *message_ += "\n" + plain_text(lines_[more]);
        for (std::size_t read = index; read < end; ++read)
            blank(lines_[read]);
        return end;
    }

    // What Alembic says where it gives up, up to what the next command prints.
    std::size_t read_failure(std::size_t index)
    {
        if (direction_ == PrintedDirection::upgrade || !is_failure(lines_[index].text))
            return index;
        std::size_t next = index;
        do {
            blank(lines_[next]);
            ++next;
        } while (next < lines_.size() && lines_[next].text != "BEGIN;" && !is_log_line(plain_text(lines_[next])) &&
                 !lines_[next].text.starts_with(marker_start) && !is_failure(lines_[next].text));
        result_.failures.push_back({lines_[index].offset, lines_[next - 1].end});
        return next;
    }

    void refuse_hidden_end() const
    {
        if (!scanner_.hidden_end())
            return;
        const std::size_t place = *scanner_.hidden_end();
        const Line &line = *std::prev(
            std::upper_bound(lines_.begin(), lines_.end(), place,
                             [](std::size_t wanted, const Line &candidate) { return wanted < candidate.offset; }));
        throw invalid_line(name_, line, "a comment hides the end of a statement")
            .hint("Alembic puts its semicolon behind the text of an op.execute(). Where that ends with a comment, the "
                  "statement goes on with the next one, in psql too: put the comment elsewhere. Where the semicolon is "
                  "the comment's own, remove it, or the empty line below.");
    }

    bool begins_entry(std::size_t index) const
    {
        return lines_[index].text.starts_with("Rev: ") && index + 1 < lines_.size() &&
               (lines_[index + 1].text.starts_with("Parent: ") || lines_[index + 1].text.starts_with("Merges: "));
    }

    // The output of `alembic history --verbose`; returns the first line behind it.
    std::size_t read_history(std::size_t index)
    {
        if (!begins_entry(index))
            return index;
        std::size_t next = index;
        HistoryEntry *entry = nullptr;
        bool in_message = false;
        for (; next < lines_.size(); ++next) {
            check_interrupts(next);
            const Line &line = lines_[next];
            std::string_view rest = line.text;
            if (begins_entry(next)) {
                take(rest, "Rev: ");
                entry = &result_.history[std::string(rest.substr(0, rest.find(' ')))];
                *entry = {};
                in_message = true;
            } else if (has_text_of_entry(line)) {
                in_message = in_message && add_to_message(line, *entry);
            } else if (rest.empty()) {
                // The first one stands above the message.
                in_message = in_message && entry->message.empty();
            } else if (!is_log_line(plain_text(line)) && !read_property(rest, *entry)) {
                break;
            }
        }
        for (std::size_t read = index; read < next; ++read)
            blank(lines_[read]);
        return next;
    }

    // The text of an entry is indented, its empty lines too, unless an editor has stripped them.
    bool has_text_of_entry(const Line &line) const
    {
        return std::string_view(result_.sql).substr(line.offset, line.end - line.offset).starts_with("    ");
    }

    // False where the first paragraph ends.
    bool add_to_message(const Line &line, HistoryEntry &entry) const
    {
        constexpr std::size_t indent = 4;
        std::string_view whole = std::string_view(result_.sql).substr(line.offset, line.end - line.offset);
        while (whole.ends_with('\n') || whole.ends_with('\r'))
            whole.remove_suffix(1);
        if (whole.size() == indent)
            return false;
        entry.message += (entry.message.empty() ? "" : "\n") + std::string(without_blanks_at_end(whole.substr(indent)));
        return true;
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
    PrintedDirection direction_;
    core::InterruptCheck &interrupts_;
    std::vector<Line> lines_; // of the text as it was given
    std::vector<std::size_t> paragraph_ends_;
    SqlScanner scanner_;
    std::optional<std::string> message_; // of the next marker
    AlembicText result_;
};

} // namespace

AlembicText read_alembic_text(const std::string &text, const std::string &name, PrintedDirection direction,
                              core::InterruptCheck &interrupts)
{
    return Reader(text, name, direction, interrupts).read();
}

int AlembicText::line_of(std::size_t offset) const
{
    return static_cast<int>(std::upper_bound(lines.begin(), lines.end(), offset) - lines.begin());
}

} // namespace pgmigrate::files

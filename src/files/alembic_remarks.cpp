// SPDX-License-Identifier: PostgreSQL
#include "files/alembic_remarks.hpp"

#include "files/text.hpp"

#include <algorithm>
#include <string_view>

namespace pgmigrate::files
{

namespace
{

using Kind = PrintedStatement::Kind;

// A text of thousands of steps has the same to say for each.
constexpr std::size_t most_single_remarks = 10;
constexpr std::size_t most_lines_named = 5;

constexpr const char *where_to_put_it =
    "If the revisions need it, put it into their scripts, or set it for the database or the role.";

bool is_part_of_name(char c)
{
    return is_alpha(c) || is_digit(c) || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

} // namespace

void AlembicRemarks::set_version_table(const std::string &table)
{
    const std::size_t dot = table.ends_with('"') ? table.rfind(".\"") : table.rfind('.');
    versions_ = dot == std::string::npos ? table : table.substr(dot + 1);
}

std::string AlembicRemarks::line(std::size_t offset) const
{
    return name_ + ", line " + std::to_string(printed_.line_of(offset));
}

std::string AlembicRemarks::shown(const PrintedStatement &statement) const
{
    constexpr std::size_t longest = 80;
    std::string shown(std::string_view(text_).substr(statement.offset, statement.length));
    std::replace(shown.begin(), shown.end(), '\n', ' ');
    // Whole characters only, of whatever ASCII-compatible encoding: cut at a blank.
    return "The statement is: " +
           (shown.size() <= longest ? shown : shown.substr(0, shown.rfind(' ', longest)) + " ...");
}

void AlembicRemarks::left_out(const PrintedStatement &statement, const std::string &place)
{
    if (statement.is_broken)
        throw *statements_.error;
    if (left_out_++ >= most_single_remarks)
        beyond_.push_back(statement.offset);
    else
        warnings_.push_back({line(statement.offset) + ": a statement that stands " + place + " is left out",
                             shown(statement), where_to_put_it});
}

void AlembicRemarks::uses_versions(const PrintedStatement &statement, const std::string &revision)
{
    warnings_.push_back(
        {line(statement.offset) + ": revision \"" + revision + "\" uses the version table of Alembic; this is left out",
         shown(statement), "pg_migrate keeps versions in a table of its own."});
}

void AlembicRemarks::kept(const PrintedStatement &statement, const std::string &revision)
{
    if (mentions_versions(std::string_view(text_).substr(statement.offset, statement.length)))
        warnings_.push_back({line(statement.offset) + ": revision \"" + revision +
                                 "\" names the version table of Alembic; this stays in its script",
                             shown(statement),
                             "pg_migrate keeps versions in a table of its own. migrate_edit() takes it out."});
}

// As a word, in whatever case if it is not quoted, and wherever: in a literal it may be meant, too.
bool AlembicRemarks::mentions_versions(std::string_view statement) const
{
    if (versions_.empty())
        return false;
    const bool is_quoted = versions_.starts_with('"');
    const auto same = [&](char left, char right) {
        return is_quoted ? left == right : to_lower(left) == to_lower(right);
    };
    for (auto from = statement.begin();;) {
        const auto found = std::search(from, statement.end(), versions_.begin(), versions_.end(), same);
        if (found == statement.end())
            return false;
        const auto behind = found + static_cast<std::ptrdiff_t>(versions_.size());
        if (is_quoted || ((found == statement.begin() || !is_part_of_name(*std::prev(found))) &&
                          (behind == statement.end() || !is_part_of_name(*behind))))
            return true;
        from = std::next(found);
    }
}

std::string AlembicRemarks::last_line_of(const TextRange &range) const
{
    const std::string_view whole = trimmed(std::string_view(text_).substr(range.offset, range.end - range.offset));
    return std::string(trimmed(whole.substr(whole.rfind('\n') + 1)));
}

std::string AlembicRemarks::take_failure(const TextRange &failure)
{
    taken_.insert(failure.offset);
    return last_line_of(failure);
}

void AlembicRemarks::finish(bool is_stopped_at_end)
{
    remark_on_left_out();
    remark_on_failures();
    if (!is_stopped_at_end)
        remark_on_end();
    remark_on_backslashes();
}

void AlembicRemarks::remark_on_left_out()
{
    if (!beyond_.empty())
        warnings_.push_back({line(beyond_.front()) + ": this statement and " + std::to_string(beyond_.size() - 1) +
                                 " more that stand behind revisions are left out",
                             "The last one is in line " + std::to_string(printed_.line_of(beyond_.back())) + ".",
                             where_to_put_it});
}

void AlembicRemarks::remark_on_failures()
{
    for (const TextRange &failure : printed_.failures)
        if (!taken_.contains(failure.offset))
            warnings_.push_back({line(failure.offset) + ": Alembic has failed", last_line_of(failure),
                                 "Run it again when it is mended, and import the whole."});
}

void AlembicRemarks::remark_on_end()
{
    const auto last =
        std::find_if(statements_.all.rbegin(), statements_.all.rend(), [](const PrintedStatement &statement) {
            return statement.kind == Kind::begin || statement.kind == Kind::commit;
        });
    if (last != statements_.all.rend() && last->kind == Kind::begin)
        warnings_.push_back({name_ + ": the text ends within a transaction", "It has no COMMIT at its end.",
                             "If it has been cut off, import it again as a whole."});
}

// SQLAlchemy's PostgreSQL dialect doubles them in the literals that it writes, unless a connection has told it that the
// server takes strings by the standard; offline there is none.
void AlembicRemarks::remark_on_backslashes()
{
    std::set<int> lines;
    for (const std::size_t offset : printed_.doubled_backslashes)
        if (offset > printed_.markers.front().offset)
            lines.insert(printed_.line_of(offset));
    if (lines.empty())
        return;
    std::string named;
    std::size_t left = most_lines_named;
    for (auto number = lines.begin(); number != lines.end() && left > 0; ++number, --left)
        named += (named.empty() ? "" : ", ") + std::to_string(*number);
    named += lines.size() > most_lines_named ? ", ..." : "";
    warnings_.push_back(
        {name_ + ": literals with two backslashes side by side, in " + std::to_string(lines.size()) +
             (lines.size() == 1 ? " line" : " lines") + " (" + named + ")",
         "\"alembic --sql\" doubles the backslashes of values; they are imported as they are printed.",
         "Where the migration has single ones, write context.get_context().dialect._backslash_escapes = False behind "
         "context.configure() in run_migrations_offline() of env.py, and print again."});
}

} // namespace pgmigrate::files

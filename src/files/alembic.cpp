// SPDX-License-Identifier: PostgreSQL
#include "files/alembic.hpp"

#include "files/alembic_text.hpp"
#include "files/text.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>

namespace pgmigrate::files
{

namespace
{

using Kind = PrintedStatement::Kind;

constexpr const char *no_transaction_mark = "-- pg_migrate: no-transaction\n";
constexpr const char *commit_mark = "-- pg_migrate: commit\n";

bool has(const std::vector<std::string> &names, const std::string &name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string joined(const std::vector<std::string> &names)
{
    std::string list;
    for (const std::string &name : names)
        list += (list.empty() ? "" : ", ") + name;
    return list;
}

// One direction of a revision.
struct Section {
    Marker marker;
    std::string script;
    std::vector<std::string> depends_on; // as the changes of the version table tell
    bool is_recorded = false;            // there is one of these in its own name
};

// Puts the script together: what Alembic has written for itself is left out, and comments stay.
class Script
{
  public:
    explicit Script(std::string_view sql) : sql_(sql) {}

    void add(const PrintedStatement &statement, bool in_transaction)
    {
        const std::string_view gap = gap_before(statement);
        std::string piece = gap.empty() ? "" : std::string(gap) + "\n";
        piece += mark(statement, in_transaction);
        piece += sql_.substr(statement.offset, statement.length);
        append(piece + ";");
    }
    void leave_out(const PrintedStatement &statement) { append(gap_before(statement)); }
    void begin_at(std::size_t offset) { read_ = offset; }

    std::string finish(std::size_t end)
    {
        append(without_semicolons(trimmed(sql_.substr(read_, end - read_))));
        return std::exchange(script_, {});
    }

  private:
    std::string_view gap_before(const PrintedStatement &statement)
    {
        const std::string_view gap = without_semicolons(trimmed(sql_.substr(read_, statement.offset - read_)));
        read_ = statement.end;
        return gap;
    }

    // Alembic puts a semicolon behind a text that has its own.
    static std::string_view without_semicolons(std::string_view gap)
    {
        while (gap.starts_with(';'))
            gap = trimmed(gap.substr(1));
        return gap;
    }

    void append(std::string_view piece)
    {
        if (!piece.empty())
            script_ += (script_.empty() ? "" : "\n\n") + std::string(piece);
    }

    // A statement of an autocommit_block() is committed by itself. Most that stand there need that, and are recognised
    // when they are registered.
    const char *mark(const PrintedStatement &statement, bool in_transaction)
    {
        if (statement.stands_alone || (!in_transaction && statement.decides_itself)) {
            has_work_ = was_by_itself_ = false;
            return statement.stands_alone ? "" : no_transaction_mark;
        }
        const bool by_itself = !in_transaction && !statement.changes_session;
        const bool commits_before = has_work_ && (by_itself || was_by_itself_);
        was_by_itself_ = by_itself;
        has_work_ = true;
        return commits_before ? commit_mark : "";
    }

    std::string_view sql_;
    std::size_t read_ = 0;
    std::string script_;
    bool has_work_ = false; // there is something to be committed
    bool was_by_itself_ = false;
};

class TextReader
{
  public:
    TextReader(const std::string &text, std::string name, PrintedDirection direction, PrintedSqlReader &reader)
        : text_(text), name_(std::move(name)), direction_(direction), printed_(read_alembic_text(text, name_)),
          statements_(reader.statements(printed_.sql, name_))
    {
        while (restore_lines_within_statements())
            statements_ = reader.statements(printed_.sql, name_);
    }

    std::vector<Section> read(std::vector<ImportRemark> &warnings)
    {
        drop_markers_within_statements();
        check_markers();
        for (const Marker &marker : printed_.markers) {
            known_.insert(marker.revision());
            known_.insert(marker.parents().begin(), marker.parents().end());
        }
        find_version_table();
        warn_of_what_precedes(warnings);
        std::vector<Section> sections;
        for (std::size_t index = 0; index < printed_.markers.size(); ++index)
            sections.push_back(read_section(index, warnings));
        warn_of_no_end(warnings);
        return sections;
    }

    const std::map<std::string, HistoryEntry, std::less<>> &history() const { return printed_.history; }
    const std::string &name() const { return name_; }

  private:
    bool is_within_statement(std::size_t start, std::size_t end) const
    {
        const auto next = std::upper_bound(
            statements_.begin(), statements_.end(), end,
            [](std::size_t wanted, const PrintedStatement &statement) { return wanted <= statement.offset; });
        return next != statements_.begin() && std::prev(next)->offset + std::prev(next)->length > start;
    }

    // A line of a literal or of a function's body that only looks like one of the log. What it quotes can move the ends
    // of statements.
    bool restore_lines_within_statements()
    {
        return std::erase_if(printed_.blanked, [&](const TextRange &range) {
                   const bool within = is_within_statement(range.offset, range.end);
                   if (within)
                       printed_.sql.replace(range.offset, range.end - range.offset, text_, range.offset,
                                            range.end - range.offset);
                   return within;
               }) > 0;
    }

    void drop_markers_within_statements()
    {
        std::erase_if(printed_.markers,
                      [&](const Marker &marker) { return is_within_statement(marker.offset, marker.end); });
    }

    void check_markers() const
    {
        const bool upgrade = direction_ == PrintedDirection::upgrade;
        const std::string command =
            upgrade ? "\"alembic upgrade base:heads --sql\"" : "\"alembic downgrade <revision>:base --sql\"";
        if (printed_.markers.empty())
            throw core::Error(core::sqlstate::invalid_file, name_ + ": there is no revision in the text")
                .detail("Alembic writes \"-- Running " + std::string(upgrade ? "upgrade" : "downgrade") +
                        " a -> b\" above each.")
                .hint("Pass the output of " + command + ".");
        for (const Marker &marker : printed_.markers)
            if (marker.direction != direction_)
                throw core::Error(core::sqlstate::invalid_file, name_ + ", line " + std::to_string(marker.line) +
                                                                    ": this is the output of " +
                                                                    (upgrade ? "a downgrade" : "an upgrade"))
                    .hint("Pass the output of " + command + ".");
    }

    std::size_t first_statement_from(std::size_t offset) const
    {
        const auto found = std::lower_bound(
            statements_.begin(), statements_.end(), offset,
            [](const PrintedStatement &statement, std::size_t wanted) { return statement.offset < wanted; });
        return static_cast<std::size_t>(found - statements_.begin());
    }

    std::size_t end_of_section(std::size_t index) const
    {
        return index + 1 < printed_.markers.size() ? printed_.markers[index + 1].offset : text_.size();
    }

    std::span<const PrintedStatement> statements_between(std::size_t start, std::size_t end) const
    {
        const std::size_t first = first_statement_from(start);
        return std::span(statements_).subspan(first, first_statement_from(end) - first);
    }

    // env.py can give it any name: it is the table created before the first revision, or the one that a revision
    // changes in its own name.
    void find_version_table()
    {
        for (const PrintedStatement &statement : statements_between(0, printed_.markers.front().offset))
            if (statement.kind == Kind::creates_versions)
                table_ = statement.table;
        for (std::size_t index = 0; index < printed_.markers.size() && table_.empty(); ++index) {
            const Marker &marker = printed_.markers[index];
            for (const PrintedStatement &statement : statements_between(marker.end, end_of_section(index)))
                if ((marker.direction == PrintedDirection::upgrade ? statement.to : statement.from) ==
                    marker.revision())
                    table_ = statement.table;
        }
    }

    bool is_alembics_own(const PrintedStatement &statement) const
    {
        return statement.kind == Kind::begin || statement.kind == Kind::commit || is_on_versions(statement);
    }

    bool is_on_versions(const PrintedStatement &statement) const
    {
        return !table_.empty() && statement.table == table_;
    }

    std::string shown(const PrintedStatement &statement) const
    {
        constexpr std::size_t longest = 80;
        std::string line(std::string_view(text_).substr(statement.offset, statement.length));
        std::replace(line.begin(), line.end(), '\n', ' ');
        // Whole characters only, of whatever ASCII-compatible encoding: cut at a blank.
        return line.size() <= longest ? line : line.substr(0, line.rfind(' ', longest)) + " ...";
    }

    void warn_of_what_precedes(std::vector<ImportRemark> &warnings) const
    {
        for (const PrintedStatement &statement : statements_between(0, printed_.markers.front().offset))
            if (!is_alembics_own(statement))
                warnings.push_back(
                    {name_ + ", line " + std::to_string(line_of(text_, statement.offset)) +
                         ": a statement that stands before the first revision is left out",
                     "The statement is: " + shown(statement),
                     "If the revisions need it, put it into their scripts, or set it for the database or the role."});
    }

    void warn_of_no_end(std::vector<ImportRemark> &warnings) const
    {
        const auto last = std::find_if(statements_.rbegin(), statements_.rend(), [](const PrintedStatement &statement) {
            return statement.kind == Kind::begin || statement.kind == Kind::commit;
        });
        if (last != statements_.rend() && last->kind == Kind::begin)
            warnings.push_back({name_ + ": the text ends within a transaction", "It has no COMMIT at its end.",
                                "If it has been cut off, import it again as a whole."});
    }

    Section read_section(std::size_t index, std::vector<ImportRemark> &warnings)
    {
        const Marker &marker = printed_.markers[index];
        Section section{marker, {}, {}, false};
        Script script(printed_.sql);
        script.begin_at(marker.end);
        bool in_transaction = true;
        for (const PrintedStatement &statement : statements_between(marker.end, end_of_section(index))) {
            if (statement.kind == Kind::begin || statement.kind == Kind::commit)
                in_transaction = statement.kind == Kind::begin;
            else if (is_on_versions(statement))
                read_versions(statement, section, warnings);
            if (is_alembics_own(statement))
                script.leave_out(statement);
            else
                script.add(statement, in_transaction);
        }
        section.script = script.finish(end_of_section(index));
        if (!section.is_recorded)
            throw core::Error(core::sqlstate::invalid_file, name_ + ", line " + std::to_string(marker.line) +
                                                                ": the statement that records revision \"" +
                                                                marker.revision() + "\" is missing")
                .detail("Alembic writes one on its version table at the end of each revision.")
                .hint("Pass the whole output, as it was printed.");
        return section;
    }

    // The rows that a step takes away (an upgrade) or puts back (a downgrade) are those of what it stands on: its
    // parents and its dependencies.
    void read_versions(const PrintedStatement &statement, Section &section, std::vector<ImportRemark> &warnings) const
    {
        const Marker &marker = section.marker;
        const bool upgrade = marker.direction == PrintedDirection::upgrade;
        const std::string &own = upgrade ? statement.to : statement.from;
        const std::string &below = upgrade ? statement.from : statement.to;
        const bool of_a_step = statement.kind == Kind::adds_version || statement.kind == Kind::moves_version ||
                               statement.kind == Kind::removes_version;
        section.is_recorded = section.is_recorded || (of_a_step && own == marker.revision());
        if (of_a_step && (own.empty() || own == marker.revision()) &&
            (below.empty() || known_.find(below) != known_.end())) {
            if (!below.empty() && !has(marker.parents(), below) && !has(section.depends_on, below))
                section.depends_on.push_back(below);
            return;
        }
        if (statement.kind == Kind::creates_versions || statement.kind == Kind::drops_table)
            return;
        warnings.push_back({name_ + ", line " + std::to_string(line_of(text_, statement.offset)) + ": revision \"" +
                                marker.revision() + "\" uses the version table of Alembic; this is left out",
                            "The statement is: " + shown(statement),
                            "pg_migrate keeps versions in a table of its own."});
    }

    const std::string &text_;
    std::string name_;
    PrintedDirection direction_;
    AlembicText printed_;
    std::vector<PrintedStatement> statements_;
    std::set<std::string, std::less<>> known_; // ids
    std::string table_;
};

core::Error invalid_section(const TextReader &text, const Section &section, const std::string &what)
{
    return core::Error(core::sqlstate::invalid_file,
                       text.name() + ", line " + std::to_string(section.marker.line) + ": " + what);
}

std::string parents_of(const Section &section)
{
    return section.marker.parents().empty() ? "base" : joined(section.marker.parents());
}

bool same_names(std::vector<std::string> left, std::vector<std::string> right)
{
    std::sort(left.begin(), left.end());
    std::sort(right.begin(), right.end());
    return left == right;
}

class Importer
{
  public:
    explicit Importer(AlembicImport &result) : result_(result) {}

    void add_upgrade(TextReader &text)
    {
        for (Section &section : text.read(result_.warnings)) {
            const auto [place, is_new] = places_.try_emplace(section.marker.revision(), ups_.size());
            if (is_new)
                ups_.push_back(std::move(section));
            else
                check_same(text, ups_[place->second], section);
        }
        history_ = text.history();
    }

    void add_downgrade(TextReader &text)
    {
        for (Section &section : text.read(result_.warnings)) {
            const std::string id = section.marker.revision();
            const auto up = places_.find(id);
            if (up == places_.end())
                throw invalid_section(text, section, "revision \"" + id + "\" is not in upgrade_sql")
                    .hint("Pass the upgrades from base, or remove this part.");
            if (!same_names(ups_[up->second].marker.parents(), section.marker.parents()))
                throw invalid_section(text, section, "revision \"" + id + "\" has other parents than in upgrade_sql")
                    .detail("Here: " + parents_of(section) + ". There: " + parents_of(ups_[up->second]) + ".");
            const auto [place, is_new] = downs_.try_emplace(id, section);
            if (!is_new)
                check_same(text, place->second, section);
        }
        has_downs_ = true;
        if (history_.empty())
            history_ = text.history();
    }

    void finish()
    {
        give_labels_to_their_first();
        for (const Section &up : ups_)
            result_.revisions.push_back(revision_of(up));
        remark_on_messages();
        remark_on_ways_back();
        remark_on_history();
    }

  private:
    // A step that is printed twice can change other rows of the version table: what it stands on may be held by others.
    static void check_same(const TextReader &text, Section &first, const Section &second)
    {
        if (!same_names(first.marker.parents(), second.marker.parents()) || first.script != second.script)
            throw invalid_section(text, second,
                                  "revision \"" + second.marker.revision() + "\" is there twice, and not the same")
                .detail("The other one begins in line " + std::to_string(first.marker.line) + ".");
        for (const std::string &dependency : second.depends_on)
            if (!has(first.depends_on, dependency))
                first.depends_on.push_back(dependency);
    }

    // `alembic history` shows a label with all that inherit it: its descendants, and what is above it up to the point
    // where its branch begins. Given to the first of these, it is inherited by the same.
    void give_labels_to_their_first()
    {
        std::set<std::string> given;
        for (const Section &up : ups_) {
            const auto entry = history_.find(up.marker.revision());
            if (entry == history_.end())
                continue;
            for (const std::string &label : entry->second.labels)
                if (given.insert(label).second)
                    labels_[up.marker.revision()].push_back(label);
        }
    }

    SourceRevision revision_of(const Section &up)
    {
        SourceRevision revision;
        revision.id = up.marker.revision();
        revision.up = up.script;
        revision.source = "upgrade_sql, line " + std::to_string(up.marker.line);
        revision.line = up.marker.line;
        const auto down = downs_.find(revision.id);
        if (down != downs_.end())
            revision.down = down->second.script;
        revision.down_revision = parents_of(up);
        std::vector<std::string> depends_on = up.depends_on;
        if (down != downs_.end())
            for (const std::string &dependency : down->second.depends_on)
                if (!has(depends_on, dependency))
                    depends_on.push_back(dependency);
        revision.message = up.marker.message;
        if (!revision.message && down != downs_.end())
            revision.message = down->second.marker.message;
        const auto entry = history_.find(revision.id);
        revision.unsaid_stays = true;
        revision.more_dependencies = entry == history_.end();
        if (entry != history_.end()) {
            depends_on = entry->second.depends_on;
            revision.message = entry->second.message;
            revision.branch_label = joined(labels_[revision.id]);
        }
        revision.depends_on = joined(depends_on);
        return revision;
    }

    void remark_on_messages()
    {
        const bool any =
            std::any_of(result_.revisions.begin(), result_.revisions.end(),
                        [](const SourceRevision &revision) { return !revision.message.value_or("").empty(); });
        if (!any)
            result_.notices.push_back(
                {"the text has no messages of the revisions", "Alembic prints them to its log.",
                 "Pass the log too, as \"alembic upgrade base:heads --sql 2>&1\" prints it, or begin the text with the "
                 "output of \"alembic history --verbose\"."});
    }

    void remark_on_ways_back()
    {
        std::vector<std::string> missing;
        for (const SourceRevision &revision : result_.revisions)
            if (!revision.down)
                missing.push_back(revision.id);
        if (has_downs_ && !missing.empty())
            result_.notices.push_back({"revisions without a way back: " + joined(missing),
                                       "downgrade_sql has no part for them.",
                                       "Pass the downgrades from all heads to base, one output behind the other."});
    }

    void remark_on_history()
    {
        std::vector<std::string> missing;
        for (const auto &[id, entry] : history_)
            if (!places_.contains(id))
                missing.push_back(id);
        if (!missing.empty())
            result_.warnings.push_back({"revisions of the history are not in upgrade_sql: " + joined(missing),
                                        "They are not imported.",
                                        "Pass the output of \"alembic upgrade base:heads --sql\"."});
    }

    AlembicImport &result_;
    std::vector<Section> ups_;
    std::map<std::string, std::size_t, std::less<>> places_; // in ups_
    std::map<std::string, Section, std::less<>> downs_;
    std::map<std::string, HistoryEntry, std::less<>> history_;
    std::map<std::string, std::vector<std::string>, std::less<>> labels_;
    bool has_downs_ = false;
};

} // namespace

AlembicImport import_alembic(const std::string &upgrade, const std::optional<std::string> &downgrade,
                             PrintedSqlReader &reader)
{
    AlembicImport result;
    Importer importer(result);
    TextReader up(upgrade, "upgrade_sql", PrintedDirection::upgrade, reader);
    importer.add_upgrade(up);
    if (downgrade) {
        TextReader down(*downgrade, "downgrade_sql", PrintedDirection::downgrade, reader);
        importer.add_downgrade(down);
    }
    importer.finish();
    return result;
}

} // namespace pgmigrate::files

// SPDX-License-Identifier: PostgreSQL
#include "files/alembic_sections.hpp"

#include "files/alembic_remarks.hpp"
#include "files/alembic_script.hpp"
#include "files/alembic_statements.hpp"
#include "files/text.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace pgmigrate::files
{

namespace
{

using Kind = PrintedStatement::Kind;

constexpr std::size_t none = static_cast<std::size_t>(-1);

// What is printed for a marker, as places in the list of statements.
struct Frame {
    std::size_t marker = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t changes = none; // the first change of the version table by Alembic itself; none where it has stopped
    std::size_t record = none;  // the last of these, in the revision's own name
    std::size_t hooks = 0;      // statements of callbacks behind that
};

bool is_transaction(const PrintedStatement &statement)
{
    return statement.kind == Kind::begin || statement.kind == Kind::commit;
}

class SectionReader
{
  public:
    SectionReader(const std::string &text, const std::string &name, PrintedDirection direction,
                  PrintedSqlReader &reader, core::InterruptCheck &interrupts, std::vector<ImportRemark> &warnings)
        : name_(name), direction_(direction), interrupts_(interrupts),
          printed_(read_alembic_text(text, name, direction, interrupts)),
          statements_(read_alembic_statements(text, name, direction, printed_, reader, interrupts)),
          remarks_(text, name, printed_, statements_, warnings)
    {
    }

    PrintedSections read()
    {
        drop_markers_within_statements();
        check_markers();
        find_version_table();
        find_records();
        find_frames();
        find_hooks();
        leave_out_what_precedes();
        PrintedSections result{name_, {}, {}};
        for (const Frame &frame : frames_) {
            interrupts_.check();
            result.sections.push_back(read_section(frame));
        }
        remarks_.finish(!frames_.empty() && frames_.back().record == none);
        result.history = std::move(printed_.history);
        return result;
    }

  private:
    bool upgrades() const { return direction_ == PrintedDirection::upgrade; }
    const PrintedStatement &at(std::size_t index) const { return statements_.all[index]; }
    const Marker &marker_of(const Frame &frame) const { return printed_.markers[frame.marker]; }

    void drop_markers_within_statements()
    {
        std::erase_if(printed_.markers, [&](const Marker &marker) {
            return is_within_statement(statements_.all, marker.offset, marker.end);
        });
    }

    void check_markers() const
    {
        const std::string command =
            upgrades() ? "\"alembic upgrade base:heads --sql\"" : "\"alembic downgrade <revision>:base --sql\"";
        if (printed_.markers.empty())
            throw core::Error(core::sqlstate::invalid_file, name_ + ": there is no revision in the text")
                .detail("Alembic writes \"-- Running " + std::string(upgrades() ? "upgrade" : "downgrade") +
                        " a -> b\" above each.")
                .hint("Pass the output of " + command + ".");
        for (const Marker &marker : printed_.markers)
            if (marker.direction != direction_)
                throw core::Error(core::sqlstate::invalid_file, name_ + ", line " + std::to_string(marker.line) +
                                                                    ": this is the output of " +
                                                                    (upgrades() ? "a downgrade" : "an upgrade"))
                    .hint("Pass the output of " + command + ".");
    }

    std::size_t first_statement_from(std::size_t offset) const
    {
        const auto found = std::lower_bound(
            statements_.all.begin(), statements_.all.end(), offset,
            [](const PrintedStatement &statement, std::size_t wanted) { return statement.offset < wanted; });
        return static_cast<std::size_t>(found - statements_.all.begin());
    }

    // Of the statements up to the next marker.
    std::size_t end_of(std::size_t marker) const
    {
        return marker + 1 < printed_.markers.size() ? first_statement_from(printed_.markers[marker + 1].offset)
                                                    : statements_.all.size();
    }
    std::size_t begin_of(std::size_t marker) const { return first_statement_from(printed_.markers[marker].end); }

    // The revision in whose name a statement changes a version table.
    const std::string &own_name(const PrintedStatement &statement) const
    {
        return upgrades() ? statement.to : statement.from;
    }

    // env.py can give it any name: it is the table created before the first revision, or the one that a revision
    // changes last in its own name.
    void find_version_table()
    {
        const std::size_t first = first_statement_from(printed_.markers.front().offset);
        for (std::size_t index = 0; index < first; ++index)
            if (at(index).kind == Kind::creates_versions)
                table_ = at(index).table;
        std::set<std::string_view> ids;
        for (std::size_t marker = 0; marker < printed_.markers.size() && table_.empty(); ++marker) {
            ids.insert(printed_.markers[marker].revision());
            const std::size_t end = end_of(marker);
            for (std::size_t index = begin_of(marker); index < end; ++index)
                if (own_name(at(index)) == printed_.markers[marker].revision())
                    table_ = at(index).table;
        }
        for (std::size_t index = 0; index < statements_.all.size() && table_.empty(); ++index)
            if (ids.contains(own_name(at(index))))
                table_ = at(index).table;
        remarks_.set_version_table(table_);
    }

    bool is_on_versions(const PrintedStatement &statement) const
    {
        return !table_.empty() && statement.table == table_;
    }

    bool is_step(const PrintedStatement &statement) const
    {
        return is_on_versions(statement) &&
               (statement.kind == Kind::moves_version ||
                statement.kind == (upgrades() ? Kind::adds_version : Kind::removes_version));
    }

    void find_records()
    {
        for (std::size_t index = 0; index < statements_.all.size(); ++index)
            if (is_step(at(index)))
                records_[own_name(at(index))].push_back(index);
        for (const Marker &marker : printed_.markers) {
            known_.insert(marker.revision());
            known_.insert(marker.parents().begin(), marker.parents().end());
        }
    }

    // The last one within [begin, end), or none.
    std::size_t record_within(const std::string &revision, std::size_t begin, std::size_t end) const
    {
        const auto found = records_.find(revision);
        if (found == records_.end())
            return none;
        const auto behind = std::lower_bound(found->second.begin(), found->second.end(), end);
        return behind == found->second.begin() || *std::prev(behind) < begin ? none : *std::prev(behind);
    }

    // A marker above which the revision before has not been recorded, and below which it is, is a comment of that
    // revision's migration.
    void find_frames()
    {
        const std::size_t count = printed_.markers.size();
        std::vector<std::size_t> next_recorded(count + 1, count); // the first marker from here with a record of its own
        for (std::size_t marker = count; marker-- > 0;)
            next_recorded[marker] =
                record_within(printed_.markers[marker].revision(), begin_of(marker), end_of(marker)) == none
                    ? next_recorded[marker + 1]
                    : marker;
        for (std::size_t marker = 0; marker < count;) {
            Frame frame{marker, begin_of(marker), end_of(marker)};
            std::size_t next = marker + 1;
            frame.record = record_within(marker_of(frame).revision(), frame.begin, frame.end);
            if (frame.record == none) {
                const std::size_t until = next_recorded[next];
                frame.record = record_within(marker_of(frame).revision(), frame.begin,
                                             until == count ? statements_.all.size() : begin_of(until));
                while (frame.record != none && frame.record >= frame.end)
                    frame.end = end_of(next++);
            }
            if (frame.record == none && !is_stopped(frame))
                throw not_recorded(marker_of(frame));
            frame.changes = frame.record == none ? none : first_change(frame);
            frames_.push_back(frame);
            marker = next;
        }
    }

    // HeadMaintainer.update_to_step(): the rows that a merge has in addition are removed right before, and those that
    // its way back brings are added.
    std::size_t first_change(const Frame &frame) const
    {
        std::size_t first = frame.record;
        if (at(frame.record).kind != Kind::moves_version)
            return first;
        const auto is_companion = [&](const PrintedStatement &statement) {
            const std::string &other = upgrades() ? statement.from : statement.to;
            return is_on_versions(statement) &&
                   statement.kind == (upgrades() ? Kind::removes_version : Kind::adds_version) &&
                   other != marker_of(frame).revision() && known_.contains(other);
        };
        while (first > frame.begin && is_companion(at(first - 1)))
            --first;
        return first;
    }

    // What Alembic has said where it gave up; null if it has not, or its log is not there.
    const TextRange *failure_within(const Frame &frame) const
    {
        const std::size_t start = marker_of(frame).end;
        const std::size_t end = frame.marker + 1 < printed_.markers.size() ? printed_.markers[frame.marker + 1].offset
                                                                           : printed_.sql.size();
        const auto found =
            std::lower_bound(printed_.failures.begin(), printed_.failures.end(), start,
                             [](const TextRange &failure, std::size_t wanted) { return failure.offset < wanted; });
        return found == printed_.failures.end() || found->offset >= end ? nullptr : &*found;
    }

    // A downgrade() that raises an error ends the output below its marker. The next one begins a transaction, where
    // autocommit_block() would end one before.
    bool is_stopped(const Frame &frame) const
    {
        if (upgrades())
            return false;
        if (failure_within(frame) != nullptr)
            return true;
        const auto begin = statements_.all.begin() + static_cast<std::ptrdiff_t>(frame.begin);
        const auto end = statements_.all.begin() + static_cast<std::ptrdiff_t>(frame.end);
        const auto transaction = std::find_if(begin, end, is_transaction);
        const bool is_last = frame.marker + 1 == printed_.markers.size();
        return transaction == end ? is_last && begin == end : transaction->kind == Kind::begin;
    }

    core::Error not_recorded(const Marker &marker) const
    {
        return core::Error(core::sqlstate::invalid_file, name_ + ", line " + std::to_string(marker.line) +
                                                             ": the statement that records revision \"" +
                                                             marker.revision() + "\" is missing")
            .detail("Alembic writes one on its version table at the end of each revision.")
            .hint("Pass the whole output, as it was printed. Or Alembic has stopped there: see its error, and print "
                  "the ranges around this revision, as in \"" +
                  std::string(upgrades() ? "alembic upgrade a:b --sql" : "alembic downgrade b:a --sql") + "\".");
    }

    // The statements right behind the record, up to the end of the transaction.
    std::size_t count_behind(const Frame &frame) const
    {
        std::size_t count = 0;
        for (std::size_t index = frame.record + 1; index < frame.end; ++index, ++count)
            if (is_transaction(at(index)) || is_on_versions(at(index)))
                break;
        return count;
    }

    // What on_version_apply calls writes behind every step. What env.py does behind run_migrations() stands behind the
    // last one of an output only, and there the two cannot be told apart: so there must be a step that is followed by
    // another one without the end of a transaction.
    void find_hooks()
    {
        std::size_t common = none;
        bool is_followed = false;
        for (const Frame &frame : frames_) {
            if (frame.record == none)
                continue;
            const std::size_t behind = count_behind(frame);
            common = std::min(common, behind);
            is_followed = is_followed || (&frame != &frames_.back() && frame.record + 1 + behind == frame.end);
        }
        if (is_followed && common != none)
            for (Frame &frame : frames_)
                frame.hooks = frame.record == none ? 0 : common;
    }

    void leave_out_what_precedes()
    {
        const std::size_t first = first_statement_from(printed_.markers.front().offset);
        for (std::size_t index = 0; index < first; ++index)
            leave_out(at(index), "before the first revision");
    }

    // What is no revision's.
    void leave_out(const PrintedStatement &statement, const std::string &place)
    {
        const bool is_alembics = is_transaction(statement) ||
                                 (is_on_versions(statement) &&
                                  (statement.kind == Kind::creates_versions || statement.kind == Kind::drops_table));
        if (!is_alembics)
            remarks_.left_out(statement, place);
    }

    Section read_section(const Frame &frame)
    {
        const Marker &marker = marker_of(frame);
        Section section;
        section.marker = marker;
        if (frame.record == none)
            return stopped_section(frame, std::move(section));
        AlembicScript script(printed_.sql);
        script.begin_at(marker.end);
        bool in_transaction = true;
        for (std::size_t index = frame.begin; index < frame.changes; ++index) {
            const PrintedStatement &statement = at(index);
            if (is_transaction(statement))
                in_transaction = statement.kind == Kind::begin;
            if (is_on_versions(statement))
                remarks_.uses_versions(statement, marker.revision());
            if (is_transaction(statement) || is_on_versions(statement)) {
                script.leave_out(statement);
                continue;
            }
            remarks_.kept(statement, marker.revision());
            script.add(statement, in_transaction);
        }
        for (std::size_t index = frame.changes; index <= frame.record; ++index) {
            script.leave_out(at(index));
            read_change(at(index), section);
        }
        const std::size_t behind = frame.record + 1 + frame.hooks;
        for (std::size_t index = frame.record + 1; index < behind; ++index)
            script.add(at(index), true);
        for (std::size_t index = behind; index < frame.end; ++index)
            leave_out(at(index), "behind revision \"" + marker.revision() + "\"");
        section.script = script.finish();
        return section;
    }

    // What its downgrade() has printed before is no way back, and what stands behind is of the next output.
    Section stopped_section(const Frame &frame, Section section)
    {
        const TextRange *failure = failure_within(frame);
        section.is_stopped = true;
        if (failure != nullptr)
            section.failure = remarks_.take_failure(*failure);
        for (std::size_t index = frame.begin; index < frame.end; ++index)
            if (failure == nullptr || at(index).offset >= failure->offset)
                leave_out(at(index), "behind revision \"" + section.marker.revision() + "\"");
        return section;
    }

    // The rows that a step takes away (an upgrade) or puts back (a downgrade) are those of what it stands on: its
    // parents and its dependencies.
    void read_change(const PrintedStatement &statement, Section &section) const
    {
        section.changes.push_back({statement.from, statement.to});
        const std::string &below = upgrades() ? statement.from : statement.to;
        if (!below.empty() && !has(section.marker.parents(), below) && !has(section.depends_on, below))
            section.depends_on.push_back(below);
    }

    const std::string &name_;
    PrintedDirection direction_;
    core::InterruptCheck &interrupts_;
    AlembicText printed_;
    AlembicStatements statements_;
    AlembicRemarks remarks_;
    std::string table_;                                                    // of versions
    std::set<std::string, std::less<>> known_;                             // ids
    std::map<std::string, std::vector<std::size_t>, std::less<>> records_; // of a revision, wherever they are
    std::vector<Frame> frames_;
};

} // namespace

PrintedSections read_sections(const std::string &text, const std::string &name, PrintedDirection direction,
                              PrintedSqlReader &reader, core::InterruptCheck &interrupts,
                              std::vector<ImportRemark> &warnings)
{
    return SectionReader(text, name, direction, reader, interrupts, warnings).read();
}

} // namespace pgmigrate::files

// SPDX-License-Identifier: PostgreSQL
#include "files/alembic.hpp"

#include "core/error.hpp"
#include "core/target.hpp"
#include "files/alembic_labels.hpp"
#include "files/alembic_sections.hpp"
#include "files/text.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace pgmigrate::files
{

namespace
{

void add_new(std::vector<std::string> &names, const std::string &name)
{
    if (!has(names, name))
        names.push_back(name);
}

std::string joined(const std::vector<std::string> &names)
{
    std::string list;
    for (const std::string &name : names)
        list += (list.empty() ? "" : ", ") + name;
    return list;
}

core::Error invalid_section(const PrintedSections &text, const Section &section, const std::string &what)
{
    return core::Error(core::sqlstate::invalid_file,
                       text.name + ", line " + std::to_string(section.marker.line) + ": " + what);
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

    void add_upgrade(PrintedSections text)
    {
        for (Section &section : text.sections) {
            const auto [place, is_new] = places_.try_emplace(section.marker.revision(), ups_.size());
            if (is_new)
                ups_.push_back(std::move(section));
            else
                check_same(text, ups_[place->second], section);
        }
        history_ = std::move(text.history);
    }

    void add_downgrade(PrintedSections text)
    {
        for (Section &section : text.sections) {
            const std::string id = section.marker.revision();
            const auto up = places_.find(id);
            if (up == places_.end())
                throw invalid_section(text, section, "revision \"" + id + "\" is not in upgrade_sql")
                    .hint("Pass the upgrades from base, or remove this part.");
            if (!same_names(ups_[up->second].marker.parents(), section.marker.parents()))
                throw invalid_section(text, section, "revision \"" + id + "\" has other parents than in upgrade_sql")
                    .detail("Here: " + parents_of(section) + ". There: " + parents_of(ups_[up->second]) + ".");
            if (section.is_stopped) {
                stopped_.try_emplace(id, section);
                continue;
            }
            const auto [place, is_new] = downs_.try_emplace(id, section);
            if (!is_new)
                check_same(text, place->second, section);
        }
        has_downs_ = true;
        if (history_.empty())
            history_ = std::move(text.history);
    }

    void finish()
    {
        give_labels();
        for (const Section &up : ups_)
            result_.revisions.push_back(revision_of(up));
        remark_on_what_is_not_said();
        remark_on_labels();
        remark_on_stops();
        remark_on_ways_back();
        remark_on_history();
    }

  private:
    // A step that is printed twice can change other rows of the version table: what it stands on may be held by others.
    static void check_same(const PrintedSections &text, Section &first, const Section &second)
    {
        if (!same_names(first.marker.parents(), second.marker.parents()) || first.script != second.script)
            throw invalid_section(text, second,
                                  "revision \"" + second.marker.revision() + "\" is there twice, and not the same")
                .detail("The other one begins in line " + std::to_string(first.marker.line) + ".")
                .hint("A migration that prints another text each time, with the time or a random id in it, can be "
                      "there once only: end the second output above it, as in \"alembic downgrade c:a --sql\".");
        for (const std::string &dependency : second.depends_on)
            add_new(first.depends_on, dependency);
    }

    // One that Alembic takes and cannot find is nowhere but in its file.
    static void check_label(const std::string &label)
    {
        try {
            core::check_identifier("branch label", label);
        } catch (core::Error &error) {
            error.set_hint("Rename the label in the file of the revision below versions/, and print the text again: "
                           "Alembic has it nowhere else.");
            throw;
        }
    }

    void give_labels()
    {
        owners_ = find_label_owners(history_, ups_, downs_);
        for (const auto &[label, owner] : owners_) {
            check_label(label);
            labels_[owner.revision].push_back(label);
        }
    }

    // The ids of what the history names, by ids or labels.
    std::vector<std::string> dependencies_of(const HistoryEntry &entry) const
    {
        std::vector<std::string> ids;
        for (const std::string &name : entry.depends_on) {
            const auto owner = owners_.find(name);
            add_new(ids, history_.contains(name) || owner == owners_.end() ? name : owner->second.revision);
        }
        return ids;
    }

    SourceRevision revision_of(const Section &up)
    {
        SourceRevision revision;
        revision.id = up.marker.revision();
        revision.up = up.script;
        revision.source = "upgrade_sql, line " + std::to_string(up.marker.line);
        revision.line = up.marker.line;
        const auto down = downs_.find(revision.id);
        if (down != downs_.end()) {
            revision.down = down->second.script;
            revision.source += ", and downgrade_sql, line " + std::to_string(down->second.marker.line);
        }
        revision.down_revision = parents_of(up);
        std::vector<std::string> depends_on = up.depends_on;
        if (down != downs_.end())
            for (const std::string &dependency : down->second.depends_on)
                add_new(depends_on, dependency);
        revision.message = up.marker.message;
        if (!revision.message && down != downs_.end())
            revision.message = down->second.marker.message;
        const auto entry = history_.find(revision.id);
        revision.unsaid_stays = true;
        revision.more_dependencies = entry == history_.end();
        if (entry != history_.end()) {
            depends_on = dependencies_of(entry->second);
            revision.message = entry->second.message;
            revision.branch_label = joined(labels_[revision.id]);
        }
        revision.depends_on = joined(depends_on);
        return revision;
    }

    void remark_on_what_is_not_said()
    {
        if (!history_.empty())
            return;
        const bool any =
            std::any_of(result_.revisions.begin(), result_.revisions.end(),
                        [](const SourceRevision &revision) { return !revision.message.value_or("").empty(); });
        result_.notices.push_back(
            {any ? "the text has no history of the revisions"
                 : "the text has no messages and no history of the revisions",
             "So branch labels are missing, and dependencies may be: those for which Alembic changes no row of its "
             "version table. Without them migrate_stamp() can take an applied revision for one that is not.",
             "Begin the text with the output of \"alembic history --verbose\"."});
    }

    void remark_on_labels()
    {
        std::vector<std::string> anywhere;
        for (const auto &[label, owner] : owners_) {
            if (owner.line.size() > 1)
                anywhere.push_back(label + " (" + owner.revision + ")");
            if (owner.also_possible.empty())
                continue;
            const Section *up = up_of(owner.dependent);
            result_.warnings.push_back(
                {(up == nullptr ? "" : "upgrade_sql, line " + std::to_string(up->marker.line) + ": ") + "revision \"" +
                     owner.dependent + "\" depends on the label \"" + label + "\", which is taken for \"" +
                     owner.revision + "\"",
                 "By the text it can also be \"" + owner.also_possible + "\".",
                 "Write the id in place of the label into depends_on in the file of \"" + owner.dependent +
                     "\", and print the text again."});
        }
        if (!anywhere.empty())
            result_.notices.push_back(
                {"labels are given to the first revision that has them: " + joined(anywhere),
                 "\"alembic history\" shows them with all revisions of their line. It matters only where a label "
                 "alone is a target.",
                 "Targets like label@head are the same in any case."});
    }

    const Section *up_of(const std::string &id) const
    {
        const auto place = places_.find(id);
        return place == places_.end() ? nullptr : &ups_[place->second];
    }

    void remark_on_stops()
    {
        for (const auto &[id, section] : stopped_)
            if (!downs_.contains(id))
                result_.notices.push_back(
                    {"revision \"" + id + "\" is imported without a way back: Alembic stops there",
                     section.failure.empty() ? "Nothing stands behind it in that output." : section.failure,
                     "What is below it is not in that output: print it too, as in \"alembic downgrade " +
                         (section.marker.parents().empty() ? "<parent>" : section.marker.parents().front()) +
                         ":base --sql\", and write the way back by migrate_edit() if there is one."});
    }

    void remark_on_ways_back()
    {
        std::vector<std::string> missing;
        for (const SourceRevision &revision : result_.revisions)
            if (!revision.down && !stopped_.contains(revision.id))
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
    std::map<std::string, Section, std::less<>> stopped_; // within the way back
    History history_;
    std::map<std::string, LabelOwner, std::less<>> owners_;               // of labels
    std::map<std::string, std::vector<std::string>, std::less<>> labels_; // of revisions
    bool has_downs_ = false;
};

} // namespace

AlembicImport import_alembic(const std::string &upgrade, const std::optional<std::string> &downgrade,
                             PrintedSqlReader &reader, core::InterruptCheck &interrupts)
{
    AlembicImport result;
    Importer importer(result);
    importer.add_upgrade(
        read_sections(upgrade, "upgrade_sql", PrintedDirection::upgrade, reader, interrupts, result.warnings));
    if (downgrade)
        importer.add_downgrade(read_sections(*downgrade, "downgrade_sql", PrintedDirection::downgrade, reader,
                                             interrupts, result.warnings));
    importer.finish();
    return result;
}

} // namespace pgmigrate::files

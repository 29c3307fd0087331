// SPDX-License-Identifier: PostgreSQL
#include "files/alembic_labels.hpp"

#include "files/text.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace pgmigrate::files
{

namespace
{

using Names = std::set<std::string, std::less<>>;

class Labels
{
  public:
    Labels(const History &history, const std::vector<Section> &ups,
           const std::map<std::string, Section, std::less<>> &downs)
        : history_(history), ups_(ups), downs_(downs)
    {
        for (std::size_t place = 0; place < ups.size(); ++place)
            places_.emplace(ups[place].marker.revision(), place);
        for (const auto &[id, entry] : history) {
            for (const std::string &parent : entry.parents) {
                children_[parent].push_back(id);
                successors_[parent].insert(id);
            }
            for (const std::string &dependency : entry.depends_on) {
                successors_[dependency].insert(id); // where it is a label, of nothing
                dependents_[dependency].push_back(id);
            }
        }
    }

    std::map<std::string, LabelOwner, std::less<>> owners()
    {
        std::map<std::string, LabelOwner, std::less<>> owners;
        for (const Section &up : ups_) {
            const auto entry = history_.find(up.marker.revision());
            if (entry == history_.end())
                continue;
            for (const std::string &label : entry->second.labels)
                if (!owners.contains(label))
                    owners.emplace(label, owner_of(label, entry->first));
        }
        return owners;
    }

  private:
    LabelOwner owner_of(const std::string &label, const std::string &first)
    {
        const std::vector<std::string> line = line_from(first, label);
        const auto dependents = dependents_.find(label);
        if (dependents == dependents_.end())
            return {first, "", "", line};
        for (const std::string &dependent : dependents->second)
            if (const std::optional<std::string> row = row_of(dependent, label))
                return {*row, "", "", {}};
        // The owner has the dependent as a successor: with another one, or a second dependent, what is above it does
        // not show the label.
        if (line.size() < 2 || dependents->second.size() > 1)
            return {first, "", "", {}};
        const std::string &dependent = dependents->second.front();
        const std::string &last = line.back();
        if (successors_.contains(last) || cannot_depend(dependent, last))
            return {first, "", "", {}};
        if (cannot_depend(dependent, first))
            return {last, "", "", {}};
        return {last, first, dependent, {}};
    }

    // The revisions that show a label, if each has one successor and one parent at most, and if what is above the first
    // would show it, too, were there nothing that ends the branch. Else the first alone.
    std::vector<std::string> line_from(const std::string &first, const std::string &label) const
    {
        const std::vector<std::string> alone{first};
        std::vector<std::string> line;
        for (const std::string *next = &first; next != nullptr;) {
            const auto entry = history_.find(*next);
            if (entry == history_.end() || !has(entry->second.labels, label) || entry->second.parents.size() > 1 ||
                line.size() > history_.size())
                return alone;
            line.push_back(*next);
            const auto successors = successors_.find(*next);
            const auto children = children_.find(*next);
            if (successors != successors_.end() && successors->second.size() > 1)
                return alone;
            next = children == children_.end() ? nullptr : &children->second.front();
        }
        const std::vector<std::string> &parents = history_.find(first)->second.parents;
        if (!parents.empty() && !ends_branch(parents.front()))
            return alone;
        return line;
    }

    bool ends_branch(const std::string &revision) const
    {
        const auto entry = history_.find(revision);
        if (entry == history_.end() || entry->second.parents.size() > 1)
            return true;
        const auto successors = successors_.find(revision);
        // A dependency on a label that it shows can be one on itself, and that is a successor, too.
        return (successors != successors_.end() && successors->second.size() > 1) || !entry->second.labels.empty();
    }

    // What the dependent takes a row from, or gives it back to, and what it does not name by its id.
    std::optional<std::string> row_of(const std::string &dependent, const std::string &label) const
    {
        const auto up = places_.find(dependent);
        if (up == places_.end())
            return std::nullopt;
        const auto down = downs_.find(dependent);
        for (const Section *section : {&ups_[up->second], down == downs_.end() ? nullptr : &down->second})
            if (section != nullptr)
                for (const std::string &row : section->depends_on)
                    if (is_of_label_alone(row, dependent, label))
                        return row;
        return std::nullopt;
    }

    bool is_of_label_alone(const std::string &row, const std::string &dependent, const std::string &label) const
    {
        const auto entry = history_.find(row);
        if (entry == history_.end() || !has(entry->second.labels, label))
            return false;
        const std::vector<std::string> &named = history_.find(dependent)->second.depends_on;
        return std::none_of(named.begin(), named.end(), [&](const std::string &name) {
            return name == row || (name != label && has(entry->second.labels, name));
        });
    }

    // A step takes the rows of all that it stands on. Nor can it run before these.
    bool cannot_depend(const std::string &dependent, const std::string &other) const
    {
        const auto own = places_.find(dependent);
        const auto place = places_.find(other);
        if (own == places_.end() || place == places_.end())
            return false;
        if (place->second > own->second)
            return true;
        Names rows;
        for (std::size_t step = 0; step <= own->second; ++step)
            for (const RowChange &change : ups_[step].changes) {
                if (step == own->second && change.removed == other)
                    return false;
                rows.erase(change.removed);
                rows.insert(change.added);
            }
        return rows.contains(other);
    }

    const History &history_;
    const std::vector<Section> &ups_;
    const std::map<std::string, Section, std::less<>> &downs_;
    std::map<std::string, std::size_t, std::less<>> places_; // in ups_
    std::map<std::string, std::vector<std::string>, std::less<>> children_;
    std::map<std::string, Names, std::less<>> successors_; // children, and what depends on it by its id
    std::map<std::string, std::vector<std::string>, std::less<>> dependents_;
};

} // namespace

std::map<std::string, LabelOwner, std::less<>>
find_label_owners(const History &history, const std::vector<Section> &ups,
                  const std::map<std::string, Section, std::less<>> &downs)
{
    return Labels(history, ups, downs).owners();
}

} // namespace pgmigrate::files

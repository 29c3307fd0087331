// SPDX-License-Identifier: PostgreSQL
#include "core/graph_data.hpp"
#include "core/graph_errors.hpp"
#include "core/resolver.hpp"
#include "core/target.hpp"
#include "core/traversal.hpp"
#include "core/version_rows.hpp"

#include <algorithm>

namespace pgmigrate::core
{

namespace
{

class Stamping
{
  public:
    Stamping(const RevisionGraph &graph, InterruptCheck &interrupts)
        : graph_(graph), resolver_(graph, interrupts, Resolver::Asker::stamp)
    {
    }

    std::vector<StampStep> plan(const std::vector<std::string> &rows, const std::vector<std::string> &targets)
    {
        const std::vector<Index> current = revisions_of_rows(graph_, rows);
        select_rows(current, targets);
        std::vector<Index> destinations;
        for (const std::string &target : targets)
            for (const Index destination : resolver_.revisions(target))
                if (std::find(destinations.begin(), destinations.end(), destination) == destinations.end())
                    destinations.push_back(destination);
        // A row for each of two revisions of which one includes the other would spoil every later upgrade.
        required_by(graph_, destinations, resolver_.ticker());
        if (destinations.empty())
            clear();
        replaceable_ = selected_;
        std::erase_if(replaceable_, [&](Index row) {
            return std::find(destinations.begin(), destinations.end(), row) != destinations.end();
        });
        for (const Index destination : destinations)
            move_to(destination);
        return std::move(steps_);
    }

  private:
    // The rows that share a line with one of the targets, dependencies included; others are left alone.
    void select_rows(const std::vector<Index> &current, const std::vector<std::string> &targets)
    {
        for (const std::string &target : targets)
            for (const Index row : resolver_.in_lineage(current, target, true))
                if (std::find(selected_.begin(), selected_.end(), row) == selected_.end())
                    selected_.push_back(row);
    }

    void clear()
    {
        for (const Index row : selected_)
            steps_.push_back({{graph_.id(row)}, {}, {{RowAction::remove, graph_.id(row), {}}}});
    }

    void move_to(Index destination)
    {
        if (std::find(selected_.begin(), selected_.end(), destination) != selected_.end())
            return;
        const std::string &to = graph_.id(destination);
        StampStep step;
        step.to = to;
        if (is_related(destination))
            for (const Index row : selected_)
                step.from.push_back(graph_.id(row));
        // With several targets an earlier one may have used up the rows.
        if (step.from.empty() || replaceable_.empty()) {
            step.changes.push_back({RowAction::insert, {}, to});
        } else {
            for (std::size_t i = 0; i + 1 < replaceable_.size(); ++i)
                step.changes.push_back({RowAction::remove, graph_.id(replaceable_[i]), {}});
            step.changes.push_back({RowAction::update, graph_.id(replaceable_.back()), to});
            replaceable_.clear();
        }
        steps_.push_back(std::move(step));
    }

    // Is a selected row above or below the destination?
    bool is_related(Index destination)
    {
        const Marks lineage = lineage_of(graph_, std::span(&destination, 1), true, resolver_.ticker());
        return std::any_of(selected_.begin(), selected_.end(), [&](Index row) { return lineage[row]; });
    }

    const RevisionGraph &graph_;
    Resolver resolver_;
    std::vector<Index> selected_;
    std::vector<Index> replaceable_;
    std::vector<StampStep> steps_;
};

} // namespace

std::vector<StampStep> plan_stamp(const RevisionGraph &graph, const std::vector<std::string> &rows,
                                  std::string_view targets, bool purge, InterruptCheck &interrupts)
{
    std::vector<std::string> list = split_list(targets);
    if (list.empty())
        list.emplace_back("base");
    if (!purge)
        return Stamping(graph, interrupts).plan(rows, list);
    StampStep deletion;
    deletion.from = rows;
    for (const std::string &row : rows)
        deletion.changes.push_back({RowAction::remove, row, {}});
    std::vector<StampStep> steps = Stamping(graph, interrupts).plan({}, list);
    if (!rows.empty())
        steps.insert(steps.begin(), std::move(deletion));
    return steps;
}

} // namespace pgmigrate::core

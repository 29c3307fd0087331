// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/revision_graph.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <vector>

namespace pgmigrate::test
{

// Alembic's order by its definition, with the set of ancestors of every head. Slow, and the
// reference for core::plan_order.
class LiteralOrder
{
  public:
    explicit LiteralOrder(const core::RevisionGraph &graph) : graph_(graph) {}

    std::vector<core::Index> sort(std::set<core::Index> todo, const std::vector<core::Index> &start) const
    {
        std::vector<core::Index> heads;
        for (core::Index head = 0; head < graph_.size(); ++head)
            if (todo.count(head) && std::find(start.begin(), start.end(), head) != start.end())
                heads.push_back(head);
        std::vector<std::set<core::Index>> ancestors;
        for (const core::Index head : heads)
            ancestors.push_back(ancestors_of(head));
        std::vector<core::Index> output;
        std::size_t at = 0;
        while (!heads.empty()) {
            const core::Index candidate = heads[at];
            std::size_t other = 0;
            while (other < heads.size() && (other == at || !ancestors[other].count(candidate)))
                ++other;
            if (other < heads.size()) {
                at = other;
                continue;
            }
            if (todo.erase(candidate))
                output.push_back(candidate);
            std::vector<core::Index> more;
            for (const core::Index parent : graph_.normalized_down(candidate))
                if (todo.count(parent) && std::find(heads.begin(), heads.end(), parent) == heads.end())
                    more.push_back(parent);
            if (more.empty()) {
                heads.erase(heads.begin() + static_cast<std::ptrdiff_t>(at));
                ancestors.erase(ancestors.begin() + static_cast<std::ptrdiff_t>(at));
                at = at == 0 ? 0 : at - 1;
                continue;
            }
            heads[at] = more.front();
            if (graph_.normalized_down(candidate).size() == 1 && graph_.down(candidate).size() == 1) {
                ancestors[at].erase(candidate);
                continue;
            }
            ancestors[at] = ancestors_of(more.front());
            for (std::size_t i = 1; i < more.size(); ++i) {
                heads.push_back(more[i]);
                ancestors.push_back(ancestors_of(more[i]));
            }
        }
        if (!todo.empty())
            throw std::logic_error("not everything can be reached");
        return output;
    }

    std::set<core::Index> ancestors_of(core::Index revision) const
    {
        std::set<core::Index> result;
        std::vector<core::Index> todo = {revision};
        while (!todo.empty()) {
            const core::Index next = todo.back();
            todo.pop_back();
            if (!result.insert(next).second)
                continue;
            const auto parents = graph_.normalized_down(next);
            todo.insert(todo.end(), parents.begin(), parents.end());
        }
        return result;
    }

  private:
    const core::RevisionGraph &graph_;
};

} // namespace pgmigrate::test

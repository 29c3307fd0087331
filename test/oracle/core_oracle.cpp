// SPDX-License-Identifier: PostgreSQL
// Answers questions about revision graphs, one JSON object a line, so that another program can be compared with us.
//
//   {"graph": [[id, [parents], [dependencies], [labels]], …]}       remembers the graph: {"ok": null}
//   {"call": "upgrade", "target": "…", "rows": […]}                 {"ok": [[id, [rows after the step]], …]}
//   {"call": "downgrade" | "offline_upgrade" | "offline_downgrade", …}   likewise
//   {"call": "history", …}, {"call": "revisions", …}                {"ok": [id, …]}
//   {"call": "stamp", …}                                            {"ok": [[[from], to], …], "rows": [after]}
//
// An error is {"error": message, "sqlstate": …, "detail": …}.
#include "core/error.hpp"
#include "core/plan.hpp"
#include "core/target.hpp"
#include "core/version_rows.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <optional>
#include <string>

namespace
{

using namespace pgmigrate;
using nlohmann::json;
using Rows = std::vector<std::string>;

class Oracle
{
  public:
    json answer(const json &request)
    {
        try {
            if (request.contains("graph"))
                return remember(request.at("graph"));
            return call(request.at("call"), request.at("target"), request.at("rows"));
        } catch (const core::Error &error) {
            return {{"error", error.message()}, {"sqlstate", error.sqlstate()}, {"detail", error.detail()}};
        }
    }

  private:
    json remember(const json &list)
    {
        std::vector<core::RevisionInput> revisions;
        for (const json &entry : list)
            revisions.push_back({entry.at(0), entry.at(1), entry.at(2), entry.at(3)});
        graph_.reset();
        graph_.emplace(core::RevisionGraph::build(std::move(revisions), never_));
        return {{"ok", nullptr}};
    }

    json call(const std::string &name, const std::string &target, const Rows &rows)
    {
        const core::RevisionGraph &graph = graph_.value();
        if (name == "upgrade")
            return steps(core::plan_upgrade(graph, rows, target, never_));
        if (name == "downgrade")
            return steps(core::plan_downgrade(graph, rows, target, never_));
        if (name == "offline_upgrade")
            return steps(core::plan_offline(graph, rows, target, core::Direction::upgrade, never_));
        if (name == "offline_downgrade")
            return steps(core::plan_offline(graph, rows, target, core::Direction::downgrade, never_));
        if (name == "history")
            return {{"ok", ids(core::plan_history(graph, rows, target, never_))}};
        if (name == "revisions")
            return {{"ok", ids(core::resolve_revisions(graph, target, nullptr, never_))}};
        if (name == "stamp")
            return stamp(rows, target);
        throw core::Error(core::sqlstate::internal_error, "no such call: " + name);
    }

    json ids(const std::vector<core::Index> &revisions) const
    {
        json result = json::array();
        for (const core::Index revision : revisions)
            result.push_back(graph_->id(revision));
        return result;
    }

    json steps(const core::Plan &plan) const
    {
        core::VersionRows rows(*graph_, plan.rows_before);
        Rows written = plan.rows_before;
        json result = json::array();
        for (const core::Index step : plan.steps) {
            apply(plan.direction == core::Direction::upgrade ? rows.upgrade(step) : rows.downgrade(step), written);
            Rows sorted = written;
            std::sort(sorted.begin(), sorted.end());
            result.push_back({graph_->id(step), sorted});
        }
        return {{"ok", result}};
    }

    json stamp(const Rows &rows, const std::string &target)
    {
        Rows written = rows;
        json result = json::array();
        for (const core::StampStep &step : core::plan_stamp(*graph_, rows, target, false, never_)) {
            apply(step.changes, written);
            result.push_back({step.from, step.to});
        }
        std::sort(written.begin(), written.end());
        return {{"ok", result}, {"rows", written}};
    }

    // As the version table would do it: a change that does not meet exactly one row is an error.
    static void apply(const std::vector<core::RowChange> &changes, Rows &rows)
    {
        for (const core::RowChange &change : changes) {
            if (change.action != core::RowAction::insert && std::erase(rows, change.from) != 1)
                throw core::Error(core::sqlstate::internal_error, "no row " + change.from);
            if (change.action == core::RowAction::remove)
                continue;
            if (std::find(rows.begin(), rows.end(), change.to) != rows.end())
                throw core::Error(core::sqlstate::internal_error, "duplicate row " + change.to);
            rows.push_back(change.to);
        }
    }

    core::NoInterrupts never_;
    std::optional<core::RevisionGraph> graph_;
};

} // namespace

int main()
{
    Oracle oracle;
    for (std::string line; std::getline(std::cin, line);)
        std::cout << oracle.answer(json::parse(line)).dump() << std::endl;
}

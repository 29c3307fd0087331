// SPDX-License-Identifier: PostgreSQL
// Replays calls that were recorded from another implementation, where their data is present: a list of
//   {"graph": [[id, [parents], [dependencies], [labels]], …], "call": name, "args": [[positional], {keywords}],
//    "ok": result | "error": class, "message": text}
#include "core/error.hpp"
#include "core/plan.hpp"
#include "core/resolver.hpp"
#include "core/target.hpp"
#include "core/version_rows.hpp"
#include "support/graphs.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>

namespace pgmigrate::test
{
namespace
{

using nlohmann::json;

// A call without a counterpart among our functions; `reason` says why.
struct NotApplicable {
    std::string reason;
};

class Replay
{
  public:
    Replay(const json &record, const core::RevisionGraph &graph) : record_(record), graph_(graph) {}

    // What we answer, in the form of the record's "ok".
    json answer()
    {
        const std::string call = record_.at("call");
        if (record_.value("message", "").find("is not a string") != std::string::npos)
            throw NotApplicable{"an argument that is not a string cannot be passed"};
        if (call == "upgrade" || call == "downgrade")
            return steps(call == "upgrade");
        if (call == "stamp")
            return stamp();
        if (call == "get_revisions")
            return ids_of(core::resolve_revisions(graph_, list_of(argument(0)), nullptr, never_));
        if (call == "get_revision")
            return one_revision();
        if (call == "iterate")
            return iterate();
        if (call == "filter_for_lineage")
            return lineage();
        throw NotApplicable{"no function of ours does only this"};
    }

  private:
    const json &argument(std::size_t index) const { return record_.at("args").at(0).at(index); }
    bool keyword(const char *name) const { return record_.at("args").at(1).value(name, false); }

    static std::string list_of(const json &target)
    {
        if (target.is_null())
            return "base";
        if (target.is_string())
            return target;
        std::string list;
        for (const json &element : target)
            list += (list.empty() ? "" : ",") + element.get<std::string>();
        return list.empty() ? "base" : list;
    }

    // Version rows are ids; the recorded calls pass abbreviations and symbols as well.
    std::vector<std::string> rows_of(const json &rows)
    {
        std::vector<std::string> result;
        const std::string list = list_of(rows);
        if (list.find('@') != std::string::npos)
            throw NotApplicable{"rows that are not revisions"};
        for (const core::Index row : core::resolve_revisions(graph_, list, nullptr, never_))
            result.push_back(graph_.id(row));
        return result;
    }

    json ids_of(std::span<const core::Index> revisions) const
    {
        json result = json::array();
        for (const core::Index revision : revisions)
            result.push_back(graph_.id(revision));
        return result;
    }

    // Alembic's order of several dependencies changes from run to run, so these are compared as sets.
    static json sorted(json list)
    {
        std::sort(list.begin(), list.end());
        return list;
    }

    json steps(bool up)
    {
        const std::vector<std::string> rows = rows_of(argument(1));
        const std::string target = list_of(argument(0));
        const core::Plan plan =
            up ? core::plan_upgrade(graph_, rows, target, never_) : core::plan_downgrade(graph_, rows, target, never_);
        json result = json::array();
        for (const core::Index step : plan.steps) {
            const json self = json::array({graph_.id(step)});
            const json below = sorted(ids_of(graph_.normalized_down(step)));
            result.push_back({up, graph_.id(step), up ? below : self, up ? self : below});
        }
        return result;
    }

    json stamp()
    {
        json result = json::array();
        for (const core::StampStep &step :
             core::plan_stamp(graph_, rows_of(argument(1)), list_of(argument(0)), false, never_)) {
            result.push_back({step.from, step.to.empty() ? json::array() : json::array({step.to})});
        }
        return result;
    }

    json one_revision()
    {
        const std::optional<core::Index> found = core::Resolver(graph_, never_).revision(list_of(argument(0)));
        return found ? json(graph_.id(*found)) : json();
    }

    json lineage()
    {
        std::vector<core::Index> candidates;
        for (const std::string &id : words_of(argument(0)))
            candidates.push_back(graph_.find(id).value());
        return ids_of(core::Resolver(graph_, never_)
                          .in_lineage(candidates, list_of(argument(1)), keyword("include_dependencies")));
    }

    static std::vector<std::string> words_of(const json &list) { return list; }

    json iterate()
    {
        const bool inclusive = keyword("inclusive");
        const bool implicit_base = keyword("implicit_base");
        if (keyword("select_for_downgrade")) {
            if (inclusive || implicit_base)
                throw NotApplicable{"iterate downwards with inclusive or implicit_base: no command does"};
            if (argument(1).is_array())
                throw NotApplicable{"iterate downwards to several targets: no command does"};
            return ids_of(core::plan_downgrade(graph_, rows_of(argument(0)), list_of(argument(1)), never_).steps);
        }
        if (inclusive == implicit_base)
            throw NotApplicable{"iterate upwards with both or neither of inclusive and implicit_base: no command does"};
        if (implicit_base) {
            std::vector<core::Index> steps =
                core::plan_upgrade(graph_, rows_of(argument(1)), list_of(argument(0)), never_).steps;
            std::reverse(steps.begin(), steps.end());
            return ids_of(steps);
        }
        if (argument(1).is_array() && !argument(1).empty())
            return ids_of(core::plan_history(graph_, rows_of(argument(1)), "current:" + list_of(argument(0)), never_));
        return ids_of(core::plan_history(graph_, {}, list_of(argument(1)) + ":" + list_of(argument(0)), never_));
    }

    const json &record_;
    const core::RevisionGraph &graph_;
    core::NoInterrupts never_;
};

core::RevisionGraph graph_of(const json &record)
{
    std::vector<core::RevisionInput> revisions;
    for (const json &entry : record.at("graph"))
        revisions.push_back({entry.at(0), entry.at(1), entry.at(2), entry.at(3)});
    core::NoInterrupts never;
    return core::RevisionGraph::build(std::move(revisions), never);
}

// Without what has no counterpart: the order of several dependencies, and whether a stamp counts as going up.
json comparable(json expected, const std::string &call)
{
    if (call == "stamp")
        for (json &step : expected)
            step = json::array({step[2], step[3]});
    if (call == "upgrade" || call == "downgrade")
        for (json &step : expected)
            for (std::size_t end = 2; end < step.size(); ++end)
                std::sort(step[end].begin(), step[end].end());
    return expected;
}

// Errors of the inner classes have no text that a user sees; their kind is the SQLSTATE.
void expect_error(const json &record, const core::Error &error)
{
    const std::map<std::string, std::string_view> states = {
        {"MultipleHeads", core::sqlstate::multiple_heads},
        {"ResolutionError", core::sqlstate::revision_not_found},
        {"RangeNotAncestorError", core::sqlstate::invalid_target},
    };
    const std::string kind = record.value("error", "none");
    if (const auto state = states.find(kind); state != states.end())
        EXPECT_EQ(error.sqlstate(), state->second) << error.message();
    else
        EXPECT_EQ(error.message(), record.value("message", "no error"));
}

TEST(RecordedCases, AreAnsweredAlike)
{
    const char *folder = std::getenv("PG_MIGRATE_TEST_DATA");
    if (!folder)
        GTEST_SKIP() << "PG_MIGRATE_TEST_DATA is not set: there are no recorded cases to replay";
    std::ifstream file(std::string(folder) + "/alembic_traversal_cases.json");
    ASSERT_TRUE(file) << "no alembic_traversal_cases.json in " << folder;
    std::map<std::string, int> replayed;
    std::map<std::string, int> not_applicable;
    for (const json &record : json::parse(file)) {
        SCOPED_TRACE(record.dump());
        const std::string call = record.at("call");
        const core::RevisionGraph graph = graph_of(record);
        try {
            const json answer = Replay(record, graph).answer();
            ASSERT_TRUE(record.contains("ok")) << answer.dump();
            EXPECT_EQ(answer, comparable(record.at("ok"), call));
            ++replayed[call];
        } catch (const core::Error &error) {
            expect_error(record, error);
            ++replayed[call + ", an error"];
        } catch (const NotApplicable &reason) {
            ++not_applicable[call + ": " + reason.reason];
        }
    }
    int total = 0;
    for (const auto &[what, count] : replayed) {
        std::cout << "replayed " << count << " of " << what << "\n";
        total += count;
    }
    for (const auto &[what, count] : not_applicable)
        std::cout << "not applicable " << count << " of " << what << "\n";
    EXPECT_GT(total, 0);
}

} // namespace
} // namespace pgmigrate::test

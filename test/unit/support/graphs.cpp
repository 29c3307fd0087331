// SPDX-License-Identifier: PostgreSQL
#include "support/graphs.hpp"

#include "core/target.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace pgmigrate::test
{

namespace
{

std::string_view strip(std::string_view text)
{
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

core::RevisionInput parse_revision(std::string_view text)
{
    core::RevisionInput revision;
    std::size_t end = text.find_first_of("<^@");
    revision.id = std::string(strip(text.substr(0, end)));
    while (end != std::string_view::npos) {
        const char kind = text[end];
        const std::size_t start = end + 1;
        end = text.find_first_of("<^@", start);
        const std::vector<std::string> names = core::split_list(text.substr(start, end - start));
        (kind == '<' ? revision.down : kind == '^' ? revision.depends_on : revision.labels) = names;
    }
    return revision;
}

} // namespace

std::vector<core::RevisionInput> parse_revisions(std::string_view text)
{
    std::vector<core::RevisionInput> revisions;
    while (!strip(text).empty()) {
        const std::size_t end = std::min(text.find(';'), text.size());
        revisions.push_back(parse_revision(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return revisions;
}

core::RevisionGraph make_graph(std::string_view text)
{
    core::NoInterrupts never;
    return core::RevisionGraph::build(parse_revisions(text), never);
}

std::vector<std::string> words(std::string_view text)
{
    std::istringstream stream{std::string(text)};
    std::vector<std::string> result;
    for (std::string word; stream >> word;)
        result.push_back(word);
    return result;
}

std::string ids(const core::RevisionGraph &graph, std::span<const core::Index> revisions)
{
    std::string result;
    for (const core::Index revision : revisions)
        result += (result.empty() ? "" : " ") + graph.id(revision);
    return result;
}

std::string to_text(const std::vector<core::RowChange> &changes)
{
    std::string result;
    for (const core::RowChange &change : changes) {
        result += result.empty() ? "" : "; ";
        switch (change.action) {
        case core::RowAction::insert:
            result += "INSERT " + change.to;
            break;
        case core::RowAction::update:
            result += "UPDATE " + change.from + " " + change.to;
            break;
        case core::RowAction::remove:
            result += "DELETE " + change.from;
            break;
        }
    }
    return result;
}

std::string upgrade(const core::RevisionGraph &graph, std::string_view rows, std::string_view target)
{
    core::NoInterrupts never;
    return ids(graph, core::plan_upgrade(graph, words(rows), target, never).steps);
}

std::string downgrade(const core::RevisionGraph &graph, std::string_view rows, std::string_view target)
{
    core::NoInterrupts never;
    return ids(graph, core::plan_downgrade(graph, words(rows), target, never).steps);
}

std::string history(const core::RevisionGraph &graph, std::string_view rows, std::string_view range)
{
    core::NoInterrupts never;
    return ids(graph, core::plan_history(graph, words(rows), range, never));
}

namespace
{

core::VersionRows run(const core::RevisionGraph &graph, const core::Plan &plan, std::vector<core::RowChange> &changes)
{
    core::VersionRows rows(graph, plan.rows_before);
    for (const core::Index step : plan.steps) {
        const std::vector<core::RowChange> more =
            plan.direction == core::Direction::upgrade ? rows.upgrade(step) : rows.downgrade(step);
        changes.insert(changes.end(), more.begin(), more.end());
    }
    return rows;
}

} // namespace

std::string changes_of(const core::RevisionGraph &graph, const core::Plan &plan)
{
    std::vector<core::RowChange> changes;
    run(graph, plan, changes);
    return to_text(changes);
}

std::string rows_after(const core::RevisionGraph &graph, const core::Plan &plan)
{
    std::vector<core::RowChange> changes;
    std::string result;
    for (const std::string &row : run(graph, plan, changes).rows())
        result += (result.empty() ? "" : " ") + row;
    return result;
}

core::Error error_of(const std::function<void()> &call)
{
    try {
        call();
    } catch (const core::Error &error) {
        return error;
    }
    ADD_FAILURE() << "no error";
    return core::Error("", "no error");
}

} // namespace pgmigrate::test

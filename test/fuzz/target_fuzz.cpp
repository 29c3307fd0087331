// SPDX-License-Identifier: PostgreSQL
// Random graphs and random target texts through everything that reads them. Only core::Error may come out, and what
// does not fail must hang together: a plan runs, and leaves the rows that it should.
//
// The input is lines: revisions in load order up to an empty line, each "id<parents^dependencies@labels" with comma
// lists; then the version rows, comma separated; then target texts, one a line.
#include "core/error.hpp"
#include "core/plan.hpp"
#include "core/target.hpp"
#include "core/version_rows.hpp"

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace
{

using namespace pgmigrate;

class Lines
{
  public:
    explicit Lines(std::string_view text) : rest_(text) {}
    bool at_end() const { return rest_.empty(); }
    std::string_view next()
    {
        const std::size_t end = rest_.find('\n');
        const std::string_view line = rest_.substr(0, end);
        rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
        return line;
    }

  private:
    std::string_view rest_;
};

std::vector<std::string> split(std::string_view text)
{
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        parts.emplace_back(text.substr(0, comma));
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    return parts;
}

core::RevisionInput parse_revision(std::string_view line)
{
    core::RevisionInput revision;
    std::size_t end = line.find_first_of("<^@");
    revision.id = std::string(line.substr(0, end));
    while (end != std::string_view::npos) {
        const char kind = line[end];
        const std::size_t start = end + 1;
        end = line.find_first_of("<^@", start);
        (kind == '<'   ? revision.down
         : kind == '^' ? revision.depends_on
                       : revision.labels) = split(line.substr(start, end - start));
    }
    return revision;
}

void attempt(const std::function<void()> &call)
{
    try {
        call();
    } catch (const core::Error &error) {
        if (error.message().empty() || error.sqlstate().size() != 5 ||
            error.sqlstate() == core::sqlstate::internal_error)
            std::abort();
    }
}

void run(const core::RevisionGraph &graph, const core::Plan &plan)
{
    core::VersionRows rows(graph, plan.rows_before);
    for (const core::Index step : plan.steps) {
        try {
            if (plan.direction == core::Direction::upgrade)
                rows.upgrade(step);
            else
                rows.downgrade(step);
        } catch (const core::Error &) {
            std::abort(); // a plan that cannot be run
        }
    }
    for (const core::Index step : plan.steps)
        if (rows.is_applied(step) != (plan.direction == core::Direction::upgrade))
            std::abort();
}

void try_target(const core::RevisionGraph &graph, const std::vector<std::string> &rows, std::string_view target)
{
    core::NoInterrupts checks;
    attempt([&] { core::check_identifier("branch label", target); });
    attempt([&] { core::split_list(target); });
    attempt([&] { core::resolve_revisions(graph, target, &rows, checks); });
    attempt([&] { core::resolve_parents(graph, target, false, checks); });
    attempt([&] { core::resolve_parents(graph, target, true, checks); });
    attempt([&] { core::resolve_dependency(graph, target, checks); });
    attempt([&] { run(graph, core::plan_upgrade(graph, rows, target, checks)); });
    attempt([&] { run(graph, core::plan_downgrade(graph, rows, target, checks)); });
    attempt([&] { run(graph, core::plan_offline(graph, rows, target, core::Direction::upgrade, checks)); });
    attempt([&] { run(graph, core::plan_offline(graph, rows, target, core::Direction::downgrade, checks)); });
    attempt([&] { core::plan_history(graph, rows, target, checks); });
    attempt([&] { core::plan_stamp(graph, rows, target, false, checks); });
    attempt([&] { core::plan_stamp(graph, rows, target, true, checks); });
}

void try_graph(const core::RevisionGraph &graph, Lines lines)
{
    core::NoInterrupts checks;
    const std::vector<std::string> rows = split(lines.next());
    core::applied_revisions(graph, rows);
    core::all_current(graph, rows);
    for (core::Index revision = 0; revision < graph.size(); ++revision) {
        graph.labels(revision);
        graph.missing(revision);
    }
    attempt([&] { run(graph, core::plan_upgrade(graph, {}, "heads", checks)); });
    while (!lines.at_end())
        try_target(graph, rows, lines.next());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    core::NoInterrupts checks;
    Lines lines({reinterpret_cast<const char *>(data), size});
    std::vector<core::RevisionInput> revisions;
    while (!lines.at_end()) {
        const std::string_view line = lines.next();
        if (line.empty())
            break;
        revisions.push_back(parse_revision(line));
    }
    attempt([&] { try_graph(core::RevisionGraph::build(std::move(revisions), checks), lines); });
    return 0;
}

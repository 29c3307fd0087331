// SPDX-License-Identifier: PostgreSQL
#include "api/common.hpp"
#include "core/graph_render.hpp"
#include "core/target.hpp"
#include "pg/locks.hpp"
#include "pg/progress.hpp"
#include "pg/run.hpp"

#include <algorithm>
#include <unordered_map>

using namespace pgmigrate;

namespace
{

// The graph and a version line, as a function that only looks needs them.
struct View {
    pg::Catalogue catalogue;
    pg::ServerInterrupts interrupts;
    core::RevisionGraph graph;
    std::vector<pg::VersionRow> rows;
    std::vector<std::string> version;

    View(FunctionCallInfo fcinfo, const std::optional<std::string> &schema)
        : catalogue(fcinfo), graph(catalogue.read_graph(interrupts))
    {
        if (schema)
            pg::schema_oid(*schema);
        rows = catalogue.read_version(schema);
        version = pg::row_names(rows);
    }
    // For what fails on a row that names an unknown revision.
    template <typename Find>
    std::vector<core::Index> find(Find &&find)
    {
        try {
            return find();
        } catch (core::Error &error) {
            pg::explain_unknown_row(error, rows);
            throw;
        }
    }
    void add(pg::ResultSet &result, const std::vector<core::Index> &revisions, bool with_scripts = false)
    {
        api::RevisionRows(catalogue, graph, version).add_all(result, revisions, with_scripts);
    }
};

std::vector<core::Index> list(std::span<const core::Index> revisions)
{
    return {revisions.begin(), revisions.end()};
}

pg::Values board_row(const pg::Board &board)
{
    const auto number = [](pg::Values &values, int value) {
        if (value == 0)
            values.null();
        else
            values.integer(value);
    };
    pg::Values values;
    values.integer(board.pid).bigint(board.run).text(pg::direction_name(board.direction));
    values.name(board.has_schema ? std::optional<std::string>(board.schema) : std::nullopt);
    values.text_or_null(board.revision);
    number(values, board.step);
    values.integer(board.steps);
    number(values, board.statement);
    // Before the first revision it is not known how many there are.
    if (board.step == 0)
        values.null();
    else
        values.integer(board.statements);
    values.text(board.phase).timestamptz(board.started_at);
    values.timestamptz(board.statement ? std::optional(board.statement_started_at) : std::nullopt);
    return values;
}

pg::Values waiting_row(const pg::WaitingRun &run)
{
    pg::Values values;
    values.integer(run.pid).null().null();
    values.name(run.schema ? pg::schema_name(*run.schema) : std::nullopt);
    values.null().null().null().null().null();
    values.text(run.for_revisions ? "waiting for a change of the revisions" : "waiting for its turn");
    values.timestamptz(run.waiting_since != 0 ? std::optional(run.waiting_since) : std::nullopt).null();
    return values;
}

} // namespace

PGM_FUNCTION(migrate_progress)
{
    pg::ResultSet result(fcinfo);
    std::vector<int> shown;
    for (const pg::Board &board : pg::read_boards()) {
        pg::Values row = board_row(board);
        result.add(row);
        shown.push_back(board.pid);
    }
    for (const pg::WaitingRun &run : pg::waiting_runs()) {
        if (std::find(shown.begin(), shown.end(), run.pid) != shown.end())
            continue;
        pg::Values row = waiting_row(run);
        result.add(row);
    }
    return result.finish();
}

PGM_FUNCTION(migrate_current)
{
    const pg::Arguments arguments(fcinfo);
    pg::ResultSet result(fcinfo);
    View view(fcinfo, arguments.name(0));
    std::unordered_map<std::string, const pg::VersionRow *> by_id;
    for (const pg::VersionRow &row : view.rows)
        by_id.emplace(row.revision, &row);

    std::vector<std::string> ids;
    for (const core::Index revision : core::all_current(view.graph, view.version))
        ids.push_back(view.graph.id(revision));
    for (const pg::StoredRevision &stored : view.catalogue.read_revisions(ids, false)) {
        const auto found = by_id.find(stored.revision);
        const pg::VersionRow *row = found == by_id.end() ? nullptr : found->second;
        pg::Values values;
        values.text(stored.revision)
            .text(stored.message)
            .boolean(view.graph.is_head(*view.graph.find(stored.revision)));
        values.timestamptz(row ? row->applied_at : std::nullopt).text_or_null(row ? row->applied_by : std::string());
        result.add(values);
    }
    // A row that names a revision unknown here is shown all the same: it is what has to be mended.
    for (const pg::VersionRow &row : view.rows) {
        if (view.graph.find(row.revision))
            continue;
        pg::Values values;
        values.text(row.revision).null().boolean(false).timestamptz(row.applied_at).text(row.applied_by);
        result.add(values);
    }
    return result.finish();
}

PGM_FUNCTION(migrate_history)
{
    const pg::Arguments arguments(fcinfo);
    pg::ResultSet result(fcinfo);
    View view(fcinfo, arguments.name(1));
    const std::string range = arguments.text(0).value_or("");
    view.add(result, view.find([&] { return core::plan_history(view.graph, view.version, range, view.interrupts); }));
    return result.finish();
}

PGM_FUNCTION(migrate_heads)
{
    const pg::Arguments arguments(fcinfo);
    pg::ResultSet result(fcinfo);
    View view(fcinfo, std::nullopt);
    view.add(result, list(arguments.boolean(0, false) ? view.graph.real_heads() : view.graph.heads()));
    return result.finish();
}

PGM_FUNCTION(migrate_branches)
{
    pg::ResultSet result(fcinfo);
    View view(fcinfo, std::nullopt);
    std::vector<core::Index> branch_points;
    for (core::Index revision = 0; revision < view.graph.size(); ++revision)
        if (view.graph.is_branch_point(revision))
            branch_points.push_back(revision);
    view.add(result, branch_points);
    return result.finish();
}

PGM_FUNCTION(migrate_show)
{
    const pg::Arguments arguments(fcinfo);
    const std::string target = arguments.required_text(0, "target");
    pg::ResultSet result(fcinfo);
    View view(fcinfo, std::nullopt);
    const bool with_scripts = true;
    view.add(result,
             view.find([&] { return core::resolve_revisions(view.graph, target, &view.version, view.interrupts); }),
             with_scripts);
    return result.finish();
}

PGM_FUNCTION(migrate_check_heads)
{
    const pg::Arguments arguments(fcinfo);
    const View view(fcinfo, arguments.name(0));
    std::vector<std::string> heads;
    for (const core::Index head : view.graph.real_heads())
        heads.push_back(view.graph.id(head));
    std::ranges::sort(heads);
    std::vector<std::string> rows = view.version;
    std::ranges::sort(rows);
    if (rows == heads)
        return BoolGetDatum(true);
    throw core::Error(core::sqlstate::not_on_heads, "Database is not on all head revisions")
        .detail("It is on " + (rows.empty() ? "base" : pg::joined_names(view.version)) + "; the heads are " +
                (heads.empty() ? "none" : pg::joined_names(heads)) + ".")
        .hint("migrate_upgrade('heads') brings it there.");
}

PGM_FUNCTION(migrate_graph)
{
    const pg::Arguments arguments(fcinfo);
    const std::string format = arguments.required_text(0, "format");
    pg::ResultSet result(fcinfo, pg::ResultSet::Shape::scalars);
    View view(fcinfo, std::nullopt);
    const std::vector<bool> applied = core::applied_revisions(view.graph, view.version);
    core::RenderInfo info;
    info.revisions.resize(view.graph.size());
    for (const pg::StoredRevision &stored : view.catalogue.read_all_revisions()) {
        const auto index = view.graph.find(stored.revision);
        if (!index)
            continue;
        const bool is_current =
            std::find(view.version.begin(), view.version.end(), stored.revision) != view.version.end();
        info.revisions[*index] = {stored.message, is_current, applied[*index]};
    }
    std::vector<std::string> lines;
    if (format == "text")
        lines = core::render_text(view.graph, info, view.interrupts);
    else if (format == "dot")
        lines = core::render_dot(view.graph, info, view.interrupts);
    else if (format == "mermaid")
        lines = core::render_mermaid(view.graph, info, view.interrupts);
    else
        throw core::Error(core::sqlstate::invalid_parameter_value, "unknown graph format '" + format + "'")
            .hint("The formats are text, dot and mermaid.");
    for (const std::string &line : lines) {
        pg::Values row;
        row.text(line);
        result.add(row);
    }
    return result.finish();
}

// SPDX-License-Identifier: PostgreSQL
#include "executor/sql_script.hpp"
#include "pg/names.hpp"
#include "pg/run.hpp"

using namespace pgmigrate;

namespace
{

Datum run(FunctionCallInfo fcinfo, core::Direction direction, const char *function)
{
    const pg::Arguments arguments(fcinfo);
    pg::RunRequest request;
    request.direction = direction;
    request.target = arguments.required_text(0, "target");
    request.tag = arguments.text(1);
    request.schema = arguments.name(2);
    pg::ResultSet result(fcinfo);
    pg::Catalogue catalogue(fcinfo);
    pg::Run(catalogue, function).execute(request, [&](const pg::StepDone &done) {
        const pg::MemoryScope memory;
        pg::Values row;
        row.text(done.revision).text(done.direction).text(done.message).integer(done.statements);
        row.interval_microseconds(done.duration);
        result.add(row);
    });
    return result.finish();
}

void add_plan_rows(pg::ResultSet &result, const pg::PlannedRun &planned)
{
    for (std::size_t i = 0; i < planned.steps.size(); ++i) {
        const pg::MemoryScope memory;
        const executor::Step &step = planned.steps[i];
        const auto start_row = [&](pg::Values &row) -> pg::Values & {
            return row.integer(static_cast<std::int32_t>(i + 1)).text(step.revision).text(step.message);
        };
        if (step.done == step.script.statements.size()) {
            pg::Values row;
            start_row(row).integer(0).boolean(true).null();
            result.add(row);
        }
        for (std::size_t number = step.done + 1; number <= step.script.statements.size(); ++number) {
            const executor::Statement &statement = step.script.statements[number - 1];
            pg::Values row;
            start_row(row).integer(static_cast<std::int32_t>(number)).boolean(statement.transactional);
            row.text(step.script.statement_text(statement));
            result.add(row);
        }
    }
}

Datum script(FunctionCallInfo fcinfo, core::Direction direction, const char *function)
{
    const pg::Arguments arguments(fcinfo);
    pg::RunRequest request;
    request.direction = direction;
    request.target = arguments.required_text(0, "target");
    request.schema = arguments.name(1);
    pg::Catalogue catalogue(fcinfo);
    const bool offline = true;
    const pg::PlannedRun planned = pg::Run(catalogue, function).plan(request, offline);
    pg::require_way_back(planned);
    executor::SqlScriptOptions options;
    options.direction = direction;
    options.record_function = pg::qualified_function(catalogue.schema(), "migrate_record");
    options.schema = request.schema;
    if (request.schema)
        options.quoted_schema = pg::quoted_identifier(*request.schema);
    return pg::return_text(executor::render_sql_script(planned.steps, options, pg::ServerQuoter()));
}

} // namespace

PGM_FUNCTION(migrate_upgrade)
{
    return run(fcinfo, core::Direction::upgrade, "migrate_upgrade()");
}

PGM_FUNCTION(migrate_downgrade)
{
    return run(fcinfo, core::Direction::downgrade, "migrate_downgrade()");
}

PGM_FUNCTION(migrate_plan)
{
    const pg::Arguments arguments(fcinfo);
    pg::RunRequest request;
    request.target = arguments.required_text(0, "target");
    request.direction = pg::direction_of(arguments.required_text(1, "direction"));
    request.schema = arguments.name(2);
    pg::ResultSet result(fcinfo);
    pg::Catalogue catalogue(fcinfo);
    const bool offline = false;
    add_plan_rows(result, pg::Run(catalogue, "migrate_plan()").plan(request, offline));
    return result.finish();
}

PGM_FUNCTION(migrate_upgrade_sql)
{
    return script(fcinfo, core::Direction::upgrade, "migrate_upgrade_sql()");
}

PGM_FUNCTION(migrate_downgrade_sql)
{
    return script(fcinfo, core::Direction::downgrade, "migrate_downgrade_sql()");
}

PGM_FUNCTION(migrate_stamp)
{
    const pg::Arguments arguments(fcinfo);
    const std::string target = arguments.text(0).value_or("base");
    pg::ResultSet result(fcinfo);
    pg::Catalogue catalogue(fcinfo);
    pg::Run run(catalogue, "migrate_stamp()");
    for (const core::RowChange &change : run.stamp(target, arguments.boolean(1, false), arguments.name(2))) {
        const bool removed = change.action == core::RowAction::remove;
        pg::Values row;
        row.text(removed ? change.from : change.to);
        row.text(removed ? "delete" : change.action == core::RowAction::insert ? "insert" : "update");
        result.add(row);
    }
    return result.finish();
}

PGM_FUNCTION(migrate_record)
{
    const pg::Arguments arguments(fcinfo);
    pg::RecordRequest request;
    request.revision = arguments.required_text(0, "revision");
    request.direction = pg::direction_of(arguments.required_text(1, "direction"));
    request.schema = arguments.name(2);
    request.tag = arguments.text(3);
    request.checksum = arguments.text(4).value_or("");
    request.check_only = arguments.boolean(5, false);
    pg::Catalogue catalogue(fcinfo);
    pg::Run(catalogue, "migrate_record()").record(request);
    return pg::return_text(request.revision);
}

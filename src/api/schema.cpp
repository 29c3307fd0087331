// SPDX-License-Identifier: PostgreSQL
#include "model/kind.hpp"
#include "pg/autogenerate.hpp"
#include "pg/drift.hpp"
#include "pg/verification.hpp"
#include "pg/way_back.hpp"

using namespace pgmigrate;

namespace
{

Datum add_differences(pg::ResultSet &result, const std::vector<model::Difference> &differences)
{
    for (const model::Difference &each : differences) {
        const pg::MemoryScope memory;
        pg::Values row;
        row.text(model::info(each.kind).name).text(each.identity).text(each.change).text_or_null(each.sql);
        result.add(row);
    }
    return result.finish();
}

} // namespace

PGM_FUNCTION(migrate_autogenerate)
{
    const pg::Arguments arguments(fcinfo);
    pg::AutogenerateRequest request;
    request.message = arguments.required_text(0, "message");
    request.model.ddl = arguments.text(1);
    request.model.schema = arguments.name(2);
    request.revision = arguments.text(3);
    request.model.schemas = arguments.text(4);
    request.online = arguments.boolean(5, false);
    request.model.renames = arguments.text(6);
    request.model.may_be_empty = false;
    // The function of 0.1 ends here.
    if (fcinfo->nargs > 7)
        request.down_revision = arguments.text(7).value_or("base");
    request.depends_on = arguments.text(8);
    request.branch_label = arguments.text(9);
    pg::ServerInterrupts interrupts;
    pg::Catalogue catalogue(fcinfo);
    const std::optional<std::string> id = pg::autogenerate(catalogue, request, interrupts);
    if (!id)
        PG_RETURN_NULL();
    return pg::return_text(*id);
}

PGM_FUNCTION(migrate_derive_down)
{
    const pg::Arguments arguments(fcinfo);
    const std::string revision = arguments.required_text(0, "revision");
    pg::ServerInterrupts interrupts;
    pg::Catalogue catalogue(fcinfo);
    return pg::return_text(pg::derive_down_script(catalogue, revision, interrupts));
}

PGM_FUNCTION(migrate_verify)
{
    const pg::Arguments arguments(fcinfo);
    pg::RunRequest request;
    request.target = arguments.required_text(0, "target");
    request.schema = arguments.name(1);
    pg::ServerInterrupts interrupts;
    pg::ResultSet result(fcinfo);
    pg::Catalogue catalogue(fcinfo);
    pg::Verification(catalogue, interrupts).run(request, [&](const pg::VerifiedRevision &each) {
        const pg::MemoryScope memory;
        pg::Values row;
        row.text(each.revision).boolean(each.up).boolean(each.down).boolean(each.identical);
        row.text_or_null(each.difference);
        result.add(row);
    });
    return result.finish();
}

PGM_FUNCTION(migrate_check)
{
    const pg::Arguments arguments(fcinfo);
    pg::ModelRequest request;
    request.ddl = arguments.text(0);
    request.schema = arguments.name(1);
    request.schemas = arguments.text(2);
    pg::ServerInterrupts interrupts;
    pg::ResultSet result(fcinfo);
    const pg::Catalogue catalogue(fcinfo);
    return add_differences(result, pg::check_model(request, interrupts));
}

PGM_FUNCTION(migrate_drift)
{
    const pg::Arguments arguments(fcinfo);
    pg::ServerInterrupts interrupts;
    pg::ResultSet result(fcinfo);
    pg::Catalogue catalogue(fcinfo);
    return add_differences(result, pg::find_drift(catalogue, arguments.name(0), interrupts));
}

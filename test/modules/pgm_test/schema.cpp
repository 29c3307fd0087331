// SPDX-License-Identifier: PostgreSQL

// Snapshots of schemas, and what leads from one to another.

#include "model/diff.hpp"
#include "model/text.hpp"
#include "pg/schema_reader.hpp"
#include "pg/values.hpp"

using namespace pgmigrate;

namespace
{

std::string name_of(const model::Object &object)
{
    return model::cat(model::info(object.kind).name, " ", object.identity);
}

} // namespace

PGM_FUNCTION(pgm_test_snapshot)
{
    const pg::SchemaScope scope =
        PG_ARGISNULL(0) ? pg::whole_database() : pg::schemas_named(pg::text_array_of(PG_GETARG_DATUM(0)));
    return pg::return_bytes(model::encode(pg::read_schema(scope)));
}

PGM_FUNCTION(pgm_test_diff)
{
    const model::Snapshot was = model::decode(pg::bytes_of(PG_GETARG_DATUM(0)));
    const model::Snapshot is = model::decode(pg::bytes_of(PG_GETARG_DATUM(1)));
    pg::ServerInterrupts interrupts;
    return pg::return_text(model::render(model::diff(was, is, {.online = PG_GETARG_BOOL(2)}, interrupts)));
}

PGM_FUNCTION(pgm_test_objects)
{
    const model::Snapshot snapshot = model::decode(pg::bytes_of(PG_GETARG_DATUM(0)));
    pg::ResultSet result(fcinfo);
    for (const model::Object &object : snapshot.objects())
        for (const model::Attribute &attribute : object.attributes) {
            pg::Values row;
            row.text(model::info(object.kind).name).text(object.identity).text_or_null(object.parent);
            row.integer(object.position).text(attribute.name);
            row.text(attribute.list.empty() ? attribute.text : model::cat("{", model::join(attribute.list, ", "), "}"));
            result.add(row);
        }
    return result.finish();
}

PGM_FUNCTION(pgm_test_needs)
{
    const model::Snapshot snapshot = model::decode(pg::bytes_of(PG_GETARG_DATUM(0)));
    pg::ResultSet result(fcinfo);
    for (const model::Object &object : snapshot.objects())
        for (const model::Need &need : object.needs) {
            pg::Values row;
            row.text(name_of(object)).text(name_of(snapshot[need.object])).text(std::string(1, need.type));
            result.add(row);
        }
    return result.finish();
}

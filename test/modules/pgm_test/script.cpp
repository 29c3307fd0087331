// SPDX-License-Identifier: PostgreSQL
#include "pg/script.hpp"

#include "pg/sql_reader.hpp"
#include "pg/values.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
}

namespace
{

using namespace pgmigrate;

const char *describe(pg::RoleChange change)
{
    switch (change) {
    case pg::RoleChange::none:
        return "";
    case pg::RoleChange::set:
        return "set";
    case pg::RoleChange::reset:
        return "reset";
    }
    return "?";
}

std::string joined(const std::vector<std::string> &names)
{
    std::string all;
    for (const std::string &name : names)
        all += all.empty() ? name : ", " + name;
    return all;
}

// Nulls are kept, unlike by pg::text_array_of().
std::vector<pg::ChecksumPart> parts_of(Datum array)
{
    Datum *values = nullptr;
    bool *nulls = nullptr;
    int count = 0;
    pg::call([&] {
        deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, &count);
    });
    std::vector<pg::ChecksumPart> parts;
    for (int index = 0; index < count; ++index) {
        pg::ChecksumPart &part = parts.emplace_back();
        part.is_script = true;
        if (!nulls[index])
            part.text = pg::text_of(values[index]);
    }
    return parts;
}

} // namespace

PGM_FUNCTION(pgm_test_parse)
{
    const pg::Arguments arguments(fcinfo);
    const std::string script = *arguments.text(0);
    const std::string revision = *arguments.text(1);
    const std::string direction = *arguments.text(2);
    pg::ResultSet rows(fcinfo);
    for (const pg::ScriptStatement &statement : pg::parse_script(script, {revision, direction})) {
        pg::Values row;
        row.integer(static_cast<std::int32_t>(statement.offset)).integer(static_cast<std::int32_t>(statement.length));
        row.integer(statement.line).boolean(statement.transactional).text(statement.command);
        row.text_or_null(describe(statement.role_change)).text_or_null(statement.role);
        std::vector<std::string> colons;
        for (const std::size_t colon : statement.colons)
            colons.push_back(std::to_string(colon));
        rows.add(row.text_or_null(joined(colons)));
    }
    return rows.finish();
}

PGM_FUNCTION(pgm_test_count)
{
    const pg::Arguments arguments(fcinfo);
    return Int64GetDatum(static_cast<std::int64_t>(pg::parse_script(*arguments.text(0), {"", "up"}).size()));
}

PGM_FUNCTION(pgm_test_normalize)
{
    const pg::Arguments arguments(fcinfo);
    const pg::NormalizedScript normalized = pg::normalize_script(*arguments.text(0), {"27c6a30d7c24", "up"});
    pg::ResultSet rows(fcinfo);
    pg::Values row;
    rows.add(row.text(normalized.text).boolean(normalized.unwrapped));
    return rows.finish();
}

PGM_FUNCTION(pgm_test_checksum)
{
    return pg::return_text(pg::checksum(parts_of(fcinfo->args[0].value)));
}

PGM_FUNCTION(pgm_test_checksum_of_bytes)
{
    const pg::Arguments arguments(fcinfo);
    return pg::return_text(pg::checksum({pg::ChecksumPart{arguments.text(0), false}}));
}

PGM_FUNCTION(pgm_test_read_file)
{
    const pg::Arguments arguments(fcinfo);
    pg::ServerSqlReader reader;
    const std::vector<files::RevisionCall> calls = reader.revision_calls({*arguments.text(0), *arguments.text(1)});
    pg::ResultSet rows(fcinfo);
    for (const files::RevisionCall &call : calls) {
        pg::Values row;
        row.integer(call.line);
        for (const files::RevisionParameter &parameter : files::revision_parameters)
            row.text(call.*parameter.value);
        rows.add(row);
    }
    return rows.finish();
}

// SPDX-License-Identifier: PostgreSQL

// Models in scratch databases: what is done there is a query, a count of bytes, or an error.

#include "pg/scratch.hpp"

#include "pg/scopes.hpp"
#include "pg/spi.hpp"
#include "pg/values.hpp"

#include <span>

extern "C" {
PGM_EXPORT void pgm_test_scratch_loader(Datum argument);
}

using namespace pgmigrate;

namespace
{

// The first column of all rows, line by line.
std::string query(const std::string &sql)
{
    const pg::SpiConnection spi;
    const char *text = sql.c_str();
    pg::call([&] { SPI_execute(text, false, 0); });
    std::string lines;
    for (std::uint64_t row = 0; row < SPI_processed; ++row) {
        const char *value = pg::call([&] { return SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, 1); });
        lines += lines.empty() ? "" : "\n";
        lines += value == nullptr ? "" : value;
    }
    return lines;
}

// So many bytes, all values among them.
std::string bytes(const std::string &count)
{
    std::string result(std::stoul(count), '\0');
    for (std::size_t index = 0; index < result.size(); ++index)
        result[index] = static_cast<char>(index * 7 % 251);
    return result;
}

constexpr pg::ScratchTask tasks[] = {{"query", query}, {"bytes", bytes}};
constexpr pg::ScratchWorkers workers{{"pg_migrate", "pgm_scratch_keeper_main"},
                                     {"pgm_test", "pgm_test_scratch_loader"}};

void perform(pg::WorkerSession &session)
{
    pg::load_model(session, tasks);
}

} // namespace

void pgm_test_scratch_loader(Datum argument)
{
    pg::run_worker(argument, perform);
}

PGM_FUNCTION(pgm_test_scratch)
{
    const pg::Arguments arguments(fcinfo);
    const std::string ddl = arguments.required_text(0, "ddl");
    const std::string sql = arguments.required_text(1, "query");
    return pg::return_text(pg::in_scratch_database(pg::read_model(ddl), tasks[0], sql, workers));
}

// Whether the bytes that were asked for have come.
PGM_FUNCTION(pgm_test_scratch_bytes)
{
    const std::string count = pg::Arguments(fcinfo).required_text(0, "count");
    return BoolGetDatum(pg::in_scratch_database({}, tasks[1], count, workers) == bytes(count));
}

PGM_FUNCTION(pgm_test_scratch_unknown_task)
{
    constexpr pg::ScratchTask unknown{"nothing", query};
    return pg::return_text(
        pg::in_scratch_database(pg::read_model(pg::Arguments(fcinfo).required_text(0, "ddl")), unknown, {}, workers));
}

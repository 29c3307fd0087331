// SPDX-License-Identifier: PostgreSQL
#include "pg/in_doubt.hpp"

#include "pg/spi.hpp"
#include "pg/values.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
}

namespace
{

using namespace pgmigrate;

std::vector<Oid> oids_of(Datum array)
{
    Datum *values = nullptr;
    int count = 0;
    pg::call([&] {
        deconstruct_array(DatumGetArrayTypeP(array), OIDOID, sizeof(Oid), true, TYPALIGN_INT, &values, nullptr, &count);
    });
    std::vector<Oid> oids;
    for (int index = 0; index < count; ++index)
        oids.push_back(DatumGetObjectId(values[index]));
    return oids;
}

const char *describe(pg::Action action)
{
    switch (action) {
    case pg::Action::run:
        return "run";
    case pg::Action::adopt:
        return "adopt";
    case pg::Action::stop:
        return "stop";
    }
    return "?";
}

// Its rows are made when the connection to SPI is closed, which would free them.
template <class Judge>
auto judge(FunctionCallInfo fcinfo, Judge judge)
{
    const pg::SpiConnection spi;
    const pg::Arguments arguments(fcinfo);
    return judge(*arguments.text(0));
}

Datum rows_of(FunctionCallInfo fcinfo, const pg::Advice &advice)
{
    pg::ResultSet rows(fcinfo);
    pg::Values row;
    row.text(describe(advice.action)).text_array(advice.first).text_or_null(advice.instead);
    rows.add(row.text_or_null(advice.notice).text_or_null(advice.detail));
    return rows.finish();
}

} // namespace

PGM_FUNCTION(pgm_test_objects_before)
{
    const auto objects = judge(fcinfo, [](const std::string &sql) { return pg::objects_before(sql); });
    pg::ResultSet rows(fcinfo, pg::ResultSet::Shape::scalars);
    for (const Oid object : objects) {
        pg::Values row;
        rows.add(row.oid(object));
    }
    return rows.finish();
}

PGM_FUNCTION(pgm_test_relation_to_lock)
{
    return ObjectIdGetDatum(judge(fcinfo, [](const std::string &sql) { return pg::relation_to_lock(sql); }));
}

PGM_FUNCTION(pgm_test_advise_before)
{
    return rows_of(fcinfo, judge(fcinfo, [](const std::string &sql) { return pg::advise_before(sql); }));
}

PGM_FUNCTION(pgm_test_advise_in_doubt)
{
    const std::vector<Oid> before = oids_of(fcinfo->args[1].value);
    return rows_of(fcinfo, judge(fcinfo, [&](const std::string &sql) { return pg::advise_in_doubt(sql, before); }));
}

PGM_FUNCTION(pgm_test_clean_up)
{
    const std::vector<Oid> before = oids_of(fcinfo->args[1].value);
    const auto statements = judge(fcinfo, [&](const std::string &sql) { return pg::clean_up(sql, before); });
    pg::ResultSet rows(fcinfo, pg::ResultSet::Shape::scalars);
    for (const std::string &statement : statements) {
        pg::Values row;
        rows.add(row.text(statement));
    }
    return rows.finish();
}

PGM_FUNCTION(pgm_test_left_half_done)
{
    const std::vector<Oid> before = oids_of(fcinfo->args[1].value);
    const auto left = judge(fcinfo, [&](const std::string &sql) { return pg::left_half_done(sql, before); });
    return pg::call([&] { return CStringGetTextDatum(left.c_str()); });
}

// SPDX-License-Identifier: PostgreSQL
#include "pg/background.hpp"
#include "pg/values.hpp"

extern "C" {
#include "utils/timestamp.h"
}

using namespace pgmigrate;

PGM_FUNCTION(migrate_start)
{
    const pg::Arguments arguments(fcinfo);
    pg::RunRequest request;
    request.target = arguments.required_text(0, "target");
    request.direction = pg::direction_of(arguments.required_text(1, "direction"));
    request.tag = arguments.text(2);
    request.schema = arguments.name(3);
    pg::Catalogue catalogue(fcinfo);
    return Int64GetDatum(pg::Run(catalogue, "migrate_start()").start(request));
}

PGM_FUNCTION(migrate_wait)
{
    const pg::Arguments arguments(fcinfo);
    const std::int64_t run = arguments.required_bigint(0, "run");
    const std::optional<std::int64_t> timeout = arguments.interval_microseconds(1);
    pg::Catalogue catalogue(fcinfo);
    return pg::return_text(pg::wait_for_run(catalogue, run, timeout));
}

PGM_FUNCTION(migrate_cancel)
{
    const pg::Arguments arguments(fcinfo);
    const std::int64_t run = arguments.required_bigint(0, "run");
    pg::Catalogue catalogue(fcinfo);
    return BoolGetDatum(pg::cancel_run(catalogue, run));
}

PGM_FUNCTION(migrate_resolve)
{
    const pg::Arguments arguments(fcinfo);
    const std::string revision = arguments.required_text(0, "revision");
    const std::string action = arguments.required_text(1, "action");
    pg::Catalogue catalogue(fcinfo);
    pg::Run(catalogue, "migrate_resolve()").resolve(revision, action, arguments.name(2));
    return pg::return_text(revision);
}

// SPDX-License-Identifier: PostgreSQL

// What the doors between C++ and the server promise, provoked.

#include "pg/boundary.hpp"

#include "pg/spi.hpp"
#include "pg/values.hpp"

#include <new>
#include <stdexcept>
#include <string>

using namespace pgmigrate;

namespace
{

constinit int live_objects = 0;

class Counted
{
  public:
    Counted() { ++live_objects; }
    Counted(const Counted &) = delete;
    Counted &operator=(const Counted &) = delete;
    ~Counted() { --live_objects; }
};

void fail_in_the_server()
{
    pg::call([] {
        ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION), errmsg("a message"), errdetail("a detail"), errhint("a hint"),
                        errcontext("a context")));
    });
}

// Objects on every frame between the entry point and the server.
void descend(int depth)
{
    const Counted counted;
    if (depth == 0)
        fail_in_the_server();
    if (depth > 0)
        descend(depth - 1);
}

// A destructor whose call to the server fails.
class FailingCleanup
{
  public:
    FailingCleanup() = default;
    FailingCleanup(const FailingCleanup &) = delete;
    FailingCleanup &operator=(const FailingCleanup &) = delete;
    ~FailingCleanup()
    {
        pg::call_noexcept([] { ereport(ERROR, (errmsg("cleanup failed"))); });
    }
};

void throw_kind(const std::string &kind)
{
    const Counted counted;
    if (kind == "core")
        throw core::Error("MG999", "own message").detail("own detail").hint("own hint");
    if (kind == "runtime_error")
        throw std::runtime_error("a standard exception");
    if (kind == "bad_alloc")
        throw std::bad_alloc();
    if (kind == "string")
        throw std::string("a string");
    if (kind == "int")
        throw 42;
    if (kind == "odd_sqlstate")
        throw core::Error("way too long", "percent signs: %s %n %d");
}

} // namespace

PGM_FUNCTION(pgm_test_live_objects)
{
    return Int32GetDatum(live_objects);
}

PGM_FUNCTION(pgm_test_server_error)
{
    descend(DatumGetInt32(PG_GETARG_DATUM(0)));
    PG_RETURN_VOID();
}

// Runs a statement through SPI with objects alive on both sides of it.
PGM_FUNCTION(pgm_test_execute)
{
    const Counted before;
    const std::string sql = pg::Arguments(fcinfo).required_text(0, "sql");
    const pg::SpiConnection spi;
    const Counted after;
    const char *command = sql.c_str();
    pg::call([&] { SPI_execute(command, false, 0); });
    PG_RETURN_VOID();
}

PGM_FUNCTION(pgm_test_throw)
{
    throw_kind(pg::Arguments(fcinfo).required_text(0, "kind"));
    PG_RETURN_VOID();
}

PGM_FUNCTION(pgm_test_failing_cleanup)
{
    const FailingCleanup cleanup;
    if (pg::Arguments(fcinfo).boolean(0, false))
        fail_in_the_server();
    PG_RETURN_VOID();
}

// True when the stacks of the server are where they were after `rounds` errors that a rolled back subtransaction has
// ended.
PGM_FUNCTION(pgm_test_stacks_restored)
{
    const pg::boundary::SavedState before = pg::boundary::SavedState::take();
    for (int i = 0; i < DatumGetInt32(PG_GETARG_DATUM(0)); ++i) {
        try {
            descend(3);
        } catch (const pg::PgError &) {
            continue; // raised by nothing but ereport(): there is nothing to roll back
        }
    }
    const pg::boundary::SavedState after = pg::boundary::SavedState::take();
    return BoolGetDatum(before.exception_stack == after.exception_stack &&
                        before.context_stack == after.context_stack && before.memory_context == after.memory_context);
}

// SPDX-License-Identifier: PostgreSQL
#include "pg/scratch_leftovers.hpp"

#include "pg/spi.hpp"
#include "pg/transaction.hpp"

#include <vector>

extern "C" {
#include "access/xact.h"
#include "commands/dbcommands.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "utils/lsyscache.h" // from 19 on the home of get_database_name
#include "utils/wait_event.h"
}

namespace pgmigrate::pg
{

namespace
{

constexpr const char *activity = "pg_migrate: dropping a scratch database";
constexpr int most_attempts = 10;
constexpr long pause_milliseconds = 500;

// Known by name and mark together. What is being dropped already, and was interrupted, has them too.
constinit Query select_scratch_databases = {
    "SELECT d.datname, d.oid::pg_catalog.int8 FROM pg_catalog.pg_database AS d"
    " WHERE pg_catalog.starts_with(pg_catalog.shobj_description(d.oid, 'pg_database'), $1)",
    1,
    {TEXTOID},
    nullptr};

// A database with subscriptions cannot be dropped, and a subscription can only be dropped from within, where it may
// want to speak to its publisher. These have never been in touch with one: their rows are all there is.
constinit Query delete_subscriptions = {
    "WITH gone AS (DELETE FROM pg_catalog.pg_subscription AS s WHERE s.subdbid OPERATOR(pg_catalog.=) $1"
    " RETURNING s.oid),"
    " depend AS (DELETE FROM pg_catalog.pg_shdepend AS x USING gone WHERE x.dbid OPERATOR(pg_catalog.=) 0"
    " AND x.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_subscription'::pg_catalog.regclass"
    " AND x.objid OPERATOR(pg_catalog.=) gone.oid),"
    " comment AS (DELETE FROM pg_catalog.pg_shdescription AS x USING gone"
    " WHERE x.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_subscription'::pg_catalog.regclass"
    " AND x.objoid OPERATOR(pg_catalog.=) gone.oid),"
    " label AS (DELETE FROM pg_catalog.pg_shseclabel AS x USING gone"
    " WHERE x.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_subscription'::pg_catalog.regclass"
    " AND x.objoid OPERATOR(pg_catalog.=) gone.oid)"
    " SELECT gone.oid::pg_catalog.int8, CASE WHEN o.roname IS NOT NULL"
    " THEN pg_catalog.pg_replication_origin_drop(o.roname) END FROM gone LEFT JOIN pg_catalog.pg_replication_origin AS "
    "o"
    " ON o.roname OPERATOR(pg_catalog.=) ('pg_' OPERATOR(pg_catalog.||) gone.oid::pg_catalog.text)",
    1,
    {OIDOID},
    nullptr};

// Its owner may have made a template of it, which cannot be dropped.
constinit Query make_droppable = {
    "UPDATE pg_catalog.pg_database AS d SET datistemplate = false WHERE d.oid OPERATOR(pg_catalog.=) $1"
    " AND d.datistemplate",
    1,
    {OIDOID},
    nullptr};

// In the way of dropping it.
void clear(Oid database)
{
    Transaction transaction(activity);
    {
        const SpiConnection spi;
        Values parameters;
        parameters.oid(database);
        (void)run(make_droppable, parameters);
        const Rows rows = run(delete_subscriptions, parameters);
        for (std::uint64_t row = 0; row < rows.size(); ++row) {
            const auto subscription = static_cast<Oid>(rows.bigint(row, 1));
            call([&] { pgstat_drop_subscription(subscription); });
        }
    }
    transaction.commit();
}

// By its OID: the owner may have renamed it. False if it is there nevertheless: he has done so at this moment.
bool drop(Oid database)
{
    clear(database);
    {
        Transaction transaction(activity);
        call([&] {
            const bool missing_ok = true;
            const bool force = true;
            if (const char *name = get_database_name(database))
                dropdb(name, missing_ok, force);
        });
        transaction.commit();
    }
    Transaction transaction(activity);
    const bool gone = call([&] { return get_database_name(database) == nullptr; });
    transaction.commit();
    return gone;
}

void unlock(const ScratchName &name)
{
    const LOCKTAG tag = name.lock();
    call([&] {
        const bool session_lock = true;
        if (compat::lock_held_by_me(tag, ExclusiveLock))
            LockRelease(&tag, ExclusiveLock, session_lock);
    });
}

std::vector<ScratchDatabase> find_all()
{
    std::vector<ScratchDatabase> found;
    Transaction transaction(activity);
    {
        const SpiConnection spi;
        Values parameters;
        parameters.text(scratch_mark);
        const Rows rows = run(select_scratch_databases, parameters);
        for (std::uint64_t row = 0; row < rows.size(); ++row)
            if (const std::optional<ScratchName> name = ScratchName::parse(rows.text(row, 1)))
                found.push_back({*name, static_cast<Oid>(rows.bigint(row, 2))});
    }
    transaction.commit();
    return found;
}

void pause()
{
    call([] {
        (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, pause_milliseconds,
                        PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
    });
}

} // namespace

bool try_lock_scratch(const ScratchName &name)
{
    const LOCKTAG tag = name.lock();
    Transaction transaction(activity, Transaction::Snapshot::none);
    const bool locked = call([&] {
        const bool session_lock = true;
        const bool dont_wait = true;
        return LockAcquire(&tag, ExclusiveLock, session_lock, dont_wait) != LOCKACQUIRE_NOT_AVAIL;
    });
    transaction.commit();
    return locked;
}

void drop_scratch_database(const ScratchDatabase &database)
{
    for (int attempt = 1;; ++attempt) {
        try {
            if (drop(database.oid))
                break;
        } catch (const PgError &) {
            abort_transaction();
            if (attempt == most_attempts)
                throw;
        }
        pause();
        // An error has released it. If it is gone, somebody else has taken the database for left, and drops it.
        unlock(database.name);
        if (!try_lock_scratch(database.name))
            return;
    }
    unlock(database.name);
}

void drop_left_scratch_databases()
{
    for (const auto &[name, oid] : find_all()) {
        if (!try_lock_scratch(name))
            continue; // its maker is alive, or somebody else is at it
        try {
            (void)drop(oid);
        } catch (const PgError &error) {
            const std::string why = error.what();
            const bool interrupted = error.sqlstate().starts_with("57");
            abort_transaction();
            if (interrupted)
                throw;
            warning("the scratch database \"" + name.text() +
                        "\", which a crash has left, could not be dropped: " + why,
                    {}, "The next model that is loaded tries again.");
            continue;
        }
        unlock(name);
    }
}

} // namespace pgmigrate::pg

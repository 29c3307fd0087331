// SPDX-License-Identifier: PostgreSQL

// The worker that makes a scratch database and sees to it that it goes again.
//
// It is the only one of pg_migrate's processes with rights of its own, those of the bootstrap superuser, since the
// caller needs no right to create databases. So it does two things with them and nothing else, by the server's own
// functions and not by SQL, in which something of the caller's could be found; it never connects to the scratch
// database. What it does say in SQL (scratch_leftovers.cpp) is fixed, names every object by its schema, and is about
// the server's own catalogues.

#include "pg/scratch.hpp"

#include "pg/channel.hpp"
#include "pg/scratch_leftovers.hpp"
#include "pg/scratch_name.hpp"
#include "pg/transaction.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>

extern "C" {
#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "commands/comment.h"
#include "commands/dbcommands.h"
#include "commands/tablespace.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "parser/parse_node.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h" // die, StatementCancelHandler
#include "utils/guc.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"
}

namespace pgmigrate::pg
{

namespace
{

constexpr long look_milliseconds = 1000;

// From when the database is there: what ends other processes asks this one to clean up first.
constinit volatile std::sig_atomic_t told_to_stop = 0;
// To be started again by the postmaster.
constinit bool leaves_something = false;

void wake_up(SIGNAL_ARGS)
{
    const int saved = errno;
    SetLatch(MyLatch);
    errno = saved;
}

void stop(SIGNAL_ARGS)
{
    const int saved = errno;
    told_to_stop = 1;
    SetLatch(MyLatch);
    errno = saved;
}

// The postmaster starts a worker of this kind again after a crash of the server, which is wanted, and after FATAL (the
// database to connect to is gone), which is only wanted when something is left to be dropped. proc_exit() goes on with
// its other callbacks when it is called from within one.
void exit_as_done(int code, Datum)
{
    if (code == 1 && !leaves_something)
        proc_exit(0);
}

// What the caller's database prescribes for its sessions is not for this one.
void connect(Oid database)
{
    call([&] {
        BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, BGWORKER_BYPASS_ALLOWCONN);
        StartTransactionCommand();
        SetSessionAuthorization(BOOTSTRAP_SUPERUSERID, true);
        SetCurrentRoleId(InvalidOid, false);
        struct {
            const char *name;
            const char *value;
        } const settings[] = {
            {"search_path", "pg_catalog, pg_temp"},
            {"default_transaction_read_only", "off"},
            {"default_transaction_deferrable", "off"},
            {"default_transaction_isolation", "read committed"},
            {"synchronous_commit", "local"}, // no standby has to have it
            {"lock_timeout", "0"},
            {"statement_timeout", "0"},
            {"transaction_timeout", "0"},
            {"client_min_messages", "warning"},
            {"client_encoding", GetDatabaseEncodingName()},
            {"row_security", "on"},
        };
        for (const auto &setting : settings)
            if (compat::find_setting(setting.name) != nullptr)
                SetConfigOption(setting.name, setting.value, PGC_SUSET, PGC_S_SESSION);
        CommitTransactionCommand();
    });
    if (GetUserId() != BOOTSTRAP_SUPERUSERID)
        throw core::Error(core::sqlstate::internal_error, "the keeper of a scratch database has not got its rights");
}

DefElem *option(const char *name, Node *value)
{
    return makeDefElem(pstrdup(name), value, -1);
}

DefElem *option(const char *name, const char *value)
{
    return option(name, reinterpret_cast<Node *>(makeString(pstrdup(value))));
}

char *text_column(HeapTuple database, AttrNumber column)
{
    bool is_null = false;
    const Datum value = SysCacheGetAttr(DATABASEOID, database, column, &is_null);
    return is_null ? pstrdup("") : TextDatumGetCString(value);
}

// Inside call(): like the caller's database, as far as DDL could tell the difference. Null if that is gone.
CreatedbStmt *creation(const char *name, Oid owner)
{
    HeapTuple own = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(MyDatabaseId));
    if (!HeapTupleIsValid(own))
        return nullptr;
    const auto *form = reinterpret_cast<Form_pg_database>(GETSTRUCT(own));
    const compat::LocaleProvider provider = compat::locale_provider(form->datlocprovider);
    auto *statement = makeNode(CreatedbStmt);
    statement->dbname = pstrdup(name);
    List *options = list_make4(option("template", "template0"), option("owner", GetUserNameFromId(owner, false)),
                               option("strategy", "wal_log"), // without the checkpoints of the other
                               option("allow_connections", reinterpret_cast<Node *>(makeBoolean(false))));
    options = lappend(options, option("encoding", reinterpret_cast<Node *>(makeInteger(form->encoding))));
    options = lappend(options, option("lc_collate", text_column(own, Anum_pg_database_datcollate)));
    options = lappend(options, option("lc_ctype", text_column(own, Anum_pg_database_datctype)));
    options = lappend(options, option("locale_provider", provider.name));
    if (const char *locale = compat::database_locale(own))
        options = lappend(options, option(provider.locale_option, locale));
    if (const char *rules = compat::database_icu_rules(own))
        options = lappend(options, option("icu_rules", rules));
    if (char *tablespace = get_tablespace_name(form->dattablespace))
        options = lappend(options, option("tablespace", tablespace));
    statement->options = options;
    ReleaseSysCache(own);
    return statement;
}

// Inside call(). From here on no signal ends this process before it has cleaned up; one that has come already counts.
void stay_whatever_comes()
{
    pqsignal(SIGTERM, stop);
    pqsignal(SIGINT, wake_up);
    if (ProcDiePending)
        told_to_stop = 1;
    ProcDiePending = false;
    QueryCancelPending = false;
}

// Database and mark are committed together. Until then cancel and termination are obeyed, by createdb(), which removes
// its files then; behind it nothing must fail, since they would stay.
Oid make(const ScratchName &scratch, Oid owner)
{
    const std::string text = scratch.text();
    const char *name = text.c_str();
    Transaction transaction("pg_migrate: making a scratch database");
    if (call([&] { return GetUserNameFromId(owner, true) == nullptr; }))
        throw core::Error("42704", "the role that loads the model does not exist for other sessions")
            .hint("Commit the transaction that creates it first.");
    const Oid made = call([&] {
        const CreatedbStmt *statement = creation(name, owner);
        if (statement == nullptr)
            return InvalidOid;
        const char *comment = psprintf("%s of process %d, made at %s to load a model; it is dropped when that is done",
                                       scratch_mark, scratch.caller, timestamptz_to_str(GetCurrentTimestamp()));
        const Oid oid = createdb(make_parsestate(nullptr), statement);
        stay_whatever_comes();
        CommandCounterIncrement();
        CreateSharedComments(oid, DatabaseRelationId, comment);
        return oid;
    });
    if (!OidIsValid(made))
        throw core::Error(core::sqlstate::internal_error, "the database of the caller is gone");
    transaction.commit();
    return made;
}

bool is_over(const channel::Segment &segment)
{
    return told_to_stop != 0 || channel::caller_gone(segment) ||
           pg_atomic_read_u32(&segment.header->asked_to_finish) != 0;
}

void wait_for_end(const channel::Segment &segment)
{
    while (!is_over(segment))
        call([] {
            (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, look_milliseconds,
                            PG_WAIT_EXTENSION);
            ResetLatch(MyLatch);
            CHECK_FOR_INTERRUPTS();
        });
}

ScratchName take_name(int caller)
{
    ScratchName name;
    name.caller = caller;
    do {
        if (!call([&] { return pg_strong_random(&name.number, sizeof name.number); }))
            throw core::Error(core::sqlstate::internal_error, "could not generate a random number");
    } while (!try_lock_scratch(name));
    return name;
}

void keep(const channel::Segment &segment)
{
    channel::Header &header = *segment.header;
    const ScratchName name = take_name(header.caller_pid);
    header.made_database = make(name, header.caller.user);
    leaves_something = true;
    worker::tell_progress(segment, channel::Progress::connected);
    wait_for_end(segment);
    try {
        drop_scratch_database({name, header.made_database});
        leaves_something = false;
    } catch (const PgError &error) {
        // What the caller has got is right nevertheless.
        const std::string why = error.what();
        abort_transaction();
        warning("the scratch database \"" + name.text() + "\" could not be dropped: " + why, {},
                "It is tried again in some seconds, and by the next model that is loaded.");
    }
    worker::tell_progress(segment, channel::Progress::finished);
}

// Without a caller (he has ended already, or the server has crashed since) only the left-overs of others are dropped.
void live(Datum argument) noexcept
{
    channel::Segment segment{};
    try {
        const bool attached = call([&] {
            pqsignal(SIGTERM, die);
            const bool success = worker::attach(argument, segment);
            worker::release_locks_at_exit();
            BackgroundWorkerUnblockSignals();
            return success;
        });
        Oid database = InvalidOid;
        std::memcpy(&database, MyBgworkerEntry->bgw_extra, sizeof database);
        connect(database);
        drop_left_scratch_databases();
        if (attached && !channel::caller_gone(segment))
            keep(segment);
    } catch (...) {
        worker::report_current_exception();
    }
    call_noexcept([] { channel::deliver_messages(); });
}

} // namespace

void run_scratch_keeper(Datum argument)
{
    boundary::set_error_home(TopMemoryContext);
    call_noexcept([] { on_proc_exit(exit_as_done, 0); });
    live(argument);
    proc_exit(leaves_something ? 1 : 0);
}

} // namespace pgmigrate::pg

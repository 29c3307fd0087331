// SPDX-License-Identifier: PostgreSQL
#include "pg/transaction.hpp"

#include "pg/catalogue.hpp" // set_script_running
#include "pg/scopes.hpp"

extern "C" {
#include "access/xact.h"
#include "access/xlog.h" // RecoveryInProgress
#include "executor/executor.h"
#include "miscadmin.h"
#include "parser/analyze.h"
#include "pgstat.h"
#include "tcop/dest.h"
#include "tcop/pquery.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"
}

namespace pgmigrate::pg
{

namespace
{

// Inside call(): the steps of exec_simple_query() for a text of one statement.
void execute(const char *sql, MemoryContext memory)
{
    StartTransactionCommand();
    MemoryContextSwitchTo(memory); // outlives the transactions that the statement ends
    auto *raw = static_cast<RawStmt *>(linitial(pg_parse_query(sql)));
    const bool needs_snapshot = analyze_requires_snapshot(raw);
    if (needs_snapshot)
        PushActiveSnapshot(GetTransactionSnapshot());
    List *queries = pg_analyze_and_rewrite_fixedparams(raw, sql, nullptr, 0, nullptr);
    List *plans = pg_plan_queries(queries, sql, CURSOR_OPT_PARALLEL_OK, nullptr);
    if (needs_snapshot)
        PopActiveSnapshot();
    CHECK_FOR_INTERRUPTS();
    Portal portal = CreatePortal("", true, true);
    portal->visible = false;
    PortalDefineQuery(portal, nullptr, sql, CreateCommandTag(raw->stmt), plans, nullptr);
    PortalStart(portal, nullptr, 0, InvalidSnapshot);
    DestReceiver *nobody = CreateDestReceiver(DestNone);
    compat::run_portal(portal, nobody);
    PortalDrop(portal, false);
    CommitTransactionCommand();
}

// Inside call(). Where a statement has begun a transaction block, it goes on.
void report_idle()
{
    const bool in_block = IsTransactionOrTransactionBlock();
    pgstat_report_activity(in_block ? STATE_IDLEINTRANSACTION : STATE_IDLE, nullptr);
    if (!in_block)
        pgstat_report_stat(false);
}

// Inside call(). A setting of this context cannot be set by anybody.
void set_context_of_roles(GucContext context)
{
    for (const char *name : {"role", "session_authorization"})
        if (config_generic *setting = compat::find_setting(name))
            setting->context = context;
}

// The role, as long as the object lives. SetCurrentRoleId() is what SET ROLE comes down to.
class RoleScope
{
  public:
    RoleScope(const Role &role, const SessionRoles &session, bool discards) : session_(session), discards_(discards)
    {
        call([&] {
            if (discards)
                set_context_of_roles(PGC_USERSET);
            SetCurrentRoleId(role.oid, role.superuser);
        });
    }
    RoleScope(const RoleScope &) = delete;
    RoleScope &operator=(const RoleScope &) = delete;
    ~RoleScope()
    {
        call_noexcept([&] {
            SetSessionAuthorization(session_.session_user.oid, session_.session_user.superuser);
            SetCurrentRoleId(session_.current_user.oid, session_.current_user.superuser);
            if (discards_)
                set_context_of_roles(PGC_INTERNAL);
        });
    }

  private:
    SessionRoles session_;
    bool discards_;
};

class RunningScript
{
  public:
    RunningScript() { set_script_running(true); }
    RunningScript(const RunningScript &) = delete;
    RunningScript &operator=(const RunningScript &) = delete;
    ~RunningScript() { set_script_running(false); }
};

} // namespace

Transaction::Transaction(const std::string &activity, Snapshot snapshot, Isolation isolation)
    : has_snapshot_(snapshot == Snapshot::taken)
{
    const char *shown = activity.c_str();
    call([&] {
        SetCurrentStatementStartTimestamp();
        pgstat_report_activity(STATE_RUNNING, shown);
        StartTransactionCommand();
        // Whatever default a script has set: what is written down here is about it, not part of it.
        if (!RecoveryInProgress())
            XactReadOnly = false;
        if (isolation == Isolation::read_committed) {
            XactIsoLevel = XACT_READ_COMMITTED;
            XactDeferrable = false;
        }
        if (has_snapshot_)
            PushActiveSnapshot(GetTransactionSnapshot());
    });
    open_ = true;
}

Transaction::~Transaction()
{
    if (open_)
        abort_transaction();
}

void Transaction::commit()
{
    call([&] {
        if (has_snapshot_)
            PopActiveSnapshot();
        CommitTransactionCommand();
        report_idle();
    });
    open_ = false;
}

Role role_of(Oid oid)
{
    return {oid, call([&] { return superuser_arg(oid); })};
}

void fix_roles()
{
    call([] { set_context_of_roles(PGC_INTERNAL); });
}

void run_alone(const std::string &sql, const Role &role, const SessionRoles &session, bool discards)
{
    MemoryContextSwitchTo(TopMemoryContext);
    const RunningScript running;
    const RoleScope scope(role, session, discards);
    const MemoryScope memory;
    const char *text = sql.c_str();
    MemoryContext context = CurrentMemoryContext;
    try {
        call([&] {
            SetCurrentStatementStartTimestamp();
            debug_query_string = text;
            pgstat_report_activity(STATE_RUNNING, text);
            execute(text, context);
            report_idle();
            debug_query_string = nullptr;
        });
    } catch (PgError &error) {
        debug_query_string = nullptr;
        abort_transaction();
        // The position is one in this text, not in what the client has sent.
        if (error.data() != nullptr && error.data()->cursorpos > 0)
            error.set_internal_query(sql, error.data()->cursorpos);
        throw;
    }
    MemoryContextSwitchTo(context);
}

bool in_transaction_block()
{
    return IsTransactionBlock();
}

void abort_transaction() noexcept
{
    call_noexcept([] {
        AbortCurrentTransaction();
        pgstat_report_activity(STATE_IDLE, nullptr);
    });
}

} // namespace pgmigrate::pg

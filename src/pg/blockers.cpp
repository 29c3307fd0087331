// SPDX-License-Identifier: PostgreSQL
#include "pg/waiting.hpp"

#include "pg/locks.hpp"
#include "pg/pages.hpp"
#include "pg/scopes.hpp"

#include <algorithm>
#include <string>
#include <vector>

extern "C" {
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "tcop/tcopprot.h" // debug_query_string
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
}

namespace pgmigrate::pg
{

namespace
{

// In the words of the server's own messages; relations that this database knows by name.
std::string name_of(const LOCKTAG &tag)
{
    if (tag.locktag_type == LOCKTAG_OBJECT && tag.locktag_field1 == MyDatabaseId) {
        if (tag.locktag_field4 == runner_sub_id || tag.locktag_field4 == turn_sub_id)
            return "a version line";
        if (tag.locktag_field4 == author_sub_id)
            return "the revisions";
    }
    return call([&]() -> const char * {
        const bool here = tag.locktag_field1 == MyDatabaseId || tag.locktag_field1 == InvalidOid; // or shared
        if (tag.locktag_type == LOCKTAG_RELATION && here) {
            const char *relation = get_rel_name(tag.locktag_field2);
            const char *schema = relation ? get_namespace_name(get_rel_namespace(tag.locktag_field2)) : nullptr;
            if (schema != nullptr)
                return psprintf("relation %s", quote_qualified_identifier(schema, relation));
        }
        StringInfoData text;
        initStringInfo(&text);
        DescribeLockTag(&text, &tag);
        return text.data;
    });
}

std::string mode_name(const LOCKTAG &tag, LOCKMODE mode)
{
    return call([&] { return GetLockmodeName(tag.locktag_lockmethodid, mode); });
}

// The strongest mode of the mask.
LOCKMODE strongest(LOCKMASK mask)
{
    LOCKMODE mode = MaxLockMode;
    while (mode > NoLock && (mask & LOCKBIT_ON(mode)) == 0)
        --mode;
    return mode;
}

} // namespace

std::string describe_lock(const LOCKTAG &tag, LOCKMODE mode)
{
    return mode_name(tag, mode) + " on " + name_of(tag);
}

std::string describe_held(const LOCKTAG &tag, LOCKMASK held)
{
    return describe_lock(tag, strongest(held));
}

namespace
{

// The first lock on a relation that this backend holds and that is stronger than those of a query, as text.
std::string lock_stronger_than_of_a_query()
{
    const MemoryScope memory;
    const LockData *data = call([] { return GetLockStatusData(); });
    for (int i = 0; i < data->nelements; ++i) {
        const LockInstanceData &lock = data->locks[i];
        const LOCKMODE mode = strongest(lock.holdMask);
        if (lock.pid == MyProcPid && lock.locktag.locktag_type == LOCKTAG_RELATION && mode > RowShareLock)
            return describe_lock(lock.locktag, mode);
    }
    return {};
}

core::Error obstacle(const std::string &detail, const std::string &hint)
{
    return core::Error(core::sqlstate::active_sql_transaction,
                       "cannot wait here for a migration that runs statements outside transactions")
        .detail(detail)
        .hint(hint);
}

// How long a chain of blocked processes may take to dissolve by itself: several times as long as a session that waits
// goes without looking.
constexpr std::int64_t patience_microseconds = 3000000;

std::vector<int> blockers_of(int pid)
{
    const MemoryScope memory;
    Datum *items = nullptr;
    int count = 0;
    call([&] {
        const Datum array = DirectFunctionCall1(pg_blocking_pids, Int32GetDatum(pid));
        bool *nulls = nullptr;
        deconstruct_array(DatumGetArrayTypeP(array), INT4OID, sizeof(int32), true, TYPALIGN_INT, &items, &nulls,
                          &count);
    });
    std::vector<int> pids;
    for (int i = 0; i < count; ++i)
        pids.push_back(DatumGetInt32(items[i]));
    return pids;
}

// Processes of which each waits for the next, and the last one for this backend; empty when there is no such chain.
struct Chain {
    std::vector<int> pids;
    bool for_page = false; // what the last one waits for is a page that this backend may use, and no lock
};

// From `pid`; `pages`: one that waits for a page counts.
Chain chain_to_this_backend(int pid, bool pages)
{
    struct Found {
        int pid;
        std::size_t from;
    };
    std::vector<Found> found{{pid, 0}};
    const auto chain_to = [&](std::size_t at) {
        std::vector<int> chain;
        for (std::size_t i = at; i != 0; i = found[i].from)
            chain.push_back(found[i].pid);
        chain.push_back(pid);
        std::reverse(chain.begin(), chain.end());
        return chain;
    };
    for (std::size_t at = 0; at < found.size(); ++at) {
        for (const int blocker : blockers_of(found[at].pid)) {
            if (blocker == MyProcPid)
                return {chain_to(at), false};
            const bool known =
                std::any_of(found.begin(), found.end(), [&](const Found &f) { return f.pid == blocker; });
            // A prepared transaction has no process and waits for nobody.
            if (!known && blocker != 0)
                found.push_back({blocker, at});
        }
        if (pages && waits_for_page(found[at].pid) && !relation_in_use().empty())
            return {chain_to(at), true};
    }
    return {};
}

// The lock that the process waits for, as text; empty when it does not wait any more.
std::string awaited_by(int pid)
{
    const MemoryScope memory;
    const LockData *data = call([] { return GetLockStatusData(); });
    for (int i = 0; i < data->nelements; ++i) {
        const LockInstanceData &lock = data->locks[i];
        // Members of a lock group wait for each other's blockers.
        if ((lock.pid == pid || lock.leaderPid == pid) && lock.waitLockMode != NoLock)
            return describe_lock(lock.locktag, lock.waitLockMode);
    }
    return {};
}

// Throws, unless a process of the chain has gone on since it was found.
void refuse_chain(const Chain &chain)
{
    if (chain.pids.empty())
        return;
    std::string detail;
    for (std::size_t i = 0; i < chain.pids.size(); ++i) {
        const bool last = i + 1 == chain.pids.size();
        detail += (detail.empty() ? "Process " : "\nProcess ") + std::to_string(chain.pids[i]) + " waits for ";
        if (last && chain.for_page) {
            const std::string in_use = relation_in_use();
            if (in_use.empty() || !waits_for_page(chain.pids[i]))
                return;
            detail += "a page that others use; this session has " + in_use + ".";
            continue;
        }
        const std::string lock = awaited_by(chain.pids[i]);
        if (lock.empty())
            return;
        const int blocker = last ? MyProcPid : chain.pids[i + 1];
        detail += lock + "; blocked by process " + std::to_string(blocker) + (last ? ", this session." : ".");
    }
    throw core::Error(core::sqlstate::object_in_use, chain.for_page
                                                         ? "the migration waits for a page that this session uses"
                                                         : "the migration waits for a lock that this session holds")
        .detail(detail)
        .hint("Call it by itself, in a statement that reads nothing else and in a session that holds no locks.");
}

// Does the text that the client has sent hold several statements? The server runs them in one transaction block, of
// which nobody has asked for, and tells it from one that BEGIN has begun nowhere but here.
bool shares_query_string()
{
    const char *text = debug_query_string;
    if (text == nullptr)
        return false;
    const MemoryScope memory;
    return call([&] {
        const List *statements = raw_parser(text, RAW_PARSE_DEFAULT);
        const ListCell *cell = nullptr;
        foreach (cell, statements)
            if (IsA(lfirst_node(RawStmt, cell)->stmt, TransactionStmt))
                return false;
        return list_length(statements) > 1;
    });
}

core::Error transaction_block()
{
    if (shares_query_string())
        return obstacle("The query string holds other statements too, and the server makes one transaction block of "
                        "them.",
                        "Send the call in a query string of its own (with psql: in a -c of its own).");
    return obstacle("The session is in a transaction block, whose snapshot the server would wait for.",
                    "Commit or roll back, then call it by itself and with autocommit on: drivers begin a transaction "
                    "block unasked while it is off.");
}

} // namespace

std::optional<core::Error> obstacle_to_waiting()
{
    if (call([] { return IsSubTransaction(); }))
        return obstacle("The call is in a subtransaction: after a SAVEPOINT, as drivers and psql set them unasked "
                        "(autosave, ON_ERROR_ROLLBACK), or in a block with an EXCEPTION clause.",
                        "Commit or roll back, then call it by itself and with autocommit on, and not from within such "
                        "a block.");
    if (call([] { return IsTransactionBlock(); }))
        return transaction_block();
    if ((MyXactFlags & XACT_FLAGS_PIPELINING) != 0)
        return obstacle("The call is in a pipeline, behind other statements of the same transaction.",
                        "Send it by itself, or first behind a Sync. JDBC makes a pipeline of the statements of one "
                        "string, and of a batch.");
    if (IsolationUsesXactSnapshot())
        return obstacle("The transaction isolation level is not READ COMMITTED.",
                        "SET default_transaction_isolation = 'read committed'.");
    if (TransactionIdIsValid(GetTopTransactionIdIfAny()))
        return obstacle("The statement has written already, and what it has written is waited for until it ends.",
                        "Call it by itself, in a statement of its own.");
    if (const std::string held = lock_stronger_than_of_a_query(); !held.empty())
        return obstacle("The session holds " + held + ", which a statement of the migration may wait for.",
                        "Release it first, and call it by itself, with autocommit on.");
    return std::nullopt;
}

bool waits_for_this_backend(int pid)
{
    return !chain_to_this_backend(pid, false).pids.empty();
}

void refuse_self_block(int pid)
{
    refuse_chain(chain_to_this_backend(pid, false));
}

void SelfBlockWatch::check(const std::vector<int> &pids)
{
    bool blocked = false;
    for (const int pid : pids) {
        const Chain chain = chain_to_this_backend(pid, true);
        if (chain.pids.empty())
            continue;
        blocked = true;
        const std::int64_t now = GetCurrentTimestamp();
        if (since_ == 0)
            since_ = now;
        if ((chain.pids.size() == 1 && !chain.for_page) || now - since_ > patience_microseconds)
            refuse_chain(chain);
    }
    if (!blocked)
        since_ = 0;
}

} // namespace pgmigrate::pg

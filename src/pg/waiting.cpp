// SPDX-License-Identifier: PostgreSQL
#include "pg/waiting.hpp"

#include "pg/scopes.hpp"

#include <algorithm>
#include <cstdint>

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "commands/progress.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
}

namespace pgmigrate::pg
{

namespace
{

// What matters of a row of pg_index.
struct IndexRow {
    Oid index;
    Oid table;
    TransactionId written_by; // the transaction that has left the row so
    bool updated;             // CREATE INDEX inserts a row that is valid; CONCURRENTLY makes one valid that is there
    bool valid;
    bool hidden;   // from snapshots older than the row
    bool in_build; // maintained by all who write, read by nobody yet
    bool changing; // by a transaction that the snapshot does not see
};

// The update of a tuple, done by a transaction that is running or that has committed.
bool is_being_updated(HeapTupleHeader header)
{
    if ((header->t_infomask & HEAP_XMAX_INVALID) != 0 || HEAP_XMAX_IS_LOCKED_ONLY(header->t_infomask))
        return false;
    const TransactionId updater = HeapTupleHeaderGetUpdateXid(header);
    return TransactionIdIsInProgress(updater) || TransactionIdDidCommit(updater);
}

// The indexes of the database, as of now.
class IndexRows
{
  public:
    IndexRows() : relation_(call([] { return table_open(IndexRelationId, AccessShareLock); }))
    {
        const Snapshot snapshot = latest_.get();
        scan_ = call([&] { return systable_beginscan(relation_, InvalidOid, false, snapshot, 0, nullptr); });
    }
    IndexRows(const IndexRows &) = delete;
    IndexRows &operator=(const IndexRows &) = delete;
    ~IndexRows()
    {
        call_noexcept([&] {
            if (scan_ != nullptr)
                systable_endscan(scan_);
            table_close(relation_, AccessShareLock);
        });
    }

    bool next(IndexRow &row)
    {
        return call([&] {
            CHECK_FOR_INTERRUPTS();
            HeapTuple tuple = systable_getnext(scan_);
            if (!HeapTupleIsValid(tuple))
                return false;
            const auto *form = reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple));
            row.index = form->indexrelid;
            row.table = form->indrelid;
            row.written_by = HeapTupleHeaderGetXmin(tuple->t_data);
            row.updated = (tuple->t_data->t_infomask & HEAP_UPDATED) != 0;
            row.valid = form->indisvalid;
            row.hidden = form->indcheckxmin;
            row.in_build = form->indislive && form->indisready && !form->indisvalid;
            row.changing = row.in_build && is_being_updated(tuple->t_data);
            return true;
        });
    }

  private:
    LatestSnapshot latest_;
    Relation relation_;
    SysScanDesc scan_ = nullptr;
};

// The transaction has its id since `horizon`; a frozen row has none any more.
bool is_since(TransactionId id, TransactionId horizon)
{
    return TransactionIdIsNormal(id) && !TransactionIdPrecedes(id, horizon);
}

std::vector<Oid> valid_indexes()
{
    std::vector<Oid> indexes;
    IndexRows rows;
    for (IndexRow row; rows.next(row);)
        if (row.valid)
            indexes.push_back(row.index);
    std::sort(indexes.begin(), indexes.end());
    return indexes;
}

// The tables of this database that other processes hold as a concurrent index build does.
std::vector<Oid> tables_under_maintenance()
{
    const MemoryScope memory;
    const LockData *data = call([] { return GetLockStatusData(); });
    std::vector<Oid> tables;
    for (int i = 0; i < data->nelements; ++i) {
        const LockInstanceData &lock = data->locks[i];
        if (lock.locktag.locktag_type == LOCKTAG_RELATION && lock.locktag.locktag_field1 == MyDatabaseId &&
            lock.pid != MyProcPid && (lock.holdMask & LOCKBIT_ON(ShareUpdateExclusiveLock)) != 0)
            tables.push_back(lock.locktag.locktag_field2);
    }
    std::sort(tables.begin(), tables.end());
    return tables;
}

// The concurrent builds that report, now that the flag is off, not to have come to their wait for old snapshots: they
// take those of this backend into account. By the indexes, or, for one that has several to build and waits for none
// yet, by the table.
std::vector<Oid> builds_that_will_wait()
{
    std::vector<Oid> oids;
    const int count = call([] {
        pgstat_clear_backend_activity_snapshot();
        return pgstat_fetch_stat_numbackends();
    });
    for (int number = 1; number <= count; ++number) {
        const PgBackendStatus &backend = compat::backend_status(number);
        if (backend.st_databaseid != MyDatabaseId || backend.st_progress_command != PROGRESS_COMMAND_CREATE_INDEX)
            continue;
        const std::int64_t phase = backend.st_progress_param[PROGRESS_CREATEIDX_PHASE];
        // A report begins with no phase, also that of the second index of several.
        if (phase >= PROGRESS_CREATEIDX_PHASE_WAIT_1 && phase <= PROGRESS_CREATEIDX_PHASE_WAIT_2)
            oids.push_back(backend.st_progress_command_target);
        else if (phase >= PROGRESS_CREATEIDX_PHASE_VALIDATE_IDXSCAN && phase < PROGRESS_CREATEIDX_PHASE_WAIT_3)
            oids.push_back(static_cast<Oid>(backend.st_progress_param[PROGRESS_CREATEIDX_INDEX_OID]));
    }
    std::sort(oids.begin(), oids.end());
    return oids;
}

bool contains(const std::vector<Oid> &sorted, Oid oid)
{
    return std::binary_search(sorted.begin(), sorted.end(), oid);
}

// What matters of a table that an index is on.
struct TableFacts {
    bool exists;
    bool toast;             // there a value without its chunks is an error, never a wrong answer
    TransactionId inserted; // the transaction that has created it; invalid when that is not to be told
};

TableFacts facts_of_table(Oid table)
{
    return call([&] {
        HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
        if (!HeapTupleIsValid(tuple))
            return TableFacts{false, false, InvalidTransactionId};
        const auto *form = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
        const bool updated = (tuple->t_data->t_infomask & HEAP_UPDATED) != 0;
        const TableFacts facts{true, form->relkind == RELKIND_TOASTVALUE,
                               updated ? InvalidTransactionId : HeapTupleHeaderGetXmin(tuple->t_data)};
        ReleaseSysCache(tuple);
        return facts;
    });
}

core::Error unusable_index(Oid index, bool valid)
{
    const char *name = call([&] { return get_rel_name(index); });
    const std::string shown = name != nullptr ? "index \"" + std::string(name) + "\"" : "an index";
    return core::Error(core::sqlstate::serialization_failure,
                       shown + (valid ? " has become usable" : " is about to become usable") +
                           " while this statement was waiting")
        .detail("It was built while this session waited for a migration, and may lack rows that this statement still "
                "sees: what would be read through it could be wrong.")
        .hint("Run the statement again. What the migration has done remains.");
}

// The mark as such, on the row as it is under the lock.
void hide_index(Oid index, Oid table, TransactionId horizon)
{
    call([&] {
        // What a build of somebody else does to the row meanwhile would make the update fail.
        if (!ConditionalLockRelationOid(table, ShareUpdateExclusiveLock))
            return;
        Relation pg_index = table_open(IndexRelationId, RowExclusiveLock);
        HeapTuple tuple = SearchSysCacheCopy1(INDEXRELID, ObjectIdGetDatum(index));
        if (HeapTupleIsValid(tuple)) {
            auto *form = reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple));
            if (form->indisvalid && !form->indcheckxmin && is_since(HeapTupleHeaderGetXmin(tuple->t_data), horizon)) {
                form->indcheckxmin = true;
                CatalogTupleUpdate(pg_index, &tuple->t_self, tuple);
                CacheInvalidateRelcacheByRelid(table);
            }
        }
        table_close(pg_index, RowExclusiveLock);
    });
}

void set_flag(bool on)
{
    LWLockAcquire(ProcArrayLock, LW_EXCLUSIVE);
    if (on)
        MyProc->statusFlags |= PROC_IN_SAFE_IC;
    else
        MyProc->statusFlags &= static_cast<uint8>(~PROC_IN_SAFE_IC);
    ProcGlobal->statusFlags[MyProc->pgxactoff] = MyProc->statusFlags;
    LWLockRelease(ProcArrayLock);
}

} // namespace

// A build that passes over this backend makes its index valid after that, in a transaction that has no id yet: so what
// is valid before the flag is on has waited for the snapshots of this backend, or is older than they are.
SafeWait::SafeWait()
    : began_(call([] { return ReadNextTransactionId(); })), valid_before_(valid_indexes()),
      flagged_((MyProc->statusFlags & PROC_IN_SAFE_IC) == 0)
{
    if (!flagged_)
        return;
    call([] { set_flag(true); });
    try {
        // For the builds that have found the snapshot before the flag was on.
        unawaited_.emplace();
    } catch (...) {
        take_flag_off();
        throw;
    }
}

SafeWait::~SafeWait()
{
    take_flag_off();
}

void SafeWait::take_flag_off()
{
    // Builds that find the snapshot from now on wait for it, so the lock that they wait for has to be there first.
    unawaited_.reset();
    if (flagged_)
        call_noexcept([] { set_flag(false); });
    flagged_ = false;
}

// Not a table that has been created since the wait began: none of its rows is older.
bool SafeWait::could_be_read_wrongly(Oid table) const
{
    const TableFacts facts = facts_of_table(table);
    return facts.exists && !facts.toast && !is_since(facts.inserted, began_);
}

void SafeWait::finish()
{
    take_flag_off();
    // A build that has passed over this backend may have its last step before it, and what it has built would be used
    // by this very statement. It is recognized by the lock on its table, or, as it lets go of that lock before it
    // commits, by the row of the index that it has updated by then. Hence the locks first, then the rows.
    const std::vector<Oid> under_maintenance = tables_under_maintenance();
    const std::vector<Oid> will_wait = builds_that_will_wait();
    std::vector<TransactionId> hiders;
    {
        IndexRows rows;
        for (IndexRow row; rows.next(row);) {
            const bool built =
                row.valid && row.updated && is_since(row.written_by, began_) && !contains(valid_before_, row.index);
            const bool to_come = row.in_build && (row.changing || contains(under_maintenance, row.table)) &&
                                 !contains(will_wait, row.index) && !contains(will_wait, row.table);
            if (built && row.hidden)
                hiders.push_back(row.written_by);
            else if ((built || to_come) && could_be_read_wrongly(row.table))
                throw unusable_index(row.index, built);
        }
    }
    // A transaction is seen as committed a moment before its invalidations are sent; until they are in, the caches have
    // the index without the mark.
    for (const TransactionId hider : hiders)
        call([&] { XactLockTableWait(hider, nullptr, nullptr, XLTW_None); });
    call([] { AcceptInvalidationMessages(); });
}

void hide_new_indexes_from_old_snapshots(TransactionId horizon)
{
    std::vector<IndexRow> found;
    {
        IndexRows rows;
        for (IndexRow row; rows.next(row);)
            if (row.valid && row.updated && !row.hidden && is_since(row.written_by, horizon))
                found.push_back(row);
    }
    for (const IndexRow &row : found)
        if (const TableFacts facts = facts_of_table(row.table); facts.exists && !facts.toast)
            hide_index(row.index, row.table, horizon);
    call([] { CommandCounterIncrement(); });
}

} // namespace pgmigrate::pg

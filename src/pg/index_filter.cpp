// SPDX-License-Identifier: PostgreSQL
#include "pg/index_filter.hpp"

#include "pg/catalogue.hpp" // script_is_running
#include "pg/compat.hpp"
#include "pg/scopes.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_index.h"
#include "nodes/pathnodes.h"
#include "optimizer/plancat.h"
#include "utils/plancache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"
}

namespace pgmigrate::pg
{

namespace
{

// Sorted. A pointer, because an object would be constructed when the library is loaded; null while nothing is hidden.
constinit std::vector<Oid> *valid_before = nullptr;
constinit compat::RelationInfoHook previous_hook = nullptr;

std::vector<Oid> valid_indexes()
{
    std::vector<Oid> indexes;
    const LatestSnapshot latest;
    const Snapshot snapshot = latest.get();
    Relation relation = call([] { return table_open(IndexRelationId, AccessShareLock); });
    SysScanDesc scan = call([&] { return systable_beginscan(relation, InvalidOid, false, snapshot, 0, nullptr); });
    for (;;) {
        const HeapTuple tuple = call([&] {
            CHECK_FOR_INTERRUPTS();
            return systable_getnext(scan);
        });
        if (!HeapTupleIsValid(tuple))
            break;
        const auto *form = reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple));
        if (form->indisvalid)
            indexes.push_back(form->indexrelid);
    }
    call([&] {
        systable_endscan(scan);
        table_close(relation, AccessShareLock);
    });
    std::sort(indexes.begin(), indexes.end());
    return indexes;
}

// Inside call(). A script runs with snapshots of its own: one that sees the index as valid sees no row that it lacks.
bool is_seen_by_script(TransactionId made_valid_by)
{
    return script_is_running() && ActiveSnapshotSet() && !XidInMVCCSnapshot(made_valid_by, GetActiveSnapshot());
}

// Inside call(). CREATE INDEX inserts a row that is valid, and indexes what old snapshots see; CONCURRENTLY makes one
// valid that is there.
bool may_lack_rows(Oid oid)
{
    if (std::binary_search(valid_before->begin(), valid_before->end(), oid))
        return false;
    Relation index = RelationIdGetRelation(oid);
    if (!RelationIsValid(index))
        return false;
    const HeapTupleHeader row = index->rd_indextuple->t_data;
    const bool own = index->rd_createSubid != InvalidSubTransactionId;
    const bool updated = (row->t_infomask & HEAP_UPDATED) != 0;
    const bool hidden = updated && !own && !is_seen_by_script(HeapTupleHeaderGetXmin(row));
    RelationClose(index);
    return hidden;
}

void hide_later_indexes(PlannerInfo *root, Oid relation, RelOptInfo *rel)
{
    if (valid_before == nullptr)
        return;
    // A worker of a parallel query plans what its functions run by itself, without this filter.
    root->glob->parallelModeOK = false;
    if (relation < FirstNormalObjectId)
        return;
    enter([&] {
        call([&] {
            ListCell *cell = nullptr;
            foreach (cell, rel->indexlist) {
                if (!may_lack_rows(static_cast<IndexOptInfo *>(lfirst(cell))->indexoid))
                    continue;
                rel->indexlist = foreach_delete_current(rel->indexlist, cell);
                root->glob->transientPlan = true; // not for later transactions
            }
        });
        return true;
    });
}

#if PG_VERSION_NUM >= 190000
void filter(PlannerInfo *root, RelOptInfo *rel, RangeTblEntry *entry)
{
    if (previous_hook != nullptr)
        previous_hook(root, rel, entry);
    hide_later_indexes(root, entry->rtekind == RTE_RELATION ? entry->relid : InvalidOid, rel);
}
#else
void filter(PlannerInfo *root, Oid relation, bool inherited, RelOptInfo *rel)
{
    if (previous_hook != nullptr)
        previous_hook(root, relation, inherited, rel);
    hide_later_indexes(root, relation, rel);
}
#endif

void at_transaction_end(XactEvent event, void *)
{
    if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT && event != XACT_EVENT_PREPARE)
        return;
    delete std::exchange(valid_before, nullptr);
}

} // namespace

void install_index_filter()
{
    previous_hook = std::exchange(compat::relation_info_hook, filter);
    call([] { RegisterXactCallback(at_transaction_end, nullptr); });
}

void keep_planner_from_later_indexes()
{
    if (valid_before != nullptr)
        return;
    auto indexes = std::make_unique<std::vector<Oid>>(valid_indexes());
    call([] { ResetPlanCache(); }); // plans for parallel workers
    valid_before = indexes.release();
}

void forget_plans_of_script()
{
    if (valid_before != nullptr)
        call([] { ResetPlanCache(); });
}

} // namespace pgmigrate::pg

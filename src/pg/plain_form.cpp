// SPDX-License-Identifier: PostgreSQL
#include "pg/plain_form.hpp"

#include "pg/boundary.hpp"
#include "pg/compat.hpp"

extern "C" {
#include "access/xact.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "tcop/dest.h"
#include "tcop/utility.h"
#include "utils/snapmgr.h"
}

namespace pgmigrate::pg
{

namespace
{

// Inside call(): takes CONCURRENTLY out of the parse tree.
PlainForm make_plain(Node *statement)
{
    switch (nodeTag(statement)) {
    case T_IndexStmt:
        reinterpret_cast<IndexStmt *>(statement)->concurrent = false;
        return PlainForm::done;
    case T_DropStmt:
        reinterpret_cast<DropStmt *>(statement)->concurrent = false;
        return PlainForm::done;
    case T_AlterTableStmt: {
        ListCell *cell = nullptr;
        foreach (cell, reinterpret_cast<AlterTableStmt *>(statement)->cmds) {
            auto *command = lfirst_node(AlterTableCmd, cell);
            if (command->subtype == AT_DetachPartition)
                reinterpret_cast<PartitionCmd *>(command->def)->concurrent = false;
        }
        return PlainForm::done;
    }
    case T_ReindexStmt:
    case T_VacuumStmt:
    case compat::tag_of_cluster:
    case T_CheckPointStmt:
    case T_AlterSystemStmt:
    // What they make is outside of the database.
    case T_CreatedbStmt:
    case T_DropdbStmt:
    case T_AlterDatabaseStmt:
    case T_CreateTableSpaceStmt:
    case T_DropTableSpaceStmt:
        return PlainForm::unnecessary;
    default:
        return PlainForm::impossible;
    }
}

} // namespace

PlainForm run_plain_form(const std::string &sql)
{
    const char *text = sql.c_str();
    return call([&] {
        List *parsed = raw_parser(text, RAW_PARSE_DEFAULT);
        auto *raw = linitial_node(RawStmt, parsed);
        const PlainForm form = make_plain(raw->stmt);
        if (form != PlainForm::done)
            return form;
        PlannedStmt *planned = makeNode(PlannedStmt);
        planned->commandType = CMD_UTILITY;
        planned->canSetTag = true;
        planned->utilityStmt = raw->stmt;
        planned->stmt_location = raw->stmt_location;
        planned->stmt_len = raw->stmt_len;
        CommandCounterIncrement();
        PushActiveSnapshot(GetTransactionSnapshot());
        const bool read_only_tree = false;
        ProcessUtility(planned, text, read_only_tree, PROCESS_UTILITY_QUERY, nullptr, nullptr, None_Receiver, nullptr);
        if (ActiveSnapshotSet())
            PopActiveSnapshot();
        CommandCounterIncrement();
        return form;
    });
}

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#include "pg/index_definition.hpp"

#include "pg/compat.hpp"
#include "pg/scopes.hpp"

extern "C" {
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/tablecmds.h"
#include "nodes/makefuncs.h"
#include "nodes/nodes.h"
#include "nodes/readfuncs.h"
#include "parser/parse_utilcmd.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
}

namespace pgmigrate::pg
{

namespace
{

// All functions down to find_same_definition() run inside call().

// With the numbers of the table's columns kept, so that what has been resolved for one holds for the other.
List *columns_like(Relation table)
{
    List *columns = NIL;
    for (int index = 0; index < RelationGetNumberOfAttributes(table); ++index) {
        const Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(table), index);
        const char *name = NameStr(attribute->attname);
        columns =
            lappend(columns, attribute->attisdropped ? makeColumnDef(name, INT4OID, -1, InvalidOid)
                                                     : makeColumnDef(name, attribute->atttypid, attribute->atttypmod,
                                                                     attribute->attcollation));
    }
    return columns;
}

// Not through SPI: what watches over DDL (event triggers) has nothing to do with it.
Oid create_twin_table(Relation table)
{
    const Oid schema = RelationGetNamespace(table);
    auto *create = static_cast<CreateStmt *>(palloc0(sizeof(CreateStmt)));
    create->type = T_CreateStmt;
    create->relation =
        makeRangeVar(get_namespace_name(schema), ChooseRelationName("pg_migrate", nullptr, "twin", schema, false), -1);
    create->tableElts = columns_like(table);
    create->oncommit = ONCOMMIT_NOOP;
    create->accessMethod = pstrdup("heap");
    const Oid twin = DefineRelation(create, RELKIND_RELATION, InvalidOid, nullptr, nullptr).objectId;
    CommandCounterIncrement();
    return twin;
}

// The index that the statement would make of the table, on an empty table of the same columns. Resolved by the table
// itself, whose name the expressions may use.
Oid create_twin_index(const IndexStmt *statement, const char *sql, Oid table_oid)
{
    PushActiveSnapshot(GetTransactionSnapshot());
    Relation table = table_open(table_oid, AccessShareLock);
    auto *resolved = static_cast<IndexStmt *>(copyObjectImpl(statement));
    resolved->concurrent = false;
    resolved->if_not_exists = false;
    resolved->idxname = nullptr;
    resolved = transformIndexStmt(table_oid, resolved, sql);
    const Oid twin_table = create_twin_table(table);
    const Oid twin = compat::define_index_unbuilt(twin_table, resolved).objectId;
    CommandCounterIncrement();
    table_close(table, NoLock);
    return twin;
}

// Two rows of a catalogue, by their columns.
struct RowPair {
    compat::CacheId cache;
    HeapTuple one;
    HeapTuple other;

    static RowPair find(compat::CacheId cache, Oid one, Oid other)
    {
        return {cache, SearchSysCache1(cache, ObjectIdGetDatum(one)), SearchSysCache1(cache, ObjectIdGetDatum(other))};
    }

    bool found() const { return HeapTupleIsValid(one) && HeapTupleIsValid(other); }

    template <class Compare>
    bool same(AttrNumber column, Compare compare) const
    {
        bool one_is_null = false;
        bool other_is_null = false;
        const Datum one_value = SysCacheGetAttr(cache, one, column, &one_is_null);
        const Datum other_value = SysCacheGetAttr(cache, other, column, &other_is_null);
        return one_is_null == other_is_null && (one_is_null || compare(one_value, other_value));
    }

    bool same_array(AttrNumber column) const
    {
        return same(column, [](Datum a, Datum b) { return datum_image_eq(a, b, false, -1); });
    }

    // Their texts differ by where in the statement each part was.
    bool same_expressions(AttrNumber column) const
    {
        return same(column, [](Datum a, Datum b) {
            return equal(stringToNode(TextDatumGetCString(a)), stringToNode(TextDatumGetCString(b)));
        });
    }

    void release() const
    {
        if (HeapTupleIsValid(one))
            ReleaseSysCache(one);
        if (HeapTupleIsValid(other))
            ReleaseSysCache(other);
    }
};

int column_count(HeapTuple index)
{
    return reinterpret_cast<Form_pg_index>(GETSTRUCT(index))->indnatts;
}

// The operator classes also tell the access method, and how many of the columns are keys.
bool same_index_rows(const RowPair &rows)
{
    const auto *one = reinterpret_cast<Form_pg_index>(GETSTRUCT(rows.one));
    const auto *other = reinterpret_cast<Form_pg_index>(GETSTRUCT(rows.other));
    return one->indisunique == other->indisunique && one->indnullsnotdistinct == other->indnullsnotdistinct &&
           one->indisexclusion == other->indisexclusion && rows.same_array(Anum_pg_index_indkey) &&
           rows.same_array(Anum_pg_index_indcollation) && rows.same_array(Anum_pg_index_indclass) &&
           rows.same_array(Anum_pg_index_indoption) && rows.same_expressions(Anum_pg_index_indexprs) &&
           rows.same_expressions(Anum_pg_index_indpred);
}

bool same_relation_rows(const RowPair &rows, bool tablespace_counts)
{
    const auto *one = reinterpret_cast<Form_pg_class>(GETSTRUCT(rows.one));
    const auto *other = reinterpret_cast<Form_pg_class>(GETSTRUCT(rows.other));
    return rows.same_array(Anum_pg_class_reloptions) &&
           (!tablespace_counts || one->reltablespace == other->reltablespace);
}

// The parameters of the operator classes.
bool same_column_options(Oid one, Oid other, int columns)
{
    for (AttrNumber column = 1; column <= columns; ++column) {
        const Datum one_options = get_attoptions(one, column);
        const Datum other_options = get_attoptions(other, column);
        if ((one_options == 0) != (other_options == 0) ||
            (one_options != 0 && !datum_image_eq(one_options, other_options, false, -1)))
            return false;
    }
    return true;
}

bool same_definition(Oid one, Oid other, bool tablespace_counts)
{
    const RowPair indexes = RowPair::find(INDEXRELID, one, other);
    const RowPair relations = RowPair::find(RELOID, one, other);
    const bool same = indexes.found() && relations.found() && same_index_rows(indexes) &&
                      same_relation_rows(relations, tablespace_counts) &&
                      same_column_options(one, other, column_count(indexes.one));
    indexes.release();
    relations.release();
    return same;
}

// The statement is at fault, as opposed to a cancel, a timeout, a deadlock, the disk.
bool is_about_the_statement(const PgError &error)
{
    const std::string state = error.sqlstate();
    return state.starts_with("42") || state.starts_with("22") || state.starts_with("0A") || state.starts_with("3F");
}

} // namespace

DefinitionMatch find_same_definition(const IndexStmt *statement, const std::string &sql, Oid table,
                                     const std::vector<Oid> &candidates)
{
    DefinitionMatch match;
    if (candidates.empty())
        return match;
    const char *text = sql.c_str();
    try {
        const Subtransaction undone;
        const SettingScope tablespace("default_tablespace", "");
        const Oid twin = call([&] { return create_twin_index(statement, text, table); });
        for (const Oid candidate : candidates)
            if (call([&] { return same_definition(twin, candidate, statement->tableSpace != nullptr); }))
                match.same.push_back(candidate);
    } catch (const PgError &error) {
        if (!is_about_the_statement(error))
            throw;
        match.failure = error.what();
    }
    return match;
}

std::string definition_of(Oid index)
{
    return call([&] { return pg_get_indexdef_string(index); });
}

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#include "pg/rename_disguise.hpp"

#include "core/error.hpp"
#include "model/text.hpp"
#include "pg/compat.hpp"

extern "C" {
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "commands/tablecmds.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
}

namespace pgmigrate::pg
{

namespace
{

enum class Outcome { done, changed, taken };

// The functions that return an Outcome or a list, and what they call, run inside call().

void update(Oid catalogue, HeapTuple tuple)
{
    Relation relation = table_open(catalogue, RowExclusiveLock);
    CatalogTupleUpdate(relation, &tuple->t_self, tuple);
    table_close(relation, RowExclusiveLock);
    heap_freetuple(tuple);
}

Outcome rename_relation(Oid relation, const char *from, const char *to)
{
    LockRelationOid(relation, ShareUpdateExclusiveLock);
    HeapTuple tuple = SearchSysCacheCopy1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple))
        return Outcome::changed;
    auto *row = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
    if (strcmp(NameStr(row->relname), from) != 0)
        return Outcome::changed;
    const bool has_type = OidIsValid(row->reltype);
    if (OidIsValid(get_relname_relid(to, row->relnamespace)) ||
        (has_type && SearchSysCacheExists2(TYPENAMENSP, CStringGetDatum(to), ObjectIdGetDatum(row->relnamespace))))
        return Outcome::taken;
    const Oid type = row->reltype;
    const Oid schema = row->relnamespace;
    namestrcpy(&row->relname, to);
    update(RelationRelationId, tuple);
    if (has_type)
        RenameTypeInternal(type, to, schema);
    CommandCounterIncrement();
    return Outcome::done;
}

// With its constraint, if it is of one.
Outcome rename_index(Oid index, const char *from, const char *to)
{
    LockRelationOid(index, ShareUpdateExclusiveLock);
    const char *name = get_rel_name(index);
    if (name == nullptr || strcmp(name, from) != 0)
        return Outcome::changed;
    if (OidIsValid(get_relname_relid(to, get_rel_namespace(index))))
        return Outcome::taken;
    RenameRelationInternal(index, to, true, true);
    CommandCounterIncrement();
    return Outcome::done;
}

// With what ALTER TABLE ... SET SCHEMA takes along, see AlterTableNamespaceInternal() of the server. Which itself wants
// nobody else to use the sequences.
Outcome move_relation(Oid relation, const char *from, const char *to)
{
    LockRelationOid(relation, ShareUpdateExclusiveLock);
    const Oid old_schema = get_namespace_oid(from, true);
    const Oid new_schema = get_namespace_oid(to, true);
    const char *name = get_rel_name(relation);
    if (name == nullptr || !OidIsValid(new_schema) || get_rel_namespace(relation) != old_schema)
        return Outcome::changed;
    const Oid type = get_rel_type_id(relation);
    if (OidIsValid(get_relname_relid(name, new_schema)) ||
        (OidIsValid(type) && SearchSysCacheExists2(TYPENAMENSP, CStringGetDatum(name), ObjectIdGetDatum(new_schema))))
        return Outcome::taken;
    Relation catalogue = table_open(RelationRelationId, RowExclusiveLock);
    ObjectAddresses *moved = new_object_addresses();
    const auto move = [&](Oid each, bool depends) {
        AlterRelationNamespaceInternal(catalogue, each, old_schema, new_schema, depends, moved);
    };
    // A composite type is moved as a type, which takes its relation along.
    const bool is_type = get_rel_relkind(relation) == RELKIND_COMPOSITE_TYPE;
    if (!is_type)
        move(relation, true);
    if (OidIsValid(type))
        compat::move_row_type(type, new_schema, moved);
    Relation opened = relation_open(relation, NoLock);
    List *indexes = RelationGetIndexList(opened);
    relation_close(opened, NoLock);
    for (int i = 0; i < list_length(indexes); ++i)
        move(list_nth_oid(indexes, i), false);
    List *sequences = getOwnedSequences(relation);
    for (int i = 0; i < list_length(sequences); ++i)
        move(list_nth_oid(sequences, i), true);
    if (!is_type)
        AlterConstraintNamespaces(relation, old_schema, new_schema, false, moved);
    free_object_addresses(moved);
    table_close(catalogue, RowExclusiveLock);
    CommandCounterIncrement();
    return Outcome::done;
}

Outcome make_schema(const char *name)
{
    if (OidIsValid(get_namespace_oid(name, true)))
        return Outcome::changed;
    NamespaceCreate(name, GetUserId(), false);
    CommandCounterIncrement();
    return Outcome::done;
}

// In the tables below as well, as ALTER TABLE does it.
Outcome rename_column(Oid relation, const char *from, const char *to)
{
    List *relations = find_all_inheritors(relation, ShareUpdateExclusiveLock, nullptr);
    for (int i = 0; i < list_length(relations); ++i) {
        const Oid each = list_nth_oid(relations, i);
        HeapTuple tuple = SearchSysCacheCopyAttName(each, from);
        if (!HeapTupleIsValid(tuple))
            return Outcome::changed;
        if (get_attnum(each, to) != InvalidAttrNumber)
            return Outcome::taken;
        namestrcpy(&reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple))->attname, to);
        update(AttributeRelationId, tuple);
    }
    CommandCounterIncrement();
    return Outcome::done;
}

// A composite type is known by its type.
Oid relation_at(const model::Address &address)
{
    return address.class_id == TypeRelationId ? get_typ_typrelid(address.object_id) : address.object_id;
}

Outcome rename(const model::Address &address, const std::vector<model::Address> &also, const char *from, const char *to)
{
    if (address.class_id == ConstraintRelationId)
        return rename_index(get_constraint_index(address.object_id), from, to);
    const Oid relation = relation_at(address);
    if (address.sub_id == 0) {
        const char kind = get_rel_relkind(relation);
        return kind == RELKIND_INDEX || kind == RELKIND_PARTITIONED_INDEX ? rename_index(relation, from, to)
                                                                          : rename_relation(relation, from, to);
    }
    Outcome all = rename_column(relation, from, to);
    for (std::size_t i = 0; i < also.size() && all == Outcome::done; ++i)
        all = rename_column(also[i].object_id, from, to);
    return all;
}

Outcome apply(const model::Renaming &each, const char *from, const char *to)
{
    switch (each.what) {
    case model::Rename::make_schema:
        return make_schema(to);
    case model::Rename::schema:
        return move_relation(relation_at(each.address), from, to);
    case model::Rename::name:
        break;
    }
    return rename(each.address, each.also, from, to);
}

} // namespace

RenameDisguise::RenameDisguise(const std::vector<model::Renaming> &renamings)
{
    call([] {
        PreventCommandIfReadOnly("comparing under other names");
        PreventCommandDuringRecovery("comparing under other names");
    });
    for (const model::Renaming &each : renamings) {
        const std::string old_name = model::unquoted(each.from);
        const std::string new_name = model::unquoted(each.to);
        const char *from = old_name.c_str();
        const char *to = new_name.c_str();
        const Outcome outcome = call([&] { return apply(each, from, to); });
        if (outcome == Outcome::changed)
            throw core::Error(core::sqlstate::serialization_failure,
                              "renames: " + (each.what == model::Rename::name ? each.from : each.path) +
                                  " was changed while the model was read")
                .hint("Generate it again.");
        if (outcome == Outcome::taken)
            throw core::Error(core::sqlstate::duplicate_object,
                              "renames: " + each.path + " is the name of something else already")
                .hint("Rename or drop that first, in a revision of its own.");
    }
}

} // namespace pgmigrate::pg

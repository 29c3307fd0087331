// SPDX-License-Identifier: PostgreSQL
#include "pg/rename_disguise.hpp"

#include "core/error.hpp"
#include "model/text.hpp"

extern "C" {
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
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
    namestrcpy(&row->relname, to);
    update(RelationRelationId, tuple);
    if (has_type) {
        tuple = SearchSysCacheCopy1(TYPEOID, ObjectIdGetDatum(type));
        if (!HeapTupleIsValid(tuple))
            return Outcome::changed;
        namestrcpy(&reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple))->typname, to);
        update(TypeRelationId, tuple);
    }
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
        const Outcome outcome = call([&] {
            const bool of_type = each.address.class_id == TypeRelationId;
            const Oid relation = of_type ? get_typ_typrelid(each.address.object_id) : each.address.object_id;
            if (each.address.sub_id == 0)
                return rename_relation(relation, from, to);
            Outcome all = rename_column(relation, from, to);
            for (auto other = each.also.begin(); other != each.also.end() && all == Outcome::done; ++other)
                all = rename_column(other->object_id, from, to);
            return all;
        });
        if (outcome == Outcome::changed)
            throw core::Error(core::sqlstate::serialization_failure,
                              "renames: " + each.from + " was changed while the model was read")
                .hint("Generate it again.");
        if (outcome == Outcome::taken)
            throw core::Error(core::sqlstate::duplicate_object,
                              "renames: " + each.to + " is the name of something else already")
                .hint("Rename or drop that first, in a revision of its own.");
    }
}

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_disguise.hpp"

extern "C" {
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/syscache.h"
}

namespace pgmigrate::pg
{

namespace
{

// Inside call().
void set_name(Relation namespaces, Oid schema, const char *name)
{
    HeapTuple tuple = SearchSysCacheCopy1(NAMESPACEOID, ObjectIdGetDatum(schema));
    if (!HeapTupleIsValid(tuple))
        return;
    namestrcpy(&reinterpret_cast<Form_pg_namespace>(GETSTRUCT(tuple))->nspname, name);
    CatalogTupleUpdate(namespaces, &tuple->t_self, tuple);
    heap_freetuple(tuple);
    CommandCounterIncrement();
}

} // namespace

SchemaDisguise::SchemaDisguise(Oid schema, const std::string &as)
{
    const char *name = as.c_str();
    call([&] {
        PreventCommandIfReadOnly("comparing with a schema");
        PreventCommandDuringRecovery("comparing with a schema");
        Relation namespaces = table_open(NamespaceRelationId, RowExclusiveLock);
        const Oid other = get_namespace_oid(name, true);
        if (OidIsValid(other))
            set_name(namespaces, other, other_name);
        set_name(namespaces, schema, name);
        table_close(namespaces, RowExclusiveLock);
    });
}

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#pragma once

// Differences between the supported servers, each with its reason. Include after pg/postgres.hpp.

extern "C" {
#include "access/htup_details.h"
#include "access/tableam.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_database.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "commands/defrem.h"
#include "commands/typecmds.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "optimizer/pathnode.h"
#include "optimizer/plancat.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "storage/sinvaladt.h"
#include "tcop/pquery.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/backend_status.h"
#include "utils/builtins.h"
#include "utils/guc_tables.h"
#include "utils/syscache.h"
#include "utils/wait_event.h"
}

// Before 16 PGDLLEXPORT is empty and nothing is exported under -fvisibility=hidden.
#define PGM_EXPORT __attribute__((visibility("default")))

namespace pgmigrate::pg::compat
{

// 16 split "may act as" (SET option) from membership (commit 3d14e171e9e2).
inline bool may_set_role(Oid member, Oid role)
{
#if PG_VERSION_NUM >= 160000
    return member_can_set_role(member, role);
#else
    return is_member_of_role(member, role);
#endif
}

// 16 replaced the aclcheck function of each kind of object by one (commit c727f511bd7b).
inline bool may_execute(Oid function, Oid role)
{
#if PG_VERSION_NUM >= 160000
    return object_aclcheck(ProcedureRelationId, function, role, ACL_EXECUTE) == ACLCHECK_OK;
#else
    return pg_proc_aclcheck(function, role, ACL_EXECUTE) == ACLCHECK_OK;
#endif
}

inline bool may_use_schema(Oid schema, Oid role)
{
#if PG_VERSION_NUM >= 160000
    return object_aclcheck(NamespaceRelationId, schema, role, ACL_USAGE) == ACLCHECK_OK;
#else
    return pg_namespace_aclcheck(schema, role, ACL_USAGE) == ACLCHECK_OK;
#endif
}

// The type of a relation's rows, with the type of their arrays. From 17 on the server says whether a type that depends
// on another one is an error.
inline void move_row_type(Oid type, Oid schema, ObjectAddresses *moved)
{
#if PG_VERSION_NUM >= 170000
    AlterTypeNamespaceInternal(type, schema, false, false, false, moved);
#else
    AlterTypeNamespaceInternal(type, schema, false, false, moved);
#endif
}

inline bool owns_relation(Oid relation, Oid role)
{
#if PG_VERSION_NUM >= 160000
    return object_ownercheck(RelationRelationId, relation, role);
#else
    return pg_class_ownercheck(relation, role);
#endif
}

// 17 lets others than the owner reindex a table: MAINTAIN (commit ecb0fd33720f).
inline bool may_reindex(Oid table, Oid role)
{
#if PG_VERSION_NUM >= 170000
    return pg_class_aclcheck(table, role, ACL_MAINTAIN) == ACLCHECK_OK;
#else
    return owns_relation(table, role);
#endif
}

// 17 numbers processes where there were backend ids before (commit 024c52111757).
inline PGPROC *process_of(const VirtualTransactionId &transaction)
{
#if PG_VERSION_NUM >= 170000
    return ProcNumberGetProc(transaction.procNumber);
#else
    return BackendIdGetProc(transaction.backendId);
#endif
}

// 16 has the settings in a hash table, and makes a list of them in the current memory context.
inline config_generic **all_settings(int &count)
{
#if PG_VERSION_NUM >= 160000
    return get_guc_variables(&count);
#else
    count = GetNumConfigOptions();
    return get_guc_variables();
#endif
}

// 19 has the kinds of settings in one struct.
inline const char *enum_value_of_setting(const config_generic &setting, int value)
{
#if PG_VERSION_NUM >= 190000
    return config_enum_lookup_by_value(&setting, value);
#else
    return config_enum_lookup_by_value(reinterpret_cast<config_enum *>(const_cast<config_generic *>(&setting)), value);
#endif
}

inline double real_setting(const config_generic &setting)
{
#if PG_VERSION_NUM >= 190000
    return *setting._real.variable;
#else
    return *reinterpret_cast<const config_real *>(&setting)->variable;
#endif
}

// 16 finds a setting by its name; before there was only the list.
inline config_generic *find_setting(const char *name)
{
#if PG_VERSION_NUM >= 160000
    return find_option(name, false, true, ERROR);
#else
    config_generic **settings = get_guc_variables();
    for (int i = 0; i < GetNumConfigOptions(); ++i)
        if (pg_strcasecmp(settings[i]->name, name) == 0)
            return settings[i];
    return nullptr;
#endif
}

// 17 has the locale of every provider in one column (commit f696c0cd5f29), and a provider of its own. In the current
// memory context; null for none.
inline const char *database_locale(HeapTuple database)
{
#if PG_VERSION_NUM >= 170000
    constexpr int column = Anum_pg_database_datlocale;
#else
    constexpr int column = Anum_pg_database_daticulocale;
#endif
    bool is_null = false;
    const Datum value = SysCacheGetAttr(DATABASEOID, database, column, &is_null);
    return is_null ? nullptr : TextDatumGetCString(value);
}

// 16 has rules for ICU (commit 30a53b792959).
inline const char *database_icu_rules([[maybe_unused]] HeapTuple database)
{
#if PG_VERSION_NUM >= 160000
    bool is_null = false;
    const Datum value = SysCacheGetAttr(DATABASEOID, database, Anum_pg_database_daticurules, &is_null);
    return is_null ? nullptr : TextDatumGetCString(value);
#else
    return nullptr;
#endif
}

// The provider of a database's locale as CREATE DATABASE names it, and the name of the option for the locale.
struct LocaleProvider {
    const char *name;
    const char *locale_option;
};
inline LocaleProvider locale_provider(char code)
{
#if PG_VERSION_NUM >= 170000
    if (code == COLLPROVIDER_BUILTIN)
        return {"builtin", "builtin_locale"};
#endif
    return {code == COLLPROVIDER_ICU ? "icu" : "libc", "icu_locale"};
}

// 18 runs every portal only once.
inline void run_portal(Portal portal, DestReceiver *destination)
{
    QueryCompletion completion;
    constexpr bool top_level = true;
#if PG_VERSION_NUM >= 180000
    (void)PortalRun(portal, FETCH_ALL, top_level, destination, destination, &completion);
#else
    constexpr bool once = true;
    (void)PortalRun(portal, FETCH_ALL, top_level, once, destination, destination, &completion);
#endif
}

// 16 counts the partitions for its progress report (commit 27f5c712b2c5), 19 shows where in the text an error is.
inline ObjectAddress define_index_unbuilt(Oid table, IndexStmt *statement)
{
    const bool is_alter_table = false;
    const bool check_rights = false;
    const bool check_not_in_use = false;
    const bool skip_build = true;
    const bool quiet = true;
#if PG_VERSION_NUM >= 190000
    return DefineIndex(nullptr, table, statement, InvalidOid, InvalidOid, InvalidOid, -1, is_alter_table, check_rights,
                       check_not_in_use, skip_build, quiet);
#elif PG_VERSION_NUM >= 160000
    return DefineIndex(table, statement, InvalidOid, InvalidOid, InvalidOid, -1, is_alter_table, check_rights,
                       check_not_in_use, skip_build, quiet);
#else
    return DefineIndex(table, statement, InvalidOid, InvalidOid, InvalidOid, is_alter_table, check_rights,
                       check_not_in_use, skip_build, quiet);
#endif
}

// 16 gave walkers their real type (commit 1c27d16e6e5c).
inline bool walk_raw_tree(Node *node, bool (*walker)(Node *, void *), void *context)
{
#if PG_VERSION_NUM >= 160000
    return raw_expression_tree_walker(node, walker, context);
#else
    return raw_expression_tree_walker(node, reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(walker)),
                                      context);
#endif
}

// 17 made it say whether a stronger lock will do.
inline bool lock_held_by_me(const LOCKTAG &tag, LOCKMODE mode)
{
#if PG_VERSION_NUM >= 170000
    const bool or_stronger = false;
    return LockHeldByMe(&tag, mode, or_stronger);
#else
    return LockHeldByMe(&tag, mode);
#endif
}

// 17 and 19 renamed the classes of wait events.
#if PG_VERSION_NUM >= 190000
constexpr uint32 wait_for_page = PG_WAIT_BUFFER;
#elif PG_VERSION_NUM >= 170000
constexpr uint32 wait_for_page = PG_WAIT_BUFFERPIN;
#else
constexpr uint32 wait_for_page = PG_WAIT_BUFFER_PIN;
#endif

// 16 renamed what gives one of the entries of the backends by its number, from 1.
inline const PgBackendStatus &backend_status(int number)
{
#if PG_VERSION_NUM >= 160000
    return pgstat_get_local_beentry_by_index(number)->backendStatus;
#else
    return pgstat_fetch_stat_local_beentry(number)->backendStatus;
#endif
}

// 19 gave the numbers of the caches a type of their own.
#if PG_VERSION_NUM >= 190000
using CacheId = SysCacheIdentifier;
#else
using CacheId = int;
#endif

// 19 lets the caller add flags.
inline TableScanDesc begin_scan(Relation table, Snapshot snapshot)
{
#if PG_VERSION_NUM >= 190000
    return table_beginscan(table, snapshot, 0, nullptr, 0);
#else
    return table_beginscan(table, snapshot, 0, nullptr);
#endif
}

// 19 took CLUSTER and VACUUM FULL together as REPACK.
#if PG_VERSION_NUM >= 190000
constexpr NodeTag tag_of_cluster = T_RepackStmt;
#else
constexpr NodeTag tag_of_cluster = T_ClusterStmt;
#endif

// What the planner knows of a table is shown to extensions; from 19 on, where the relation is built that it plans with.
#if PG_VERSION_NUM >= 190000
using RelationInfoHook = build_simple_rel_hook_type;
inline RelationInfoHook &relation_info_hook = build_simple_rel_hook;
#else
using RelationInfoHook = get_relation_info_hook_type;
inline RelationInfoHook &relation_info_hook = get_relation_info_hook;
#endif

} // namespace pgmigrate::pg::compat

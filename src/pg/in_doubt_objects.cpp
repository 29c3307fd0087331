// SPDX-License-Identifier: PostgreSQL

// DETACH PARTITION CONCURRENTLY; databases and tablespaces.

#include "pg/in_doubt_case.hpp"

#include "pg/classify.hpp"

#include <cstring>
#include <optional>

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_database.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "commands/tablespace.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace pgmigrate::pg
{

namespace
{

constinit Query select_parent = {
    "SELECT h.inhparent::int8, h.inhdetachpending::int4::int8 FROM pg_catalog.pg_inherits h WHERE h.inhrelid = $1",
    1,
    {OIDOID},
    nullptr};

class DetachPartition final : public Case
{
  public:
    DetachPartition(const AlterTableStmt *statement, const PartitionCmd *command)
        : parent_(relation_named(statement->relation)), partition_(relation_named(command->name))
    {
    }

    // The partition and its table. The partition once more if it was pending before: then that does not tell that this
    // statement has been begun.
    std::vector<Oid> objects_before() const override
    {
        const std::optional<Attachment> attachment = attachment_of(partition_);
        if (!attachment || attachment->parent != parent_)
            return {};
        std::vector<Oid> objects{partition_, parent_};
        if (attachment->pending)
            objects.push_back(partition_);
        return objects;
    }

    // Not the table, whose name may mean another one now: then it stops.
    std::vector<Oid> objects_by_name() const override { return {partition_}; }

    Oid relation_to_lock() const override
    {
        if (kind_of(parent_) != RELKIND_PARTITIONED_TABLE)
            return InvalidOid;
        return call([&] { return compat::owns_relation(parent_, GetUserId()); }) ? parent_ : InvalidOid;
    }

    // A detach begun and given up blocks every other of that table until it is completed.
    Advice advise_before() const override
    {
        const std::optional<Attachment> attachment = attachment_of(partition_);
        if (!attachment || !attachment->pending || attachment->parent != parent_)
            return {};
        return finalize(partition_, *attachment);
    }

    Advice advise_in_doubt(const std::vector<Oid> &before) const override
    {
        if (before.empty())
            return advise_for_none();
        const Oid partition = before.front();
        std::optional<Attachment> attachment = attachment_of(partition);
        if (attachment && before.size() > 1 && attachment->parent != before[1])
            attachment.reset(); // somebody has attached it elsewhere
        if (!attachment && !relation_exists(partition) && is_attached_here(partition_))
            return stop_at_new_one("partition", partition_);
        if (!attachment)
            return adopt("the partition is detached already");
        if (attachment->pending)
            return finalize(partition, *attachment);
        if (const std::optional<Advice> stopped = stop_if_another(before, partition_))
            return *stopped;
        return stop_if_another({attachment->parent}, parent_).value_or(Advice{});
    }

    std::string left_half_done(const std::vector<Oid> &before) const override
    {
        const std::optional<Attachment> attachment = attachment_of(object_of(before));
        if (!attachment || !attachment->pending || before.size() > 2)
            return {};
        return "partition " + qualified_name(before.front()) + " is half detached from " +
               qualified_name(attachment->parent);
    }

  private:
    struct Attachment {
        Oid parent;
        bool pending;
    };

    // It was no partition, and the server says so again.
    Advice advise_for_none() const
    {
        const Advice advice = advise_before();
        if (!advice.instead.empty() || !is_attached_here(partition_))
            return advice;
        return stop("When the statement was begun, " + qualified_name(partition_) + " was no partition of " +
                    qualified_name(parent_) + "; now it is.");
    }

    bool is_attached_here(Oid partition) const
    {
        const std::optional<Attachment> attachment = attachment_of(partition);
        return attachment && attachment->parent == parent_;
    }

    static std::optional<Attachment> attachment_of(Oid partition)
    {
        if (!OidIsValid(partition))
            return std::nullopt;
        Values key;
        const Rows rows = query_catalogues(select_parent, key.oid(partition));
        // A table that inherits from several is no partition.
        if (rows.size() != 1)
            return std::nullopt;
        return Attachment{static_cast<Oid>(rows.bigint(0, 1)), rows.bigint(0, 2) != 0};
    }

    static Advice finalize(Oid partition, const Attachment &attachment)
    {
        const std::string parent = qualified_name(attachment.parent);
        const std::string name = qualified_name(partition);
        Advice advice;
        advice.instead = "ALTER TABLE " + parent + " DETACH PARTITION " + name + " FINALIZE";
        advice.notice = "detaching partition " + name + " from " + parent + " was interrupted; it is completed";
        return advice;
    }

    Oid parent_;
    Oid partition_;
};

// Databases and tablespaces have names without a schema.
struct GlobalObject {
    bool is_database;
    const char *name;

    // InvalidOid for none.
    Oid find() const
    {
        return call([&] { return is_database ? get_database_oid(name, true) : get_tablespace_oid(name, true); });
    }

    std::vector<Oid> find_all() const
    {
        const Oid oid = find();
        return OidIsValid(oid) ? std::vector<Oid>{oid} : std::vector<Oid>{};
    }

    std::string description() const
    {
        return std::string(is_database ? "database" : "tablespace") + " \"" + name + "\"";
    }
};

class CreateGlobal final : public Case
{
  public:
    explicit CreateGlobal(GlobalObject object) : object_(object) {}

    std::vector<Oid> objects_before() const override { return object_.find_all(); }

    Advice advise_in_doubt(const std::vector<Oid> &before) const override
    {
        const Oid found = object_.find();
        if (!OidIsValid(found) || is_among(found, before) || (object_.is_database && is_half_dropped(found)))
            return {};
        return adopt(object_.description() + " exists already, skipping");
    }

  private:
    // DROP DATABASE was interrupted; nobody can connect to it any more.
    static bool is_half_dropped(Oid database)
    {
        return call([&] {
            HeapTuple tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(database));
            if (!HeapTupleIsValid(tuple))
                return true;
            const bool invalid =
                reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple))->datconnlimit == DATCONNLIMIT_INVALID_DB;
            ReleaseSysCache(tuple);
            return invalid;
        });
    }

    GlobalObject object_;
};

class DropGlobal final : public Case
{
  public:
    explicit DropGlobal(GlobalObject object) : object_(object) {}

    std::vector<Oid> objects_before() const override { return object_.find_all(); }
    std::vector<Oid> objects_by_name() const override { return {object_.find()}; }

    Advice advise_in_doubt(const std::vector<Oid> &before) const override
    {
        // Nothing was there to drop, and the server says so again; or it still is.
        const Oid found = object_.find();
        if (before.empty() || (OidIsValid(found) && found == before.front()))
            return {};
        if (OidIsValid(found))
            return stop("The " + object_.description() +
                        " that the statement was begun on is gone; there is another one.");
        return adopt(object_.description() + " is dropped already");
    }

  private:
    GlobalObject object_;
};

class MoveDatabase final : public Case
{
  public:
    MoveDatabase(const char *database, const char *tablespace)
        : database_{true, database}, tablespace_{false, tablespace}
    {
    }

    Advice advise_in_doubt(const std::vector<Oid> &) const override
    {
        const Oid tablespace = tablespace_.find();
        if (!OidIsValid(tablespace) || current_tablespace() != tablespace)
            return {};
        return adopt(database_.description() + " is in " + tablespace_.description() + " already");
    }

  private:
    Oid current_tablespace() const
    {
        const Oid database = database_.find();
        return call([&] {
            HeapTuple tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(database));
            if (!HeapTupleIsValid(tuple))
                return InvalidOid;
            const Oid tablespace = reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple))->dattablespace;
            ReleaseSysCache(tuple);
            return tablespace;
        });
    }

    GlobalObject database_;
    GlobalObject tablespace_;
};

const char *named_tablespace(const AlterDatabaseStmt *statement)
{
    for (int index = 0; index < list_length(statement->options); ++index) {
        auto *option = static_cast<DefElem *>(list_nth(statement->options, index));
        if (std::strcmp(option->defname, "tablespace") == 0)
            return call([&] { return defGetString(option); });
    }
    return nullptr;
}

} // namespace

std::unique_ptr<Case> partition_case(const Node *statement)
{
    if (!IsA(statement, AlterTableStmt))
        return nullptr;
    const auto *alter = reinterpret_cast<const AlterTableStmt *>(statement);
    const PartitionCmd *command = concurrent_detach(*alter);
    return command == nullptr ? nullptr : std::make_unique<DetachPartition>(alter, command);
}

std::unique_ptr<Case> database_case(const Node *statement)
{
    switch (nodeTag(statement)) {
    case T_CreatedbStmt:
        return std::make_unique<CreateGlobal>(
            GlobalObject{true, reinterpret_cast<const CreatedbStmt *>(statement)->dbname});
    case T_CreateTableSpaceStmt:
        return std::make_unique<CreateGlobal>(
            GlobalObject{false, reinterpret_cast<const CreateTableSpaceStmt *>(statement)->tablespacename});
    case T_DropdbStmt:
        return std::make_unique<DropGlobal>(
            GlobalObject{true, reinterpret_cast<const DropdbStmt *>(statement)->dbname});
    case T_DropTableSpaceStmt:
        return std::make_unique<DropGlobal>(
            GlobalObject{false, reinterpret_cast<const DropTableSpaceStmt *>(statement)->tablespacename});
    case T_AlterDatabaseStmt: {
        const auto *alter = reinterpret_cast<const AlterDatabaseStmt *>(statement);
        const char *tablespace = named_tablespace(alter);
        return tablespace == nullptr ? nullptr : std::make_unique<MoveDatabase>(alter->dbname, tablespace);
    }
    default:
        return nullptr;
    }
}

} // namespace pgmigrate::pg

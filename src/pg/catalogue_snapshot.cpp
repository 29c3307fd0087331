// SPDX-License-Identifier: PostgreSQL
#include "pg/catalogue.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

// migrate.snapshot: a row per version line.

namespace pgmigrate::pg
{

namespace
{

constinit Query upsert_snapshot = {
    "INSERT INTO migrate.snapshot (schema_name, run, taken_at, content) VALUES ($1, $2, pg_catalog.clock_timestamp(), "
    "$3)"
    " ON CONFLICT ON CONSTRAINT snapshot_key DO UPDATE SET run = excluded.run, taken_at = excluded.taken_at, content = "
    "excluded.content",
    3,
    {NAMEOID, INT8OID, BYTEAOID},
    nullptr};
constinit Query delete_snapshot = {
    "DELETE FROM ONLY migrate.snapshot WHERE schema_name IS NOT DISTINCT FROM $1", 1, {NAMEOID}, nullptr};
constinit Query select_snapshot = {
    "SELECT content FROM ONLY migrate.snapshot WHERE schema_name IS NOT DISTINCT FROM $1", 1, {NAMEOID}, nullptr};

} // namespace

void Catalogue::write_snapshot(const std::optional<std::string> &schema, std::int64_t run_id,
                               const std::string &snapshot)
{
    check_tables();
    const OwnerScope owner(owner_);
    const MemoryScope memory;
    Values values;
    values.name(schema).bigint(run_id).bytes(snapshot);
    change_one(upsert_snapshot, values, "writing the snapshot of", schema.value_or("the database"));
}

void Catalogue::forget_snapshot(const std::optional<std::string> &schema)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values values;
    values.name(schema);
    run(delete_snapshot, values);
}

std::optional<std::string> Catalogue::read_snapshot(const std::optional<std::string> &schema)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values values;
    values.name(schema);
    const Rows rows = run(select_snapshot, values);
    return rows.size() == 0 ? std::nullopt : rows.optional_bytes(0, 1);
}

} // namespace pgmigrate::pg

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

constinit Query insert_snapshot = {"INSERT INTO migrate.snapshot (schema_name, run, taken_at, fingerprint, content)"
                                   " VALUES ($1, $2, pg_catalog.clock_timestamp(), $3, $4)",
                                   4,
                                   {NAMEOID, INT8OID, INT8OID, BYTEAOID},
                                   nullptr};
constinit Query delete_snapshot = {
    "DELETE FROM ONLY migrate.snapshot WHERE schema_name IS NOT DISTINCT FROM $1", 1, {NAMEOID}, nullptr};
constinit Query select_snapshot = {
    "SELECT fingerprint, content FROM ONLY migrate.snapshot WHERE schema_name IS NOT DISTINCT FROM $1",
    1,
    {NAMEOID},
    nullptr};
constinit Query select_schemas_of_lines = {
    "SELECT schema_name FROM ONLY migrate.snapshot WHERE schema_name IS NOT NULL"
    " UNION SELECT schema_name FROM ONLY migrate.version WHERE schema_name IS NOT NULL",
    0,
    {},
    nullptr};

} // namespace

void Catalogue::write_snapshot(const std::optional<std::string> &schema, std::int64_t run_id,
                               const KeptSnapshot &snapshot)
{
    check_tables();
    const OwnerScope owner(owner_);
    const MemoryScope memory;
    Values values;
    values.name(schema).bigint(run_id).bigint(snapshot.fingerprint).bytes(snapshot.content);
    change_one(insert_snapshot, values, "writing the snapshot of", schema.value_or("the database"));
}

void Catalogue::forget_snapshot(const std::optional<std::string> &schema)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values values;
    values.name(schema);
    run(delete_snapshot, values);
}

std::optional<KeptSnapshot> Catalogue::read_snapshot(const std::optional<std::string> &schema)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values values;
    values.name(schema);
    const Rows rows = run(select_snapshot, values);
    if (rows.size() == 0 || rows.is_null(0, 1) || rows.is_null(0, 2))
        return std::nullopt;
    return KeptSnapshot{rows.bigint(0, 1), *rows.optional_bytes(0, 2)};
}

std::vector<std::string> Catalogue::schemas_of_lines()
{
    check_tables();
    const OwnerScope owner(owner_);
    Values none;
    const Rows rows = run(select_schemas_of_lines, none);
    std::vector<std::string> schemas;
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        schemas.push_back(rows.text(row, 1));
    return schemas;
}

} // namespace pgmigrate::pg

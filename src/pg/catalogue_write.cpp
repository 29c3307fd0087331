// SPDX-License-Identifier: PostgreSQL
#include "pg/catalogue.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/timestamp.h"
}

namespace pgmigrate::pg
{

namespace
{

constinit Query insert_revision_row = {
    "INSERT INTO migrate.revision (revision, down_revision, depends_on, message, checksum, created_at, created_by, up, "
    "down)"
    " VALUES ($1, $2, $3, $4, $5, pg_catalog.clock_timestamp(), $6, $7, $8)",
    8,
    {TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTOID, TEXTOID, NAMEOID, TEXTOID, TEXTOID},
    nullptr};
constinit Query update_revision_row = {"UPDATE ONLY migrate.revision SET down_revision = $2, depends_on = $3, message "
                                       "= $4, checksum = $5, up = $6, down = $7, derived_down = "
                                       "CASE WHEN up IS NOT DISTINCT FROM $6 AND $7 IS NULL THEN derived_down END"
                                       " WHERE revision = $1",
                                       7,
                                       {TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID},
                                       nullptr};
constinit Query delete_revision_row = {"DELETE FROM ONLY migrate.revision WHERE revision = $1", 1, {TEXTOID}, nullptr};
constinit Query update_derived_down = {
    "UPDATE ONLY migrate.revision SET derived_down = $2 WHERE revision = $1", 2, {TEXTOID, TEXTOID}, nullptr};
constinit Query insert_label_row = {
    "INSERT INTO migrate.branch_label (branch_label, revision) VALUES ($1, $2)", 2, {TEXTOID, TEXTOID}, nullptr};
constinit Query delete_label_rows = {
    "DELETE FROM ONLY migrate.branch_label WHERE revision = $1", 1, {TEXTOID}, nullptr};
constinit Query insert_version = {"INSERT INTO migrate.version (schema_name, revision, applied_at, applied_by, run)"
                                  " VALUES ($1, $2, pg_catalog.clock_timestamp(), $3, $4)",
                                  4,
                                  {NAMEOID, TEXTOID, NAMEOID, INT8OID},
                                  nullptr};
constinit Query update_version = {"UPDATE ONLY migrate.version SET revision = $3, applied_at = "
                                  "pg_catalog.clock_timestamp(), applied_by = $4, run = $5"
                                  " WHERE schema_name IS NOT DISTINCT FROM $1 AND revision = $2",
                                  5,
                                  {NAMEOID, TEXTOID, TEXTOID, NAMEOID, INT8OID},
                                  nullptr};
constinit Query delete_version = {
    "DELETE FROM ONLY migrate.version WHERE schema_name IS NOT DISTINCT FROM $1 AND revision = $2",
    2,
    {NAMEOID, TEXTOID},
    nullptr};
} // namespace

// The caller has assumed the owner's rights. One row must be there, as Alembic checks it.
void Catalogue::change_one(Query &query, Values &values, const char *verb, const std::string &revision)
{
    const Rows rows = run(query, values);
    if (rows.size() != 1)
        throw core::Error(core::sqlstate::serialization_failure, std::string("expected to match one row when ") + verb +
                                                                     " '" + revision + "'; " +
                                                                     std::to_string(rows.size()) + " found");
}

void Catalogue::write_labels(const StoredRevision &revision)
{
    for (const std::string &label : revision.branch_labels) {
        Values values;
        values.text(label).text(revision.revision);
        change_one(insert_label_row, values, "inserting", label);
    }
}

void Catalogue::insert_revision(const StoredRevision &revision)
{
    check_tables();
    const OwnerScope owner(owner_);
    const MemoryScope memory;
    Values values;
    values.text(revision.revision).text_array(revision.down_revision).text_array(revision.depends_on);
    values.text(revision.message).text(revision.checksum).name(caller_name_);
    values.text(revision.up).text(revision.down);
    change_one(insert_revision_row, values, "inserting", revision.revision);
    write_labels(revision);
}

void Catalogue::update_revision(const StoredRevision &revision)
{
    check_tables();
    const OwnerScope owner(owner_);
    const MemoryScope memory;
    Values values;
    values.text(revision.revision).text_array(revision.down_revision).text_array(revision.depends_on);
    values.text(revision.message).text(revision.checksum);
    values.text(revision.up).text(revision.down);
    change_one(update_revision_row, values, "updating", revision.revision);
    Values key;
    key.text(revision.revision);
    run(delete_label_rows, key);
    write_labels(revision);
}

void Catalogue::delete_revision(const std::string &id)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values key;
    key.text(id);
    run(delete_label_rows, key);
    change_one(delete_revision_row, key, "deleting", id);
}

void Catalogue::set_derived_down(const std::string &id, const std::string &script)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values values;
    values.text(id).text(script);
    change_one(update_derived_down, values, "updating", id);
}

void Catalogue::write_version_changes(const std::vector<core::RowChange> &changes,
                                      const std::optional<std::string> &schema, std::int64_t run_id)
{
    check_tables();
    const OwnerScope owner(owner_);
    for (const core::RowChange &change : changes) {
        Values values;
        values.name(schema);
        switch (change.action) {
        case core::RowAction::insert:
            values.text(change.to).name(caller_name_).bigint(run_id);
            change_one(insert_version, values, "inserting", change.to);
            break;
        case core::RowAction::update:
            values.text(change.from).text(change.to).name(caller_name_).bigint(run_id);
            change_one(update_version, values, "updating", change.from);
            break;
        case core::RowAction::remove:
            values.text(change.from);
            change_one(delete_version, values, "deleting", change.from);
            break;
        }
    }
}

} // namespace pgmigrate::pg

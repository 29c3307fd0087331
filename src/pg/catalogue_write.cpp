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
                                       "= $4, checksum = $5, up = $6, down = $7"
                                       " WHERE revision = $1",
                                       7,
                                       {TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID},
                                       nullptr};
constinit Query delete_revision_row = {"DELETE FROM ONLY migrate.revision WHERE revision = $1", 1, {TEXTOID}, nullptr};
constinit Query insert_label_row = {
    "INSERT INTO migrate.branch_label (branch_label, revision) VALUES ($1, $2)", 2, {TEXTOID, TEXTOID}, nullptr};
constinit Query delete_label_rows = {
    "DELETE FROM ONLY migrate.branch_label WHERE revision = $1", 1, {TEXTOID}, nullptr};
constinit Query insert_run = {
    "INSERT INTO migrate.run (run, operation, target, schema_name, tag, state, started_at, requested_by, session_role,"
    " application, client_addr, pid)"
    " VALUES (pg_catalog.nextval('migrate.run_id'), $1, $2, $3, $4, 'running', pg_catalog.clock_timestamp(), $5,"
    " SESSION_USER, nullif(pg_catalog.current_setting('application_name'), ''), pg_catalog.inet_client_addr(),"
    " pg_catalog.pg_backend_pid()) RETURNING run",
    5,
    {TEXTOID, TEXTOID, NAMEOID, TEXTOID, NAMEOID},
    nullptr};
constinit Query update_run = {
    "UPDATE ONLY migrate.run SET state = 'finished', outcome = 'done', finished_at = pg_catalog.clock_timestamp()"
    " WHERE run = $1",
    1,
    {INT8OID},
    nullptr};
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
constinit Query insert_log = {
    "INSERT INTO migrate.log (run, revision, direction, schema_name, tag, checksum, started_at, finished_at, outcome,"
    " statement, applied_by, session_role, application, client_addr, note)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'done', $9, $10, SESSION_USER,"
    " nullif(pg_catalog.current_setting('application_name'), ''), pg_catalog.inet_client_addr(), $11)",
    11,
    {INT8OID, TEXTOID, TEXTOID, NAMEOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID, NAMEOID, TEXTOID},
    nullptr};

const char *operation_name(RunOperation operation)
{
    switch (operation) {
    case RunOperation::upgrade:
        return "upgrade";
    case RunOperation::downgrade:
        return "downgrade";
    case RunOperation::stamp:
        return "stamp";
    case RunOperation::script:
        break;
    }
    return "script";
}

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

std::int64_t Catalogue::begin_run(RunOperation operation, const std::string &target,
                                  const std::optional<std::string> &schema, const std::optional<std::string> &tag)
{
    check_tables();
    check_sequence();
    const OwnerScope owner(owner_);
    Values values;
    values.text(operation_name(operation)).text(target).name(schema).text(tag).name(caller_name_);
    const Rows rows = run(insert_run, values);
    if (rows.size() != 1)
        throw core::Error(core::sqlstate::internal_error, "the row of the run could not be written");
    return rows.bigint(0, 1);
}

void Catalogue::finish_run(std::int64_t run_id)
{
    check_unchanged();
    const OwnerScope owner(owner_);
    Values values;
    values.bigint(run_id);
    change_one(update_run, values, "finishing run", std::to_string(run_id));
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

void Catalogue::log(const LogEntry &entry)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values values;
    values.bigint(entry.run).text(entry.revision).text(entry.direction);
    values.name(entry.schema).text(entry.tag).text(entry.checksum);
    values.timestamptz(entry.started_at).timestamptz(entry.finished_at).integer(entry.statements);
    values.name(caller_name_).text_or_null(entry.note);
    change_one(insert_log, values, "logging", entry.revision);
}

} // namespace pgmigrate::pg

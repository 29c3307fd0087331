// SPDX-License-Identifier: PostgreSQL
#include "pg/catalogue.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

// The rows of runs: migrate.run, migrate.journal, migrate.log.

namespace pgmigrate::pg
{

namespace
{

constinit Query insert_run = {
    "INSERT INTO migrate.run (run, operation, target, schema_name, tag, state, started_at, requested_by, session_role,"
    " application, client_addr, pid)"
    " VALUES (pg_catalog.nextval('migrate.run_id'), $1, $2, $3, $4, $6, pg_catalog.clock_timestamp(), $5,"
    " SESSION_USER, nullif(pg_catalog.current_setting('application_name'), ''),"
    " coalesce(pg_catalog.inet_client_addr(), $7::inet), pg_catalog.pg_backend_pid()) RETURNING run",
    7,
    {TEXTOID, TEXTOID, NAMEOID, TEXTOID, NAMEOID, TEXTOID, TEXTOID},
    nullptr};
constinit Query update_run_state = {
    "UPDATE ONLY migrate.run SET state = 'running', started_at = pg_catalog.clock_timestamp() WHERE run = $1",
    1,
    {INT8OID},
    nullptr};
constinit Query update_run_pid = {
    "UPDATE ONLY migrate.run SET pid = $2 WHERE run = $1", 2, {INT8OID, INT4OID}, nullptr};
constinit Query update_run = {
    "UPDATE ONLY migrate.run SET state = 'finished', outcome = $2, finished_at = pg_catalog.clock_timestamp(),"
    " sqlstate = $3, error = $4, detail = $5, hint = $6, context = $7 WHERE run = $1",
    7,
    {INT8OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID},
    nullptr};
constinit Query select_run = {
    "SELECT run, state, outcome, pid::bigint, requested_by, sqlstate, error, detail, hint, context, started_at"
    " FROM ONLY migrate.run WHERE run = $1",
    1,
    {INT8OID},
    nullptr};
constinit Query select_unfinished_runs = {
    "SELECT run, state, outcome, pid::bigint, requested_by, sqlstate, error, detail, hint, context, started_at"
    " FROM ONLY migrate.run WHERE state <> 'finished' AND schema_name IS NOT DISTINCT FROM $1 ORDER BY run",
    1,
    {NAMEOID},
    nullptr};
constinit Query select_run_of_process = {
    "SELECT run FROM ONLY migrate.run WHERE pid = $1 ORDER BY run DESC LIMIT 1", 1, {INT4OID}, nullptr};
// Of 0.1, whose journal knew nothing of the session.
constinit Query select_journal_of_0_1 = {
    "SELECT revision, direction, run, done::bigint, (running IS NOT NULL)::integer::bigint, fingerprints,"
    " objects_before::text[], started_at FROM ONLY migrate.journal WHERE schema_name IS NOT DISTINCT FROM $1",
    1,
    {NAMEOID},
    nullptr};
constinit Query select_journal = {
    "SELECT revision, direction, run, done::bigint, (running IS NOT NULL)::integer::bigint, fingerprints,"
    " objects_before::text[], started_at, (settings IS NOT NULL)::integer::bigint, settings, temporary, search_path,"
    " origin FROM ONLY migrate.journal WHERE schema_name IS NOT DISTINCT FROM $1",
    1,
    {NAMEOID},
    nullptr};
constinit Query select_begun = {
    "SELECT 1 FROM ONLY migrate.journal WHERE revision = $1 LIMIT 1", 1, {TEXTOID}, nullptr};
constinit Query upsert_journal_of_0_1 = {
    "INSERT INTO migrate.journal (schema_name, revision, direction, run, done, running, fingerprints, objects_before,"
    " started_at, updated_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8::oid[], $9, pg_catalog.clock_timestamp())"
    " ON CONFLICT ON CONSTRAINT journal_key DO UPDATE SET revision = excluded.revision, direction = excluded.direction,"
    " run = excluded.run, done = excluded.done, running = excluded.running, fingerprints = excluded.fingerprints,"
    " objects_before = excluded.objects_before, started_at = excluded.started_at, updated_at = excluded.updated_at",
    9,
    {NAMEOID, TEXTOID, TEXTOID, INT8OID, INT4OID, INT4OID, TEXTARRAYOID, TEXTARRAYOID, TIMESTAMPTZOID},
    nullptr};
constinit Query upsert_journal = {
    "INSERT INTO migrate.journal (schema_name, revision, direction, run, done, running, fingerprints, objects_before,"
    " started_at, updated_at, settings, temporary, search_path, origin)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8::oid[], $9, pg_catalog.clock_timestamp(), $10, $11, $12, $13)"
    " ON CONFLICT ON CONSTRAINT journal_key DO UPDATE SET revision = excluded.revision, direction = excluded.direction,"
    " run = excluded.run, done = excluded.done, running = excluded.running, fingerprints = excluded.fingerprints,"
    " objects_before = excluded.objects_before, started_at = excluded.started_at, updated_at = excluded.updated_at,"
    " settings = excluded.settings, temporary = excluded.temporary, search_path = excluded.search_path,"
    " origin = excluded.origin",
    13,
    {NAMEOID, TEXTOID, TEXTOID, INT8OID, INT4OID, INT4OID, TEXTARRAYOID, TEXTARRAYOID, TIMESTAMPTZOID, TEXTARRAYOID,
     TEXTARRAYOID, TEXTOID, TEXTOID},
    nullptr};
constinit Query delete_journal = {
    "DELETE FROM ONLY migrate.journal WHERE schema_name IS NOT DISTINCT FROM $1", 1, {NAMEOID}, nullptr};
constinit Query insert_log = {
    "INSERT INTO migrate.log (run, revision, direction, schema_name, tag, checksum, started_at, finished_at, outcome,"
    " sqlstate, error, statement, applied_by, session_role, application, client_addr, note)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $12 IS NULL THEN 'done' ELSE 'failed' END, $12, $13, $9, $10,"
    " SESSION_USER, nullif(pg_catalog.current_setting('application_name'), ''),"
    " coalesce(pg_catalog.inet_client_addr(), $14::inet), $11)",
    14,
    {INT8OID, TEXTOID, TEXTOID, NAMEOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID, NAMEOID, TEXTOID,
     TEXTOID, TEXTOID, TEXTOID},
    nullptr};
constinit Query select_logged_steps = {
    "SELECT revision, direction, statement::bigint,"
    " (extract(epoch FROM finished_at - started_at) * 1000000)::bigint"
    " FROM ONLY migrate.log WHERE run = $1 AND outcome = 'done' ORDER BY finished_at, ctid",
    1,
    {INT8OID},
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

const char *outcome_name(RunOutcome outcome)
{
    switch (outcome) {
    case RunOutcome::done:
        return "done";
    case RunOutcome::failed:
        return "failed";
    case RunOutcome::cancelled:
        return "cancelled";
    case RunOutcome::interrupted:
        break;
    }
    return "interrupted";
}

std::vector<std::string> flattened(const executor::SettingValues &settings)
{
    std::vector<std::string> flat;
    for (const executor::SettingValue &setting : settings)
        flat.insert(flat.end(), {setting.name, setting.value, setting.role});
    return flat;
}

StoredRun stored_run(const Rows &rows, std::uint64_t row)
{
    StoredRun run;
    run.run = rows.bigint(row, 1);
    run.state = rows.text(row, 2);
    run.outcome = rows.text(row, 3);
    run.pid = static_cast<int>(rows.bigint(row, 4));
    run.requested_by = rows.text(row, 5);
    run.failure = {rows.text(row, 6), rows.text(row, 7), rows.text(row, 8), rows.text(row, 9), rows.text(row, 10)};
    run.started_at = rows.timestamptz(row, 11).value_or(0);
    return run;
}

} // namespace

std::int64_t Catalogue::begin_run(RunOperation operation, const std::string &target,
                                  const std::optional<std::string> &schema, const std::optional<std::string> &tag,
                                  bool queued)
{
    check_tables();
    check_sequence();
    const OwnerScope owner(owner_);
    Values values;
    values.text(operation_name(operation)).text(target).name(schema).text(tag).name(caller_name_);
    values.text(queued ? "queued" : "running").text(client_addr_);
    const Rows rows = run(insert_run, values);
    if (rows.size() != 1)
        throw core::Error(core::sqlstate::internal_error, "the row of the run could not be written");
    return rows.bigint(0, 1);
}

void Catalogue::set_run_running(std::int64_t run_id)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values values;
    values.bigint(run_id);
    change_one(update_run_state, values, "beginning run", std::to_string(run_id));
}

void Catalogue::set_run_pid(std::int64_t run_id, int pid)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values values;
    values.bigint(run_id).integer(pid);
    change_one(update_run_pid, values, "changing run", std::to_string(run_id));
}

void Catalogue::finish_run(std::int64_t run_id, RunOutcome outcome, const std::optional<Failure> &failure)
{
    check_unchanged();
    const OwnerScope owner(owner_);
    Values values;
    values.bigint(run_id).text(outcome_name(outcome));
    if (failure) {
        values.text(failure->sqlstate).text(failure->message);
        values.text_or_null(failure->detail).text_or_null(failure->hint).text_or_null(failure->context);
    } else {
        values.null().null().null().null().null();
    }
    change_one(update_run, values, "finishing run", std::to_string(run_id));
}

std::optional<StoredRun> Catalogue::find_run(std::int64_t run_id, Snapshot snapshot)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values values;
    values.bigint(run_id);
    const Rows rows = run(select_run, values, snapshot);
    return rows.size() == 0 ? std::nullopt : std::optional<StoredRun>(stored_run(rows, 0));
}

std::vector<StoredRun> Catalogue::unfinished_runs(const std::optional<std::string> &schema)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values values;
    values.name(schema);
    const Rows rows = run(select_unfinished_runs, values);
    std::vector<StoredRun> runs;
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        runs.push_back(stored_run(rows, row));
    return runs;
}

std::int64_t Catalogue::run_of_process(int pid)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values values;
    values.integer(pid);
    const Rows rows = run(select_run_of_process, values);
    return rows.size() == 0 ? 0 : rows.bigint(0, 1);
}

std::optional<JournalEntry> Catalogue::read_journal(const std::optional<std::string> &schema, Snapshot snapshot)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values values;
    values.name(schema);
    const bool tells_session = journal_tells_session();
    const Rows rows = run(tells_session ? select_journal : select_journal_of_0_1, values, snapshot);
    if (rows.size() == 0)
        return std::nullopt;
    JournalEntry entry;
    entry.schema = schema;
    entry.revision = rows.text(0, 1);
    entry.direction = rows.text(0, 2);
    entry.run = rows.bigint(0, 3);
    entry.done = static_cast<int>(rows.bigint(0, 4));
    entry.running = rows.bigint(0, 5) != 0;
    entry.fingerprints = rows.text_array(0, 6);
    for (const std::string &oid : rows.text_array(0, 7))
        entry.objects_before.push_back(static_cast<Oid>(std::stoul(oid)));
    entry.started_at = rows.timestamptz(0, 8).value_or(0);
    if (!tells_session)
        return entry;
    if (rows.bigint(0, 9) != 0) {
        const std::vector<std::string> settings = rows.text_array(0, 10);
        entry.settings.emplace();
        for (std::size_t i = 0; i + 2 < settings.size(); i += 3)
            entry.settings->push_back({settings[i], settings[i + 1], settings[i + 2]});
    }
    entry.temporary = rows.text_array(0, 11);
    entry.search_path = rows.optional_text(0, 12);
    entry.origin = rows.optional_text(0, 13);
    return entry;
}

bool Catalogue::is_begun(const std::string &revision, Snapshot snapshot)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values values;
    values.text(revision);
    return run(select_begun, values, snapshot).size() > 0;
}

void Catalogue::write_journal(const JournalEntry &entry)
{
    check_tables();
    const OwnerScope owner(owner_);
    const MemoryScope memory;
    std::vector<std::string> objects;
    for (const Oid object : entry.objects_before)
        objects.push_back(std::to_string(object));
    Values values;
    values.name(entry.schema).text(entry.revision).text(entry.direction).bigint(entry.run).integer(entry.done);
    if (entry.running)
        values.integer(entry.done + 1);
    else
        values.null();
    values.text_array(entry.fingerprints).text_array(objects).timestamptz(entry.started_at);
    const bool tells_session = journal_tells_session();
    if (tells_session) {
        if (entry.settings)
            values.text_array(flattened(*entry.settings));
        else
            values.null();
        values.text_array(entry.temporary).text(entry.search_path).text(entry.origin);
    }
    change_one(tells_session ? upsert_journal : upsert_journal_of_0_1, values, "writing the journal of",
               entry.revision);
}

bool Catalogue::clear_journal(const std::optional<std::string> &schema)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values values;
    values.name(schema);
    return run(delete_journal, values).size() > 0;
}

void Catalogue::log(const LogEntry &entry)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values values;
    values.bigint(entry.run).text(entry.revision).text(entry.direction);
    values.name(entry.schema).text(entry.tag).text(entry.checksum);
    values.timestamptz(entry.started_at).timestamptz(entry.finished_at).integer(entry.statements);
    values.name(entry.applied_by.value_or(caller_name_)).text_or_null(entry.note);
    if (entry.failure)
        values.text(entry.failure->sqlstate).text(entry.failure->message);
    else
        values.null().null();
    values.text(client_addr_);
    change_one(insert_log, values, "logging", entry.revision);
}

std::vector<Catalogue::LoggedStep> Catalogue::logged_steps(std::int64_t run_id)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values values;
    values.bigint(run_id);
    const Rows rows = run(select_logged_steps, values);
    std::vector<LoggedStep> steps;
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        steps.push_back({rows.text(row, 1), rows.text(row, 2), rows.bigint(row, 3), rows.bigint(row, 4)});
    return steps;
}

} // namespace pgmigrate::pg

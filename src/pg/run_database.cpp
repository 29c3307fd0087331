// SPDX-License-Identifier: PostgreSQL
#include "pg/run_database.hpp"

#include "pg/lock_retries.hpp"
#include "pg/planning.hpp"
#include "pg/statement_timer.hpp"

extern "C" {
#include "executor/spi.h"
#include "tcop/dest.h"
#include "utils/timestamp.h"
}

namespace pgmigrate::pg
{

namespace
{

constinit Query select_held_cursors = {
    "SELECT 1 FROM pg_catalog.pg_cursors WHERE is_holdable AND creation_time >= pg_catalog.statement_timestamp()",
    0,
    {},
    nullptr};

void add_place(void *place)
{
    errcontext("%s", static_cast<const char *>(place));
}

// What SPI says of it.
int execute_sql(const char *sql, char *place)
{
    return call([&] {
        ErrorContextCallback context = {error_context_stack, add_place, place};
        error_context_stack = &context; // call() takes it off again
        SPIExecuteOptions options = {};
        options.dest = CreateDestReceiver(DestNone); // the rows of a SELECT are nobody's
        return SPI_execute_extended(sql, &options);
    });
}

} // namespace

std::string place_of(const executor::Step &step, std::size_t number)
{
    return "revision \"" + step.revision + "\", statement " + std::to_string(number) + ", line " +
           std::to_string(step.script.statements[number - 1].line);
}

bool turned_out_to_run_alone(const PgError &error, const executor::Statement &statement)
{
    return error.sqlstate() == core::sqlstate::active_sql_transaction &&
           (statement.command == "REINDEX" || statement.command == "CLUSTER" || statement.command == "REPACK");
}

void add_advice(PgError &error)
{
    const std::string code = error.sqlstate();
    if (code == "53200")
        error.set_hint(
            "All revisions of the call run in one transaction and keep their locks to its end. Give each a transaction "
            "of its own (pg_migrate.transaction_mode = per_revision), or raise max_locks_per_transaction.");
    else if (code == "55P04")
        error.set_hint(
            "A value that ALTER TYPE ... ADD VALUE adds can be used once its transaction is committed: call it with "
            "autocommit on, outside of a transaction block, where what follows ALTER TYPE runs in a transaction of its "
            "own.");
    else if (code == "2D000")
        error.set_hint("A procedure that ends transactions cannot be called within one: put the line "
                       "\"-- pg_migrate: no-transaction\" above the CALL.");
    else if (code == "42501" && error.data() != nullptr && error.data()->hint == nullptr)
        error.set_hint(
            "A script has the rights of the role that runs it; SET ROLE works as a statement of its own at the top "
            "level of the script, for roles that this role may assume.");
}

LogEntry log_entry(const executor::Step &step, core::Direction direction, std::int64_t run,
                   const std::optional<std::string> &schema, const std::optional<std::string> &tag)
{
    LogEntry entry;
    entry.run = run;
    entry.revision = step.revision;
    entry.direction = direction_name(direction);
    entry.schema = schema;
    entry.tag = tag;
    entry.checksum = step.checksum;
    entry.statements = static_cast<int>(step.script.statements.size());
    return entry;
}

executor::Timestamp RunDatabase::now()
{
    return GetCurrentTimestamp();
}

void RunDatabase::announce(const std::string &message)
{
    notice(message);
}

void RunDatabase::begin_script(const executor::Step &step)
{
    if (recorded_)
        board_.revision(step.revision, *recorded_ + 1, step.script.statements.size());
    if (attempt_ != nullptr)
        *attempt_ = {&step, 0, now(), {}};
    if (downs_ != nullptr)
        downs_->begin(step);
    if (settings_ == ScriptScope::Settings::end_with_scope)
        notice_going_on(step);
    scope_.emplace(catalogue_.caller(), schema_, settings_);
    set_script_running(true);
    if (settings_ == ScriptScope::Settings::end_with_scope) {
        in_force_ = {schema_, runner_lock_timeout()};
        if (in_force_.lock_timeout > 0)
            scope_->set_lock_timeout(in_force_.lock_timeout);
    }
    if (role_)
        scope_->set_role(role_);
}

void RunDatabase::end_script() noexcept
{
    if (settings_ == ScriptScope::Settings::end_with_scope)
        role_.reset();
    set_script_running(false);
    scope_.reset();
}

void RunDatabase::execute(const executor::Step &step, std::size_t number)
{
    const executor::Statement &statement = step.script.statements[number - 1];
    statement_ = number;
    board_.statement(number);
    if (attempt_ != nullptr)
        attempt_->statement = number;
    try {
        if (statement.role_change == executor::RoleChange::none)
            try_statement(step, number);
        else
            change_role(statement);
        pg::keep_in_force(in_force_);
        if (number == last_statement_.value_or(step.script.statements.size()))
            settle(step);
    } catch (PgError &error) {
        add_advice(error);
        if (turned_out_to_run_alone(error, statement))
            error.set_hint("Before the run it could not be seen that this statement cannot run in a transaction. Put "
                           "the line \"-- pg_migrate: no-transaction\" above it.");
        if (statement.role_change != executor::RoleChange::none)
            error.add_context(place_of(step, number));
        throw;
    } catch (core::Error &error) {
        error.set_detail(error.detail() + (error.detail().empty() ? "" : " ") + "At " + place_of(step, number) + ".");
        throw;
    }
}

void RunDatabase::try_statement(const executor::Step &step, std::size_t number)
{
    if (retries_ == 0) {
        run_statement_of(step, number, *scope_, whole_session_);
        return;
    }
    const auto attempt = [&] {
        Subtransaction subtransaction;
        run_statement_of(step, number, *scope_, whole_session_);
        subtransaction.commit();
    };
    with_lock_retries(retries_, attempt, [] { return true; });
}

void RunDatabase::change_role(const executor::Statement &statement)
{
    const bool sets = statement.role_change == executor::RoleChange::set;
    const std::optional<std::string> role = sets ? std::optional(statement.role) : std::nullopt;
    scope_->set_role(role);
    if (!statement.role_is_local)
        role_ = role;
}

// What a script leaves for the commit runs with the rights of the session, which may have others than the caller: a
// SECURITY DEFINER function calls, or SET ROLE is in force. Then deferred triggers fire now, and no cursor stays.
void RunDatabase::settle(const executor::Step &step)
{
    if (catalogue_.caller().user == GetSessionUserId())
        return;
    scope_->set_role(std::nullopt);
    try {
        call([] { SPI_execute("SET CONSTRAINTS ALL IMMEDIATE", false, 0); });
    } catch (PgError &error) {
        error.add_context("revision \"" + step.revision + "\", what it leaves for the commit");
        throw;
    }
    const SettingScope path("search_path", "pg_catalog, pg_temp");
    Values none;
    if (run(select_held_cursors, none).size() > 0)
        throw core::Error(core::sqlstate::forbidden_statement,
                          "revision \"" + step.revision + "\" leaves a cursor WITH HOLD behind")
            .detail("It would be read at commit, with the rights of the session instead of those of \"" +
                    catalogue_.caller_name() + "\".");
}

void run_statement_of(const executor::Step &step, std::size_t number, ScriptScope &scope, bool whole_session)
{
    scope.keep_strings_standard();
    const executor::Statement &statement = step.script.statements[number - 1];
    const std::string text(step.script.statement_text(statement));
    const char *sql = text.c_str();
    std::string place = place_of(step, number);
    char *where = place.data();
    StatementTimer timer(statement_limit(whole_session));
    int code = 0;
    try {
        code = execute_sql(sql, where);
        timer.finish();
    } catch (PgError &error) {
        timer.explain(error);
        throw;
    }
    if (code < 0)
        throw core::Error(core::sqlstate::feature_not_supported,
                          statement.command + " cannot run in a migration script")
            .detail(std::string("SPI says ") + SPI_result_code_string(code) + ".");
}

void RunDatabase::record(const executor::Step &step, const std::vector<core::RowChange> &changes,
                         const executor::StepOutcome &outcome)
{
    if (downs_ != nullptr)
        downs_->end(catalogue_, step);
    const MemoryScope memory;
    catalogue_.write_version_changes(changes, schema_, run_);
    LogEntry entry = log_entry(step, outcome.direction, run_, schema_, tag_);
    entry.started_at = outcome.started_at;
    entry.finished_at = outcome.finished_at;
    if (step.done > 0 || step.in_doubt)
        catalogue_.clear_journal(schema_);
    catalogue_.log(entry);
    if (recorded_)
        ++*recorded_;
    if (attempt_ != nullptr)
        attempt_->step = nullptr;
}

void log_stamp(Catalogue &catalogue, std::int64_t run, const core::RowChange &change,
               const std::optional<std::string> &schema)
{
    LogEntry entry;
    entry.run = run;
    entry.direction = "stamp";
    entry.schema = schema;
    entry.started_at = entry.finished_at = GetCurrentTimestamp();
    switch (change.action) {
    case core::RowAction::insert:
        entry.revision = change.to;
        entry.note = "insert";
        break;
    case core::RowAction::update:
        entry.revision = change.to;
        entry.note = "update from " + change.from;
        break;
    case core::RowAction::remove:
        entry.revision = change.from;
        entry.note = "delete";
        break;
    }
    catalogue.log(entry);
}

} // namespace pgmigrate::pg

// SPDX-License-Identifier: PostgreSQL
#include "worker/worker_database.hpp"

#include "pg/deferred_cancel.hpp"
#include "pg/drift.hpp"
#include "pg/fault_point.hpp"
#include "pg/lock_retries.hpp"
#include "pg/names.hpp"
#include "pg/run_database.hpp"
#include "pg/settings.hpp"
#include "pg/statement_timer.hpp"

extern "C" {
#include "access/xact.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
}

namespace pgmigrate::worker
{

namespace
{

// How long each wait may take of what cleans up after a statement that has been cancelled.
constexpr const char *longest_clean_up = "1s";

const executor::Statement &statement_of(const executor::Step &step, std::size_t number)
{
    return step.script.statements[number - 1];
}

core::Error in_doubt(const executor::Step &step, std::size_t number, const std::string &detail,
                     const std::optional<std::string> &schema)
{
    return core::Error(core::sqlstate::statement_in_doubt, "statement " + std::to_string(number) + " of revision \"" +
                                                               step.revision + "\" cannot be gone on with")
        .detail(detail)
        .hint("Look at the database. Then " + pg::resolve_call(step.revision, "run", schema) +
              " has it run again by the next call, and " + pg::resolve_call(step.revision, "done", schema) +
              " counts it as done.");
}

} // namespace

WorkerDatabase::WorkerDatabase(pg::WorkerSession &session, const Assignment &assignment, const LineLocks &locks,
                               const std::vector<executor::Step> &steps, pg::ProgressBoard &board)
    : session_(session), assignment_(assignment), locks_(locks), steps_(steps), board_(board),
      downs_(assignment.request.schema),
      script_session_(assignment.caller, {assignment.request.schema, pg::runner_lock_timeout()})
{
}

pg::Catalogue WorkerDatabase::catalogue() const
{
    return pg::Catalogue(assignment_.function, assignment_.caller, assignment_.client_addr);
}

std::string WorkerDatabase::activity(const executor::Step &step) const
{
    return std::string("pg_migrate: ") + pg::direction_name(assignment_.request.direction) + " " + step.revision;
}

executor::Timestamp WorkerDatabase::now()
{
    return GetCurrentTimestamp();
}

void WorkerDatabase::announce(const std::string &message)
{
    pg::notice(message);
}

void WorkerDatabase::check_stop()
{
    session_.flush();
    if (session_.independent() || !session_.caller_gone())
        return;
    throw core::Error(core::sqlstate::query_canceled, "the migration stops here, because its caller is gone")
        .hint("The next call goes on where it stopped.");
}

void WorkerDatabase::begin_revision(const executor::Step &step, std::size_t position)
{
    step_ = &step;
    position_ = position;
    statement_ = step.done;
    started_at_ = now();
    role_.reset();
    board_.revision(step.revision, position + 1, step.script.statements.size());
    const std::vector<executor::Segment> segments = executor::segments_of(step.script, step.done);
    settings_stay_ = step.done > 0 || segments.size() > 1 || (segments.size() == 1 && segments.front().alone);
    if (settings_stay_)
        continue_session(step);
    if (step.lacks_down && pg::derives_down())
        remember_schema(step);
    pg::fault_point("revision_begun");
}

// Before the first transaction of the revision, for the way back that is derived behind its last one.
void WorkerDatabase::remember_schema(const executor::Step &step)
{
    pg::Transaction transaction(activity(step));
    downs_.begin(step);
    transaction.commit();
}

// The settings of a script that goes on over several transactions, as the statements that are done have left them.
void WorkerDatabase::continue_session(const executor::Step &step)
{
    pg::notice_going_on(step);
    pg::Transaction transaction(activity(step));
    {
        pg::Catalogue tables = catalogue();
        script_session_.begin();
        role_ = executor::role_after(step.script, step.done);
        if (step.settings)
            script_session_.go_on_with(step);
        else
            take_over_statements(step, tables);
    }
    transaction.commit();
}

// A journal of 0.1 does not tell the settings.
void WorkerDatabase::take_over_statements(const executor::Step &step, pg::Catalogue &tables)
{
    pg::RunDatabase database(tables, assignment_.run, assignment_.request.schema, assignment_.request.tag, board_,
                             pg::ScriptScope::Settings::stay);
    for (std::size_t number = 1; number <= step.done; ++number)
        if (executor::changes_session(statement_of(step, number)) && statement_of(step, number).transactional)
            executor::run_statements(database, step, number, number, interrupts_);
}

executor::StepOutcome WorkerDatabase::run_segment(const executor::Step &step, const executor::Segment &segment,
                                                  const executor::Ending *ending)
{
    try {
        const auto attempt = [&] { return try_segment(step, segment, ending); };
        const auto again = [&] { return locks_.take_again(assignment_.run); };
        return pg::with_retries(
            pg::serialization_retries, pg::is_serialization_failure,
            [&] { return pg::with_lock_retries(pg::lock_retries(), attempt, again); }, again);
    } catch (const pg::PgError &error) {
        const std::size_t number = statement_;
        if (number < segment.first || !pg::turned_out_to_run_alone(error, statement_of(step, number)) ||
            !locks_.take_again(assignment_.run))
            throw;
    }
    return run_segment_around(step, segment, statement_, ending);
}

// A statement of the segment cannot run in a transaction after all. The transaction has been rolled back; what came
// before the statement is committed now, and what comes after it begins anew.
executor::StepOutcome WorkerDatabase::run_segment_around(const executor::Step &step, const executor::Segment &segment,
                                                         std::size_t number, const executor::Ending *ending)
{
    board_.nontransactional_ahead(true);
    if (!settings_stay_) {
        settings_stay_ = true;
        continue_session(step);
    }
    if (number > segment.first)
        run_segment(step, {segment.first, number - 1, false}, nullptr);
    run_alone(step, number, false);
    return run_segment(step, {number + 1, segment.last, false}, ending);
}

executor::StepOutcome WorkerDatabase::try_segment(const executor::Step &step, const executor::Segment &segment,
                                                  const executor::Ending *ending)
{
    executor::StepOutcome outcome = ending != nullptr ? ending->outcome : executor::StepOutcome{};
    std::optional<std::string> role = role_;
    const bool is_last = ending != nullptr && position_ + 1 == steps_.size();
    bool leaves_temporary = false;
    pg::Transaction transaction(activity(step), pg::Transaction::Snapshot::taken, pg::Transaction::Isolation::session);
    {
        pg::Catalogue tables = catalogue();
        pg::RunDatabase database(tables, assignment_.run, assignment_.request.schema, assignment_.request.tag, board_,
                                 settings_stay_ ? pg::ScriptScope::Settings::stay
                                                : pg::ScriptScope::Settings::end_with_scope);
        database.continue_with_role(role);
        database.keep_in_force(script_session_.in_force());
        database.end_at(segment.last);
        database.derive_downs(downs_);
        if (session_.independent())
            database.obey_statement_timeout();
        statement_ = segment.first;
        try {
            executor::run_statements(database, step, segment.first, segment.last, interrupts_);
        } catch (...) {
            statement_ = database.statement();
            throw;
        }
        statement_ = segment.last;
        role = database.role();
        outcome.finished_at = now();
        pg::fault_point("segment_run");
        const pg::SettingScope application("application_name", assignment_.application);
        if (ending != nullptr) {
            database.record(step, ending->changes, outcome);
        } else {
            const pg::JournalEntry written = entry(step, segment.last, false);
            leaves_temporary = !written.temporary.empty();
            tables.write_journal(written);
        }
        if (ending != nullptr && settings_stay_)
            tables.clear_journal(assignment_.request.schema);
        // With the last step: a crash between the two would leave a run that no call comes to close. Until then the
        // snapshot that was kept is out of date.
        if (is_last) {
            pg::keep_snapshot(tables, assignment_.request.schema, assignment_.run);
            tables.finish_run(assignment_.run);
        } else {
            tables.forget_snapshot(assignment_.request.schema);
        }
    }
    transaction.commit();
    complete_ = is_last;
    role_ = role;
    if (leaves_temporary)
        correct_journal(step, segment.last);
    if (ending != nullptr)
        step_ = nullptr; // what fails from here on is not the revision's failure
    pg::fault_point(ending != nullptr ? "revision_recorded" : "segment_committed");
    return outcome;
}

// In a transaction.
pg::Role WorkerDatabase::script_role() const
{
    if (!role_)
        return assignment_.roles.current_user;
    const char *name = role_->c_str();
    return pg::role_of(pg::call([&] { return get_role_oid(name, false); }));
}

pg::JournalEntry WorkerDatabase::entry(const executor::Step &step, std::size_t done, bool running) const
{
    pg::JournalEntry entry;
    entry.schema = assignment_.request.schema;
    entry.revision = step.revision;
    entry.direction = pg::direction_name(assignment_.request.direction);
    entry.run = assignment_.run;
    entry.done = static_cast<int>(done);
    entry.running = running;
    for (std::size_t number = 1; number <= done + (running ? 1 : 0); ++number)
        entry.fingerprints.push_back(pg::fingerprint(step.script, statement_of(step, number)));
    entry.started_at = started_at_;
    script_session_.describe(entry);
    return entry;
}

// Some temporary objects are gone when the transaction has committed: ON COMMIT DROP.
void WorkerDatabase::correct_journal(const executor::Step &step, std::size_t done)
{
    pg::Transaction transaction(activity(step));
    {
        pg::Catalogue tables = catalogue();
        tables.write_journal(entry(step, done, false));
    }
    transaction.commit();
}

// The lock on the relation that a statement works on, which it would wait for itself: taken before, under the timeout
// that is for such locks. The waits within the statement, for all transactions to end, are
// supposed to be long.
class WorkerDatabase::LockedRelation
{
  public:
    LockedRelation(WorkerDatabase &database, const executor::Step &step, const std::string &sql)
    {
        lock(database, step, sql);
    }
    LockedRelation(const LockedRelation &) = delete;
    LockedRelation &operator=(const LockedRelation &) = delete;
    ~LockedRelation()
    {
        if (locked())
            pg::unlock_relation(relation_);
    }
    bool locked() const { return OidIsValid(relation_); }

  private:
    void lock(WorkerDatabase &database, const executor::Step &step, const std::string &sql)
    {
        Oid relation = InvalidOid;
        {
            pg::Transaction transaction(database.activity(step));
            {
                const pg::Catalogue tables = database.catalogue();
                pg::ScriptScope scope(tables.caller(), std::nullopt, pg::ScriptScope::Settings::stay);
                scope.set_role(database.role_);
                relation = pg::relation_to_lock(sql);
            }
            transaction.commit();
        }
        if (!OidIsValid(relation))
            return;
        pg::Transaction transaction(database.activity(step), pg::Transaction::Snapshot::none);
        pg::lock_relation(relation);
        transaction.commit();
        relation_ = relation;
    }

    Oid relation_ = InvalidOid;
};

// What is known of the statement before it runs, or after a crash of what it has left.
pg::Advice WorkerDatabase::advise(const executor::Step &step, const std::string &sql, bool in_doubt)
{
    pg::Transaction transaction(activity(step));
    pg::Advice advice;
    {
        const pg::Catalogue tables = catalogue();
        pg::ScriptScope scope(tables.caller(), std::nullopt, pg::ScriptScope::Settings::stay);
        scope.set_role(role_);
        std::vector<Oid> before(step.objects_before.begin(), step.objects_before.end());
        if (!before.empty() && !step.objects_are_here)
            before = pg::objects_by_name(sql);
        advice = in_doubt ? pg::advise_in_doubt(sql, before) : pg::advise_before(sql);
    }
    transaction.commit();
    return advice;
}

// Writes down that the statement is about to run, and what is there before it.
std::vector<Oid> WorkerDatabase::intend(const executor::Step &step, std::size_t number, const std::string &sql)
{
    pg::Transaction transaction(activity(step));
    pg::JournalEntry intention;
    {
        pg::Catalogue tables = catalogue();
        intention = entry(step, number - 1, true);
        {
            pg::ScriptScope scope(tables.caller(), std::nullopt, pg::ScriptScope::Settings::stay);
            scope.set_role(role_);
            intention.objects_before = pg::objects_before(sql);
        }
        tables.write_journal(intention);
    }
    // Also under synchronous_commit = off: what the statement does may be on disk before its next commit is.
    pg::call([] { ForceSyncCommit(); });
    transaction.commit();
    pg::fault_point("statement_intended");
    return intention.objects_before;
}

void WorkerDatabase::confirm(const executor::Step &step, std::size_t number)
{
    pg::fault_point("statement_run");
    {
        pg::Transaction transaction(activity(step));
        {
            pg::Catalogue tables = catalogue();
            pg::keep_in_force(script_session_.in_force());
            if (statement_of(step, number).command == "DISCARD ALL")
                role_.reset();
            tables.write_journal(entry(step, number, false));
        }
        transaction.commit();
    }
    board_.nontransactional_ahead(executor::runs_alone_after(steps_, position_, number));
    pg::fault_point("statement_confirmed");
}

void WorkerDatabase::run_alone(const executor::Step &step, std::size_t number, bool in_doubt_before)
{
    const std::string sql(step.script.statement_text(statement_of(step, number)));
    statement_ = number;
    board_.statement(number);
    AloneState state = {in_doubt_before, true};
    try {
        pg::with_lock_retries(
            pg::lock_retries(), [&] { try_alone(step, number, sql, state); },
            [&] { return state.repeatable && locks_.take_again(assignment_.run); });
    } catch (pg::PgError &error) {
        pg::add_advice(error);
        error.add_context(pg::place_of(step, number));
        throw;
    }
}

void WorkerDatabase::try_alone(const executor::Step &step, std::size_t number, const std::string &sql,
                               AloneState &state)
{
    pg::StatementTimer timer(pg::statement_limit(session_.independent()));
    try {
        const LockedRelation relation(*this, step, sql);
        const pg::Advice advice = advise(step, sql, state.in_doubt);
        if (advice.action == pg::Action::stop)
            throw in_doubt(step, number, advice.detail, assignment_.request.schema);
        if (!advice.notice.empty())
            pg::notice(advice.notice);
        for (const std::string &before : advice.first)
            run_at_top_level(step, before, relation.locked(), false);
        if (advice.action == pg::Action::run)
            run_intended(step, number, sql, advice.instead.empty() ? sql : advice.instead, relation.locked(), timer,
                         state);
        timer.stop();
        const pg::DeferredCancel deferred;
        confirm(step, number);
    } catch (pg::PgError &error) {
        timer.explain(error);
        throw;
    }
}

void WorkerDatabase::run_intended(const executor::Step &step, std::size_t number, const std::string &sql,
                                  const std::string &instead, bool locked, pg::StatementTimer &timer, AloneState &state)
{
    const std::vector<Oid> before = intend(step, number, sql);
    const std::string &command = statement_of(step, number).command;
    state.repeatable = false;
    try {
        run_at_top_level(step, instead, locked, command == "DISCARD ALL");
        // It is committed, however long that took.
        timer.stop();
    } catch (pg::PgError &error) {
        timer.explain(error);
        timer.stop();
        pg::name_blockers(error);
        if (clean_up(step, number, sql, before, error.sqlstate() == core::sqlstate::query_canceled)) {
            state.in_doubt = false;
            state.repeatable = command != "CALL" && command != "DO"; // those may have committed a part
        }
        throw;
    }
}

// The waits within CONCURRENTLY are supposed to be long: the lock on the relation has been waited for before.
void WorkerDatabase::run_at_top_level(const executor::Step &step, const std::string &sql, bool locked, bool discards)
{
    pg::Role role{};
    {
        pg::Transaction transaction(activity(step));
        role = script_role();
        transaction.commit();
    }
    const pg::SessionSetting strings("standard_conforming_strings", "on");
    std::optional<pg::SessionSetting> no_timeout;
    if (locked)
        no_timeout.emplace("lock_timeout", "0");
    pg::run_alone(sql, role, assignment_.roles, discards);
}

std::string WorkerDatabase::left_half_done(const pg::Catalogue &tables, const std::string &sql,
                                           const std::vector<Oid> &before) const
{
    pg::ScriptScope scope(tables.caller(), std::nullopt, pg::ScriptScope::Settings::stay);
    scope.set_role(role_);
    return pg::left_half_done(sql, before);
}

// After a failure that is known: what the statement has left is removed, and it counts as not begun. Where that fails
// as well it stays in doubt, for the next run to look at.
bool WorkerDatabase::clean_up(const executor::Step &step, std::size_t number, const std::string &sql,
                              const std::vector<Oid> &before, bool cancelled) noexcept
{
    try {
        // The error has released all locks; whoever has taken the line over finds the statement in doubt.
        if (!locks_.take_again(assignment_.run))
            return false;
        pg::fault_point("statement_failed");
        std::vector<std::string> statements;
        {
            pg::Transaction transaction(activity(step));
            {
                const pg::Catalogue tables = catalogue();
                pg::ScriptScope scope(tables.caller(), std::nullopt, pg::ScriptScope::Settings::stay);
                scope.set_role(role_);
                statements = pg::clean_up(sql, before);
            }
            transaction.commit();
        }
        {
            // Whoever has cancelled the statement does not want to wait for what that one has waited for.
            std::optional<pg::SessionSetting> soon;
            if (cancelled)
                soon.emplace("lock_timeout", longest_clean_up);
            for (const std::string &statement : statements)
                run_at_top_level(step, statement, false, false);
        }
        std::string half_done;
        {
            pg::Transaction transaction(activity(step));
            {
                pg::Catalogue tables = catalogue();
                half_done = left_half_done(tables, sql, before);
                if (!half_done.empty())
                    pg::warning("statement " + std::to_string(number) + " of revision \"" + step.revision +
                                    "\" was interrupted: " + half_done,
                                {}, "The next call goes on with it.");
                else if (number > 1)
                    tables.write_journal(entry(step, number - 1, false));
                else
                    tables.clear_journal(assignment_.request.schema);
            }
            transaction.commit();
        }
        pg::fault_point("statement_cleaned");
        return half_done.empty();
    } catch (const std::exception &error) {
        try {
            pg::warning("what statement " + std::to_string(number) + " of revision \"" + step.revision +
                            "\" has left could not be removed: " + error.what(),
                        {}, "The next call looks after it.");
        } catch (const std::exception &) {
            return false; // nobody listens
        }
        return false;
    }
}

void WorkerDatabase::end_revision(const executor::Step &step)
{
    if (settings_stay_) {
        pg::Transaction transaction(activity(step));
        {
            const pg::Catalogue tables = catalogue();
            ScriptSession::end();
        }
        transaction.commit();
    }
    statement_ = 0;
}

} // namespace pgmigrate::worker

// SPDX-License-Identifier: PostgreSQL

// The worker that loads a model, connected to the scratch database as the caller.

#include "pg/scratch.hpp"

#include "pg/fault_point.hpp"
#include "pg/model_text.hpp"
#include "pg/scratch_order.hpp"
#include "pg/session_settings.hpp"
#include "pg/spi.hpp"
#include "pg/transaction.hpp"

#include <algorithm>

extern "C" {
#include "catalog/namespace.h"
#include "utils/acl.h"
#include "utils/guc.h"
}

namespace pgmigrate::pg
{

namespace
{

constexpr const char *activity = "pg_migrate: loading a model";

struct Setting {
    const char *name;
    const char *value;
};

// What the caller has set for his own work and not for this one.
constexpr Setting settings_of_loader[] = {
    {"check_function_bodies", "off"}, // functions may refer to what comes below
    {"synchronous_commit", "off"},    // nothing of it is to last
    {"default_transaction_read_only", "off"},
    {"default_transaction_deferrable", "off"},
    {"default_transaction_isolation", "read committed"},
    // Nobody else may connect to the database, parallel workers of some versions among them.
    {"max_parallel_workers_per_gather", "0"},
    {"max_parallel_maintenance_workers", "0"},
};

const ScratchTask &find_task(std::span<const ScratchTask> tasks, const std::string &name)
{
    const auto task =
        std::find_if(tasks.begin(), tasks.end(), [&](const ScratchTask &one) { return one.name == name; });
    if (task == tasks.end())
        throw core::Error(core::sqlstate::internal_error, "the background worker knows no task \"" + name + "\"");
    return *task;
}

// Cancel, termination, shutdown: no fault of the statement.
bool is_intervention(std::string_view sqlstate)
{
    return sqlstate.starts_with("57");
}

class Loader
{
  public:
    explicit Loader(WorkerSession &session) : session_(session), order_(decode_scratch_order(session.payload())) {}

    void prepare();
    void run_text();
    void settle();
    std::string run_task(const ScratchTask &task) const;
    const std::string &task() const { return order_.task; }

  private:
    void run(const ModelStatement &statement);
    void run_as_told(const ModelStatement &statement);
    static bool has_public();
    Role find_role(const std::string &name) const;

    WorkerSession &session_;
    const ScratchOrder order_;
    SessionRoles roles_{};
    Role role_{}; // that the text has set
};

void Loader::prepare()
{
    Transaction transaction(activity);
    roles_ = {role_of(GetSessionUserId()), role_of(session_.caller().user)};
    role_ = roles_.current_user;
    for (const Setting &setting : settings_of_loader)
        set_for_session(setting.name, setting.value);
    // A model may have hundreds of IF [NOT] EXISTS that skip something.
    if (call([] { return client_min_messages; }) < WARNING)
        set_for_session("client_min_messages", "warning");
    {
        const SpiConnection spi;
        remember_settings();
    }
    transaction.commit();
}

void Loader::run_text()
{
    const ModelStatement *begin = nullptr; // of the transaction block that is open
    for (const ModelStatement &statement : order_.model.statements) {
        session_.flush();
        if (session_.caller_gone())
            throw core::Error(core::sqlstate::query_canceled, "the caller of this worker is gone");
        run(statement);
        if (!in_transaction_block())
            begin = nullptr;
        else if (begin == nullptr)
            begin = &statement;
    }
    if (begin != nullptr)
        throw core::Error(core::sqlstate::active_sql_transaction, "the model ends within a transaction block")
            .detail("It begins here: " + describe_statement_of_model(order_.model.text, *begin))
            .hint("Add a COMMIT, or take out the BEGIN.");
}

void Loader::run(const ModelStatement &statement)
{
    try {
        run_as_told(statement);
    } catch (PgError &error) {
        if (!is_intervention(error.sqlstate()))
            add_place(error, order_.model.text, statement);
        throw;
    } catch (core::Error &error) {
        error.set_detail(describe_statement_of_model(order_.model.text, statement));
        throw;
    }
}

void Loader::run_as_told(const ModelStatement &statement)
{
    switch (statement.action) {
    case ModelAction::set_role:
        role_ = find_role(statement.role);
        return;
    case ModelAction::reset_role:
        role_ = roles_.current_user;
        return;
    case ModelAction::discard_all:
        role_ = roles_.current_user;
        break;
    case ModelAction::create_public:
        if (has_public())
            return;
        break;
    case ModelAction::run:
        break;
    }
    const SessionSetting strings("standard_conforming_strings", "on");
    run_alone(order_.model.text.substr(statement.offset, statement.length), role_, roles_,
              statement.action == ModelAction::discard_all);
}

// Every new database has it.
bool Loader::has_public()
{
    Transaction transaction(activity);
    const bool has = call([] { return OidIsValid(get_namespace_oid("public", true)); });
    transaction.commit();
    return has;
}

// As a script may set it: see ScriptScope.
Role Loader::find_role(const std::string &name) const
{
    Transaction transaction(activity);
    const char *role = name.c_str();
    const Oid oid = call([&] { return get_role_oid(role, false); });
    if (!call([&] { return compat::may_set_role(roles_.current_user.oid, oid); }))
        throw core::Error(core::sqlstate::insufficient_privilege, "permission denied to set role \"" + name + "\"")
            .hint("A model is loaded with the rights of the role that loads it, and of the roles which that role may "
                  "assume.");
    const Role found = role_of(oid);
    transaction.commit();
    return found;
}

// The task finds the settings of the caller, whatever the text has made of them: what it compares with has been read
// under those.
void Loader::settle()
{
    Transaction transaction(activity);
    {
        const SpiConnection spi;
        restore_settings();
    }
    transaction.commit();
}

std::string Loader::run_task(const ScratchTask &task) const
{
    Transaction transaction("pg_migrate: reading a model");
    std::string result = task.run(order_.payload);
    transaction.commit();
    return result;
}

} // namespace

void load_model(WorkerSession &session, std::span<const ScratchTask> tasks)
{
    fix_roles();
    Loader loader(session);
    const ScratchTask &task = find_task(tasks, loader.task());
    loader.prepare();
    loader.run_text();
    loader.settle();
    fault_point("model_loaded");
    session.send_result(loader.run_task(task));
    fault_point("model_read");
    session.finished();
}

} // namespace pgmigrate::pg

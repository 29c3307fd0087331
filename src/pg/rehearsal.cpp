// SPDX-License-Identifier: PostgreSQL
#include "pg/rehearsal.hpp"

#include "pg/plain_form.hpp"
#include "pg/run_database.hpp"

namespace pgmigrate::pg
{

namespace
{

// What else a script may do while it is rehearsed is what it may do when it runs.
class ScriptMark
{
  public:
    ScriptMark() { set_script_running(true); }
    ScriptMark(const ScriptMark &) = delete;
    ScriptMark &operator=(const ScriptMark &) = delete;
    ~ScriptMark() { set_script_running(false); }
};

} // namespace

void Rehearsal::run(const executor::Step &step)
{
    ServerInterrupts interrupts;
    ScriptScope scope(catalogue_.caller(), schema_);
    const ScriptMark mark;
    for (std::size_t number = 1; number <= step.script.statements.size(); ++number) {
        interrupts.check();
        const executor::Statement &statement = step.script.statements[number - 1];
        try {
            if (statement.role_change != executor::RoleChange::none) {
                const bool sets = statement.role_change == executor::RoleChange::set;
                scope.set_role(sets ? std::optional(statement.role) : std::nullopt);
            } else if (statement.transactional) {
                run_statement_of(step, number, scope, false);
            } else {
                run_statement(step, number);
            }
        } catch (PgError &error) {
            add_advice(error);
            if (error.sqlstate() == std::string_view("55P04"))
                error.set_hint(
                    "What is tried out here is not committed, and a value that ALTER TYPE ... ADD VALUE adds can "
                    "be used once it is. Put ALTER TYPE into a revision of its own and upgrade to that first.");
            throw;
        }
    }
}

void Rehearsal::run_statement(const executor::Step &step, std::size_t number)
{
    const executor::Statement &statement = step.script.statements[number - 1];
    PlainForm form = PlainForm::impossible;
    try {
        form = run_plain_form(std::string(step.script.statement_text(statement)));
    } catch (PgError &error) {
        error.add_context(place_of(step, number));
        throw;
    }
    if (form == PlainForm::unnecessary)
        passed_over_.push_back(statement.command + ", line " + std::to_string(statement.line));
    if (form == PlainForm::impossible)
        throw core::Error(core::sqlstate::feature_not_supported,
                          statement.command + " cannot be tried out in a transaction")
            .detail("It is at " + place_of(step, number) + ".")
            .hint("Write the down script of this revision by hand.");
}

} // namespace pgmigrate::pg

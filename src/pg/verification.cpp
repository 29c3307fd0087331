// SPDX-License-Identifier: PostgreSQL
#include "pg/verification.hpp"

#include "model/diff.hpp"
#include "model/text.hpp"
#include "pg/locks.hpp"
#include "pg/rehearsal.hpp"
#include "pg/script.hpp"
#include "pg/way_back.hpp"

#include <algorithm>

namespace pgmigrate::pg
{

namespace
{

std::string message_of(const PgError &error)
{
    return error.sqlstate() + ": " + error.what();
}

// A line per object: "after down: table public.x: added".
std::string describe(const model::Plan &plan, std::string_view when)
{
    std::string text;
    for (const model::Difference &each : plan.differences)
        text += model::cat(text.empty() ? "" : "\n", when, ": ", model::info(each.kind).name, " ", each.identity, ": ",
                           each.change);
    return text;
}

class Turn
{
  public:
    Turn(Rehearsal &rehearsal, const std::optional<std::string> &schema, core::InterruptCheck &interrupts)
        : rehearsal_(rehearsal), schema_(schema), interrupts_(interrupts)
    {
    }

    model::Snapshot now() const { return read_schema(scope_of(schema_)); }

    // Runs `step` and leaves it run, or `result` says why not.
    bool up(const executor::Step &step, VerifiedRevision &result)
    {
        try {
            Subtransaction subtransaction;
            rehearsal_.run(step);
            subtransaction.commit();
            result.up = true;
        } catch (const PgError &error) {
            result.difference = "up: " + message_of(error);
        } catch (const core::Error &error) {
            result.difference = "up: " + error.message();
        }
        return result.up;
    }

    // Tries the way back and the way up again, from `after` to `before`, and leaves nothing of it.
    void there_and_back(const executor::Step &up, const executor::Step &down, const model::Snapshot &before,
                        const model::Snapshot &after, VerifiedRevision &result)
    {
        std::string_view what = "down: ";
        const auto add = [&](const std::string &text) {
            result.difference += model::cat(result.difference.empty() || text.empty() ? "" : "\n", text);
        };
        try {
            const Subtransaction undone;
            rehearsal_.run(down);
            result.down = true;
            add(compare(before, "after down"));
            what = "up again: ";
            rehearsal_.run(up);
            add(compare(after, "after up again"));
            result.identical = result.difference.empty();
        } catch (const PgError &error) {
            add(model::cat(what, message_of(error)));
        } catch (const core::Error &error) {
            add(model::cat(what, error.message()));
        }
    }

  private:
    // What the database is now, against what it should be. Of what is not compared it is known whether it is there.
    std::string compare(const model::Snapshot &wanted, std::string_view when)
    {
        const model::Snapshot found = now();
        std::string text = describe(model::diff(wanted, found, {}, interrupts_), when);
        const auto add = [&](const std::vector<std::string> &those, const std::vector<std::string> &others,
                             std::string_view change) {
            for (const std::string &each : those)
                if (!std::binary_search(others.begin(), others.end(), each))
                    text += model::cat(text.empty() ? "" : "\n", when, ": ", each, ": ", change);
        };
        add(found.unknown, wanted.unknown, "added");
        add(wanted.unknown, found.unknown, "removed");
        return text;
    }

    Rehearsal &rehearsal_;
    const std::optional<std::string> &schema_;
    core::InterruptCheck &interrupts_;
};

} // namespace

executor::Step Verification::down_step(const executor::Step &up, const StoredRevision &stored,
                                       const std::optional<std::string> &schema)
{
    executor::Step down;
    down.revision = up.revision;
    down.script.text = stored.down.value_or("");
    const ScriptScope scope(catalogue_.caller(), schema);
    down.script.statements = parse_script(down.script.text, {down.revision, "down"});
    return down;
}

void Verification::run(const RunRequest &request, const std::function<void(const VerifiedRevision &)> &on_done)
{
    lock_for_run(line_of(catalogue_.extension(), request.schema));
    const PlannedRun planned = planner_.plan(request, false);
    if (planned.journal)
        throw core::Error(core::sqlstate::unfinished_revision,
                          "revision \"" + planned.journal->revision + "\" has been begun and is not complete")
            .hint("Finish it first, by migrate_upgrade() or migrate_downgrade().");
    const Subtransaction undone;
    Rehearsal rehearsal(catalogue_, request.schema);
    Turn turn(rehearsal, request.schema, interrupts_);
    model::Snapshot before = turn.now();
    for (const executor::Step &step : planned.steps) {
        interrupts_.check();
        VerifiedRevision result;
        result.revision = step.revision;
        if (!turn.up(step, result)) {
            on_done(result);
            return;
        }
        model::Snapshot after = turn.now();
        const std::vector<StoredRevision> stored = catalogue_.read_revisions({step.revision}, true);
        const bool has_way_back = stored.front().down || step.script.statements.empty();
        if (has_way_back)
            turn.there_and_back(step, down_step(step, stored.front(), request.schema), before, after, result);
        else
            result.difference = "there is no down script";
        on_done(result);
        before = std::move(after);
    }
}

} // namespace pgmigrate::pg

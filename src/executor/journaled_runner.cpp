// SPDX-License-Identifier: PostgreSQL
#include "executor/journaled_runner.hpp"

namespace pgmigrate::executor
{

namespace
{

void run_step(JournaledDatabase &database, const Step &step, Ending &ending)
{
    const std::vector<Segment> segments = segments_of(step.script, step.done);
    for (const Segment &segment : segments) {
        if (segment != segments.front())
            database.check_stop();
        if (segment.alone)
            database.run_alone(step, segment.first, step.in_doubt && segment == segments.front());
        else if (segment == segments.back())
            ending.outcome = database.run_segment(step, segment, &ending);
        else
            database.run_segment(step, segment, nullptr);
    }
    if (segments.empty() || segments.back().alone) {
        const std::size_t count = step.script.statements.size();
        ending.outcome = database.run_segment(step, {count + 1, count, false}, &ending);
    }
}

} // namespace

std::vector<Segment> segments_of(const Script &script, std::size_t done)
{
    std::vector<Segment> segments;
    bool open = false;
    for (std::size_t number = done + 1; number <= script.statements.size(); ++number) {
        const Statement &statement = script.statements[number - 1];
        if (!statement.transactional) {
            segments.push_back({number, number, true});
            open = false;
            continue;
        }
        if (open && !statement.begins_segment)
            segments.back().last = number;
        else
            segments.push_back({number, number, false});
        open = !statement.ends_segment;
    }
    return segments;
}

std::optional<StatementPlace> beyond_one_transaction(const std::vector<Step> &steps)
{
    std::optional<StatementPlace> ended;
    bool followed = false;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::vector<Statement> &statements = steps[i].script.statements;
        for (std::size_t number = steps[i].done + 1; number <= statements.size(); ++number) {
            if (!statements[number - 1].transactional)
                return StatementPlace{i, number};
            const StatementPlace here{i, number};
            const bool first = i == 0 && number == steps[0].done + 1;
            if (!ended && statements[number - 1].begins_segment && !first)
                ended = here;
            if (ended)
                followed = true;
            else if (statements[number - 1].ends_segment)
                ended = here;
        }
    }
    return followed ? ended : std::nullopt;
}

bool runs_alone_after(const std::vector<Step> &steps, std::size_t position, std::size_t number)
{
    for (; position < steps.size(); ++position, number = 0) {
        const std::vector<Statement> &statements = steps[position].script.statements;
        for (; number < statements.size(); ++number)
            if (!statements[number].transactional)
                return true;
    }
    return false;
}

void run_journaled(JournaledDatabase &database, core::Direction direction, const std::vector<Step> &steps,
                   core::VersionRows &rows, core::InterruptCheck &interrupts)
{
    for (std::size_t position = 0; position < steps.size(); ++position) {
        const Step &step = steps[position];
        interrupts.check();
        database.check_stop();
        Ending ending;
        ending.outcome.direction = direction;
        ending.outcome.started_at = database.now();
        database.announce(announcement(direction, step));
        ending.changes = direction == core::Direction::upgrade ? rows.upgrade(step.index) : rows.downgrade(step.index);
        database.begin_revision(step, position);
        run_step(database, step, ending);
        database.end_revision(step);
    }
}

} // namespace pgmigrate::executor

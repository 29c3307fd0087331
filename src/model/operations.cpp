// SPDX-License-Identifier: PostgreSQL
#include "model/operation_table.hpp"

#include "model/circles.hpp"
#include "model/constraint.hpp"
#include "model/hastening.hpp"
#include "model/inheritance.hpp"
#include "model/merging.hpp"
#include "model/table.hpp"
#include "model/text.hpp"
#include "model/wishes.hpp"

#include <unordered_set>

namespace pgmigrate::model
{

namespace
{

using Phase = Operation::Phase;
using Action = Operation::Action;

// What comes last, for it would have an effect on what is made.
constexpr Kinds settled{Kind::event_trigger, Kind::default_privileges, Kind::privileges};

class Builder
{
  public:
    explicit Builder(OperationTable &table)
        : table_(table), fates_(table.fates), was_(fates_.comparison.was), is_(fates_.comparison.is)
    {
    }

    void run() &&
    {
        for (const Object &is : is_.objects())
            if (routines.contains(is.kind) && fates_.comparison.fate_of_is(is) == Fate::made)
                made_routines_.insert(cat(is.schema, ".", is.name));
        for (std::uint32_t i = 0; i < was_.size(); ++i)
            add_drop(i);
        for (std::uint32_t i = 0; i < is_.size(); ++i)
            add_make(i);
        refill();
    }

  private:
    void add_drop(std::uint32_t index)
    {
        const Object &object = was_[index];
        const Fate fate = fates_.comparison.fate_was[index];
        if (fate != Fate::dropped && fate != Fate::replaced)
            return;
        if (fates_.comparison.aside[index]) {
            table_.asides[index] = table_.add(Phase::set_aside, Action::set_aside, object);
            table_.drops[index] = table_.add(Phase::drop, Action::drop, object);
            return;
        }
        const bool early = fate == Fate::replaced || in_the_way.contains(object.kind) || makes_ambiguous(object);
        const Phase first = is_dropped_concurrently(object, fate) ? Phase::begin : Phase::clear;
        const bool settles = object.kind == Kind::default_privileges || object.kind == Kind::privileges;
        const Phase otherwise = settles ? Phase::settle : Phase::drop;
        table_.drops[index] = table_.add(early ? first : otherwise, Action::drop, object);
    }

    // A call may fit both a function that goes and one of the same name that comes.
    bool makes_ambiguous(const Object &was) const
    {
        return routines.contains(was.kind) && made_routines_.contains(cat(was.schema, ".", was.name));
    }

    void add_make(std::uint32_t index)
    {
        const Object &object = is_[index];
        // What is built concurrently commits what is there: nothing is to be missing then.
        const bool late = is_built_concurrently(object) || is_scanned_online(object);
        const Phase phase = settled.contains(object.kind) ? Phase::settle : late ? Phase::finish : Phase::make;
        std::vector<FollowUp> later;
        switch (fates_.comparison.fate_is[index]) {
        case Fate::made:
        case Fate::replaced:
            if (emerges_again(index)) {
                later = emerge(index);
                break;
            }
            table_.makes[index] = table_.add(phase, Action::make, object);
            if (rules_of(object.kind).follow != nullptr)
                rules_of(object.kind).follow(object, fates_.comparison, later);
            break;
        case Fate::altered: {
            const Object &was = *fates_.comparison.was_of(object);
            Alteration &alteration = fates_.alterations[was_.index_of(was)];
            later = std::move(alteration.later);
            decorate_changed(was, object, fates_.comparison, alteration.statements);
            // Values that are added to an enum are committed before they are used: nothing is to be missing then.
            table_.makes[index] = table_.add(object.kind == Kind::enum_type ? Phase::begin : phase, Action::alter,
                                             object, std::move(alteration.statements));
            table_.operations.back().defines_anew = alteration.rewrites && rules_of(object.kind).complete != nullptr;
            if (const auto aside = fates_.names_aside.find(was_.index_of(was)); aside != fates_.names_aside.end()) {
                table_.names_aside[aside->first] = table_.add(phase, Action::follow, object, std::move(aside->second));
                table_.before(table_.names_aside[aside->first], table_.makes[index]);
            }
            break;
        }
        case Fate::emerges:
            later = emerge(index);
            break;
        case Fate::kept:
        case Fate::dropped:
            break;
        }
        for (FollowUp &each : later)
            add_follow(table_.makes[index], object, std::move(each));
    }

    bool is_built_concurrently(const Object &is) const
    {
        return (is.kind == Kind::index || (is.kind == Kind::constraint && is.has("index"))) && is_on_rows_online(is);
    }

    // A foreign key of a partitioned table cannot be NOT VALID, and is added behind a commit.
    bool is_scanned_online(const Object &is) const
    {
        return is.kind == Kind::constraint && is.text("type") == "f" && is_on_rows_online(is);
    }

    bool is_on_rows_online(const Object &is) const
    {
        if (!changes_online(is.parent, fates_.comparison))
            return false;
        const Object *table = is_.parent_of(is);
        const Fate fate = table != nullptr ? fates_.comparison.fate_of_is(*table) : Fate::made;
        return fate == Fate::kept || fate == Fate::altered;
    }

    // The same for what is dropped concurrently.
    bool is_dropped_concurrently(const Object &was, Fate fate) const
    {
        const Object *table = was.kind == Kind::index ? was_.parent_of(was) : nullptr;
        if (!changes_online(was.parent, fates_.comparison) || fate != Fate::dropped || table == nullptr)
            return false;
        const Fate of_table = fates_.comparison.fate_of_was(*table);
        return of_table == Fate::kept || of_table == Fate::altered;
    }

    // What is dropped with something else comes back with it.
    bool emerges_again(std::uint32_t index)
    {
        const Rules &rules = rules_of(is_[index].kind);
        if (fates_.comparison.fate_is[index] == Fate::replaced && rules.emerge != nullptr)
            fates_.emergences[index] = rules.emerge(is_[index], fates_.comparison);
        return fates_.emergences[index].has_value();
    }

    std::vector<FollowUp> emerge(std::uint32_t index)
    {
        const Object &object = is_[index];
        const Emergence &emergence = *fates_.emergences[index];
        Alteration alteration;
        if (object.kind == Kind::constraint)
            name_emerged(object, fates_.comparison, alteration.statements);
        if (differs_beyond_decorations(emergence.as, object))
            rules_of(object.kind).alter(emergence.as, object, fates_.comparison, alteration);
        decorate_changed(emergence.as, object, fates_.comparison, alteration.statements);
        table_.makes[index] = table_.add(Phase::make, Action::emerge, object, std::move(alteration.statements));
        return std::move(alteration.later);
    }

    void add_follow(std::uint32_t main, const Object &object, FollowUp follow)
    {
        const std::uint32_t operation = table_.add(Phase::finish, Action::follow, object, std::move(follow.statements));
        table_.before(main, operation);
        table_.follows_of[is_.index_of(object)].push_back(operation);
        for (const Reference &each : follow.also_of)
            if (const Object *other = is_.find(each); other != nullptr && other != &object)
                table_.follows_of[is_.index_of(*other)].push_back(operation);
        table_.follows.push_back({operation, std::move(follow)});
    }

    // Rows are moved when the new table and its partitions are there, and before anything else stands on them.
    void refill()
    {
        for (std::uint32_t i = 0; i < was_.size(); ++i) {
            const Object *is = fates_.comparison.is_of(was_[i]);
            const auto move = rules_of(was_[i].kind).refill;
            if (table_.asides[i] == Operation::none || is == nullptr || move == nullptr)
                continue;
            Statements statements;
            move(was_[i], *is, fates_.comparison, statements);
            const std::uint32_t operation = table_.add(Phase::make, Action::follow, *is, std::move(statements));
            table_.before(table_.makes[is_.index_of(*is)], operation);
            table_.before(operation, table_.drops[i]);
            put_between(operation, is_.index_of(*is));
            for (const Need &dependent : was_.dependents_of(i))
                if (was_[dependent.object].kind == Kind::table)
                    table_.before(operation, table_.drops[dependent.object]);
            leave_before(operation, was_[i]);
            let_go_of_keys(i);
            change_above(table_.asides[i], was_[i]);
            look_back(operation, was_[i], *is);
        }
    }

    // What a table that stays becomes, or loses, is not done to a partition that is set aside.
    void change_above(std::uint32_t aside, const Object &was)
    {
        for (const Object *above = find_table(was_, was.text("partition_of")); above != nullptr;
             above = find_table(was_, above->text("partition_of"))) {
            if (table_.asides[was_.index_of(*above)] != Operation::none)
                continue;
            for (const Object *column : was_.parts_of(*above, Kind::column))
                if (const std::uint32_t drop = table_.drops[was_.index_of(*column)]; drop != Operation::none)
                    table_.before(aside, drop);
                else if (fates_.comparison.fate_of_was(*column) == Fate::altered)
                    table_.before(aside, table_.make_of(*column));
        }
    }

    // The foreign keys that go with what is set aside do so before partitions that they refer to are detached.
    void let_go_of_keys(std::uint32_t aside)
    {
        for (const Object *key : was_.parts_of(was_[aside], Kind::constraint))
            if (key->list("inherited_from").empty() && goes_with_aside(*key, fates_.comparison))
                detach_behind(table_.asides[aside], *referred_table(*key, was_), was_[aside]);
    }

    void detach_behind(std::uint32_t operation, const Object &table, const Object &aside)
    {
        for (const Object *below : tables_below(table, was_)) {
            if (outlives_table(*below, fates_.comparison))
                table_.before(operation, table_.make_of(*below));
            else if (below != &aside && is_moved(*below, fates_.comparison) && !is_moved(table, fates_.comparison))
                table_.before(operation, table_.asides[was_.index_of(*below)]);
            detach_behind(operation, *below, aside);
        }
    }

    void look_back(std::uint32_t refilled, const Object &was, const Object &is)
    {
        Statements statements;
        if (const auto look = rules_of(was.kind).look_back; look != nullptr)
            look(was, is, fates_.comparison, statements);
        if (statements.empty())
            return;
        const std::uint32_t operation = table_.add(Phase::make, Action::follow, is, std::move(statements));
        table_.before(refilled, operation);
        behind_attachments(operation, is);
    }

    void behind_attachments(std::uint32_t operation, const Object &table)
    {
        for (const Object *below : tables_below(table, is_)) {
            if (const auto found = table_.follows_of.find(is_.index_of(*below)); found != table_.follows_of.end())
                for (const std::uint32_t follow : found->second)
                    table_.before(follow, operation);
            behind_attachments(operation, *below);
        }
    }

    // What stays with its rows is not below the old table any more when that is read.
    void leave_before(std::uint32_t operation, const Object &was)
    {
        for (const Object *below : tables_below(was, was_)) {
            if (fates_.comparison.fate_of_was(*below) == Fate::altered)
                table_.before(table_.make_of(*below), operation);
            else
                leave_before(operation, *below);
        }
    }

    void put_between(std::uint32_t operation, std::uint32_t table)
    {
        constexpr Kinds later{Kind::constraint, Kind::index, Kind::trigger, Kind::rule, Kind::policy};
        for (const Need &dependent : is_.dependents_of(table)) {
            const Object &object = is_[dependent.object];
            if (later.contains(object.kind)) {
                table_.before(operation, table_.makes[dependent.object]);
            } else if (object.kind == Kind::table && object.text("partition_of") == is_[table].identity) {
                table_.before(table_.makes[dependent.object], operation);
                put_between(operation, dependent.object);
            }
        }
    }

    OperationTable &table_;
    Fates &fates_;
    const Snapshot &was_;
    const Snapshot &is_;
    std::unordered_set<std::string> made_routines_; // their names
};

} // namespace

std::vector<Operation> operations_for(Fates &fates, core::InterruptCheck &interrupts)
{
    OperationTable table(fates);
    Builder(table).run();
    order_operations(table);
    hasten(table);
    const OperationsOf objects = {table.drops, table.asides, table.makes};
    grant_wishes(table.operations, objects, fates.comparison, interrupts);
    const std::vector<Circle> dropped_together = open_circles(table.operations, interrupts);
    merge(table.operations, objects, dropped_together, fates.comparison, interrupts);
    return std::move(table.operations);
}

} // namespace pgmigrate::model

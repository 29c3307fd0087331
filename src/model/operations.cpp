// SPDX-License-Identifier: PostgreSQL
#include "model/circles.hpp"
#include "model/merging.hpp"

#include "model/fates.hpp"
#include "model/index_properties.hpp"
#include "model/inheritance.hpp"
#include "model/operator_class.hpp"
#include "model/text.hpp"
#include "model/type_aside.hpp"
#include "model/wishes.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <unordered_set>

namespace pgmigrate::model
{

namespace
{

using Phase = Operation::Phase;
using Action = Operation::Action;

// What is dropped early, to be out of the way of others.
constexpr Kinds in_the_way{Kind::default_value, Kind::constraint, Kind::index,   Kind::view,   Kind::materialized_view,
                           Kind::statistics,    Kind::rule,       Kind::trigger, Kind::policy, Kind::event_trigger,
                           Kind::publication};

// What comes last, for it would have an effect on what is made.
constexpr Kinds settled{Kind::event_trigger, Kind::default_privileges, Kind::privileges};

// The names that no other object can have at the same time.
std::vector<std::string> names_taken(const Object &object)
{
    const std::string name = cat(object.schema, ".", object.name);
    switch (object.kind) {
    case Kind::table:
    case Kind::foreign_table:
    case Kind::view:
    case Kind::materialized_view:
    case Kind::composite_type:
        return {cat("relation ", name), cat("type ", name)};
    case Kind::sequence:
    case Kind::index:
        return {cat("relation ", name)};
    case Kind::enum_type:
    case Kind::base_type:
    case Kind::range_type:
    case Kind::domain:
        return {cat("type ", name)};
    case Kind::function:
    case Kind::procedure:
    case Kind::aggregate:
        return {cat("routine ", object.identity)};
    case Kind::constraint:
        if (object.has("index"))
            return {cat("relation ", name), cat("constraint ", object.identity)};
        return {cat("constraint ", object.identity)};
    case Kind::trigger:
    case Kind::rule:
        return {cat(info(object.kind).name, " ", object.identity)};
    case Kind::operator_class:
    case Kind::operator_family_member:
        return places_taken(object);
    case Kind::conversion:
        if (!object.has("by_default"))
            return {};
        return {cat("conversion ", object.schema, " ", object.text("for_encoding"), " ", object.text("to_encoding"))};
    default:
        return {};
    }
}

class Builder
{
  public:
    Builder(Fates &fates, core::InterruptCheck &interrupts)
        : fates_(fates), interrupts_(interrupts), was_(fates.comparison.was), is_(fates.comparison.is),
          drops_(was_.size(), Operation::none), asides_(was_.size(), Operation::none),
          makes_(is_.size(), Operation::none)
    {
    }

    std::vector<Operation> run() &&
    {
        for (const Object &is : is_.objects())
            if (routines.contains(is.kind) && fates_.comparison.fate_of_is(is) == Fate::made)
                made_routines_.insert(cat(is.schema, ".", is.name));
        for (std::uint32_t i = 0; i < was_.size(); ++i)
            add_drop(i);
        for (std::uint32_t i = 0; i < is_.size(); ++i)
            add_make(i);
        for (std::uint32_t i = 0; i < was_.size(); ++i)
            order_drop(i);
        for (std::uint32_t i = 0; i < is_.size(); ++i)
            order_make(i);
        order_follows();
        order_names();
        order_overloads();
        order_changes();
        refill();
        grant_wishes(operations_, {drops_, asides_, makes_}, fates_.comparison, interrupts_);
        const std::vector<Circle> dropped_together = open_circles(operations_, interrupts_);
        merge(operations_, {drops_, asides_, makes_}, dropped_together, fates_.comparison, interrupts_);
        return std::move(operations_);
    }

  private:
    std::uint32_t add(Phase phase, Action action, const Object &object, Statements statements = {})
    {
        operations_.push_back({phase, action, &object, std::move(statements), Operation::none, {}, {}});
        return static_cast<std::uint32_t>(operations_.size() - 1);
    }
    void before(std::uint32_t first, std::uint32_t then)
    {
        if (first != Operation::none && then != Operation::none && first != then)
            operations_[then].after.push_back(first);
    }
    static bool really_needs(const Object &object, const Need &need, const Snapshot &snapshot)
    {
        const Rules &rules = rules_of(object.kind);
        return rules.needs == nullptr || rules.needs(object, need, snapshot);
    }

    void add_drop(std::uint32_t index)
    {
        const Object &object = was_[index];
        const Fate fate = fates_.comparison.fate_was[index];
        if (fate != Fate::dropped && fate != Fate::replaced)
            return;
        if (fates_.comparison.aside[index]) {
            asides_[index] = add(Phase::set_aside, Action::set_aside, object);
            drops_[index] = add(Phase::drop, Action::drop, object);
            return;
        }
        const bool early = fate == Fate::replaced || in_the_way.contains(object.kind) || makes_ambiguous(object);
        const Phase first = is_dropped_concurrently(object, fate) ? Phase::begin : Phase::clear;
        const bool settles = object.kind == Kind::default_privileges || object.kind == Kind::privileges;
        const Phase otherwise = settles ? Phase::settle : Phase::drop;
        drops_[index] = add(early ? first : otherwise, Action::drop, object);
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
            makes_[index] = add(phase, Action::make, object);
            if (rules_of(object.kind).follow != nullptr)
                rules_of(object.kind).follow(object, fates_.comparison, later);
            break;
        case Fate::altered: {
            const Object &was = *fates_.comparison.was_of(object);
            Alteration &alteration = fates_.alterations[was_.index_of(was)];
            later = std::move(alteration.later);
            decorate_changed(was, object, fates_.comparison, alteration.statements);
            // Values that are added to an enum are committed before they are used: nothing is to be missing then.
            makes_[index] = add(object.kind == Kind::enum_type ? Phase::begin : phase, Action::alter, object,
                                std::move(alteration.statements));
            if (const auto aside = fates_.names_aside.find(was_.index_of(was)); aside != fates_.names_aside.end()) {
                names_aside_[aside->first] = add(phase, Action::follow, object, std::move(aside->second));
                before(names_aside_[aside->first], makes_[index]);
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
            add_follow(makes_[index], object, std::move(each));
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
        if (!fates_.comparison.options.online)
            return false;
        const Object *table = is_.parent_of(is);
        const Fate fate = table != nullptr ? fates_.comparison.fate_of_is(*table) : Fate::made;
        return fate == Fate::kept || fate == Fate::altered;
    }

    // The same for what is dropped concurrently.
    bool is_dropped_concurrently(const Object &was, Fate fate) const
    {
        const Object *table = was.kind == Kind::index ? was_.parent_of(was) : nullptr;
        if (!fates_.comparison.options.online || fate != Fate::dropped || table == nullptr)
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
        if (differs_beyond_decorations(emergence.as, object))
            rules_of(object.kind).alter(emergence.as, object, fates_.comparison, alteration);
        decorate_changed(emergence.as, object, fates_.comparison, alteration.statements);
        makes_[index] = add(Phase::make, Action::emerge, object, std::move(alteration.statements));
        return std::move(alteration.later);
    }

    void add_follow(std::uint32_t main, const Object &object, FollowUp follow)
    {
        const std::uint32_t operation = add(Phase::finish, Action::follow, object, std::move(follow.statements));
        before(main, operation);
        follows_of_[is_.index_of(object)].push_back(operation);
        for (const Reference &each : follow.also_of)
            if (const Object *other = is_.find(each); other != nullptr && other != &object)
                follows_of_[is_.index_of(*other)].push_back(operation);
        follows_.push_back({operation, std::move(follow)});
    }

    std::uint32_t make_of(const Object &was) const
    {
        const Object *is = fates_.comparison.is_of(was);
        return is == nullptr ? Operation::none : makes_[is_.index_of(*is)];
    }

    void order_drop(std::uint32_t index)
    {
        const Object &object = was_[index];
        const std::uint32_t drop = drops_[index];
        const bool altered = fates_.comparison.fate_was[index] == Fate::altered;
        if (drop == Operation::none && !altered)
            return;
        const Object *holder = drop != Operation::none ? holder_of(object, fates_.comparison) : nullptr;
        if (holder != nullptr && fates_.comparison.fate_of_was(*holder) == Fate::altered) {
            // A table leaves its parents in its alteration; what follows may be that it gets others.
            if (object.kind == Kind::column || object.has("attached_to"))
                before(make_of(*holder), drop);
            else
                after_whole(fates_.comparison.is_of(*holder), drop);
        }
        // It is to be gone with that one when its table leaves.
        if (const Object *table = holder == nullptr ? nullptr : was_.parent_of(object);
            table != nullptr && object.has("attached_to") && holder != table)
            before(drops_[was_.index_of(*holder)], asides_[was_.index_of(*table)]);
        // What it is attached to takes it along as long as its table is below.
        const Object *left = leaves_with_table(object, fates_.comparison) ? index_above(object, was_) : nullptr;
        if (left != nullptr)
            before(make_of(*was_.parent_of(object)), drops_[was_.index_of(*left)]);
        const bool with_table = object.kind == Kind::column && goes_with_table(object);
        if (altered && object.kind == Kind::sequence)
            leave_owner(object);
        for (const Need &need : object.needs) {
            if (!really_needs(object, need, was_) || (need.type == inherited_need && with_table))
                continue;
            if (drop != Operation::none) {
                before(drop, drops_[need.object]);
                // As long as the type has the name that is used to drop it.
                if (object.kind != Kind::column && object.kind != Kind::table && asides_[index] == Operation::none &&
                    aside_with_type(object) == Operation::none)
                    before(drop, asides_[need.object]);
                // What is made again without a column may only be understood when the column is gone.
                if (was_[need.object].kind == Kind::column && !is_of_aside(was_[need.object]) &&
                    fates_.comparison.fate_was[need.object] == Fate::dropped &&
                    fates_.comparison.fate_was[index] == Fate::replaced && in_the_way.contains(object.kind))
                    before(drops_[need.object], make_of(object));
                // A function needs the transforms of its types that there are when it is made.
                if (was_[need.object].kind == Kind::transform && routines.contains(object.kind) &&
                    fates_.comparison.fate_was[need.object] == Fate::dropped)
                    before(drops_[need.object], make_of(object));
                if (fates_.comparison.fate_was[need.object] == Fate::altered && &was_[need.object] != holder)
                    before(drop, make_of(was_[need.object]));
            } else if (object.kind == Kind::table && object.text("of_type") == was_[need.object].identity) {
                before(make_of(object), asides_[need.object]);
                before(make_of(object), drops_[need.object]);
            } else if ((fates_.comparison.fate_was[need.object] == Fate::dropped ||
                        fates_.comparison.aside[need.object]) &&
                       &was_[need.object] != left && !(need.type == inherited_need && stays_inherited(object))) {
                before(make_of(object), drops_[need.object]);
            }
        }
        if (drop == Operation::none || fates_.comparison.fate_was[index] != Fate::replaced)
            return;
        const std::uint32_t make = make_of(object);
        before(freed_by(index), make);
    }

    // From others than those that are dropped.
    bool stays_inherited(const Object &column) const
    {
        const Object *is = fates_.comparison.is_of(column);
        return is != nullptr && is->has("inherited_only");
    }

    bool is_of_aside(const Object &column) const
    {
        const Object *table = was_.parent_of(column);
        return table != nullptr && asides_[was_.index_of(*table)] != Operation::none;
    }

    // A sequence that stays is not dropped with the column that it belonged to.
    void leave_owner(const Object &sequence)
    {
        const Object *column = was_.find(Kind::column, sequence.text("owned_by"));
        const Object *table = column == nullptr ? nullptr : was_.parent_of(*column);
        for (const Object *owner : {column, table})
            if (owner != nullptr)
                before(make_of(sequence), drops_[was_.index_of(*owner)]);
    }

    bool goes_with_table(const Object &column) const
    {
        const Object *table = was_.parent_of(column);
        if (table == nullptr)
            return false;
        const Fate fate = fates_.comparison.fate_of_was(*table);
        return fate == Fate::dropped || fate == Fate::replaced;
    }

    // What sets aside a type whose function it is.
    std::uint32_t aside_with_type(const Object &was) const
    {
        if (was.kind == Kind::function)
            for (const Need &need : was.needs) {
                const Object &type = was_[need.object];
                const bool has_functions = type.kind == Kind::base_type || type.kind == Kind::range_type;
                if (!has_functions || asides_[need.object] == Operation::none)
                    continue;
                const std::vector<const Object *> functions = functions_of(type, was_);
                if (std::find(functions.begin(), functions.end(), &was) != functions.end())
                    return asides_[need.object];
            }
        return Operation::none;
    }

    // What has to be done before the names of an object of `was` can be used again.
    std::uint32_t freed_by(std::uint32_t index) const
    {
        if (asides_[index] != Operation::none)
            return asides_[index];
        if (const std::uint32_t aside = aside_with_type(was_[index]); aside != Operation::none)
            return aside;
        const Object *parent = was_[index].kind == Kind::column ? was_.parent_of(was_[index]) : nullptr;
        if (parent != nullptr && asides_[was_.index_of(*parent)] != Operation::none)
            return asides_[was_.index_of(*parent)];
        return drops_[index];
    }

    // Puts an operation behind the object of `is` and what follows it.
    void after_whole(const Object *object, std::uint32_t operation)
    {
        if (object == nullptr)
            return;
        before(makes_[is_.index_of(*object)], operation);
        if (const auto found = follows_of_.find(is_.index_of(*object)); found != follows_of_.end())
            for (const std::uint32_t follow : found->second)
                before(follow, operation);
    }

    // What is there already is attached to an index above, or made a table of a type, by what follows.
    bool comes_later(const Object &object, std::uint32_t make, const Object &need) const
    {
        return operations_[make].action == Action::alter &&
               (&need == index_above(object, is_) ||
                (object.kind == Kind::table && need.identity == object.text("of_type")));
    }

    void order_make(std::uint32_t index)
    {
        const std::uint32_t make = makes_[index];
        if (make == Operation::none)
            return;
        const Object &object = is_[index];
        for (const Need &need : object.needs)
            if (really_needs(object, need, is_) && !comes_later(object, make, is_[need.object]))
                before(makes_[need.object], make);
        // An attribute of a type is not altered where a column has values of it.
        if (object.kind == Kind::column && operations_[make].action == Action::alter)
            if (const Object *type = is_.parent_of(object); type->kind == Kind::composite_type)
                for (const Object *column : stored_in(*type, is_))
                    before(make, makes_[is_.index_of(*column)]);
        if (const auto behind = rules_of(object.kind).behind; behind != nullptr) {
            std::vector<Reference> first;
            behind(object, fates_.comparison, first);
            for (const Reference &each : first)
                if (const Object *other = is_.find(each))
                    before(makes_[is_.index_of(*other)], make);
        }
        // An index that partitions lack is made when they are attached.
        if (object.has("incomplete"))
            if (const Object *table = is_.parent_of(object))
                for (const Object *partition : tables_below(*table, is_))
                    after_whole(partition, make);
        if (operations_[make].action == Action::emerge) {
            if (const Object *cause = is_.find(fates_.emergences[index]->cause))
                before(makes_[is_.index_of(*cause)], make);
            // The trigger of a new partition comes when that is attached.
            const Object *table = object.kind == Kind::trigger ? is_.parent_of(object) : nullptr;
            if (table != nullptr && fates_.comparison.fate_of_is(*table) == Fate::made)
                after_whole(table, make);
        }
    }

    void order_names()
    {
        std::unordered_map<std::string, std::uint32_t> freed;
        for (std::uint32_t i = 0; i < was_.size(); ++i) {
            std::uint32_t by = freed_by(i);
            if (const auto aside = names_aside_.find(i); aside != names_aside_.end())
                by = aside->second;
            else if (by == Operation::none && fates_.comparison.renamed_was.contains(i))
                by = make_of(was_[i]);
            if (by != Operation::none)
                for (std::string &name : names_taken(was_[i]))
                    freed.emplace(std::move(name), by);
        }
        if (freed.empty())
            return;
        for (std::uint32_t i = 0; i < is_.size(); ++i)
            if (makes_[i] != Operation::none &&
                (operations_[makes_[i]].action == Action::make || fates_.comparison.renamed_is.contains(i)))
                for (const std::string &name : names_taken(is_[i]))
                    if (const auto found = freed.find(name); found != freed.end())
                        before(found->second, makes_[i]);
    }

    // As long as a function is there that is to be dropped, a call of another one of its name may be ambiguous.
    void order_overloads()
    {
        std::unordered_multimap<std::string, std::uint32_t> dropped;
        for (std::uint32_t i = 0; i < was_.size(); ++i)
            if (routines.contains(was_[i].kind) && drops_[i] != Operation::none)
                dropped.emplace(cat(was_[i].schema, ".", was_[i].name), drops_[i]);
        if (dropped.empty())
            return;
        for (std::uint32_t i = 0; i < is_.size(); ++i) {
            if (makes_[i] == Operation::none || operations_[makes_[i]].action != Action::make)
                continue;
            for (const Need &need : is_[i].needs)
                if (const Object &routine = is_[need.object]; routines.contains(routine.kind)) {
                    const auto [begin, end] = dropped.equal_range(cat(routine.schema, ".", routine.name));
                    for (auto each = begin; each != end; ++each)
                        before(each->second, makes_[i]);
                }
        }
    }

    void order_follows()
    {
        std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> completions; // by index of `is`
        for (const auto &[operation, follow] : follows_) {
            for (const Reference &need : follow.needs)
                if (const Object *object = is_.find(need))
                    before(makes_[is_.index_of(*object)], operation);
            for (const Reference &gone : follow.after_drops)
                if (const Object *object = was_.find(gone))
                    before(drops_[was_.index_of(*object)], operation);
            for (const Reference &each : follow.then)
                if (const Object *object = is_.find(each))
                    before(operation, makes_[is_.index_of(*object)]);
            for (const Reference &need : follow.needs_whole)
                after_whole(is_.find(need), operation);
            for (const Reference &each : follow.completes)
                if (const Object *object = is_.find(each))
                    completions[is_.index_of(*object)].push_back(operation);
        }
        if (completions.empty())
            return;
        for (std::uint32_t i = 0; i < is_.size(); ++i)
            if (makes_[i] != Operation::none)
                for (const Need &need : is_[i].needs)
                    if (const auto found = completions.find(need.object);
                        need.type == 'n' && found != completions.end())
                        for (const std::uint32_t completion : found->second)
                            before(completion, makes_[i]);
    }

    void order_changes()
    {
        for (std::uint32_t i = 0; i < was_.size(); ++i) {
            const Alteration &alteration = fates_.alterations[i];
            for (const Reference &each : alteration.after)
                if (const Object *other = is_.find(each))
                    before(makes_[is_.index_of(*other)], make_of(was_[i]));
            for (const Reference &each : alteration.before)
                if (const Object *other = is_.find(each))
                    before(make_of(was_[i]), makes_[is_.index_of(*other)]);
            for (const Reference &gone : alteration.after_drops)
                if (const Object *object = was_.find(gone))
                    before(drops_[was_.index_of(*object)], make_of(was_[i]));
        }
    }

    // Rows are moved when the new table and its partitions are there, and before anything else stands on them.
    void refill()
    {
        for (std::uint32_t i = 0; i < was_.size(); ++i) {
            const Object *is = fates_.comparison.is_of(was_[i]);
            const auto move = rules_of(was_[i].kind).refill;
            if (asides_[i] == Operation::none || is == nullptr || move == nullptr)
                continue;
            Statements statements;
            move(was_[i], *is, fates_.comparison, statements);
            const std::uint32_t operation = add(Phase::make, Action::follow, *is, std::move(statements));
            before(makes_[is_.index_of(*is)], operation);
            before(operation, drops_[i]);
            put_between(operation, is_.index_of(*is));
            for (const Need &dependent : was_.dependents_of(i))
                if (was_[dependent.object].kind == Kind::table) {
                    before(operation, drops_[dependent.object]);
                    if (fates_.comparison.fate_was[dependent.object] == Fate::altered)
                        before(make_of(was_[dependent.object]), operation);
                }
        }
    }

    void put_between(std::uint32_t operation, std::uint32_t table)
    {
        constexpr Kinds later{Kind::constraint, Kind::index, Kind::trigger, Kind::rule, Kind::policy};
        for (const Need &dependent : is_.dependents_of(table)) {
            const Object &object = is_[dependent.object];
            if (later.contains(object.kind)) {
                before(operation, makes_[dependent.object]);
            } else if (object.kind == Kind::table && object.text("partition_of") == is_[table].identity) {
                before(makes_[dependent.object], operation);
                put_between(operation, dependent.object);
            }
        }
    }

    Fates &fates_;
    core::InterruptCheck &interrupts_;
    const Snapshot &was_;
    const Snapshot &is_;
    std::vector<Operation> operations_;
    std::vector<std::uint32_t> drops_;                             // by index of `was`
    std::vector<std::uint32_t> asides_;                            // by index of `was`
    std::vector<std::uint32_t> makes_;                             // by index of `is`; make, alter or emerge
    std::unordered_map<std::uint32_t, std::uint32_t> names_aside_; // by index of `was`: Fates::names_aside
    std::vector<std::pair<std::uint32_t, FollowUp>> follows_;
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> follows_of_; // by index of `is`
    std::unordered_set<std::string> made_routines_;                            // their names
};

} // namespace

std::vector<Operation> operations_for(Fates &fates, core::InterruptCheck &interrupts)
{
    return Builder(fates, interrupts).run();
}

} // namespace pgmigrate::model

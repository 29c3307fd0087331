// SPDX-License-Identifier: PostgreSQL
#include "model/operations.hpp"

#include "model/fates.hpp"
#include "model/text.hpp"

#include <unordered_map>

namespace pgmigrate::model
{

namespace
{

using Phase = Operation::Phase;
using Action = Operation::Action;

// What is dropped early, to be out of the way of others.
constexpr Kinds in_the_way{Kind::default_value, Kind::constraint,    Kind::index,       Kind::view,
                           Kind::materialized_view, Kind::statistics, Kind::rule,       Kind::trigger,
                           Kind::policy,        Kind::event_trigger, Kind::publication, Kind::default_privileges};

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
        for (std::uint32_t i = 0; i < was_.size(); ++i)
            add_drop(i);
        for (std::uint32_t i = 0; i < is_.size(); ++i)
            add_make(i);
        for (std::uint32_t i = 0; i < was_.size(); ++i)
            order_drop(i);
        for (std::uint32_t i = 0; i < is_.size(); ++i)
            order_make(i);
        order_names();
        merge();
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
        const bool early = fate == Fate::replaced || in_the_way.contains(object.kind);
        drops_[index] = add(early ? Phase::clear : Phase::drop, Action::drop, object);
    }

    void add_make(std::uint32_t index)
    {
        const Object &object = is_[index];
        std::vector<FollowUp> later;
        switch (fates_.comparison.fate_is[index]) {
        case Fate::made:
        case Fate::replaced:
            makes_[index] = add(Phase::make, Action::make, object);
            if (rules_of(object.kind).follow != nullptr)
                rules_of(object.kind).follow(object, fates_.comparison, later);
            break;
        case Fate::altered: {
            const Object &was = *was_.find(object.kind, object.identity);
            Alteration &alteration = fates_.alterations[was_.index_of(was)];
            later = std::move(alteration.later);
            decorate_changed(was, object, fates_.comparison, alteration.statements);
            makes_[index] = add(Phase::make, Action::alter, object, std::move(alteration.statements));
            break;
        }
        case Fate::emerges: {
            const Emergence &emergence = *fates_.emergences[index];
            Alteration alteration;
            if (differs_beyond_decorations(emergence.as, object))
                rules_of(object.kind).alter(emergence.as, object, fates_.comparison, alteration);
            later = std::move(alteration.later);
            decorate_changed(emergence.as, object, fates_.comparison, alteration.statements);
            makes_[index] = add(Phase::make, Action::emerge, object, std::move(alteration.statements));
            break;
        }
        case Fate::kept:
        case Fate::dropped:
            break;
        }
        for (FollowUp &each : later)
            add_follow(makes_[index], object, std::move(each));
    }

    void add_follow(std::uint32_t main, const Object &object, FollowUp follow)
    {
        const std::uint32_t operation = add(Phase::finish, Action::follow, object, std::move(follow.statements));
        before(main, operation);
        follows_.push_back({operation, std::move(follow.needs)});
    }

    std::uint32_t make_of(const Object &was) const
    {
        const Object *is = is_.find(was.kind, was.identity);
        return is == nullptr ? Operation::none : makes_[is_.index_of(*is)];
    }

    void order_drop(std::uint32_t index)
    {
        const Object &object = was_[index];
        const std::uint32_t drop = drops_[index];
        const bool altered = fates_.comparison.fate_was[index] == Fate::altered;
        if (drop == Operation::none && !altered)
            return;
        for (const Need &need : object.needs) {
            if (!really_needs(object, need, was_))
                continue;
            if (drop != Operation::none) {
                before(drop, drops_[need.object]);
                if (fates_.comparison.fate_was[need.object] == Fate::altered)
                    before(drop, make_of(was_[need.object]));
            } else if (fates_.comparison.fate_was[need.object] == Fate::dropped ||
                       fates_.comparison.aside[need.object]) {
                before(make_of(object), drops_[need.object]);
            }
        }
        if (drop == Operation::none || fates_.comparison.fate_was[index] != Fate::replaced)
            return;
        const std::uint32_t make = make_of(object);
        before(asides_[index] != Operation::none ? asides_[index] : drop, make);
    }

    void order_make(std::uint32_t index)
    {
        const std::uint32_t make = makes_[index];
        if (make == Operation::none)
            return;
        const Object &object = is_[index];
        for (const Need &need : object.needs)
            if (really_needs(object, need, is_))
                before(makes_[need.object], make);
        if (operations_[make].action == Action::emerge)
            if (const Object *cause = is_.find(fates_.emergences[index]->cause))
                before(makes_[is_.index_of(*cause)], make);
    }

    void order_names()
    {
        for (auto &[operation, needs] : follows_)
            for (const Reference &need : needs)
                if (const Object *object = is_.find(need))
                    before(makes_[is_.index_of(*object)], operation);
        std::unordered_map<std::string, std::uint32_t> freed;
        for (std::uint32_t i = 0; i < was_.size(); ++i)
            if (drops_[i] != Operation::none)
                for (std::string &name : names_taken(was_[i]))
                    freed.emplace(std::move(name), asides_[i] != Operation::none ? asides_[i] : drops_[i]);
        if (freed.empty())
            return;
        for (std::uint32_t i = 0; i < is_.size(); ++i)
            if (makes_[i] != Operation::none && operations_[makes_[i]].action == Action::make)
                for (const std::string &name : names_taken(is_[i]))
                    if (const auto found = freed.find(name); found != freed.end())
                        before(found->second, makes_[i]);
    }

    // ---- merging

    std::uint32_t representative(std::uint32_t index) const
    {
        while (operations_[index].merged_into != Operation::none)
            index = operations_[index].merged_into;
        return index;
    }

    void merge()
    {
        next_.resize(operations_.size());
        for (std::uint32_t i = 0; i < operations_.size(); ++i)
            for (const std::uint32_t first : operations_[i].after)
                next_[first].push_back(i);
        members_.resize(operations_.size());
        for (std::uint32_t i = 0; i < operations_.size(); ++i)
            members_[i].push_back(i);
        seen_.assign(operations_.size(), 0);
        for (const Rules::Merge wanted : {Rules::Merge::must, Rules::Merge::may})
            for (std::uint32_t i = 0; i < is_.size(); ++i)
                if (makes_[i] != Operation::none && operations_[makes_[i]].action == Action::make)
                    merge_make(i, wanted);
        for (std::uint32_t i = 0; i < was_.size(); ++i)
            if (drops_[i] != Operation::none && asides_[i] == Operation::none)
                merge_drop(i);
    }

    void put_together(std::uint32_t part, std::uint32_t whole)
    {
        operations_[part].merged_into = whole;
        members_[whole].insert(members_[whole].end(), members_[part].begin(), members_[part].end());
        members_[part].clear();
    }

    void merge_make(std::uint32_t index, Rules::Merge wanted)
    {
        interrupts_.check();
        const Object &object = is_[index];
        const Rules &rules = rules_of(object.kind);
        if (rules.merge == nullptr || rules.merge(object, fates_.comparison) != wanted)
            return;
        const Object *parent = object.kind == Kind::default_value ? is_.find(Kind::column, object.identity)
                                                                  : is_.parent_of(object);
        if (parent == nullptr)
            return;
        std::uint32_t whole = makes_[is_.index_of(*parent)];
        if (whole == Operation::none)
            return;
        whole = representative(whole);
        if (operations_[whole].action != Action::make)
            return;
        const std::uint32_t part = makes_[index];
        if (wanted == Rules::Merge::may && another_way(part, whole, &Builder::first_of))
            return;
        put_together(part, whole);
        operations_[whole].parts.push_back(&object);
    }

    // What goes away by itself when something else is dropped.
    void merge_drop(std::uint32_t index)
    {
        interrupts_.check();
        const Object &object = was_[index];
        const std::uint32_t part = drops_[index];
        if (const auto vanish = rules_of(object.kind).vanish) {
            if (const std::optional<Reference> with = vanish(object, fates_.comparison))
                if (const Object *cause = was_.find(*with); cause != nullptr && drops_[was_.index_of(*cause)] != Operation::none)
                    if (merge_drop_into(part, drops_[was_.index_of(*cause)]))
                        return;
        }
        for (const Need &need : object.needs) {
            if (need.type == 'n' || drops_[need.object] == Operation::none || asides_[need.object] != Operation::none)
                continue;
            if (merge_drop_into(part, drops_[need.object]))
                return;
        }
    }

    bool merge_drop_into(std::uint32_t part, std::uint32_t whole)
    {
        part = representative(part);
        whole = representative(whole);
        if (part == whole)
            return true;
        if (another_way(part, whole, &Builder::then_of))
            return false;
        put_together(part, whole);
        return true;
    }

    const std::vector<std::uint32_t> &first_of(std::uint32_t member) const { return operations_[member].after; }
    const std::vector<std::uint32_t> &then_of(std::uint32_t member) const { return next_[member]; }

    // Whether `to` is reached from `from` by more than one step: then putting the two together would close a circle.
    bool another_way(std::uint32_t from, std::uint32_t to,
                     const std::vector<std::uint32_t> &(Builder::*neighbours)(std::uint32_t) const)
    {
        ++round_;
        seen_[from] = round_;
        std::vector<std::uint32_t> todo{from};
        while (!todo.empty()) {
            const std::uint32_t at = todo.back();
            todo.pop_back();
            for (const std::uint32_t member : members_[at])
                for (const std::uint32_t neighbour : (this->*neighbours)(member)) {
                    const std::uint32_t next = representative(neighbour);
                    if (next == to && at != from)
                        return true;
                    if (next == to || seen_[next] == round_)
                        continue;
                    seen_[next] = round_;
                    todo.push_back(next);
                }
        }
        return false;
    }

    Fates &fates_;
    core::InterruptCheck &interrupts_;
    const Snapshot &was_;
    const Snapshot &is_;
    std::vector<Operation> operations_;
    std::vector<std::uint32_t> drops_;  // by index of `was`
    std::vector<std::uint32_t> asides_; // by index of `was`
    std::vector<std::uint32_t> makes_;  // by index of `is`; make, alter or emerge
    std::vector<std::pair<std::uint32_t, std::vector<Reference>>> follows_;
    std::vector<std::vector<std::uint32_t>> next_;
    std::vector<std::vector<std::uint32_t>> members_; // of a representative
    std::vector<std::uint32_t> seen_;
    std::uint32_t round_ = 0;
};

} // namespace

std::vector<Operation> operations_for(Fates &fates, core::InterruptCheck &interrupts)
{
    return Builder(fates, interrupts).run();
}

} // namespace pgmigrate::model

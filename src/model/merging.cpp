// SPDX-License-Identifier: PostgreSQL
#include "model/merging.hpp"

#include "model/inheritance.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace pgmigrate::model
{

namespace
{

using Action = Operation::Action;

class Merger
{
  public:
    Merger(std::vector<Operation> &operations, const OperationsOf &objects, const std::vector<Circle> &dropped_together,
           const Comparison &comparison, core::InterruptCheck &interrupts)
        : operations_(operations), objects_(objects), dropped_together_(dropped_together), comparison_(comparison),
          was_(comparison.was), is_(comparison.is), interrupts_(interrupts)
    {
    }

    void run()
    {
        next_.resize(operations_.size());
        for (std::uint32_t i = 0; i < operations_.size(); ++i)
            for (const std::uint32_t first : operations_[i].after)
                next_[first].push_back(i);
        members_.resize(operations_.size());
        for (std::uint32_t i = 0; i < operations_.size(); ++i)
            members_[i].push_back(i);
        seen_.assign(operations_.size(), 0);
        for (const Circle &circle : dropped_together_) {
            // A type before its functions, a view before others.
            const std::uint32_t whole =
                *std::min_element(circle.begin(), circle.end(), [&](std::uint32_t a, std::uint32_t b) {
                    const auto last = [&](std::uint32_t each) {
                        return rules_of(operations_[each].object->kind).announce == nullptr;
                    };
                    return last(a) != last(b) ? !last(a) : a < b;
                });
            operations_[whole].cascades = true;
            for (const std::uint32_t part : circle)
                if (part != whole)
                    put_together(part, whole);
        }
        for (const Rules::Merge wanted : {Rules::Merge::must, Rules::Merge::may})
            for (std::uint32_t i = 0; i < is_.size(); ++i)
                if (objects_.makes[i] != Operation::none && operations_[objects_.makes[i]].action == Action::make)
                    merge_make(i, wanted);
        std::vector<std::uint32_t> todo;
        for (std::uint32_t i = 0; i < was_.size(); ++i)
            if (objects_.drops[i] != Operation::none && objects_.asides[i] == Operation::none)
                todo.push_back(i);
        // What is above takes along what is below only as long as it does not go with its table itself.
        std::unordered_map<std::uint32_t, int> depths;
        for (const std::uint32_t each : todo)
            if (was_[each].kind == Kind::constraint || was_[each].kind == Kind::index)
                depths[each] = constraints_above(was_[each]);
        std::ranges::stable_sort(todo, {}, [&](std::uint32_t each) {
            const auto depth = depths.find(each);
            return std::pair(was_[each].kind, depth == depths.end() ? 0 : -depth->second);
        });
        // An inherited constraint of a table that stays has no other way to go, that above has.
        std::erase_if(todo, [&](std::uint32_t each) { return goes_with_constraint(each); });
        // What one stands on may have to be merged first; columns with their tables before anything goes with them.
        for (const bool all : {false, true})
            for (std::size_t before = todo.size() + 1; before > todo.size();) {
                before = todo.size();
                std::erase_if(todo, [&](std::uint32_t each) {
                    return (all || was_[each].kind == Kind::column) && merge_drop(each);
                });
            }
        // Rows that are to be moved lose nothing before: it is better that there is no order.
        for (const std::uint32_t each : todo)
            if (const Object *table = was_[each].kind == Kind::column ? was_.parent_of(was_[each]) : nullptr;
                table != nullptr && objects_.asides[was_.index_of(*table)] != Operation::none)
                put_together(representative(operations_, objects_.drops[each]),
                             representative(operations_, objects_.drops[was_.index_of(*table)]));
    }

  private:
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
        if (rules.merge == nullptr || rules.merge(object, comparison_) != wanted)
            return;
        const bool of_column = object.kind == Kind::default_value && !object.has("of_domain");
        const Object *parent = of_column ? is_.find(Kind::column, object.identity) : is_.parent_of(object);
        if (parent == nullptr)
            return;
        std::uint32_t whole = objects_.makes[is_.index_of(*parent)];
        if (whole == Operation::none)
            return;
        whole = representative(operations_, whole);
        if (operations_[whole].action != Action::make)
            return;
        const std::uint32_t part = objects_.makes[index];
        if (wanted == Rules::Merge::may && another_way(part, whole, &Merger::first_of))
            return;
        put_together(part, whole);
        operations_[whole].parts.push_back(&object);
    }

    bool goes_with_constraint(std::uint32_t index)
    {
        const Object &object = was_[index];
        const Object *table = was_.parent_of(object);
        if (object.kind != Kind::constraint || !object.has("inherited_from") || table == nullptr)
            return false;
        const Fate fate = comparison_.fate_of_was(*table);
        if (fate == Fate::dropped || fate == Fate::replaced)
            return false;
        const Object *holder = holder_of(object, comparison_);
        return holder != nullptr && holder->kind == Kind::constraint &&
               objects_.drops[was_.index_of(*holder)] != Operation::none &&
               merge_drop_into(objects_.drops[index], objects_.drops[was_.index_of(*holder)]);
    }

    // How many constraints and indexes it would be dropped with.
    int constraints_above(const Object &part) const
    {
        int count = 0;
        for (const Object *each = holder_of(part, comparison_);
             each != nullptr && (each->kind == Kind::constraint || each->kind == Kind::index);
             each = holder_of(*each, comparison_))
            ++count;
        return count;
    }

    // What goes away by itself when something else is dropped.
    bool merge_drop(std::uint32_t index)
    {
        interrupts_.check();
        const Object &object = was_[index];
        const std::uint32_t part = objects_.drops[index];
        if (const Object *holder = holder_of(object, comparison_))
            if (objects_.drops[was_.index_of(*holder)] != Operation::none &&
                merge_drop_into(part, objects_.drops[was_.index_of(*holder)]))
                return true;
        for (const Need &need : object.needs) {
            if (need.type == 'n' || need.type == row_need || need.type == inherited_need ||
                objects_.drops[need.object] == Operation::none)
                continue;
            // What has left does not go with what it was attached to.
            if (was_[need.object].parent != object.parent && leaves_with_table(object, comparison_))
                continue;
            // Of what is set aside, only columns stay until the end.
            if (objects_.asides[need.object] != Operation::none && object.kind != Kind::column)
                continue;
            if (merge_drop_into(part, objects_.drops[need.object]))
                return true;
        }
        return false;
    }

    bool merge_drop_into(std::uint32_t part, std::uint32_t whole)
    {
        part = representative(operations_, part);
        whole = representative(operations_, whole);
        if (part == whole)
            return true;
        if (another_way(part, whole, &Merger::then_of))
            return false;
        put_together(part, whole);
        return true;
    }

    const std::vector<std::uint32_t> &first_of(std::uint32_t member) const { return operations_[member].after; }
    const std::vector<std::uint32_t> &then_of(std::uint32_t member) const { return next_[member]; }

    // Whether `to` is reached from `from` by more than one step: then putting the two together would close a circle.
    bool another_way(std::uint32_t from, std::uint32_t to,
                     const std::vector<std::uint32_t> &(Merger::*neighbours)(std::uint32_t) const)
    {
        ++round_;
        seen_[from] = round_;
        std::vector<std::uint32_t> todo{from};
        while (!todo.empty()) {
            const std::uint32_t at = todo.back();
            todo.pop_back();
            for (const std::uint32_t member : members_[at])
                for (const std::uint32_t neighbour : (this->*neighbours)(member)) {
                    const std::uint32_t next = representative(operations_, neighbour);
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

    std::vector<Operation> &operations_;
    const OperationsOf &objects_;
    const std::vector<Circle> &dropped_together_;
    const Comparison &comparison_;
    const Snapshot &was_;
    const Snapshot &is_;
    core::InterruptCheck &interrupts_;
    std::vector<std::vector<std::uint32_t>> next_;
    std::vector<std::vector<std::uint32_t>> members_; // of a representative
    std::vector<std::uint32_t> seen_;
    std::uint32_t round_ = 0;
};

} // namespace

std::uint32_t representative(const std::vector<Operation> &operations, std::uint32_t index)
{
    while (operations[index].merged_into != Operation::none)
        index = operations[index].merged_into;
    return index;
}

const Object *holder_of(const Object &was, const Comparison &comparison)
{
    const auto vanish = rules_of(was.kind).vanish;
    const std::optional<Reference> with = vanish != nullptr ? vanish(was, comparison) : std::nullopt;
    return with ? comparison.was.find(*with) : nullptr;
}

void merge(std::vector<Operation> &operations, const OperationsOf &objects, const std::vector<Circle> &dropped_together,
           const Comparison &comparison, core::InterruptCheck &interrupts)
{
    Merger(operations, objects, dropped_together, comparison, interrupts).run();
}

} // namespace pgmigrate::model

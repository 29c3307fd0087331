// SPDX-License-Identifier: PostgreSQL
#include "model/wishes.hpp"

#include "model/column_order.hpp"
#include "model/inheritance.hpp"
#include "model/not_null.hpp"
#include "model/text.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace pgmigrate::model
{

namespace
{

using Wish = std::pair<std::uint32_t, std::uint32_t>; // what is done before what

class Wishes
{
  public:
    Wishes(const std::vector<Operation> &operations, const OperationsOf &objects, const Comparison &comparison)
        : operations_(operations), objects_(objects), comparison_(comparison), was_(comparison.was), is_(comparison.is)
    {
    }

    std::vector<Wish> collect() &&
    {
        wish_for_positions();
        wish_for_domains();
        wish_for_names_of_not_null();
        wish_for_defaults();
        return std::move(wishes_);
    }

  private:
    // What names columns by their positions is made when all columns are where they will be.
    void wish_for_positions()
    {
        for (std::uint32_t i = 0; i < is_.size(); ++i)
            if (objects_.makes[i] != Operation::none && names_positions(is_[i]))
                for (const Object *relation : relations_under(is_[i]))
                    for (const std::uint32_t change : changes_of_columns(*relation))
                        if (change != objects_.makes[i])
                            wishes_.emplace_back(change, objects_.makes[i]);
    }

    // Not every column of a domain can be checked when the domain gets a constraint (find_composite_type_dependencies).
    void wish_for_domains()
    {
        for (std::uint32_t i = 0; i < is_.size(); ++i) {
            if (is_[i].kind != Kind::constraint || !is_[i].has("of_domain") || objects_.makes[i] == Operation::none)
                continue;
            const Object *domain = is_.parent_of(is_[i]);
            for (const Need &dependent : is_.dependents_of(is_.index_of(*domain)))
                if (const std::uint32_t make = objects_.makes[dependent.object];
                    make != Operation::none && is_[dependent.object].kind == Kind::column)
                    wishes_.emplace_back(objects_.makes[i], make);
        }
    }

    // The name of a NOT NULL can be used again when the column that had it has another one, or none. Where names go in
    // turn this is impossible.
    void wish_for_names_of_not_null()
    {
        if (is_.session.server_version < not_null_is_constraint)
            return;
        std::map<std::string, std::uint32_t> freed; // by name and table
        for (std::uint32_t i = 0; i < was_.size(); ++i) {
            const Object &column = was_[i];
            if (column.kind != Kind::column || !column.has("not_null"))
                continue;
            const std::string name = not_null_name(column, was_);
            const Object *after = comparison_.is_of(column);
            const bool keeps = after != nullptr && after->has("not_null") && not_null_name(*after, is_) == name;
            const std::uint32_t alters = after == nullptr ? Operation::none : objects_.makes[is_.index_of(*after)];
            const std::uint32_t by = objects_.drops[i] != Operation::none ? objects_.drops[i] : alters;
            if (by != Operation::none && !keeps)
                freed.emplace(cat(name, " ON ", column.parent), by);
        }
        for (std::uint32_t i = 0; i < is_.size() && !freed.empty(); ++i) {
            const Object &object = is_[i];
            const bool has_name =
                object.kind == Kind::constraint || (object.kind == Kind::column && object.has("not_null"));
            if (objects_.makes[i] == Operation::none || !has_name)
                continue;
            const std::string name = object.kind == Kind::constraint ? object.name : not_null_name(object, is_);
            if (const auto found = freed.find(cat(name, " ON ", object.parent));
                found != freed.end() && found->second != objects_.makes[i])
                wishes_.emplace_back(found->second, objects_.makes[i]);
        }
    }

    // A table that is made below others gets the defaults that these have then.
    void wish_for_defaults()
    {
        for (std::uint32_t i = 0; i < is_.size(); ++i) {
            const Object &object = is_[i];
            if (object.kind != Kind::default_value || objects_.makes[i] == Operation::none)
                continue;
            const Object *column = is_.find(Kind::column, object.identity);
            const Object *table = column == nullptr ? nullptr : is_.parent_of(*column);
            if (table == nullptr || table->kind != Kind::table)
                continue;
            for (const Object *below : tables_below(*table, is_))
                if (const std::uint32_t make = objects_.makes[is_.index_of(*below)];
                    make != Operation::none && operations_[make].action == Operation::Action::make)
                    wishes_.emplace_back(objects_.makes[i], make);
        }
    }

    // Of which an object of `is` may name columns: those that it needs itself, or by a function.
    std::set<const Object *> relations_under(const Object &object) const
    {
        std::set<const Object *> relations;
        const auto add = [&](const Object &needed) {
            const Object *relation = needed.kind == Kind::column ? is_.parent_of(needed) : &needed;
            if (relation != nullptr && is_.find_relation(relation->identity) == relation)
                relations.insert(relation);
        };
        for (const Need &need : object.needs) {
            const Object &needed = is_[need.object];
            add(needed);
            if (needed.kind == Kind::function)
                for (const Need &of_function : needed.needs)
                    add(is_[of_function.object]);
        }
        return relations;
    }

    // Those that make and drop columns of a relation of `is`.
    std::vector<std::uint32_t> changes_of_columns(const Object &relation) const
    {
        std::vector<std::uint32_t> changes;
        for (const Object *column : is_.parts_of(relation, Kind::column))
            if (const std::uint32_t make = objects_.makes[is_.index_of(*column)];
                make != Operation::none && operations_[make].action != Operation::Action::alter)
                changes.push_back(make);
        if (const Object *before = comparison_.was_of(relation))
            for (const Object *column : was_.parts_of(*before, Kind::column))
                if (const std::uint32_t drop = objects_.drops[was_.index_of(*column)]; drop != Operation::none)
                    changes.push_back(drop);
        return changes;
    }

    const std::vector<Operation> &operations_;
    const OperationsOf &objects_;
    const Comparison &comparison_;
    const Snapshot &was_;
    const Snapshot &is_;
    std::vector<Wish> wishes_;
};

} // namespace

void grant_wishes(std::vector<Operation> &operations, const OperationsOf &objects, const Comparison &comparison,
                  core::InterruptCheck &interrupts)
{
    const std::vector<Wish> wishes = Wishes(operations, objects, comparison).collect();
    if (wishes.empty())
        return;
    for (const auto &[first, then] : wishes)
        operations[then].after.push_back(first);
    for (const Circle &circle : circles_in(operations, interrupts))
        for (const auto &[first, then] : wishes)
            if (std::ranges::binary_search(circle, first) && std::ranges::binary_search(circle, then))
                std::erase(operations[then].after, first);
}

} // namespace pgmigrate::model

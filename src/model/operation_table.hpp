// SPDX-License-Identifier: PostgreSQL
#pragma once

// The operations while they are collected (operations.cpp) and put into order (operation_order.cpp).

#include "model/operations.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace pgmigrate::model
{

// What is dropped early, to be out of the way of others.
inline constexpr Kinds in_the_way{
    Kind::default_value, Kind::constraint, Kind::index,  Kind::view,          Kind::materialized_view, Kind::statistics,
    Kind::rule,          Kind::trigger,    Kind::policy, Kind::event_trigger, Kind::publication};

struct OperationTable {
    explicit OperationTable(Fates &all)
        : fates(all), drops(all.comparison.was.size(), Operation::none), asides(drops),
          makes(all.comparison.is.size(), Operation::none)
    {
    }

    std::uint32_t add(Operation::Phase phase, Operation::Action action, const Object &object,
                      Statements statements = {})
    {
        operations.push_back({phase, action, &object, std::move(statements), Operation::none, {}, {}});
        return static_cast<std::uint32_t>(operations.size() - 1);
    }
    // Either may be Operation::none.
    void before(std::uint32_t first, std::uint32_t then)
    {
        if (first != Operation::none && then != Operation::none && first != then)
            operations[then].after.push_back(first);
    }
    // What makes or changes what an object of `was` becomes.
    std::uint32_t make_of(const Object &was) const
    {
        const Object *is = fates.comparison.is_of(was);
        return is == nullptr ? Operation::none : makes[fates.comparison.is.index_of(*is)];
    }

    Fates &fates;
    std::vector<Operation> operations;
    std::vector<std::uint32_t> drops;                             // by index of `was`
    std::vector<std::uint32_t> asides;                            // by index of `was`
    std::vector<std::uint32_t> makes;                             // by index of `is`; make, alter or emerge
    std::unordered_map<std::uint32_t, std::uint32_t> names_aside; // by index of `was`: Fates::names_aside
    std::vector<std::pair<std::uint32_t, FollowUp>> follows;
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> follows_of; // by index of `is`
};

// Says of each operation which others come before it.
void order_operations(OperationTable &table);
// A part of that: what has to be there, or gone, for expressions to be understood as they were (meaning_order.cpp).
void order_by_meaning(OperationTable &table);

} // namespace pgmigrate::model

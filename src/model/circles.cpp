// SPDX-License-Identifier: PostgreSQL
#include "model/circles.hpp"

#include <algorithm>
#include <iterator>

namespace pgmigrate::model
{

namespace
{

using Action = Operation::Action;
using Phase = Operation::Phase;

bool can_be_announced(const Operation &operation)
{
    return (operation.action == Action::make || operation.defines_anew) && !operation.announced &&
           rules_of(operation.object->kind).announce != nullptr;
}

void announce(std::vector<Operation> &operations, std::uint32_t whole, const Circle &circle)
{
    const Object &object = *operations[whole].object;
    const auto announcement = static_cast<std::uint32_t>(operations.size());
    operations.push_back({Phase::make, Action::announce, &object, {}, Operation::none, {}, {}});
    const auto in_circle = [&](std::uint32_t each) { return std::ranges::binary_search(circle, each); };
    // A column of it is made with it.
    const auto belongs = [&](std::uint32_t each) {
        return each == whole ||
               (operations[each].object->kind == Kind::column && operations[each].object->parent == object.identity &&
                operations[each].phase == Phase::make);
    };
    // Nothing but a function can do with a type that is a shell.
    constexpr Kinds shells{Kind::base_type, Kind::range_type};
    const auto waits = [&](std::uint32_t each) {
        return shells.contains(object.kind) && !belongs(each) && !routines.contains(operations[each].object->kind);
    };
    for (const std::uint32_t member : circle) {
        if (waits(member))
            continue;
        std::vector<std::uint32_t> &after = operations[member].after;
        if (belongs(member))
            std::ranges::copy_if(after, std::back_inserter(operations[announcement].after),
                                 [&](std::uint32_t each) { return !in_circle(each); });
        else
            std::ranges::replace_if(after, belongs, announcement);
    }
    operations[whole].after.push_back(announcement);
    operations[whole].announced = true;
}

} // namespace

std::vector<Circle> open_circles(std::vector<Operation> &operations, core::InterruptCheck &interrupts)
{
    for (;;) {
        std::vector<Circle> dropped_together;
        bool opened = false;
        for (const Circle &circle : circles_in(operations, interrupts)) {
            const auto candidate =
                std::ranges::find_if(circle, [&](std::uint32_t each) { return can_be_announced(operations[each]); });
            if (candidate != circle.end()) {
                announce(operations, *candidate, circle);
                opened = true;
            } else if (std::ranges::all_of(
                           circle, [&](std::uint32_t each) { return operations[each].action == Action::drop; })) {
                dropped_together.push_back(circle);
            }
        }
        if (!opened)
            return dropped_together;
    }
}

} // namespace pgmigrate::model

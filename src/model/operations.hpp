// SPDX-License-Identifier: PostgreSQL
#pragma once

// What is to be done to turn one snapshot into another, and what has to be done before what.

#include "core/interrupt.hpp"
#include "model/fates.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace pgmigrate::model
{

struct Operation {
    // In the order in which a script has them where nothing else decides.
    enum class Phase : std::uint8_t {
        begin,     // what is committed before all others
        clear,     // drops what is in the way and holds no data
        set_aside, // renames types that are to be replaced
        make,      // makes and alters
        finish,    // what comes after an object: FollowUp
        drop,      // drops what is no longer needed
        settle,    // what would have an effect on the statements before: privileges, event triggers
    };
    enum class Action : std::uint8_t { make, alter, emerge, follow, drop, set_aside, announce };

    Phase phase;
    Action action;
    const Object *object;  // of `was` for drop and set_aside, of `is` otherwise
    Statements statements; // for alter, emerge and follow; the others are rendered when it is known what merges
    std::uint32_t merged_into = none;
    std::vector<const Object *> parts; // merged into it
    std::vector<std::uint32_t> after;  // operations that come before it
    bool announced = false;            // Rules::announce comes before it
    bool defines_anew = false;         // an alteration that Rules::announce may come before
    bool cascades = false;             // it drops what is in a circle with it

    static constexpr std::uint32_t none = UINT32_MAX;
};

// What the fates ask for. Takes the statements out of the alterations.
std::vector<Operation> operations_for(Fates &fates, core::InterruptCheck &interrupts);

// Those that come before each other, in ascending order.
using Circle = std::vector<std::uint32_t>;
std::vector<Circle> circles_in(const std::vector<Operation> &operations, core::InterruptCheck &interrupts);

// Sorts so that each comes after those it names, and otherwise by phase, kind and identity. Those merged into others
// are left out. Throws core::Error naming a circle.
std::vector<std::uint32_t> in_order(const std::vector<Operation> &operations, core::InterruptCheck &interrupts);

} // namespace pgmigrate::model

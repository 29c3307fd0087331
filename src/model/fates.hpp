// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "model/rules.hpp"

#include <optional>
#include <unordered_map>
#include <vector>

namespace pgmigrate::model
{

// What becomes of every object, and how.
struct Fates {
    Comparison comparison;
    std::vector<Alteration> alterations;              // by index of `was`; of those that are altered
    std::vector<std::optional<Emergence>> emergences; // by index of `is`; of those that emerge
    // By index of `was`: what gives its name away to another one that is renamed, before that one gives its own to it.
    std::unordered_map<std::uint32_t, Statements> names_aside;
};

// Decides for each object whether it can be altered, and lets what stands on something that cannot be replaced with it.
Fates decide(const Snapshot &was, const Snapshot &is, const Options &options);

} // namespace pgmigrate::model

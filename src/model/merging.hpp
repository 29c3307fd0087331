// SPDX-License-Identifier: PostgreSQL
#pragma once

// Operations that become a part of others: columns of CREATE TABLE, what goes away by itself when something else is
// dropped, and what is dropped in a circle.

#include "model/operations.hpp"

#include <vector>

namespace pgmigrate::model
{

// The operations of each object, by its index; Operation::none where there is none.
struct OperationsOf {
    const std::vector<std::uint32_t> &drops;  // of `was`
    const std::vector<std::uint32_t> &asides; // of `was`
    const std::vector<std::uint32_t> &makes;  // of `is`: make, alter or emerge
};

// Sets merged_into, parts and cascades. Nothing is merged that would close a circle, but for the drops of
// `dropped_together`.
void merge(std::vector<Operation> &operations, const OperationsOf &objects, const std::vector<Circle> &dropped_together,
           const Comparison &comparison, core::InterruptCheck &interrupts);

// The operation that one has been merged into, at the end; itself if it has not.
std::uint32_t representative(const std::vector<Operation> &operations, std::uint32_t index);

// The object of `was` with which another one disappears (Rules::vanish); nullptr if there is none.
const Object *holder_of(const Object &was, const Comparison &comparison);

} // namespace pgmigrate::model

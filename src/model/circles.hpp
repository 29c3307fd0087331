// SPDX-License-Identifier: PostgreSQL
#pragma once

// Operations that come before each other.

#include "model/operations.hpp"

namespace pgmigrate::model
{

// Where something is needed by what it needs itself, it is announced. Returns the circles of what is dropped, each to
// be dropped by one statement; those that cannot be opened are left to in_order().
std::vector<Circle> open_circles(std::vector<Operation> &operations, core::InterruptCheck &interrupts);

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "pg/boundary.hpp"

extern "C" {
#include "nodes/nodes.h"
}

namespace pgmigrate::pg
{

// A node of a parse tree as what its tag says it is, or null. Inside call().
template <class Wanted>
const Wanted *as(const void *node, NodeTag tag)
{
    return node != nullptr && nodeTag(node) == tag ? static_cast<const Wanted *>(node) : nullptr;
}

} // namespace pgmigrate::pg

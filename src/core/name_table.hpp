// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/revision_graph.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace pgmigrate::core
{

// Names (revision ids and branch labels) to numbers, by open addressing: one allocation for all names. The texts
// belong to someone who lives longer.
class NameTable
{
  public:
    // Room for so many names; more must not be added.
    explicit NameTable(std::size_t capacity = 0);

    // False when the name is there already.
    bool add(std::string_view name, Index value);
    std::optional<Index> find(std::string_view name) const;

  private:
    struct Slot {
        std::string_view name;
        std::size_t hash = 0;
        Index value = 0;
        bool used = false;
    };
    const Slot &slot_of(std::string_view name, std::size_t hash) const;
    std::vector<Slot> slots_;
};

} // namespace pgmigrate::core

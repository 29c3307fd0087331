// SPDX-License-Identifier: PostgreSQL
#include "core/name_table.hpp"

#include <bit>
#include <functional>

namespace pgmigrate::core
{

// At most two thirds full, so that a probe sequence stays short and always ends at a free slot.
NameTable::NameTable(std::size_t capacity) : slots_(std::bit_ceil(capacity + capacity / 2 + 2)) {}

const NameTable::Slot &NameTable::slot_of(std::string_view name, std::size_t hash) const
{
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    while (slots_[at].used && (slots_[at].hash != hash || slots_[at].name != name))
        at = (at + 1) & mask;
    return slots_[at];
}

bool NameTable::add(std::string_view name, Index value)
{
    const std::size_t hash = std::hash<std::string_view>{}(name);
    const Slot &found = slot_of(name, hash);
    if (found.used)
        return false;
    slots_[static_cast<std::size_t>(&found - slots_.data())] = Slot{name, hash, value, true};
    return true;
}

std::optional<Index> NameTable::find(std::string_view name) const
{
    const Slot &found = slot_of(name, std::hash<std::string_view>{}(name));
    return found.used ? std::optional(found.value) : std::nullopt;
}

} // namespace pgmigrate::core

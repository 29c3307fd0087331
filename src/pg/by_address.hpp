// SPDX-License-Identifier: PostgreSQL
#pragma once

// Values by the addresses of objects. Most of what reading a schema does besides its queries is looking for addresses,
// so the entries lie in one piece of memory, those of the columns of a relation one after the other.

#include "model/object.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pgmigrate::pg
{

// An open-addressing hash table with linear probing. Nothing is ever removed, and no address has the class 0.
template <class Value>
class ByAddress
{
  public:
    void reserve(std::size_t count)
    {
        std::size_t wanted = 16;
        while (wanted < 2 * count)
            wanted *= 2;
        if (wanted > entries_.size())
            grow(wanted);
    }

    // nullptr if there is none.
    const Value *find(const model::Address &address) const
    {
        if (entries_.empty())
            return nullptr;
        const Entry &entry = entries_[place(address)];
        return entry.address.class_id == 0 ? nullptr : &entry.value;
    }
    bool contains(const model::Address &address) const { return find(address) != nullptr; }

    // The one that is there first stays.
    void emplace(const model::Address &address, Value value)
    {
        reserve(count_ + 1);
        Entry &entry = entries_[place(address)];
        if (entry.address.class_id != 0)
            return;
        entry = {address, std::move(value)};
        ++count_;
    }

  private:
    struct Entry {
        model::Address address;
        Value value{};
    };

    // Where it is, or would be.
    std::size_t place(const model::Address &address) const
    {
        const std::size_t mask = entries_.size() - 1;
        const auto object = static_cast<std::uint64_t>(address.object_id) << 32U | address.class_id;
        // The upper bits of the product depend on all bits of the object.
        std::size_t at = (((object * 0x9E3779B97F4A7C15U) >> 32U) + static_cast<std::uint32_t>(address.sub_id)) & mask;
        while (entries_[at].address.class_id != 0 && entries_[at].address != address)
            at = (at + 1) & mask;
        return at;
    }

    void grow(std::size_t size)
    {
        std::vector<Entry> old(size);
        old.swap(entries_);
        for (Entry &each : old)
            if (each.address.class_id != 0)
                entries_[place(each.address)] = std::move(each);
    }

    std::vector<Entry> entries_; // as many as a power of two, at most half of them taken
    std::size_t count_ = 0;
};

} // namespace pgmigrate::pg

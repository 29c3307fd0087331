// SPDX-License-Identifier: PostgreSQL
#include "pg/scratch_order.hpp"

#include <cstring>
#include <type_traits>

namespace pgmigrate::pg
{

namespace
{

// Both ends are the same build on the same machine: numbers travel as they are in memory.
template <class Value>
void put(std::string &wire, const Value &value) requires std::is_trivially_copyable_v<Value>
{
    wire.append(reinterpret_cast<const char *>(&value), sizeof value);
}

void put(std::string &wire, const std::string &text)
{
    put(wire, static_cast<std::uint64_t>(text.size()));
    wire += text;
}

std::string_view take(std::string_view &wire, std::uint64_t size)
{
    if (size > wire.size())
        throw core::Error(core::sqlstate::internal_error, "the order to the background worker is damaged");
    const std::string_view taken = wire.substr(0, size);
    wire.remove_prefix(size);
    return taken;
}

template <class Value>
void get(std::string_view &wire, Value &value) requires std::is_trivially_copyable_v<Value>
{
    std::memcpy(&value, take(wire, sizeof value).data(), sizeof value);
}

void get(std::string_view &wire, std::string &text)
{
    std::uint64_t size = 0;
    get(wire, size);
    text = take(wire, size);
}

} // namespace

std::string encode(const ScratchOrder &order)
{
    std::string wire;
    wire.reserve(order.model.text.size() + order.payload.size() + order.model.statements.size() * 32 + 256);
    put(wire, order.task);
    put(wire, order.payload);
    put(wire, order.model.text);
    put(wire, static_cast<std::uint64_t>(order.model.statements.size()));
    for (const ModelStatement &statement : order.model.statements) {
        put(wire, statement.offset);
        put(wire, statement.length);
        put(wire, statement.action);
        put(wire, statement.role);
    }
    return wire;
}

ScratchOrder decode_scratch_order(std::string_view wire)
{
    ScratchOrder order;
    get(wire, order.task);
    get(wire, order.payload);
    get(wire, order.model.text);
    std::uint64_t count = 0;
    get(wire, count);
    while (count-- > 0) {
        ModelStatement &statement = order.model.statements.emplace_back();
        get(wire, statement.offset);
        get(wire, statement.length);
        get(wire, statement.action);
        get(wire, statement.role);
    }
    return order;
}

} // namespace pgmigrate::pg

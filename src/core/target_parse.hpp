// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pgmigrate::core
{

// A number of steps as written. Enormous ones are kept as text for the error, and walk off any graph.
struct Steps {
    std::string_view text; // with its sign, e.g. "+02"
    bool down = false;
    std::uint64_t count = 0;

    std::string magnitude() const;  // "2"
    std::string normalized() const; // "2", "-2": as Python prints the integer
};

// [label@][symbol](+|-)digits. As in Alembic, what follows the digits is ignored.
struct RelativeTarget {
    std::optional<std::string_view> label;
    std::optional<std::string_view> symbol;
    Steps steps;
};

std::optional<RelativeTarget> parse_relative(std::string_view text);

// `-N` and nothing else.
std::optional<Steps> parse_steps_down(std::string_view text);

std::string_view trim(std::string_view text);

} // namespace pgmigrate::core

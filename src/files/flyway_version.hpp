// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::files
{

// A version as flyway has it: numbers separated by '.' or '_', compared number by number, where missing ones are zeros.
class FlywayVersion
{
  public:
    FlywayVersion() = default; // none

    // nullopt if the text is none.
    static std::optional<FlywayVersion> parse(std::string_view text);

    // With '.' between the numbers, and the zeros in front of them, as flyway's own table has it.
    const std::string &text() const { return text_; }

    std::strong_ordering operator<=>(const FlywayVersion &other) const;
    bool operator==(const FlywayVersion &other) const { return (*this <=> other) == std::strong_ordering::equal; }

  private:
    explicit FlywayVersion(std::string text) : text_(std::move(text)) {}

    std::vector<std::string_view> parts() const;

    std::string text_;
};

} // namespace pgmigrate::files

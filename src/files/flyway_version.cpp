// SPDX-License-Identifier: PostgreSQL
#include "files/flyway_version.hpp"

#include "files/line.hpp"
#include "files/text.hpp"

#include <algorithm>
#include <cstddef>

namespace pgmigrate::files
{

std::optional<FlywayVersion> FlywayVersion::parse(std::string_view text)
{
    std::string dotted(text);
    std::replace(dotted.begin(), dotted.end(), '_', '.');
    bool after_digit = false;
    for (const char c : dotted) {
        if (!is_digit(c) && !(c == '.' && after_digit))
            return std::nullopt;
        after_digit = is_digit(c);
    }
    if (!after_digit)
        return std::nullopt;
    return FlywayVersion(std::move(dotted));
}

std::vector<std::string_view> FlywayVersion::parts() const
{
    std::vector<std::string_view> result;
    for (std::string_view rest = text_; !rest.empty();) {
        const std::string_view digits = leading_digits(rest);
        result.push_back(digits);
        rest.remove_prefix(std::min(rest.size(), digits.size() + 1));
    }
    return result;
}

std::strong_ordering FlywayVersion::operator<=>(const FlywayVersion &other) const
{
    const std::vector<std::string_view> left = parts();
    const std::vector<std::string_view> right = other.parts();
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
        const std::strong_ordering order =
            compare_numbers(i < left.size() ? left[i] : "0", i < right.size() ? right[i] : "0");
        if (order != std::strong_ordering::equal)
            return order;
    }
    return std::strong_ordering::equal;
}

} // namespace pgmigrate::files

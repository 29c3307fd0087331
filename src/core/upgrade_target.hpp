// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/resolver.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::core
{

// Where an upgrade or a history starts: what the version table holds, or the lower end of a range as written.
class Origin
{
  public:
    static Origin of_rows(const std::vector<std::string> &rows) { return Origin(&rows, {}); }
    static Origin of_text(std::string_view text) { return Origin(nullptr, text); }

    // All revisions it stands for.
    std::vector<Index> revisions(Resolver &resolver) const;
    // Where a walk starts; nothing is base.
    std::vector<std::optional<Index>> starts(Resolver &resolver) const;

  private:
    Origin(const std::vector<std::string> *rows, std::string_view text) : rows_(rows), text_(text) {}
    const std::vector<std::string> *rows_;
    std::string_view text_;
};

// Alembic's _parse_upgrade_target: the revisions that are to be reached. A lenient walk (history) stops at the ends.
std::vector<Index> upgrade_targets(Resolver &resolver, const Origin &origin, std::string_view text, bool lenient);

} // namespace pgmigrate::core

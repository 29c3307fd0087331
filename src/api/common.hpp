// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/plan.hpp"
#include "pg/catalogue.hpp"
#include "pg/values.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace pgmigrate::api
{

// Adds the columns that migrate_history, migrate_heads, migrate_branches and migrate_show share.
class RevisionRows
{
  public:
    RevisionRows(pg::Catalogue &catalogue, const core::RevisionGraph &graph, const std::vector<std::string> &version);

    // The revisions with what is stored of them, in the given order.
    void add_all(pg::ResultSet &result, const std::vector<core::Index> &revisions, bool with_scripts);

  private:
    void add(pg::ResultSet &result, core::Index revision, const pg::StoredRevision &stored, bool with_scripts);

    pg::Catalogue &catalogue_;
    const core::RevisionGraph &graph_;
    std::vector<bool> applied_;
    std::vector<bool> current_;
};

} // namespace pgmigrate::api

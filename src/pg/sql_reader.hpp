// SPDX-License-Identifier: PostgreSQL
#pragma once

// Reads migration files, `SELECT migrate_revision(...)`, with the server's own parser.

#include "files/format.hpp"

namespace pgmigrate::pg
{

class ServerSqlReader final : public files::SqlReader
{
  public:
    std::vector<files::RevisionCall> revision_calls(const files::File &file) override;
};

} // namespace pgmigrate::pg

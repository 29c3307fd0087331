// SPDX-License-Identifier: PostgreSQL
#pragma once

// Reads the SQL that Alembic prints with the server's own parser.

#include "files/alembic.hpp"

namespace pgmigrate::pg
{

class ServerPrintedSqlReader final : public files::PrintedSqlReader
{
  public:
    std::vector<files::PrintedStatement> statements(const std::string &printed, const std::string &name) override;
};

} // namespace pgmigrate::pg

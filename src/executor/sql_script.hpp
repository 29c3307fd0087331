// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "executor/database.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pgmigrate::executor
{

// Renders `text` so that the server reads it back as a string literal.
class LiteralQuoter
{
  public:
    LiteralQuoter() = default;
    LiteralQuoter(const LiteralQuoter &) = delete;
    LiteralQuoter &operator=(const LiteralQuoter &) = delete;
    virtual ~LiteralQuoter() = default;
    virtual std::string literal(const std::string &text) const = 0;
};

struct SqlScriptOptions {
    core::Direction direction = core::Direction::upgrade;
    std::string record_function; // migrate_record, qualified and quoted
    std::optional<std::string> schema;
    std::string quoted_schema; // as it stands in search_path
};

// The steps as a script for psql, which leaves the same schema and version rows as a run: transactional statements
// between BEGIN and COMMIT, the others outside; each revision is recorded by a call of the extension. What a script
// sets (settings, role) is put back after it.
std::string render_sql_script(const std::vector<Step> &steps, const SqlScriptOptions &options,
                              const LiteralQuoter &quoter);

} // namespace pgmigrate::executor

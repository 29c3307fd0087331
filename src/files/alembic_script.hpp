// SPDX-License-Identifier: PostgreSQL
#pragma once

// A script, put together from the statements of Alembic's output.

#include "files/alembic.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace pgmigrate::files
{

// What Alembic has written for itself is left out, and comments stay.
class AlembicScript
{
  public:
    explicit AlembicScript(std::string_view sql) : sql_(sql) {}

    void add(const PrintedStatement &statement, bool in_transaction);
    void leave_out(const PrintedStatement &statement) { append(gap_before(statement)); }
    void begin_at(std::size_t offset) { read_ = offset; }
    // Without what stands behind the last one that was added or left out.
    std::string finish();

  private:
    std::string_view gap_before(const PrintedStatement &statement);
    std::string_view whole(const PrintedStatement &statement) const;
    void append(std::string_view piece);
    const char *mark(const PrintedStatement &statement, bool in_transaction);

    std::string_view sql_;
    std::size_t read_ = 0;
    std::string script_;
    bool has_work_ = false; // there is something to be committed
    bool was_by_itself_ = false;
};

} // namespace pgmigrate::files

// SPDX-License-Identifier: PostgreSQL
#pragma once

// What is said about the statements of Alembic's output that are left out, or may not do here what they did there.

#include "files/alembic.hpp"
#include "files/alembic_statements.hpp"
#include "files/alembic_text.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace pgmigrate::files
{

class AlembicRemarks
{
  public:
    // All of these outlive it.
    AlembicRemarks(const std::string &text, const std::string &name, const AlembicText &printed,
                   const AlembicStatements &statements, std::vector<ImportRemark> &warnings)
        : text_(text), name_(name), printed_(printed), statements_(statements), warnings_(warnings)
    {
    }

    void set_version_table(const std::string &table);

    // A statement of env.py's, which `place` says where it stands. Throws where it is broken: then the text is not
    // what it should be.
    void left_out(const PrintedStatement &statement, const std::string &place);
    void uses_versions(const PrintedStatement &statement, const std::string &revision);
    void kept(const PrintedStatement &statement, const std::string &revision);
    // The last line of what Alembic has said; nothing more is said about it.
    std::string take_failure(const TextRange &failure);
    void finish(bool is_stopped_at_end);

  private:
    std::string line(std::size_t offset) const;
    std::string shown(const PrintedStatement &statement) const;
    bool mentions_versions(std::string_view statement) const;
    std::string last_line_of(const TextRange &range) const;
    void remark_on_left_out();
    void remark_on_failures();
    void remark_on_end();
    void remark_on_backslashes();

    const std::string &text_;
    const std::string &name_;
    const AlembicText &printed_;
    const AlembicStatements &statements_;
    std::vector<ImportRemark> &warnings_;
    std::string versions_;            // the table's name without its schema, as it is written
    std::vector<std::size_t> beyond_; // left out and not said one by one
    std::size_t left_out_ = 0;
    std::set<std::size_t> taken_; // failures
};

} // namespace pgmigrate::files

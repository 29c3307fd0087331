// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <string>
#include <vector>

namespace pgmigrate::model
{

// A statement of a script, without its semicolon, and what its reader has to know.
struct Statement {
    std::string sql;
    std::string destroys;    // which data are gone after it: the text behind "-- destroys data:"
    std::string may_fail;    // on which rows it fails: the text behind "-- may fail:"
    std::string note;        // any other remark
    bool alone = false;      // cannot run in a transaction block
    bool commits = false;    // what is above it is committed before: the directive of that name
    bool reads_rows = false; // all rows of a table, which no policy may hide from it
};

class Statements
{
  public:
    Statement &add(std::string sql)
    {
        all_.emplace_back().sql = std::move(sql);
        return all_.back();
    }
    Statement &add(Statement statement)
    {
        all_.push_back(std::move(statement));
        return all_.back();
    }
    void append(Statements other)
    {
        for (Statement &each : other.all_)
            all_.push_back(std::move(each));
    }
    bool empty() const { return all_.empty(); }
    std::size_t size() const { return all_.size(); }
    auto begin() { return all_.begin(); }
    auto end() { return all_.end(); }
    auto begin() const { return all_.begin(); }
    auto end() const { return all_.end(); }

  private:
    std::vector<Statement> all_;
};

} // namespace pgmigrate::model

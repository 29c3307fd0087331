// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
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
    // Where the actions of an ALTER TABLE begin that rewrites it, so that others had better be put behind them; or 0.
    std::size_t actions_at = 0;
    std::vector<Statement> parts{}; // what has been put behind its actions: what there is to know of that

    // `mark` of the statement and of its parts, each once: &Statement::destroys, ….
    std::vector<std::string_view> marks(std::string Statement::*mark) const
    {
        std::vector<std::string_view> all;
        const auto add = [&](const std::string &text) {
            if (!text.empty() && std::find(all.begin(), all.end(), text) == all.end())
                all.push_back(text);
        };
        add(this->*mark);
        for (const Statement &part : parts)
            add(part.*mark);
        return all;
    }
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

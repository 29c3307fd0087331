// SPDX-License-Identifier: PostgreSQL
#pragma once

// The statements of a script, one operation after the other; columns of a table that get other types one after the
// other get them in one ALTER TABLE. That rewrites the table once, and what the server makes again around it, such as
// an index on an expression of several of them, sees all of their types at once.

#include "model/operations.hpp"

#include <cstddef>
#include <vector>

namespace pgmigrate::model
{

class JoinedChanges
{
  public:
    explicit JoinedChanges(std::vector<Statement> &script) : script_(script) {}

    // The operations, in the order of the script, each by its index.
    void add(const std::vector<Operation> &operations, std::uint32_t index, Statements statements);

  private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    bool belongs(const Operation &operation) const;

    std::vector<Statement> &script_;
    std::vector<std::uint32_t> run_; // operations on columns of one table that are next to each other
    std::string_view table_;
    std::size_t joined_ = none; // the statement that changes types
};

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#pragma once

// ALTER TABLE adds columns at the end, so the tables that a script leaves may have theirs in another order than the
// tables that it was generated from. That is no difference, but deparsed text may name columns by their positions:
// `FROM t x(a, b)`, `FROM f() x(a, b)` of a function that returns rows of the table, `ROW(1, 2)::t`.

#include "model/moved_columns.hpp"
#include "model/snapshot.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pgmigrate::model
{

// Whether an object may have such text.
bool names_positions(const Object &object);

class ColumnOrder
{
  public:
    // Of the tables, foreign tables and composite types that both have. Both have to outlive it.
    ColumnOrder(const Snapshot &was, const Snapshot &is);

    // Whether any of them differs but by columns at the end.
    bool differs() const { return !reordered_.empty(); }
    // Whether the text of any object of `is` has to be another one.
    bool rewrites() const { return !rewritten_.empty(); }
    // `is` as a script leaves it that is run where `was` is.
    Snapshot result() const;
    // Objects of `is`: the relations; and those whose text names columns by position in a way that is not known to be
    // moved, with the relation.
    std::vector<const Object *> relations() const;
    const std::map<const Object *, const Object *> &left() const { return left_; }

  private:
    struct Reordered {
        const Object *relation;           // of `is`
        std::vector<std::size_t> columns; // where each column of the result stands in `is`
    };

    void compare(const Object &relation);
    void rewrite_dependents(const Reordered &reordered);
    RowSource source_of(const Reordered &reordered) const;
    void rewrite(std::uint32_t index, const RowSource &source, const Object &relation);

    const Snapshot &was_;
    const Snapshot &is_;
    std::vector<Reordered> reordered_;
    std::map<std::uint32_t, Object> rewritten_; // by index of `is`
    std::map<const Object *, const Object *> left_;
};

} // namespace pgmigrate::model

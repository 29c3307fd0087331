// SPDX-License-Identifier: PostgreSQL
#pragma once

// ALTER TABLE adds columns at the end, so the tables that a script leaves may have theirs in another order than the
// tables that it was generated from. That is no difference, but deparsed text may name columns by their positions:
// `FROM t x(a, b)`, `FROM f() x(a, b)` of a function that returns rows of the table, `ROW(1, 2)::t`.

#include "model/moved_columns.hpp"
#include "model/snapshot.hpp"

#include <cstdint>
#include <map>
#include <set>
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
    //
    // Text of `is` counts columns as `is` has them, unless the object has the remark "of_database": then, and in `was`,
    // as `was` has them. In both results it counts them as a script leaves them that is run where `was` is.
    //
    // `anew` are the columns that the script drops and adds again.
    ColumnOrder(const Snapshot &was, const Snapshot &is, const std::set<std::string> &anew = {});

    // Whether the results differ from the snapshots.
    bool rewrites_was() const { return !rewritten_was_.empty(); }
    bool rewrites_is() const { return !rewritten_is_.empty(); }
    bool reorders() const { return !relations_.empty(); }
    Snapshot result_of_was() const;
    Snapshot result_of_is() const;

    // Objects of `is`: the relations whose columns differ in their order; and those whose text names columns by
    // position in a way that is not known to be moved, with the relation.
    const std::vector<const Object *> &relations() const { return relations_; }
    const std::map<const Object *, const Object *> &left() const { return left_; }

  private:
    using Rewritten = std::map<std::uint32_t, Object>; // by index

    struct Side {
        const Snapshot &snapshot;
        const Object &relation;
        Rewritten &rewritten;
    };

    void compare(const Object &was, const Object &is, const std::set<std::string> &anew);
    void rewrite_dependents(const Side &side, const std::vector<std::string> &names,
                            const std::vector<RowSource::Place> &columns, bool of_database);
    void rewrite(const Side &side, std::uint32_t index, const RowSource &source);

    const Snapshot &was_;
    const Snapshot &is_;
    std::vector<const Object *> relations_;
    std::map<std::uint32_t, std::int32_t> positions_; // of columns, by index of `is`
    Rewritten rewritten_was_;
    Rewritten rewritten_is_;
    std::map<const Object *, const Object *> left_;
};

} // namespace pgmigrate::model

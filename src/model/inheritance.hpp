// SPDX-License-Identifier: PostgreSQL
#pragma once

// Tables and those above them, whether by inheritance or as partitions; and tables whose rows have to move.

#include "model/rules.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::model
{

// The identities of the tables right above a table, in their order.
std::vector<std::string_view> tables_above(const Object &table);
// Whether `table` inherits from `above` or is a partition of it.
bool is_below(const Object &table, std::string_view above);
// Those right below a table.
std::vector<const Object *> tables_below(const Object &table, const Snapshot &snapshot);

// The table that a foreign key refers to.
const Object *referred_table(const Object &key, const Snapshot &snapshot);

// The partitions of a table of `is`, as `was` has them, that are not its partitions any more.
std::vector<const Object *> partitions_that_leave(const Object &table, const Comparison &comparison);

// An ordinary, partitioned or foreign table.
const Object *find_table(const Snapshot &snapshot, std::string_view identity);
const Object *column_of(const Snapshot &snapshot, std::string_view table, std::string_view column);

// Whether it is a part of a partition that stays and leaves its table: then it does not go with what it is attached to,
// or inherited from.
bool leaves_with_table(const Object &part, const Comparison &comparison);

// Whether a table of both snapshots is below `above` all the time, so that what is done to that one is done to it.
bool stays_below(const Comparison &comparison, std::string_view table, std::string_view above);
// The columns of `is` (of `was`) right above one that follow each other in all changes.
std::vector<const Object *> columns_above(const Object &column, const Comparison &comparison, const Snapshot &snapshot);
// Those below it that follow it, at any depth.
std::vector<const Object *> columns_below(const Object &column, const Comparison &comparison, const Snapshot &snapshot);

// A column that comes from other tables, too, cannot be altered with one it is inherited from: for those below `was`,
// what else they come from goes before its alteration, or comes after it.
void alter_as_only_parent(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration);

// Whether the table is made anew under its name, and its rows are moved there: an ordinary table and a partitioned one
// can't be turned into each other, nor can a partition key be altered, or what it is sorted by. What is a partition of
// the same table on both sides goes with that, unless keeps_its_rows().
bool is_moved(const Object &was, const Comparison &comparison);
// Whether a partition stays what it is while the table above it is made anew: it is detached from the old one and
// attached to the new one.
bool outlives_table(const Object &was, const Comparison &comparison);
// Whether what is done to a table (its identity) is done without long locks: not where its rows are out of sight
// meanwhile, because it is made anew, or taken out of its partitioned table.
bool changes_online(std::string_view table, const Comparison &comparison);
// Whether an index of a partition that is set aside, or its constraint, belongs to one of a table that stays: it can be
// dropped when the partition is detached.
bool is_freed_aside(const Object &part, const Comparison &comparison);
// Whether the script makes this table of `is`.
bool is_new(std::string_view table, const Comparison &comparison);
// The tables that get a trigger of `is`, which is a copy of one above, by being attached: its own or some above.
std::vector<const Object *> attached_for_trigger(const Object &trigger, const Comparison &comparison);
// The name that a table of `was` has while the script runs.
std::string present_name(std::string_view table, const Comparison &comparison);

} // namespace pgmigrate::model

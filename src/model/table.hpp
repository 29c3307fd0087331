// SPDX-License-Identifier: PostgreSQL
#pragma once

// Tables, in several files: made, dropped and altered (table.cpp), put below others (table_above.cpp) or below
// another one for a moment (table_helper.cpp), moved (table_move.cpp).

#include "model/rules.hpp"

namespace pgmigrate::model
{

// "ALTER TABLE public.t", or FOREIGN TABLE.
std::string alter_table(const Object &table);

// What puts a table below others, behind CREATE TABLE. A partition of a table that is new, too, is attached at once:
// the indexes and constraints of both come later. Otherwise that is done when it has all that it needs for it.
void attach_new(const Object &object, const Comparison &comparison, Statements &statements);
void attach_later(const Object &object, const Comparison &comparison, std::vector<FollowUp> &later);
// While a partition is detached for a moment, foreign keys of other tables would refer to nothing.
void rebuild_keys(const Object &is, const Comparison &comparison, Alteration &alteration);
void alter_above(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration);

// What has to be right before a table is put below another. Foreign keys of the table above come with it.
void need_all_of(const Object &table, const Snapshot &is, std::vector<Reference> &needs);
// What a column has to have in common with that above.
inline constexpr std::string_view decides_below[] = {"type", "collation", "generated", "expression"};

// ---- table_helper.cpp

// For a column of `is` that was only inherited and becomes one of the table's own as well.
void make_local(const Object &column, const Comparison &comparison, std::vector<FollowUp> &later);
// For a table that leaves these parents before it gets others, and is to have columns which are inherited only.
void keep_inherited(const Object &was, const Object &is, const std::vector<std::string> &left,
                    const std::vector<std::string> &staying, const Comparison &comparison, Alteration &alteration);
// A table leaves parents and gets others, or the same again, at once: all else is as it is to be.
void inherit_anew(const Object &is, const std::vector<std::string> &left, const std::vector<std::string> &entered,
                  const Comparison &comparison, Statements &statements);
// What is added to a table above is inherited only; INHERIT leaves a table what it has of its own. These put a table
// below another for that, of the columns that are named, and take it away when it is below its parents.
std::string enter_helper(const Object &table, std::string_view suffix, std::string_view columns,
                         const Comparison &comparison, Statements &statements);
// The columns of its table that an object of `is` needs, for a helper.
std::string columns_needed_by(const Object &is, const Comparison &comparison);
FollowUp leave_helper(const Object &table, std::string_view suffix, const Comparison &comparison);

// What sets when a trigger fires to what it is to be.
std::string enable_trigger(const Object &trigger);

void set_table_aside(const Object &was, const Comparison &comparison, Statements &statements);
void drop_table_aside(const Object &was, const Comparison &comparison, Statements &statements);
void look_back_at_rows(const Object &was, const Object &is, const Comparison &comparison, Statements &statements);
// Whether a foreign key of a table that is set aside goes with that at once: partitions of the table that it refers to
// cannot be detached before. So do the copies that partitions have of it.
bool goes_with_aside(const Object &key, const Comparison &comparison);
void refill_table(const Object &was, const Object &is, const Comparison &comparison, Statements &statements);

} // namespace pgmigrate::model

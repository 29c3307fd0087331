// SPDX-License-Identifier: PostgreSQL
#pragma once

// NOT NULL of a column: "not_null". From 18 on it is a constraint, of which the column has besides:
//
//   not_null_name        unless that is the default, <table>_<column>_not_null, or inherited
//   not_null_from_above  it is inherited
//   not_null_inherited   the name of an inherited one, which cannot be changed and is no difference
//   not_null_local       of an inherited one: it is the table's own as well
//   not_null_no_inherit  tables below do not get it
//   not_null_not_valid   rows that are there already need not fulfil it
//   not_null_comment
//
// For partitions nothing tells their own from what is inherited.

#include "model/rules.hpp"

#include <string>

namespace pgmigrate::model
{

inline constexpr std::int32_t not_null_is_constraint = 180000; // from that version of the server on

// Whether it comes from tables above.
bool inherits_not_null(const Object &column);
// The name of the constraint; or empty for the default of one that is not inherited.
std::string_view explicit_not_null_name(const Object &column);
// Whether a constraint of the schema has the default name already: the server would choose another by itself.
bool not_null_name_is_taken(const Object &column, const Comparison &comparison);
std::string not_null_name(const Object &column, const Snapshot &snapshot);
// " NO INHERIT NOT VALID"
std::string not_null_suffix(const Object &column);
std::string add_not_null(const Object &column, const Object &table, const Snapshot &is);
void comment_on_not_null(const Object &column, const std::string &name, Statements &statements);

// What the tables below a column get from it.
bool gives_not_null(const Object &column);

// For a column that is added with one above it: what it has from that one.
void inherit_not_null(Object &column, const Object &above, const Snapshot &snapshot);

// " NOT NULL", with all that CREATE TABLE and ADD COLUMN can say of it.
std::string not_null_clause(const Object &column, const Comparison &comparison);
// The same as an element of CREATE TABLE, for an inherited column whose table has a constraint of its own; or empty.
std::string not_null_element(const Object &column);
// For a column that a new table inherits from columns that give it NOT NULL, or do not.
void adapt_not_null(const Object &column, bool given, const Comparison &comparison, Statements &statements);
// What can only be said behind the statement that makes the column.
void settle_not_null(const Object &column, const Comparison &comparison, Statements &statements);

// not_null_alter.cpp
void alter_not_null(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration);

// Names that a script cannot change.
void note_inherited_names(const Comparison &comparison, std::vector<std::string> &notes);

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#pragma once

// Columns, in several files: made and dropped (column.cpp), altered (column_alter.cpp), other types (column_type.cpp).

#include "model/rules.hpp"

#include <string>

namespace pgmigrate::model
{

// Its name, type and all that CREATE TABLE and ADD COLUMN say of it; `default_value` may be nullptr.
std::string column_clause(const Object &column, const Object *default_value, const Comparison &comparison);
// The same for a column that the type of the table has already; empty if there is nothing to be said.
std::string column_options_clause(const Object &column, const Object *default_value, const Comparison &comparison);
// " (START WITH 5 …)" of the sequence of an identity column; empty if all is as by default.
std::string identity_options(const Object &column, const Snapshot &snapshot);
const Object *default_among(Parts parts, const Object &column);
// For a column that a new table inherits: what it has other than the tables above.
void adapt_inherited(const Object &column, const Object *default_value, const Comparison &comparison,
                     Statements &statements);

// What a column has that ADD COLUMN makes below `above`, the one that is added.
void become_added(Object &column, const Object &above, const Snapshot &snapshot);

void alter_column(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration);
// What can only be said by ALTER COLUMN, of what is new: storage, statistics target, options. `was` is nullptr then.
void alter_column_properties(const Object *was, const Object &is, const Comparison &comparison, Statements &statements);

// Puts back what has been dropped from a publication, whatever else is done to it.
std::string publish_again(const Object &publication);

// How the values of a column get from one type to the other.
struct Conversion {
    std::string using_clause; // " USING …"; empty where an assignment does it
    bool may_fail;            // not every value fits
    bool loses;               // not every value stays what it is
};
Conversion conversion(const Object &was, const Object &is, const Comparison &comparison);
// Whether what is equal under one type is so under the other and nothing else is, has the same hash, or is in the same
// order between days and the like: values of partition keys that are cast from one type to the other. Collations aside.
enum class Sameness { equality, hash, order };
bool keeps(Sameness what, std::string_view type_was, std::string_view type_is);
// Whether a text of that many characters is not changed by becoming one of the type, nor another one made the same.
bool takes_whole_text(std::string_view type_was, std::string_view type_is, std::size_t length);
// Whether values of the type that are equal are written in the same way.
bool has_one_spelling(std::string_view type);
// Whether it depends on the TimeZone of the session which moments the values become.
bool depends_on_time_zone(const Object &was, const Object &is);
// Whether values lose something where the type is made anew and they are read into it as texts.
bool loses_by_text(const Object &was, const Object &is, const Comparison &comparison);

// Whether the type of a column of `was` is set aside, and the expression by which its values become those of the new
// one.
bool type_is_aside(const Object &was, const Comparison &comparison);
std::string by_text(const Object &is);

} // namespace pgmigrate::model

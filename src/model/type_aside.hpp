// SPDX-License-Identifier: PostgreSQL
#pragma once

// Types that are replaced while columns keep their data: what the kinds of types share.

#include "model/rules.hpp"

namespace pgmigrate::model
{

// The name that the old type has in the meantime, with its schema.
std::string name_aside(const Object &type, const Comparison &comparison);

// ALTER … RENAME TO and DROP of the usual form.
void rename_aside(const Object &was, const Comparison &comparison, Statements &statements);
void drop_renamed(const Object &was, const Comparison &comparison, Statements &statements);

// The functions that the type needs and that need it (of its input, output, canonical form), which are set aside with
// it.
std::vector<const Object *> functions_of(const Object &type, const Snapshot &snapshot);
void rename_functions_aside(const Object &was, const Comparison &comparison, Statements &statements);

// Whether a table has a column whose values contain some of this type: by itself, as an array, in a domain, a range or
// a composite type.
bool is_stored(const Object &type, const Snapshot &snapshot);
std::vector<const Object *> stored_in(const Object &type, const Snapshot &snapshot); // those columns

// Why the server does not let the rows of a relation change: "public.t.c has the rows of public.r as its type"
// (find_composite_type_dependencies). Empty where no column of a table stays that has them.
std::string held_rows(const Object &relation, const Comparison &comparison);

// Whether all labels of an enum are still there, in the same order.
bool only_adds_labels(const Object &was, const Object &is);
// Whether an enum or a domain of both sides is made anew, because what it is cannot be altered.
bool is_remade(std::string_view type, const Comparison &comparison);

// Whether a table of both sides stops being one of its type: it gets another, or the type is made anew.
bool leaves_type(const Object &was, const Object &is, const Comparison &comparison);

// The same of values in which the type is hidden: not of columns of the type itself, or of a domain over it.
bool is_contained(const Object &type, const Snapshot &snapshot);

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#pragma once

// What an index is besides its definition, whether it stands alone or behind a constraint: storage parameters,
// tablespace, statistics targets, the marks that the table has on it, what it is attached to.

#include "model/rules.hpp"

namespace pgmigrate::model
{

// Of an index, or of the one behind a constraint: qualified.
std::string index_name(const Object &object);

// Whether it is made without those of partitions, which are attached. To partitions outside of what is compared the
// server gives theirs.
bool is_made_alone(const Object &object);

// Those that the statement which makes it does not have.
void make_index_properties(const Object &object, const Comparison &comparison, Statements &statements);
// Those that the server forgets when it makes the index again.
void restore_index_properties(const Object &object, Statements &statements);
void alter_index_properties(const Object &was, const Object &is, const Comparison &comparison, Statements &statements);

// The index of a partitioned table that the index of a partition is attached to.
const Object *index_above(const Object &object, const Snapshot &snapshot);

// The partitions that leave the table of an index or a constraint of `was` with theirs that is attached to it or
// inherited from it: it is not dropped before, which would take theirs along.
std::vector<const Object *> partitions_that_leave_with(const Object &was, const Comparison &comparison);

// Attaches it, behind its table.
void attach_index(const Object &object, const Comparison &comparison, std::vector<FollowUp> &later);

// That of a partitioned table is made when the partitions are there: to one that comes later, the server would add an
// index by itself.
void behind_partitions(const Object &object, const Comparison &comparison, std::vector<Reference> &first);

// Whether that of a partitioned table has to be made again for what the partitions have of it. It is to lack one, and
// does not. Or it is to lack none, and nothing is attached that would make the server look whether it does.
//
// One that the server has not looked at since the last partition without it has gone can be left, but not made.
bool is_otherwise_complete(const Object &was, const Object &is, const Comparison &comparison);

// Whether the table has another index that the server may take for it when it looks for those of a partition that is
// attached: it takes any that is defined alike.
bool has_twin(const Object &index, const Snapshot &snapshot);

// What becomes of the attachment where an index is on both sides; false if it has to be made again.
bool alter_attachment(const Object &was, const Object &is, const Comparison &comparison, std::vector<FollowUp> &later);

} // namespace pgmigrate::model

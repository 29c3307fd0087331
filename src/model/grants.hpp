// SPDX-License-Identifier: PostgreSQL
#pragma once

// GRANT and REVOKE for objects of all kinds: decorations.cpp calls these.

#include "model/acl.hpp"

namespace pgmigrate::model
{

// Of an object that has just been made, and belongs to whom it is to belong.
void grant_new(const Object &object, const Comparison &comparison, Statements &statements);
// Of an object whose owner has been changed already.
void grant_changed(const Object &was, const Object &is, const Comparison &comparison, Statements &statements);

// Whose an object is; of a column, the table's.
std::string_view owner_of(const Object &object, const Snapshot &snapshot);
// Whether the object has other privileges than by the default privileges of its owner that `snapshot` has.
bool has_grants(const Object &object, const Snapshot &snapshot);
// Gives the object what it gets when the session of the snapshot makes it.
void give_rights_when_made(Object &object, const Snapshot &snapshot);
// Gives what `was` has granted, and what was granted to him, to `is`.
void hand_over(Object &object, std::string_view was, std::string_view is, std::int32_t server_version);

// What ALTER DEFAULT PRIVILEGES FOR ROLE … has after the object type, and how default_privileges.cpp and its query call
// it: "FOR ROLE alice ON TABLES", "FOR ROLE alice IN SCHEMA public ON TABLES".
std::string default_privileges_identity(std::string_view role, std::string_view schema, char type);

} // namespace pgmigrate::model

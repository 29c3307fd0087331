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

// What ALTER DEFAULT PRIVILEGES FOR ROLE … has after the object type, and how default_privileges.cpp and its query call
// it: "FOR ROLE alice ON TABLES", "FOR ROLE alice IN SCHEMA public ON TABLES".
std::string default_privileges_identity(std::string_view role, std::string_view schema, char type);

} // namespace pgmigrate::model

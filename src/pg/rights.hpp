// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "pg/catalogue.hpp"

#include <string>

namespace pgmigrate::pg
{

// Levels: viewer (look), operator (run, and look), author (write revisions, and look). A level is a set of ordinary
// privileges, so that pg_dump keeps it and \df+ shows it. Granting is done with the rights of the caller, who must be
// the extension's owner.
void grant_level(Catalogue &catalogue, const std::string &role, const std::string &level);
// What another level of the role needs stays.
void revoke_level(Catalogue &catalogue, const std::string &role, const std::string &level);

} // namespace pgmigrate::pg

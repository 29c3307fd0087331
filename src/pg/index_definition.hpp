// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <string>
#include <vector>

#include "pg/boundary.hpp"

extern "C" {
#include "nodes/parsenodes.h"
}

namespace pgmigrate::pg
{

struct DefinitionMatch {
    std::vector<Oid> same;
    std::string failure; // why the statement could not be understood, as the server says it
};

// Which of `candidates`, indexes of `table`, are what the CREATE INDEX `statement` defines there, names aside; the
// tablespace counts if the statement names one.
DefinitionMatch find_same_definition(const IndexStmt *statement, const std::string &sql, Oid table,
                                     const std::vector<Oid> &candidates);

// A CREATE INDEX that would make the index as it is.
std::string definition_of(Oid index);

} // namespace pgmigrate::pg

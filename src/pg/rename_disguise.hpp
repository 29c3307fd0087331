// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "model/renaming.hpp"
#include "pg/boundary.hpp"

namespace pgmigrate::pg
{

// Gives relations and columns other names and schemas for this transaction alone, so that the server deparses all
// definitions with these. Within a Subtransaction that is rolled back, and that is what puts the names back.
//
// The rows of the catalogue are updated without what ALTER asks for. Nobody else sees it, and nothing but reading the
// catalogue follows. The relations are locked in SHARE UPDATE EXCLUSIVE mode, which keeps off other DDL, VACUUM and
// ANALYZE, and neither readers nor writers.
//
// Throws core::Error serialization_failure for what has got another name since it was read, and duplicate_object for a
// name that something has which cannot step aside, a type or an index.
class RenameDisguise
{
  public:
    explicit RenameDisguise(const std::vector<model::Renaming> &renamings);
    RenameDisguise(const RenameDisguise &) = delete;
    RenameDisguise &operator=(const RenameDisguise &) = delete;
};

} // namespace pgmigrate::pg

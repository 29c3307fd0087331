// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "model/renaming.hpp"
#include "model/scope.hpp"

#include <optional>

namespace pgmigrate::pg
{

// Reads `old_table:new_table, table:schema.table, t.old_column:t.new_column`. Names are as SQL has them, with or
// without the schema. Throws core::Error invalid_parameter_value for what is no such list, or names nothing of the
// database, or what is not in `scope`.
std::vector<model::RenameRequest> parse_renames(const std::optional<std::string> &text, const model::Snapshot &database,
                                                const model::Scope *scope);

// A name as SQL has it, folded unless it is quoted. Throws core::Error invalid_parameter_value, naming `parameter`.
std::string single_identifier(const std::string &text, const char *parameter);

} // namespace pgmigrate::pg

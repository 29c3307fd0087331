// SPDX-License-Identifier: PostgreSQL
#pragma once

// ALTER EXTENSION … SET SCHEMA gives every member another name: a column of public.citext is one of tools.citext
// behind it, and has not changed.

#include "model/diff.hpp"

#include <optional>

namespace pgmigrate::model
{

struct ExtensionsMoved {
    Snapshot was;     // behind the statements
    Statements moves; // with the schemas that they need
    std::vector<Difference> differences;
};

// Moves the extensions of `was` that have another schema in `is` and can be moved. Nothing if there is none.
std::optional<ExtensionsMoved> move_extensions(const Snapshot &was, const Snapshot &is);

} // namespace pgmigrate::model

// SPDX-License-Identifier: PostgreSQL
#pragma once

// The two sides of a comparison: the database as it is, and the model as it should be.

#include "core/interrupt.hpp"
#include "model/renaming.hpp"
#include "pg/catalogue.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pgmigrate::pg
{

// As a user asks for it.
struct ModelRequest {
    std::optional<std::string> ddl;     // either this, the text of the model,
    std::optional<std::string> schema;  // or this, a schema of the database that is laid out as the model is
    std::optional<std::string> schemas; // comma separated: what is compared; none: all of it
    std::optional<std::string> renames; // comma separated: old:new, t.old:t.new
    bool may_be_empty = true;           // a text without a statement is a warning, and not an error
};

struct Sides {
    model::Snapshot database; // under the names of the model
    model::Snapshot model;
    std::vector<model::Renaming> renames; // in the order of the way up
    // "view a.v depends on column b.t.c": what is not compared, and what the model lacks.
    std::vector<std::string> conflicts;
};

// Throws core::Error invalid_parameter_value unless there is exactly one model, invalid_schema_name for a schema that
// neither side has, and what loading the model throws.
Sides read_sides(const ModelRequest &request, core::InterruptCheck &interrupts);

// What the worker does that has loaded the text of a model: reads the snapshot that `payload` asks for.
std::string read_loaded_model(const std::string &payload);

} // namespace pgmigrate::pg

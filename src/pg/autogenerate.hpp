// SPDX-License-Identifier: PostgreSQL
#pragma once

// Comparing the database with a model, and writing the revision that leads there.

#include "core/interrupt.hpp"
#include "model/diff.hpp"
#include "pg/model_sides.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pgmigrate::pg
{

struct AutogenerateRequest {
    std::string message;
    ModelRequest model;
    std::optional<std::string> revision;
    bool online = false;
    // As of migrate_revision().
    std::string down_revision = "head"; // a head or heads
    std::optional<std::string> depends_on;
    std::optional<std::string> branch_label;
};

// Registers a revision with both directions on top of the head and returns its id; none when nothing differs. Throws
// not_on_heads when the database is not at all heads.
std::optional<std::string> autogenerate(Catalogue &catalogue, const AutogenerateRequest &request,
                                        core::InterruptCheck &interrupts);

// What differs between the database and the model, with the statements that would make the database the same.
std::vector<model::Difference> check_model(const ModelRequest &request, core::InterruptCheck &interrupts);

} // namespace pgmigrate::pg

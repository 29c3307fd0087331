// SPDX-License-Identifier: PostgreSQL
#pragma once

// What a statement of a model does beyond the database that the model is loaded in, judged by its raw parse tree.

#include "pg/boundary.hpp"
#include "pg/model_text.hpp"

extern "C" {
#include "nodes/parsenodes.h"
}

namespace pgmigrate::pg
{

enum class ModelRefusal {
    none,
    cluster,             // also acts on what all databases share
    copy,                // rows, of which a model has none, from or to somewhere
    subscription,        // speaks to another server
    two_phase,           // outlives its session
    outside,             // is felt by other sessions, or by the server
    nonstandard_strings, // changes how the text itself is to be read
};

// What the user is told to do.
const char *hint_of(ModelRefusal refusal);

struct ModelStatementFacts {
    ModelRefusal refusal;
    bool passed_over; // acts on nothing but what all databases share
    ModelAction action;
    const char *role; // that is set
    bool left_out;
    bool names_owner;      // of what it makes or of something else
    bool names_right;      // of somebody on something
    const char *versioned; // the extension whose version it names, or brings up to date
    const char *command;
};

// Inside call(); in the current memory context.
const ModelStatementFacts *describe_model_statement(const RawStmt *statement);

} // namespace pgmigrate::pg

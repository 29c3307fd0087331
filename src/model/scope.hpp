// SPDX-License-Identifier: PostgreSQL
#pragma once

// Which schemas are compared, where it is not the whole database.

#include "model/snapshot.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace pgmigrate::model
{

struct Scope {
    std::vector<std::string> schemas; // quoted

    // Not what is in no schema.
    bool contains(const Object &object) const;
};

// What it means that a model has no object of a kind.
enum class Silence : std::uint8_t {
    none, // there is to be none
    any,  // it does not care; see Completion
};

// Makes a model of `scope` one of the whole database: outside of it, it gets what the database has, so that what stands
// there on something that changes is made again around that. Relations that inherit from one of the scope are left out
// of both: the server does to them what is done to that one.
//
// Returns what stands on something that the model lacks, and would have to be dropped with it: "view a.v depends on
// column b.t.c". What the model needs and the database lacks is noted in its `unknown`.
std::vector<std::string> confine(Snapshot &model, Snapshot &database, const Scope &scope, Silence silence);

} // namespace pgmigrate::model

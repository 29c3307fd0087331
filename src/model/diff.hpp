// SPDX-License-Identifier: PostgreSQL
#pragma once

// From two snapshots to a script.

#include "core/interrupt.hpp"
#include "model/rules.hpp"

#include <set>
#include <string>
#include <vector>

namespace pgmigrate::model
{

// One object that differs, for those who want to see and not to change.
struct Difference {
    Kind kind;
    std::string identity;
    std::string change; // added | removed | changed: <attributes> | …
    std::string sql;    // what would be done about it; may be empty where that comes with another object
};

struct Plan {
    std::vector<Statement> statements; // in the order in which they run
    std::vector<Difference> differences;
    std::vector<std::string> notes;        // what ALTER cannot do
    std::vector<std::string> not_compared; // objects of kinds that are not read, and owners
    std::set<std::string> columns_anew;    // those that are dropped and added again, behind all others

    bool empty() const { return statements.empty(); }
};

// The statements that turn `database` into `model`. Throws core::Error when there is no order: `a -> b -> a`.
Plan diff(const Snapshot &database, const Snapshot &model, const Options &options, core::InterruptCheck &interrupts);

// The script as a text: statements with their remarks as comments, notes and what is not compared first.
std::string render(const Plan &plan);

} // namespace pgmigrate::model
